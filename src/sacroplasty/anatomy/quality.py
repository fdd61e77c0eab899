"""How far to trust the masks: coverage, size, one piece, holes, sides, canal."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.bone_masks import BoneMasks
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.anatomy.where import middle_of, where
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Rigid
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3

_LEAST_MAIN_PART = 0.95
# Beyond this factor outside a range of sizes there is no doubt left.
_FAR_OUTSIDE = 1.25
_MOST_HOLES, _FAR_TOO_MANY_HOLES = 0.02, 0.10
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
        _one_piece(masks, sacrum),
        _no_holes(masks, sacrum),
        _coverage(sacrum, local, kji, xyz),
    ]
    findings += [_side(masks, side, float(np.median(xyz[:, 0]))) for side in Side]
    return tuple(findings)


def judge_canal(seen_mm: float, line: Points, slice_mm: float) -> Finding:
    """Whether body and lamina enclose the canal over S1 and S2 at least.

    The stretch ends somewhere inside a slice, so it is known to one `slice_mm` only.

    A shorter stretch is NOT_CHECKED: the rest was continued along the bodies (laminae of S1 may be
    open, thick slices lose thin ones). Almost nothing is a FAIL.
    """
    least = _CANAL_LEAST_MM - slice_mm
    if seen_mm >= least:
        verdict, says = Verdict.PASS, "The sacral canal was seen without a break."
    elif seen_mm >= _CANAL_SOME_MM:
        verdict = Verdict.NOT_CHECKED
        says = "The sacral canal was seen in part and continued along the bodies; look at it."
    else:
        verdict = Verdict.FAIL
        says = "The sacral canal could not be followed; do not plan near the midline on this model."
    return Finding(
        "canal continuous",
        verdict,
        says,
        f"{seen_mm:.0f} mm",
        f"at least {least:.0f} mm",
        where(line) if len(line) else None,
    )


def _within(check: str, measured: float, name: str, unit: str) -> Finding:
    """Inside the row's range, a little outside (look), or so far outside that it is no sacrum."""
    row = constant(name)
    good = row.low <= measured <= row.high
    near = row.low / _FAR_OUTSIDE <= measured <= row.high * _FAR_OUTSIDE
    verdict = Verdict.PASS if good else Verdict.NOT_CHECKED if near else Verdict.FAIL
    says = {
        Verdict.PASS: "is within the range of real sacra.",
        Verdict.NOT_CHECKED: "is unusual: a small or large patient, or a poor mask; look at it.",
        Verdict.FAIL: "is far outside the range of real sacra: the mask is not one sacrum.",
    }
    return Finding(
        check,
        verdict,
        f"The {check} {says[verdict]}",
        f"{measured:.0f} {unit}",
        f"{row.low:.0f} to {row.high:.0f} {unit}",
    )


def _one_piece(masks: BoneMasks, sacrum: NDArray[np.bool_]) -> Finding:
    parts, _ = ndimage.label(sacrum, np.ones((3, 3, 3), dtype=bool))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    share = float(sizes.max() / sizes.sum())
    good = share >= _LEAST_MAIN_PART
    second = int(np.argsort(sizes)[-2]) if len(sizes) > 2 else 0
    return Finding(
        "one piece",
        Verdict.PASS if good else Verdict.NOT_CHECKED,
        "The sacrum is one piece."
        if good
        else "The sacrum mask is in pieces: a displaced fracture or a bad mask; look at it.",
        f"{share:.0%} in the largest part",
        f"at least {_LEAST_MAIN_PART:.0%}",
        where(masks.labels.grid.points_at(np.argwhere(parts == second))) if not good else None,
    )


def _no_holes(masks: BoneMasks, sacrum: NDArray[np.bool_]) -> Finding:
    """Unnamed cavities without a way out: marrow that the mask has lost."""
    found = ndimage.find_objects(sacrum.astype(np.uint8))[0]
    holes = ndimage.binary_fill_holes(sacrum[found]) & (masks.labels.values[found] == 0)
    share = float(holes.sum() / sacrum.sum())
    verdict = (
        Verdict.PASS
        if share <= _MOST_HOLES
        else Verdict.NOT_CHECKED
        if share <= _FAR_TOO_MANY_HOLES
        else Verdict.FAIL
    )
    start = np.array([s.start for s in found])
    return Finding(
        "no holes in the mask",
        verdict,
        "The sacrum mask is solid."
        if verdict is Verdict.PASS
        else "The sacrum mask has closed cavities: marrow is missing from it; fill the mask.",
        f"{share:.1%} of the bone",
        f"at most {_MOST_HOLES:.0%}",
        where(masks.labels.grid.points_at(np.argwhere(holes) + start))
        if verdict is not Verdict.PASS
        else None,
    )


def _coverage(
    sacrum: NDArray[np.bool_],
    local: NDArray[np.float64],
    kji: NDArray[np.int64],
    xyz: NDArray[np.float64],
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
        middle_of(xyz[edge]) if not good and edge.any() else None,
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
        where(points) if not good else None,
    )
