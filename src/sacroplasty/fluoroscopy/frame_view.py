"""A view taken as fluoroscopy: noisy frames of a beam of many energies, or those less their mask.

Brightness control and shutters are set once, on the patient before the cement, and held: a growing
cement changes nothing beside it. The same holds for levelling and window, which come from the mask.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.collimation import Collimation, shuttered_to_patient
from sacroplasty.fluoroscopy.display import Window, level_of, window_of
from sacroplasty.fluoroscopy.expose import with_cement
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame, expected_frame
from sacroplasty.fluoroscopy.material_paths import MaterialPaths, paths_with_cement
from sacroplasty.fluoroscopy.materials import scan_energy_kev
from sacroplasty.fluoroscopy.prepared_view import Technique
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.subtraction import averaged, subtracted
from sacroplasty.fluoroscopy.taken_view import Taking
from sacroplasty.provenance import digest
from sacroplasty.reference import constant

# By eye, on a large woman's outlet view, where the trunk would outshine the sacrum: levelled more
# than usual, and windowed on the sacrum in the middle alone.
_LEVELLED, _SACRUM = 0.9, 0.4
# By eye: noise stays grey, a few mm of cement are white.
_SUBTRACTION = Window(-0.15, 0.45)


@dataclass(frozen=True, eq=False, slots=True)
class FrameView:
    """`beam` as the brightness control set it; `mask` the mean of frames before the cement.

    level: what is taken off a picture to be looked at. subtracting: pictures are less the mask.
    """

    paths: MaterialPaths
    recipe: CementRecipe | None
    beam: Beam
    technique: Technique
    shutters: Collimation
    mask: FluoroscopicFrame
    level: NDArray[np.float32]
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
        subtracting: bool = False,
    ) -> "FrameView":
        """Shutter, expose and mask a patient in whom there is no cement yet."""
        shutters = shuttered_to_patient(paths)
        beam = technique.control.beam_for(paths, technique.beam, technique.detector, shutters)
        before = expected_frame(paths, beam, technique.detector, shutters)
        rng = _chance(seed, paths.pose, "mask")
        mask = averaged(*(before.drawn(rng) for _ in range(int(constant("mask_frames").value))))
        level = level_of(mask.apparent, shutters.open_part(paths.pose), share=_LEVELLED)
        return cls(
            paths, recipe, beam, technique, shutters, mask, level, seed, subtracting=subtracting
        )

    @property
    def pose(self) -> CArmPose:
        """Where source and detector stand."""
        return self.paths.pose

    def line_integrals(self, cement: CementField | None) -> Radiograph:
        """See `TakenView`: at the scan's own energy, as without a beam."""
        before = self.paths.at_energy(scan_energy_kev())
        if cement is None or self.recipe is None:
            return before
        return with_cement(before, cement, self.recipe)

    def frame(self, cement: CementField | None, instant: str) -> FluoroscopicFrame:
        """One draw of the noise. The same seed, view and instant give the same frame."""
        paths = self.paths
        if cement is not None and self.recipe is not None:
            paths = paths_with_cement(paths, cement, self.recipe)
        expected = expected_frame(paths, self.beam, self.technique.detector, self.shutters)
        return expected.drawn(_chance(self.seed, self.pose, instant))

    def taken(self, cement: CementField | None, instant: str) -> Taking:
        """See `TakenView`. Beside the shutters there is nothing to see: stored 0, shown black."""
        lit = self.shutters.open_part(self.pose)
        frame, within = self.frame(cement, instant), partial(_within, lit)
        if self.subtracting:
            change = subtracted(frame, self.mask)
            stored = within(change, 0.0)
            return Taking(
                stored, _SUBTRACTION, within(change, _SUBTRACTION.low), _SUBTRACTION, frame
            )
        mask = self.mask.apparent
        levelled = Radiograph(mask.line_integrals - self.level, self.pose)
        window = window_of(levelled, lit, measured_radius=_SACRUM)
        shown = Radiograph(frame.apparent.line_integrals - self.level, self.pose)
        return Taking(
            within(frame.apparent, 0.0),
            window_of(mask, lit),
            within(shown, window.low),
            window,
            frame,
        )


def _within(lit: NDArray[np.bool_], picture: Radiograph, beside: float) -> Radiograph:
    return Radiograph(np.where(lit, picture.line_integrals, np.float32(beside)), picture.pose)


def _chance(seed: int, pose: CArmPose, instant: str) -> np.random.Generator:
    """A generator of its own for each picture, whatever else is taken beside it."""
    return np.random.default_rng([seed, int(digest(pose.name, instant)[:8], 16)])
