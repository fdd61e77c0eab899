"""Lay an intra-procedural CT on the planning CT by bone, whatever metal is in it, or refuse.

Both are CT, so HU are compared as they are (`bone_match`), about the planned tips only: that is what
a control scan shows. The place is sought over some centimetres on coarse images, from the headers'
positions and from coinciding centres, and refined on fine ones. Whether it is the same patient is
asked of the correlation there, and of the left and the right half, registered alone.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Rigid, Volume, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume
from sacroplasty.planning.placed.bone_match import BonePair, clear_of
from sacroplasty.planning.placed.metal import metal_mask
from sacroplasty.planning.trajectory_plan import TrajectoryPlan
from sacroplasty.reference import constant

_BONES = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)
_ABOUT_BONE_MM, _ABOUT_TIPS_MM = 5.0, 42.0
_MARGIN_MM = 15.0
_PAINTED_HU, _PAINTED_MM, _STREAKS_MM = 50.0, 3.0, 6.0
_LOW_HU, _HIGH_HU = -200.0, 1000.0  # soft tissue and bone; streaks and metal reach beyond
_COARSE_MM, _MIDDLE_MM, _FINE_MM = 4.0, 2.0, 0.8
_COARSE_SAMPLES, _MIDDLE_SAMPLES, _FINE_SAMPLES = 3000, 10000, 30000
_SHIFTS_MM = ((-16, 0, 16), (-16, 0, 16), (-48, -32, -16, 0, 16, 32, 48))
_CLIMBS = 8
_LEAST_OVERLAP = 0.5  # of the bone about the planned tips


@dataclass(frozen=True, eq=False, slots=True)
class LaidScan:
    """Where the scan lies on the planning CT.

    planning_from_scan takes points of the scan to the frame of the planning CT. similarity: the
    correlation (−1…1) of the two about the planned tips, metal left out. shift_mm: how far the
    sacrum had moved. residual_mm: how far the left and the right half, registered alone, put the
    planned tips apart.
    """

    planning_from_scan: Rigid
    similarity: float
    shift_mm: float
    residual_mm: float
    findings: tuple[Finding, ...]


def lay_scan_on_plan(
    scan: CTVolume, ct: CTVolume, sacrum: SacrumModel, plan: TrajectoryPlan
) -> LaidScan:
    """Register the scan to the planning CT. Raises `FrameMismatch` for another patient or place.

    Deterministic. Reaches patients who lie some centimetres and about ten degrees elsewhere.
    """
    require_same_frame(ct, sacrum)
    region = _about_tips(sacrum, plan)
    images = _images(scan, ct, region)
    found = _sought(images, scan, region)
    fine = BonePair.at_scale(*images, _spread(region, _FINE_SAMPLES), _FINE_MM, _STREAKS_MM)
    found = fine.improved(found)
    similarity, (_, seen) = fine.correlation(found), fine.seen(found)
    tips = Points(np.stack([p.needle.tip.single for p in plan.needles]), ct.frame)
    residual = _halves_apart_mm(fine, found, tips, sacrum)
    findings = (
        _same_patient(similarity),
        _same_hand(images, scan, region, found),
        _same_halves(residual),
        _shown(float(seen.mean())),
    )
    _require_same_patient(findings)
    endplate = Points(sacrum.scanner_from_sacrum.translation, ct.frame)
    there = found.inverse(endplate)
    shift = float(np.linalg.norm(there.single - endplate.single))
    return LaidScan(found, similarity, shift, residual, findings)


def _require_same_patient(findings: tuple[Finding, ...]) -> None:
    wrong = [f for f in findings if f.verdict is Verdict.FAIL]
    if wrong:
        raise FrameMismatch(
            f"The scan cannot be laid on the planning CT ({wrong[0].check}: {wrong[0].measured}, "
            f"limit {wrong[0].limit}): it shows another patient or "
            "place, or is mirrored; give the CT of "
            "this patient with the needles in."
        )


def _images(
    scan: CTVolume, ct: CTVolume, region: Volume[np.bool_]
) -> tuple[Volume[np.float32], Volume[np.float32], Volume[np.float32]]:
    """The planning CT near the region, the scan with its metal painted over, the way from metal."""
    points = _spread(region, _COARSE_SAMPLES)
    kji = ct.grid.kji_at(points)
    room = _MARGIN_MM / np.asarray(ct.grid.spacing_kji_mm)
    low = np.clip(np.floor(kji.min(axis=0) - room).astype(int), 0, np.asarray(ct.grid.shape) - 1)
    high = np.clip(np.ceil(kji.max(axis=0) + room).astype(int) + 1, low + 1, ct.grid.shape)
    near = ct.volume.cropped(tuple(low.tolist()), tuple(high.tolist()))
    fixed = Volume(np.clip(near.values, _LOW_HU, _HIGH_HU).astype(np.float32), near.grid)
    clear = clear_of(Volume(metal_mask(scan), scan.grid))
    moving = np.clip(scan.hu, max(_LOW_HU, AIR_HU), _HIGH_HU).astype(np.float32)
    moving[clear.values <= _PAINTED_MM] = _PAINTED_HU
    return fixed, Volume(moving, scan.grid), clear


def _sought(
    images: tuple[Volume[np.float32], Volume[np.float32], Volume[np.float32]],
    scan: CTVolume,
    region: Volume[np.bool_],
) -> Rigid:
    """The best place of a search on coarse images, refined on the middle ones."""
    points = _spread(region, _COARSE_SAMPLES)
    coarse = BonePair.at_scale(*images, points, _COARSE_MM, _PAINTED_MM)
    tried = []
    here, there = points.xyz.mean(axis=0), scan.grid.corners.xyz.mean(axis=0)
    for base in (np.zeros(3), here - there):
        for shift in product(*_SHIFTS_MM):
            start = Rigid(np.eye(3), base + shift, to=region.frame, source=scan.frame)
            if coarse.seen(start)[1].mean() >= _LEAST_OVERLAP:
                tried.append((coarse.correlation(start), start))
    if not tried:
        raise FrameMismatch(
            f"The scan shows less than {_LEAST_OVERLAP:.0%} of the bone about the planned tips, "
            "wherever it is laid; give the CT with the needles in, of the whole sacral ala."
        )
    tried.sort(key=lambda pair: -pair[0])
    climbed = [coarse.improved(start) for _, start in tried[:_CLIMBS]]
    best = max(climbed, key=coarse.correlation)
    middle = _spread(region, _MIDDLE_SAMPLES)
    return BonePair.at_scale(*images, middle, _MIDDLE_MM, _STREAKS_MM).improved(best)


def _halves_apart_mm(fine: BonePair, found: Rigid, tips: Points, sacrum: SacrumModel) -> float:
    """How far the halves beside the midline of the samples, registered alone, put the tips apart."""
    x = sacrum.scanner_from_sacrum.inverse(fine.points).xyz[:, 0]
    left = x > np.median(x)
    one, other = (fine.part(half).improved(found) for half in (left, ~left))
    there = found.inverse(tips)
    return float(one(there).distance_mm(other(there)).max())


def _same_patient(similarity: float) -> Finding:
    limit = constant("placed_similarity_limit").value
    return _finding(
        "similarity to the planning CT",
        similarity >= limit,
        "About the planned tips the scan shows the bone of the planning CT.",
        f"correlation {similarity:.2f}",
        f"at least {limit:.2f}",
    )


def _same_hand(
    images: tuple[Volume[np.float32], Volume[np.float32], Volume[np.float32]],
    scan: CTVolume,
    region: Volume[np.bool_],
    found: Rigid,
) -> Finding:
    """Does the scan fit better than its mirror image? No pelvis is even: left and right by bone."""
    fixed, moving, clear = images
    turned = tuple(Volume(v.values[:, :, ::-1], v.grid) for v in (moving, clear))
    mirror = (fixed, turned[0], turned[1])
    points = _spread(region, _MIDDLE_SAMPLES)
    straight = BonePair.at_scale(*images, points, _MIDDLE_MM, _STREAKS_MM).correlation(found)
    other = _sought(mirror, scan, region)
    mirrored = BonePair.at_scale(*mirror, points, _MIDDLE_MM, _STREAKS_MM).correlation(other)
    return _finding(
        "left and right of the scan",
        straight > mirrored,
        "The scan fits the planning CT better than its mirror image does.",
        f"correlation {straight:.2f}, mirrored {mirrored:.2f}",
        "more than mirrored",
    )


def _same_halves(residual_mm: float) -> Finding:
    limit = constant("placed_halves_limit").value
    return _finding(
        "registration of the halves",
        residual_mm <= limit,
        "The left and the right half, registered alone, put the planned tips at one place.",
        f"{residual_mm:.1f} mm apart",
        f"at most {limit:.1f} mm",
    )


def _shown(share: float) -> Finding:
    return _finding(
        "bone shown",
        share >= _LEAST_OVERLAP,
        "The scan shows the bone about the planned tips.",
        f"{share:.0%}",
        f"at least {_LEAST_OVERLAP:.0%}",
    )


def _finding(check: str, good: bool, says: str, measured: str, limit: str) -> Finding:
    return Finding(check, Verdict.PASS if good else Verdict.FAIL, says, measured, limit)


def _about_tips(sacrum: SacrumModel, plan: TrajectoryPlan) -> Volume[np.bool_]:
    """Bone and what is next to it, about the planned tips."""
    grid = sacrum.labels.grid
    bone = sacrum.mask(*_BONES)
    near = ndimage.distance_transform_edt(~bone, sampling=grid.spacing_kji_mm) <= _ABOUT_BONE_MM
    at = np.argwhere(near)
    xyz = grid.points_at(at).xyz
    apart = np.min(
        [np.linalg.norm(xyz - planned.needle.tip.single, axis=1) for planned in plan.needles],
        axis=0,
    )
    region = np.zeros(grid.shape, dtype=bool)
    region[tuple(at[apart <= _ABOUT_TIPS_MM].T)] = True
    if not region.any():
        raise BadInput(
            f"No bone lies within {_ABOUT_TIPS_MM:.0f} mm of a planned tip; the plan is not of "
            "this sacrum."
        )
    return Volume(region, grid)


def _spread(region: Volume[np.bool_], most: int) -> Points:
    """Points all over the region, about `most`, always the same."""
    at = np.argwhere(region.values)
    rows = np.unique(np.linspace(0, len(at) - 1, min(most, len(at))).astype(int))
    return region.grid.points_at(at[rows])
