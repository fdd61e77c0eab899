"""How far to trust the masks: coverage, size, one piece, sides, canal."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.bone_masks import BoneMasks
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Rigid
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3

_LEAST_MAIN_PART = 0.95
_CANAL_LEAST_MM = 40.0
_CANAL_SOME_MM = 20.0
# Below this depth under the endplate a cut sacrum still holds S1–S3.
_S3_BOTTOM_MM = 75.0


def judge_masks(masks: BoneMasks, frame: Rigid) -> tuple[Finding, ...]:
    """Checks on the masks as handed over: volume, size, one piece, edge of the scan, sides."""
    sacrum = masks.labels.values == Structure.SACRUM
    kji = np.argwhere(sacrum)
    xyz = masks.labels.grid.points_at(kji).xyz
    local = (xyz - frame.translation) @ frame.rotation
    findings = [
        _within(
            "sacrum volume",
            ml_from_mm3(len(kji) * masks.labels.grid.voxel_mm3),
            "sacrum_volume",
            "mL",
        ),
        _within("sacrum width", float(np.ptp(local[:, 0])), "sacrum_width", "mm"),
        _one_piece(sacrum),
        _coverage(sacrum, local, kji),
    ]
    findings += [_side(masks, side, float(np.median(xyz[:, 0]))) for side in Side]
    return tuple(findings)


def judge_canal(seen_mm: float) -> Finding:
    """Whether body and lamina enclose the canal over S1 and S2 at least.

    A shorter stretch is NOT_CHECKED: the rest was continued along the bodies (laminae of S1 may be
    open, thick slices lose thin ones). Almost nothing is a FAIL.
    """
    if seen_mm >= _CANAL_LEAST_MM:
        verdict, says = Verdict.PASS, "The sacral canal was seen without a break."
    elif seen_mm >= _CANAL_SOME_MM:
        verdict = Verdict.NOT_CHECKED
        says = "The sacral canal was seen in part and continued along the bodies; look at it."
    else:
        verdict = Verdict.FAIL
        says = "The sacral canal could not be followed; do not plan near the midline on this model."
    return Finding(
        "canal continuous", verdict, says, f"{seen_mm:.0f} mm", f"at least {_CANAL_LEAST_MM:.0f} mm"
    )


def _within(check: str, measured: float, name: str, unit: str) -> Finding:
    row = constant(name)
    good = row.low <= measured <= row.high
    return Finding(
        check,
        Verdict.PASS if good else Verdict.FAIL,
        f"The {check} is {'within' if good else 'outside'} the range of real sacra.",
        f"{measured:.0f} {unit}",
        f"{row.low:.0f} to {row.high:.0f} {unit}",
    )


def _one_piece(sacrum: NDArray[np.bool_]) -> Finding:
    parts, _ = ndimage.label(sacrum, np.ones((3, 3, 3), dtype=bool))
    share = float(np.bincount(parts.ravel())[1:].max() / sacrum.sum())
    good = share >= _LEAST_MAIN_PART
    return Finding(
        "one piece",
        Verdict.PASS if good else Verdict.NOT_CHECKED,
        "The sacrum is one piece."
        if good
        else "The sacrum mask is in pieces: a displaced fracture or a bad mask; look at it.",
        f"{share:.0%} in the largest part",
        f"at least {_LEAST_MAIN_PART:.0%}",
    )


def _coverage(
    sacrum: NDArray[np.bool_], local: NDArray[np.float64], kji: NDArray[np.int64]
) -> Finding:
    """Whether the sacrum touches the scan's edge above the lower end of S3."""
    edge = ((kji == 0) | (kji == np.asarray(sacrum.shape) - 1)).any(axis=1)
    depth = -float(local[:, 2].min())
    cut_high = bool((edge & (local[:, 2] > -_S3_BOTTOM_MM)).any())
    good = not cut_high and depth >= _S3_BOTTOM_MM * 0.75
    return Finding(
        "coverage of S1–S3",
        Verdict.PASS if good else Verdict.FAIL,
        "The scan holds S1 to S3 whole."
        if good
        else "The sacrum is cut by the edge of the scan; scan or export all of it.",
        f"{int(edge.sum())} voxels at the edge, {depth:.0f} mm deep",
        "none at the edge above S3",
    )


def _side(masks: BoneMasks, side: Side, middle_mm: float) -> Finding:
    """The ilium's label against the scanner's x axis."""
    check = f"{side.value} ilium on the patient's {side.value}"
    voxels = np.argwhere(masks.labels.values == ilium_structure(side))
    if not len(voxels):
        return Finding(check, Verdict.NOT_CHECKED, f"There is no {side.value} ilium in the masks.")
    points: Points = masks.labels.grid.points_at(voxels)
    offset = (float(np.median(points.xyz[:, 0])) - middle_mm) * side.sign
    good = offset > 0
    return Finding(
        check,
        Verdict.PASS if good else Verdict.FAIL,
        f"The {side.value} ilium lies on the patient's {side.value}."
        if good
        else f"The {side.value} ilium lies on the wrong side: labels or image are mirrored.",
        f"{offset:.0f} mm",
        "above 0 mm",
    )
