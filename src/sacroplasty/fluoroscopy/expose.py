"""Take a picture: the patient, and cement and needles as a difference on top."""

from collections.abc import Sequence

import numpy as np

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy.attenuation import cement_contrast_per_mm, water_attenuation_per_mm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.cement_shadow import Shadow, cement_shadow
from sacroplasty.fluoroscopy.inserted import Inserted
from sacroplasty.fluoroscopy.materials import steel_attenuation_per_mm
from sacroplasty.fluoroscopy.needle_shadow import needle_path_mm
from sacroplasty.fluoroscopy.project import project
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.stacked import StackedVolume
from sacroplasty.geometry import require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import Needle


def expose(
    ct: CTVolume,
    cement: CementField | None,
    pose: CArmPose,
    recipe: CementRecipe | None = None,
) -> Radiograph:
    """∫ μ dl of the patient at a pose, with cement of `recipe` if there is any.

    Nothing is normalised: the same patient at the same pose has the same picture whatever else is
    in it, and rays that miss the cement are the same to the bit with and without it. Raises
    `FrameMismatch` for things of two patients, `BadInput` for a central ray that misses the scan,
    `BadUsage` for cement without a recipe. For many pictures of one patient `LiveFluoroscopy` keeps
    what can be kept.
    """
    require_same_frame(ct, pose)
    milliwater_mm = project(StackedVolume.of_scan(ct), pose)
    before = Radiograph(milliwater_mm * np.float32(water_attenuation_per_mm() / 1000.0), pose)
    if cement is None:
        return before
    if recipe is None:
        raise BadUsage("Cement needs its recipe to be seen: pass the CementRecipe that was mixed.")
    return with_cement(before, cement, recipe)


def with_cement(before: Radiograph, cement: CementField, recipe: CementRecipe) -> Radiograph:
    """`before` plus the cement's own shadow: Δ = (μ_cement − μ_marrow) ∫ fraction dl.

    Only the box that holds cement is projected, so a growing cement costs milliseconds.
    """
    require_same_frame(before.pose, cement)
    shadow = cement_shadow(cement.fraction, before.pose)
    if shadow is None:
        return before
    r0, r1, c0, c1 = shadow.window
    picture = before.line_integrals.copy()
    picture[r0:r1, c0:c1] += np.float32(cement_contrast_per_mm(recipe)) * shadow.path_mm
    return Radiograph(picture, before.pose)


def with_needles(before: Radiograph, needles: Sequence[Needle]) -> Radiograph:
    """`before` plus the needles' own shadow: Δ = (μ_steel − μ_water) ∫ wall dl, each over its box.

    Where two needles cross, their steel adds up. A ray that meets no steel keeps its bits.
    """
    picture = before.line_integrals.copy()
    contrast = np.float32(steel_attenuation_per_mm() - water_attenuation_per_mm())
    for needle in needles:
        require_same_frame(before.pose, needle)
        window, wall_mm = needle_path_mm(needle, before.pose)
        Shadow(window, contrast * wall_mm).add_to(picture)
    return Radiograph(picture, before.pose)


def with_inserted(
    patient: Radiograph, inserted: Inserted, recipe: CementRecipe | None
) -> Radiograph:
    """The patient alone plus all that was put into him; recipe: None where there is no cement."""
    seen = with_needles(patient, inserted.needles)
    if inserted.cement is None or recipe is None:
        return seen
    return with_cement(seen, inserted.cement, recipe)
