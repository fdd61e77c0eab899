"""A view taken as fluoroscopy: noisy frames of a beam of many energies, or those less their mask.

Brightness control, shutters, levelling and window are set once, on the patient with nothing in him,
and held: neither a growing cement nor a needle changes the picture beside it. The mask is taken
before the cement with the needles in place, as one does; a needle that is drawn back afterwards
leaves its trace in the subtraction.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.collimation import Collimation, shuttered_to_patient
from sacroplasty.fluoroscopy.display import Window, window_of
from sacroplasty.fluoroscopy.expose import with_inserted
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame, expected_frame
from sacroplasty.fluoroscopy.inserted import Inserted
from sacroplasty.fluoroscopy.material_paths import (
    MaterialPaths,
    paths_with_cement,
    paths_with_needle,
)
from sacroplasty.fluoroscopy.materials import scan_energy_kev
from sacroplasty.fluoroscopy.prepared_view import Technique
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.screen import Screen
from sacroplasty.fluoroscopy.subtraction import averaged, subtracted
from sacroplasty.fluoroscopy.taken_view import Taking
from sacroplasty.planning import Needle
from sacroplasty.provenance import digest
from sacroplasty.reference import constant

# By eye: noise stays grey, a few mm of cement are white.
_SUBTRACTION = Window(-0.15, 0.45)


@dataclass(frozen=True, eq=False, slots=True)
class FrameView:
    """`paths` of the patient alone; `beam` as the brightness control set it for him.

    mask: the mean of frames before the cement. screen, stored_window: of the patient alone, without
    noise. subtracting: pictures are less the mask.
    """

    paths: MaterialPaths
    recipe: CementRecipe | None
    beam: Beam
    technique: Technique
    shutters: Collimation
    mask: FluoroscopicFrame
    screen: Screen
    stored_window: Window
    seed: int
    subtracting: bool = False

    @classmethod
    def prepared(
        cls,
        paths: MaterialPaths,
        recipe: CementRecipe | None,
        technique: Technique,
        seed: int,
        *,
        needles: tuple[Needle, ...] = (),
        subtracting: bool = False,
    ) -> "FrameView":
        """Shutter and expose a patient with nothing in him, and mask him with the needles set."""
        shutters, detector = shuttered_to_patient(paths), technique.detector
        beam = technique.control.beam_for(paths, technique.beam, detector, shutters)
        alone = expected_frame(paths, beam, detector, shutters)
        before = alone
        if needles:
            before = expected_frame(_with_needles(paths, needles), beam, detector, shutters)
        rng = _chance(seed, paths.pose, "mask")
        mask = averaged(*(before.drawn(rng) for _ in range(int(constant("mask_frames").value))))
        seen, lit = alone.without_noise.apparent, shutters.open_part(paths.pose)
        screen, window = Screen.of(seen, lit), window_of(seen, lit)
        return cls(
            paths, recipe, beam, technique, shutters, mask, screen, window, seed,
            subtracting=subtracting,
        )  # fmt: skip

    @property
    def pose(self) -> CArmPose:
        """Where source and detector stand."""
        return self.paths.pose

    def line_integrals(self, inserted: Inserted) -> Radiograph:
        """See `TakenView`: at the scan's own energy, as without a beam."""
        return with_inserted(self.paths.at_energy(scan_energy_kev()), inserted, self.recipe)

    def frame(self, inserted: Inserted, instant: str) -> FluoroscopicFrame:
        """One draw of the noise. The same seed, view and instant give the same frame."""
        paths = _with_needles(self.paths, inserted.needles)
        if inserted.cement is not None and self.recipe is not None:
            paths = paths_with_cement(paths, inserted.cement, self.recipe)
        expected = expected_frame(paths, self.beam, self.technique.detector, self.shutters)
        return expected.drawn(_chance(self.seed, self.pose, instant))

    def taken(self, inserted: Inserted, instant: str) -> Taking:
        """See `TakenView`. Beside the shutters there is nothing to see: stored 0, shown black."""
        lit = self.shutters.open_part(self.pose)
        frame, within = self.frame(inserted, instant), partial(_within, lit)
        if self.subtracting:
            change = subtracted(frame, self.mask)
            stored = within(change, 0.0)
            return Taking(
                stored, _SUBTRACTION, within(change, _SUBTRACTION.low), _SUBTRACTION, frame
            )
        window = self.screen.window
        shown = within(self.screen.shown(frame.apparent), window.low)
        return Taking(within(frame.apparent, 0.0), self.stored_window, shown, window, frame)


def _with_needles(paths: MaterialPaths, needles: tuple[Needle, ...]) -> MaterialPaths:
    for needle in needles:
        paths = paths_with_needle(paths, needle)
    return paths


def _within(lit: NDArray[np.bool_], picture: Radiograph, beside: float) -> Radiograph:
    return Radiograph(np.where(lit, picture.line_integrals, np.float32(beside)), picture.pose)


def _chance(seed: int, pose: CArmPose, instant: str) -> np.random.Generator:
    """A generator of its own for each picture, whatever else is taken beside it."""
    return np.random.default_rng([seed, int(digest(pose.name, instant)[:8], 16)])
