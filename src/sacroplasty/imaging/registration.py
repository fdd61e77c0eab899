"""Rigid registration of one image of a patient to another of the same patient, and how far to trust it.

Mutual information (Mattes et al.; SimpleITK's) of the two images in a region is highest where they
show the same tissue at the same place, whatever its brightness in each. It says nothing of whether
the patient is the same: that is what the checks are for.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Finding, Verdict, overall_verdict
from sacroplasty.geometry import Grid, Points, Rigid, Volume, require_same_frame
from sacroplasty.imaging.mutual_information import (
    Matching,
    moved_mm,
    nudged,
    overlap_share,
    spread_points,
)
from sacroplasty.imaging.registration_checks import (
    LEAST_OVERLAP,
    Evidence,
    inverse_disagreement_mm,
    judge_registration,
    parts_disagreement_mm,
)

_FINE_MM, _COARSE_MM = 2.0, 4.0
# Shifts tried from each base, mm along x, y, z: tables and couches differ most along z.
_SHIFTS_MM = ((-20, 0, 20), (-20, 0, 20), (-45, -30, -15, 0, 15, 30, 45))
_SEARCH_OVERLAP = 0.6  # the mutual information of a small overlap means nothing
_CLIMBS = 3
_STARTS_APART_MM = 10.0
_SAME_PLACE_MM = 3.0
_PERTURBED = (((0.10, 0.0, 0.0), (8.0, 0.0, 0.0)), ((0.0, -0.07, 0.10), (0.0, -6.0, 8.0)))


@dataclass(frozen=True, eq=False, slots=True)
class Registered:
    """Where the moving image lies on the fixed one.

    fixed_from_moving takes points of the moving image's frame to the fixed image's frame.
    mutual_information in nats, over the region. residual_mm: the largest disagreement of the
    checks (parts of the region registered alone; registration the other way round), an estimate
    of the error, not a bound. overlap: share of the region that the moving image shows.
    """

    fixed_from_moving: Rigid
    mutual_information: float
    residual_mm: float
    overlap: float
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether the two images may be laid over each other."""
        return overall_verdict(self.findings)

    def require_trusted(self) -> None:
        """Raises `FrameMismatch`, in one sentence, unless every check passed."""
        wrong = [f for f in self.findings if f.verdict is not Verdict.PASS]
        if wrong:
            raise FrameMismatch(
                f"The images cannot be laid over each other ({wrong[0].check}: "
                f"{wrong[0].measured}, limit {wrong[0].limit}); check that both show the sacrum of "
                "the same patient, or go on without the second image."
            )


def register_rigid(
    moving: Volume[Any],
    fixed: Volume[Any],
    region: Volume[np.bool_],
    initial: Rigid | None = None,
) -> Registered:
    """The rigid transform that lays `moving` on `fixed` within `region` (a mask in fixed's frame).

    Starts from `initial`, or else from both the headers' positions and coinciding centres, shifted
    over some centimetres; climbs at 4 mm from the best few and refines at 2 mm. Deterministic.
    A poor result is returned with FAIL findings; `Registered.require_trusted` refuses it. Raises
    `FrameMismatch` where `region` or `initial` belong to other frames, `BadInput` where the region
    is empty or lies outside the fixed image.
    """
    require_same_frame(fixed, region)
    if not region.values.any():
        raise BadInput("A registration needs a region; the mask is empty.")
    points = spread_points(region)
    if fixed.grid.contains(points).mean() < _SEARCH_OVERLAP:
        raise BadInput("The region to register lies outside the fixed image.")
    bases = (initial,) if initial is not None else _bases(moving, fixed, points)
    for base in bases:
        if (base.to.uid, base.source.uid) != (fixed.frame.uid, moving.frame.uid):
            raise FrameMismatch(
                "The starting position must lead from the moving to the fixed image."
            )
    coarse = Matching(moving, fixed, region, _COARSE_MM)
    starts, usual = _starts(coarse, bases, moving.grid, points)
    if not starts:
        overlap = max(overlap_share(base, moving.grid, points) for base in bases)
        return Registered(bases[0], 0.0, float("inf"), overlap, (_no_overlap(overlap),))
    ends = [coarse.climb(start) for start in starts]
    best = max(ends, key=lambda end: end.information)
    matching = Matching(moving, fixed, region, _FINE_MM)
    fine = matching.climb(best.fixed_from_moving)
    found = fine.fixed_from_moving
    again = [coarse.climb(nudged(found, coarse.centre, *by)) for by in _PERTURBED]
    evidence = Evidence(
        overlap=overlap_share(found, moving.grid, points),
        returned=sum(moved_mm(found, a.fixed_from_moving, points) < _SAME_PLACE_MM for a in again),
        perturbed=len(again),
        parts_mm=parts_disagreement_mm(matching, found),
        inverse_mm=inverse_disagreement_mm(moving, fixed, region, found, _FINE_MM),
        contrast=coarse.information(found) / max(usual, 1e-9),
    )
    residual = max(evidence.parts_mm, evidence.inverse_mm)
    return Registered(
        found, fine.information, residual, evidence.overlap, judge_registration(evidence)
    )


def carried(moving: Volume[Any], fixed_from_moving: Rigid, grid: Grid) -> Volume[Any]:
    """`moving` resampled onto a grid of the fixed frame (linear; 0 outside its field).

    The grid is taken to the moving image instead of the image to the grid, so every voxel is
    interpolated once.
    """
    there = fixed_from_moving.inverse
    origin = there(grid.points_at(np.zeros(3))).single
    turned = Grid(
        grid.shape,
        tuple(origin.tolist()),
        grid.spacing_mm,
        there.rotation @ grid.direction,
        moving.frame,
    )
    return Volume(moving.on(turned, order=1).values, grid)


def _bases(moving: Volume[Any], fixed: Volume[Any], points: Points) -> tuple[Rigid, ...]:
    """Positions as the headers state them, and the moving image's centre on the region's."""
    here = points.xyz.mean(axis=0)
    there = moving.grid.corners.xyz.mean(axis=0)
    return tuple(
        Rigid(np.eye(3), shift, to=fixed.frame, source=moving.frame)
        for shift in (np.zeros(3), here - there)
    )


def _starts(
    matching: Matching, bases: tuple[Rigid, ...], moving: Grid, points: Points
) -> tuple[list[Rigid], float]:
    """The best few shifted bases, well apart, and the usual mutual information of all tried."""
    tried: list[tuple[float, Rigid]] = []
    for base, shift in product(bases, product(*_SHIFTS_MM)):
        start = nudged(base, matching.centre, (0.0, 0.0, 0.0), shift)
        if overlap_share(start, moving, points) >= _SEARCH_OVERLAP:
            tried.append((matching.information(start), start))
    tried.sort(key=lambda pair: -pair[0])
    chosen: list[Rigid] = []
    for _, start in tried:
        if len(chosen) < _CLIMBS and all(
            moved_mm(start, other, points) > _STARTS_APART_MM for other in chosen
        ):
            chosen.append(start)
    return chosen, float(np.median([value for value, _ in tried])) if tried else 0.0


def _no_overlap(overlap: float) -> Finding:
    return Finding(
        "overlap of the images",
        Verdict.FAIL,
        "The moving image shows too little of the region, wherever it is laid.",
        f"{overlap:.0%} of the region",
        f"at least {LEAST_OVERLAP:.0%}",
    )
