"""Calibration by air and the patient's own fat and muscle, and blood where a vessel is shown."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.density.calibration import Calibration, CalibrationMethod
from sacroplasty.anatomy.density.sacral_box import ct_round
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.skin import find_body
from sacroplasty.anatomy.structures import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume
from sacroplasty.reference import constant

# Windows wide enough for a scanner that is off by tens of HU; the peak inside is what counts.
_WINDOW_HU = {"air": (-1020.0, -960.0), "fat": (-170.0, -50.0), "muscle": (5.0, 120.0)}
_SMOOTH_MM = 1.5
_EDGE_MM = 2.5  # distance from any other tissue: no partial volume
_LEAST_ML = 3.0
_PEAK_HALF_WIDTH_HU = 12.0
_VESSEL_MM = 3.0
_MOST_CLIPPED = 0.5  # of what lies outside the body


class Tissue(StrEnum):
    """A tissue (or air) of known HU; each has a row ``<name>_hu`` in `reference`."""

    AIR = "air"
    FAT = "fat"
    MUSCLE = "muscle"
    BLOOD = "blood"


def read_tissues(
    ct: CTVolume, sacrum: SacrumModel, vessel: Points | None = None
) -> dict[Tissue, float]:
    """HU peaks of air, fat and dorsal muscle at the height of the sacrum; blood round given points.

    Air is that round the body (left out where the scanner's circle leaves none). Fat is sought everywhere in the body, muscle only behind the middle of the sacrum (gluteal and
    erector muscles), where there is no bowel and no bladder; both 2.5 mm clear of other tissue.
    `vessel`: points inside the aorta or an iliac vessel. Raises `BadInput` where the image was
    masked to bone, or holds too little of a tissue.
    """
    require_same_frame(ct, sacrum)
    part = ct_round(ct, sacrum.labels.grid, whole_slices=True)
    body = find_body(part)
    if body is None:
        raise BadInput(
            "Fat and muscle cannot calibrate this scan: it was masked to bone. Give phantom rods, "
            "or measure with the literature line."
        )
    across = _SMOOTH_MM / part.grid.spacing_mm[0]
    smooth = ndimage.gaussian_filter(part.hu.astype(np.float32), (0.0, across, across))
    found = _air(smooth, body, part)
    found |= {
        Tissue.FAT: _peak(smooth, body, part, Tissue.FAT),
        Tissue.MUSCLE: _peak(smooth, body & _dorsal(part, sacrum), part, Tissue.MUSCLE),
    }
    if vessel is not None:
        found[Tissue.BLOOD] = _blood(ct, vessel)
    return found


def calibrate_from_tissues(readings: Mapping[Tissue, float]) -> Calibration:
    """A calibration from what fat, muscle (and blood) read in this scan, `readings` in HU.

    Model: the scanner's scale is off by a straight line, ``HU_true = a · HU + b``; a and b are
    fitted so that the tissues read their usual values (rows ``fat_hu``, ``muscle_hu``,
    ``blood_hu``; weights from their plausible ranges taken as ± 2 SD), and the literature line
    then gives density. So a, b correct kernel, drift and beam hardening, not a wrong literature
    line: its own uncertainty is carried along. Air, fat and blood as standards: Lee 2017. Muscle
    weighs least, because the muscle of the old holds fat and reads low. The tissue values are
    unverified. Raises `BadInput` without two of air, fat and blood.
    """
    if len(set(readings) - {Tissue.MUSCLE}) < 2:
        raise BadInput(
            "Internal calibration needs two of air, fat and blood (this scan's air is clipped or "
            "out of its field): muscle may be fatty. Show a vessel, give phantom rods, or measure "
            "with the literature line."
        )
    rows = {tissue: constant(f"{tissue.value}_hu") for tissue in readings}
    x = np.array([readings[t] for t in rows])
    design = np.column_stack([x, np.ones_like(x)])
    usual = np.array([row.value for row in rows.values()])
    weight = np.diag([16.0 / (row.high - row.low) ** 2 for row in rows.values()])
    spread = np.linalg.inv(design.T @ weight @ design)
    a, b = spread @ design.T @ weight @ usual
    slope, offset = constant("bmd_per_hu"), constant("bmd_at_zero_hu")
    # density = slope · (a HU + b) + offset; first-order propagation over (slope, offset, a, b).
    jacobian = np.array([[a, 0.0, slope.value, 0.0], [b, 1.0, 0.0, slope.value]])
    sources = np.zeros((4, 4))
    sources[0, 0] = (0.5 * (slope.high - slope.low)) ** 2
    sources[1, 1] = (0.5 * (offset.high - offset.low)) ** 2
    sources[2:, 2:] = spread
    read = ", ".join(f"{t.value} {hu:.0f} HU" for t, hu in readings.items())
    return Calibration(
        CalibrationMethod.TISSUES,
        float(slope.value * a),
        float(slope.value * b + offset.value),
        jacobian @ sources @ jacobian.T,
        0.0,
        f"Calibrated by the patient's own tissues ({read}), set to their usual values, and the "
        "literature line; neither was checked against a phantom.",
    )


def _air(
    smooth: NDArray[np.float32], body: NDArray[np.bool_], part: CTVolume
) -> dict[Tissue, float]:
    """Air round the body; none where the scan clips it, or a pad is all that is left of it."""
    clipped = np.count_nonzero(~body & (part.hu <= AIR_HU))
    if clipped > _MOST_CLIPPED * np.count_nonzero(~body):
        return {}
    try:
        return {Tissue.AIR: _peak(smooth, ~body & (part.hu > AIR_HU), part, Tissue.AIR)}
    except BadInput:
        return {}


def _peak(
    smooth: NDArray[np.float32], where: NDArray[np.bool_], part: CTVolume, tissue: Tissue
) -> float:
    low, high = _WINDOW_HU[tissue.value]
    chosen = where & (smooth > low) & (smooth < high)
    # In the plane only: slices may be as thick as a muscle.
    pixel = part.grid.spacing_mm[0]
    reach = max(1, round(_EDGE_MM / pixel))
    chosen = ndimage.minimum_filter(
        chosen.astype(np.uint8), (1, 2 * reach + 1, 2 * reach + 1), mode="constant"
    ).astype(bool)
    values = smooth[chosen]
    ml = len(values) * part.grid.voxel_mm3 / 1000.0
    if ml < _LEAST_ML:
        raise BadInput(
            f"Only {ml:.1f} mL of pure {tissue.value} round the sacrum (at least {_LEAST_ML:.0f} mL "
            "are needed): give phantom rods, or measure with the literature line."
        )
    counts, edges = np.histogram(values, bins=np.arange(low, high + 1.0))
    peak = edges[ndimage.gaussian_filter1d(counts.astype(float), 3.0).argmax()] + 0.5
    near = np.abs(values - peak) <= _PEAK_HALF_WIDTH_HU
    return float(np.mean(values[near], dtype=np.float64))


def _dorsal(part: CTVolume, sacrum: SacrumModel) -> NDArray[np.bool_]:
    """Voxels behind the middle of the sacrum, rows (1, j, 1): the patient lies supine or prone.

    Axes are in patient order, so j grows dorsally even for a turned table.
    """
    bone = sacrum.labels.grid.points_at(np.argwhere(sacrum.mask(Structure.SACRUM))[::10])
    row = float(part.grid.kji_at(bone)[:, 1].mean())
    return (np.arange(part.grid.shape[1]) > row)[None, :, None]


def _blood(ct: CTVolume, vessel: Points) -> float:
    """Mean HU within 3 mm of the points."""
    steps = np.arange(-_VESSEL_MM, _VESSEL_MM + 0.5)
    ball = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    ball = ball[np.linalg.norm(ball, axis=1) <= _VESSEL_MM]
    points = Points((vessel.xyz[:, None, :] + ball).reshape(-1, 3), vessel.frame)
    if not ct.grid.contains(points).all():
        raise BadInput("The point in a vessel lies outside the scan; give it in mm, LPS.")
    return float(ct.volume.at(points).mean())
