"""Screening: one patient on the table, cement that grows, needles that move, a C-arm that turns.

The patient's own picture at a pose is made once and kept. Afterwards only what changed is projected,
over its own box, and the picture is

    ∫ μ dl = μ_water L_patient + (μ_cement − μ_marrow) L_cement + (μ_steel − μ_water) L_steel

with the three path images L in mm kept apart. A ray that meets neither cement nor steel keeps its
bits, whatever happens beside it. Cement is added up in double precision, so a thousand small steps
end where one large one ends. Cement that became less anywhere is projected anew, whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy.attenuation import cement_contrast_per_mm, water_attenuation_per_mm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.cement_shadow import Shadow, cement_shadow
from sacroplasty.fluoroscopy.joseph import Window
from sacroplasty.fluoroscopy.materials import steel_attenuation_per_mm
from sacroplasty.fluoroscopy.needle_shadow import needle_path_mm
from sacroplasty.fluoroscopy.project import project
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.stacked import StackedVolume
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import Needle

_COARSE = 4  # the first picture of a moved C-arm has a fourth of the rows and columns
_FEWEST = 16  # below this many rows a coarse picture shows nothing
_MILLI = 1000.0

FloatImage = NDArray[np.float32]


class LiveFluoroscopy:
    """A patient under a C-arm. Every method that changes something returns the new picture."""

    def __init__(self, ct: CTVolume, recipe: CementRecipe | None = None) -> None:
        """`recipe`: of the cement that will be seen; without one, cement is refused."""
        self._frame = ct.frame
        self._scan = StackedVolume.of_scan(ct)
        self._coarse: StackedVolume | None = None
        self._recipe = recipe
        self._cement: Volume[np.float32] | None = None
        self._needles: tuple[Needle, ...] = ()
        self._view: _View | None = None

    def prepare(self) -> None:
        """Make now what the first picture along each axis would wait for; see `StackedVolume`."""
        self._scan.prepare()
        self._coarse = self._scan.coarser()
        self._coarse.prepare()

    @property
    def kept_bytes(self) -> int:
        """Memory beyond the scan's own."""
        coarse = self._coarse.kept_bytes if self._coarse else 0
        return self._scan.kept_bytes + coarse + (self._view.kept_bytes if self._view else 0)

    @property
    def picture(self) -> Radiograph:
        """What is on the screen."""
        return self._on_screen.radiograph()

    @property
    def patient_mm(self) -> FloatImage:
        """The patient's own path on every ray, in mm of water, without cement and needles."""
        return _sealed(self._on_screen.patient_mm)

    @property
    def cement_mm(self) -> FloatImage:
        """mm of cement on every ray."""
        return _sealed(self._on_screen.cement_mm.astype(np.float32))

    @property
    def steel_mm(self) -> FloatImage:
        """mm of steel on every ray."""
        return _sealed(self._on_screen.steel_mm)

    def move_to(self, pose: CArmPose) -> Radiograph:
        """The whole picture from another pose. Raises what `project` raises."""
        self._view = self._seen_from(pose, self._scan)
        return self.picture

    def moving_to(self, pose: CArmPose) -> Iterator[Radiograph]:
        """First a coarse picture (a fourth of the rows and columns, half the scan's resolution), at
        once; then the whole one, as `move_to` gives it.

        Take the next one only when the C-arm has come to rest.
        """
        rows, columns = (n // _COARSE for n in pose.shape)
        if min(rows, columns) >= _FEWEST:
            if self._coarse is None:
                self._coarse = self._scan.coarser()
            rough = replace(pose, shape=(rows, columns), pixel_mm=pose.pixel_mm * _COARSE)
            yield self._seen_from(rough, self._coarse).radiograph()
        yield self.move_to(pose)

    def see_cement(self, cement: CementField) -> Radiograph:
        """The picture with the cement as it is now; only what was added since is projected."""
        require_same_frame(self._scan.grid, cement)
        if self._recipe is None:
            raise BadUsage("Cement needs its recipe to be seen: LiveFluoroscopy(ct, recipe).")
        view, before = self._on_screen, self._cement
        view.grow(before, cement.fraction, cement_contrast_per_mm(self._recipe))
        self._cement = cement.fraction
        return self.picture

    def see_needles(self, needles: Sequence[Needle]) -> Radiograph:
        """The picture with these needles and no others."""
        for needle in needles:
            require_same_frame(self._scan.grid, needle)
        self._on_screen.place(tuple(needles))
        self._needles = tuple(needles)
        return self.picture

    @property
    def _on_screen(self) -> "_View":
        if self._view is None:
            raise BadUsage("There is no picture yet: move the C-arm to a pose first (move_to).")
        return self._view

    def _seen_from(self, pose: CArmPose, scan: StackedVolume) -> "_View":
        view = _View(pose, project(scan, pose) / np.float32(_MILLI))
        if self._cement is not None and self._recipe is not None:
            view.grow(None, self._cement, cement_contrast_per_mm(self._recipe))
        view.place(self._needles)
        return view


class _View:
    """The kept paths of one pose, and the picture that they make."""

    def __init__(self, pose: CArmPose, patient_mm: FloatImage) -> None:
        self.pose, self.patient_mm = pose, patient_mm
        self.cement_mm = np.zeros(pose.shape, dtype=np.float64)
        self.steel_mm = np.zeros(pose.shape, dtype=np.float32)
        self._water = np.float32(water_attenuation_per_mm())
        self._steel = np.float32(steel_attenuation_per_mm()) - self._water
        self._contrast = np.float32(0.0)
        self._steel_windows: list[Window] = []
        self._picture = self._water * patient_mm

    @property
    def kept_bytes(self) -> int:
        return sum(
            a.nbytes for a in (self.patient_mm, self.cement_mm, self.steel_mm, self._picture)
        )

    def radiograph(self) -> Radiograph:
        return Radiograph(self._picture.copy(), self.pose)

    def grow(
        self, before: Volume[np.float32] | None, now: Volume[np.float32], contrast: float
    ) -> None:
        """Add what `now` has more than `before`; all of it where it has less somewhere."""
        self._contrast = np.float32(contrast)
        change = None
        if before is not None and before.grid == now.grid:
            change = Volume(now.values - before.values, now.grid)
        if change is None or change.values.min() < 0:
            self.cement_mm[:] = 0.0
            self._draw((0, self.pose.shape[0], 0, self.pose.shape[1]))
            change = now
        shadow: Shadow | None = cement_shadow(change, self.pose)
        if shadow is not None:
            shadow.add_to(self.cement_mm)
            self._draw(shadow.window)

    def place(self, needles: tuple[Needle, ...]) -> None:
        """Take the old needles away and put these in; where two cross, their steel adds up."""
        old, self._steel_windows = self._steel_windows, []
        for r0, r1, c0, c1 in old:
            self.steel_mm[r0:r1, c0:c1] = 0.0
        for needle in needles:
            window, wall_mm = needle_path_mm(needle, self.pose)
            Shadow(window, wall_mm).add_to(self.steel_mm)
            self._steel_windows.append(window)
        for window in (*old, *self._steel_windows):
            self._draw(window)

    def _draw(self, window: Window) -> None:
        r0, r1, c0, c1 = window
        box = np.s_[r0:r1, c0:c1]
        self._picture[box] = (
            self._water * self.patient_mm[box]
            + self._contrast * self.cement_mm[box].astype(np.float32)
            + self._steel * self.steel_mm[box]
        )


def _sealed(image: FloatImage) -> FloatImage:
    view = image.view()
    view.flags.writeable = False
    return view
