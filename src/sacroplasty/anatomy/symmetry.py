"""Does the model agree with its mirror image, and does its bone end where L5 begins?"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.endplate import Endplate
from sacroplasty.anatomy.sacrum_model import Foramen
from sacroplasty.anatomy.structures import Level, Side
from sacroplasty.anatomy.where import middle_of, where
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Rigid, Volume
from sacroplasty.units import ml_from_mm3

# Beyond what the whole, fractured and virtual sacra at hand gave; working limits, from no paper.
_LEAST_OVERLAP, _FAR_TOO_LITTLE = 0.80, 0.60
_MOST_UNEVEN, _FAR_TOO_UNEVEN = 0.12, 0.25
_MOST_ABOVE_ML, _FAR_TOO_MUCH_ML = 1.0, 4.0
_MOST_APART_MM = 8.0
# The rim of the endplate rises a little, and masks are ragged.
_RIM_MM = 4.0


def judge_symmetry(
    sacrum: Volume[np.bool_], frame: Rigid, foramina: tuple[Foramen, ...]
) -> list[Finding]:
    """Mirror overlap of the bone, even volume of both halves, foramina at like heights."""
    kji = np.argwhere(sacrum.values)
    xyz = sacrum.grid.points_at(kji).xyz
    left = frame.rotation[:, 0]
    off = (xyz - frame.translation) @ left
    mirrored = Points(xyz - 2 * off[:, None] * left, sacrum.frame)
    unmatched = sacrum.at(mirrored, order=0) < 0.5
    overlap = float(1.0 - unmatched.mean())
    odd = np.zeros(sacrum.values.shape, dtype=bool)
    odd[tuple(kji[unmatched].T)] = True
    uneven = float(abs((off > 0).sum() - (off < 0).sum()) / len(off))
    at = _middle_of_largest(odd, sacrum)
    return [
        Finding(
            "bone agrees with its mirror image",
            _verdict(-overlap, -_LEAST_OVERLAP, -_FAR_TOO_LITTLE),
            "Left and right half of the sacrum look alike."
            if overlap >= _LEAST_OVERLAP
            else "Left and right half differ: a displaced fracture, or the mask leaks or misses bone; look at it.",
            f"{overlap:.0%} overlap",
            f"at least {_LEAST_OVERLAP:.0%}",
            at if overlap < _LEAST_OVERLAP else None,
        ),
        Finding(
            "no leak into one ilium",
            _verdict(uneven, _MOST_UNEVEN, _FAR_TOO_UNEVEN),
            "Both halves of the sacrum hold about as much bone."
            if uneven <= _MOST_UNEVEN
            else "One half of the sacrum holds more bone: it may reach into the ilium, or miss an ala.",
            f"{uneven:.0%} of the bone more on one side",
            f"at most {_MOST_UNEVEN:.0%}",
            at if uneven > _MOST_UNEVEN else None,
        ),
        *_like_heights(frame, foramina),
    ]


def judge_endplate(sacrum: Volume[np.bool_], frame: Rigid, endplate: Endplate | None) -> Finding:
    """Whether sacral bone goes on above the S1 body, where only disc and L5 are."""
    check = "no leak into L5"
    if endplate is None:
        return Finding(
            check, Verdict.NOT_CHECKED, "No S1 endplate was found; look at the top of S1."
        )
    points = sacrum.grid.points_at(np.argwhere(sacrum.values))
    height = endplate.height_mm(points)
    local = frame.inverse(points).xyz
    front, back, left, right = frame.inverse(endplate.corners).xyz
    over_body = (
        (height > _RIM_MM)
        & (local[:, 0] < left[0])
        & (local[:, 0] > right[0])
        & (local[:, 1] > front[1] - _RIM_MM)
        & (local[:, 1] < back[1] - _RIM_MM)
    )
    above_ml = ml_from_mm3(float(over_body.sum()) * sacrum.grid.voxel_mm3)
    verdict = _verdict(above_ml, _MOST_ABOVE_ML, _FAR_TOO_MUCH_ML)
    return Finding(
        check,
        verdict,
        "The sacrum ends at its upper endplate."
        if verdict is Verdict.PASS
        else "There is sacral bone above the S1 endplate: the mask reaches into disc or L5.",
        f"{above_ml:.1f} mL above the endplate",
        f"at most {_MOST_ABOVE_ML:.0f} mL",
        middle_of(points.xyz[over_body]) if verdict is not Verdict.PASS else None,
    )


def _like_heights(frame: Rigid, foramina: tuple[Foramen, ...]) -> list[Finding]:
    """Left and right foramina of S1–S3 about equally high and far from the midline."""
    findings = []
    for level in (Level.S1, Level.S2, Level.S3):
        pair = {f.side: f for f in foramina if f.level is level}
        if len(pair) < 2:
            continue
        left, right = (frame.inverse(pair[side].centre).single for side in Side)
        apart = float(np.linalg.norm(left - right * np.array([-1.0, 1.0, 1.0])))
        good = apart <= _MOST_APART_MM
        findings.append(
            Finding(
                f"{level.value} foramina mirror each other",
                Verdict.PASS if good else Verdict.NOT_CHECKED,
                f"The {level.value} foramina lie alike on both sides."
                if good
                else f"The {level.value} foramina lie differently on both sides; look at both.",
                f"{apart:.1f} mm",
                f"at most {_MOST_APART_MM:.0f} mm",
                None if good else where(pair[_odd_one(left, right)].centre),
            )
        )
    return findings


def _odd_one(left: NDArray[np.float64], right: NDArray[np.float64]) -> Side:
    """The one nearer to the midline: paths slip towards the canal."""
    return Side.LEFT if abs(left[0]) < abs(right[0]) else Side.RIGHT


def _verdict(measured: float, limit: float, far: float) -> Verdict:
    if measured <= limit:
        return Verdict.PASS
    return Verdict.NOT_CHECKED if measured <= far else Verdict.FAIL


def _middle_of_largest(
    odd: NDArray[np.bool_], sacrum: Volume[np.bool_]
) -> tuple[float, float, float] | None:
    pieces, count = ndimage.label(ndimage.binary_opening(odd))
    if not count:
        return None
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return where(sacrum.grid.points_at(np.argwhere(pieces == int(sizes.argmax()))))
