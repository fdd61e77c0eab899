"""Take a picture: the patient, and the cement as a difference on top."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy.attenuation import cement_contrast_per_mm, water_attenuation_per_mm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.joseph import joseph_projection, shadow_of
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.shear_warp import (
    principal_axis,
    shear_warp_applies,
    shear_warp_projection,
)
from sacroplasty.fluoroscopy.stack import Stack, restack
from sacroplasty.geometry import Volume, require_same_frame
from sacroplasty.imaging import CTVolume

_CENTRAL_STEPS = 2001  # the central ray is sampled this often to see whether it meets the scan


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
    `BadUsage` for cement without a recipe.
    """
    require_same_frame(ct, pose)
    _require_patient_in_beam(ct, pose)
    before = Radiograph(_patient(restack(ct, principal_axis(ct.grid, pose)), pose), pose)
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
    box = _box_of(cement)
    if box is None:
        return before
    r0, r1, c0, c1 = window = shadow_of(box.grid, before.pose)
    path_mm = joseph_projection(box.values, box.grid, before.pose, window)
    picture = before.line_integrals.copy()
    picture[r0:r1, c0:c1] += np.float32(cement_contrast_per_mm(recipe)) * path_mm
    return Radiograph(picture, before.pose)


def _patient(stack: Stack, pose: CArmPose) -> NDArray[np.float32]:
    """The patient's line integrals; ray by ray where source or detector stands in the scan."""
    if shear_warp_applies(stack, pose):
        path = shear_warp_projection(stack, pose)
    else:
        inner = stack.values[1:-1, :, 1:-1].transpose(np.argsort(stack.order))
        path = joseph_projection(inner, stack.grid, pose, (0, pose.shape[0], 0, pose.shape[1]))
    return np.asarray(path * np.float32(water_attenuation_per_mm() / 1000.0))


def _require_patient_in_beam(ct: CTVolume, pose: CArmPose) -> None:
    """The central ray must meet the scan, or the picture would be empty without a word."""
    source = ct.grid.kji_at(pose.source)
    detector = ct.grid.kji_at(pose.detector_centre)
    t = np.linspace(0.0, 1.0, _CENTRAL_STEPS)[:, None]
    along = source * (1 - t) + detector * t
    if not ((along >= -0.5) & (along <= np.asarray(ct.grid.shape) - 0.5)).all(axis=1).any():
        raise BadInput(
            f"View {pose.name!r}: the central ray misses the CT; its isocentre lies outside the "
            "volume, or the detector stands on the wrong side of the source."
        )


def _box_of(cement: CementField) -> Volume[np.float32] | None:
    """The field cropped to where cement is, or None for none."""
    filled = cement.fraction.values > 0
    spans = [np.flatnonzero(filled.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    if not len(spans[0]):
        return None
    k, j, i = ((int(s[0]), int(s[-1]) + 1) for s in spans)
    return cement.fraction.cropped((k[0], j[0], i[0]), (k[1], j[1], i[1]))
