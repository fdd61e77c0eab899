"""On which side is a placed needle? Asked of the planning CT's sacrum and of the scan itself.

The first route goes through the registration: the sign of x of the tip in the sacral frame. The
second never sees the planning CT: the middle of the scan's own bone, about which its mirror image
fits it best.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.planning.placed.found_needle import FoundNeedle

_BONE_HU, _DENSE_HU = 150.0, 800.0
_STEP_MM, _SLAB_MM, _SMOOTHED_MM = 2.0, 20.0, 5.0  # smoothed, for no pelvis is quite even
_SEARCH_MM = 45.0  # from the middle of the field
_LEAST_FIT = 0.35  # correlation of the bone with its mirror image
_LEAST_WIDTH_MM = 120.0  # both alae must be seen
_UNSURE_MM = 6.0  # the middle of a pelvis that lies turned is known to this


def side_by_sacrum(sacrum: SacrumModel, tip: Points) -> tuple[Side, float]:
    """The side of a point of the planning CT, and its distance (mm) from the sacrum's midline."""
    x = float(sacrum.scanner_from_sacrum.inverse(tip).single[0])
    return (Side.LEFT if x > 0 else Side.RIGHT), abs(x)


def side_by_symmetry(scan: CTVolume, tip: Points) -> tuple[Side, float] | None:
    """The side of a point of the scan against the middle of its bone there; None where unsure."""
    middle = _middle_x(scan, tip)
    if middle is None:
        return None
    x = float(tip.single[0]) - middle
    return None if abs(x) < _UNSURE_MM else ((Side.LEFT if x > 0 else Side.RIGHT), abs(x))


def _middle_x(scan: CTVolume, tip: Points) -> float | None:
    """LPS x of the sagittal plane about which the bone near the tip mirrors itself best."""
    grid = scan.grid.aligned_box(scan.grid.corners, 0.0, _STEP_MM)
    bright = np.clip(scan.hu.astype(np.float32), _BONE_HU, _DENSE_HU) - _BONE_HU
    sigma = [_SMOOTHED_MM / s for s in scan.grid.spacing_kji_mm]
    slab = Volume(gaussian_filter(bright, sigma), scan.grid).on(grid).values
    at, half = round(float(grid.kji_at(tip)[0][0])), round(_SLAB_MM / _STEP_MM)
    bone = slab[max(at - half, 0) : at + half + 1]
    n = bone.shape[2]
    reach = round(2.0 * _SEARCH_MM / _STEP_MM)
    fits = []
    for twice in range(n - 1 - reach, n + reach):  # i and twice − i are mirror images
        first, last = max(twice - n + 1, 0), min(twice, n - 1)
        if (last - first + 1) * _STEP_MM < _LEAST_WIDTH_MM:
            continue
        part = bone[:, :, first : last + 1].astype(np.float64)
        pair = np.corrcoef(part.ravel(), part[:, :, ::-1].ravel())[0, 1]
        fits.append((float(np.nan_to_num(pair)), twice))
    if not fits or max(fits)[0] < _LEAST_FIT:
        return None
    return float(grid.origin_mm[0] + 0.5 * max(fits)[1] * _STEP_MM)


def check_side(
    name: str,
    planned: Side,
    sacrum: SacrumModel,
    found: tuple[FoundNeedle, FoundNeedle],
    scan: CTVolume,
) -> Finding:
    """Whether a needle lies on its planned side by both routes.

    found: the needle in the frame of the planning CT, and in that of the scan.
    """
    in_plan, in_scan = found
    side, off = side_by_sacrum(sacrum, in_plan.tip)
    check, limit = f"{name}: side", f"patient's {planned.value} by both routes"
    measured = f"{off:.0f} mm {side.value} of the sacrum's midline"
    if side is not planned:
        says = f"The needle lies on the patient's {side.value}, planned is the {planned.value}."
        return Finding(check, Verdict.FAIL, says, measured, limit)
    second = side_by_symmetry(scan, in_scan.tip)
    if second is None:
        says = (
            f"The sacrum puts the needle on the patient's {side.value}; the scan does "
            "not show its own middle, so the side was checked by one route only."
        )
        return Finding(check, Verdict.NOT_CHECKED, says, measured, limit)
    by_symmetry, apart = second
    measured += f", {apart:.0f} mm {by_symmetry.value} of the middle of the scan's bone"
    if by_symmetry is not side:
        says = "The planned sacrum and the symmetry of the scan disagree on the side of the needle: look for a mirrored scan."
        return Finding(check, Verdict.FAIL, says, measured, limit)
    says = f"The planned sacrum and the symmetry of the scan agree that the needle lies on the patient's {side.value}."
    return Finding(check, Verdict.PASS, says, measured, limit)
