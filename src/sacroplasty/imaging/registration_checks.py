"""Does a registration hold? Asked in four ways that fail in different ways."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Rigid, Volume
from sacroplasty.imaging.mutual_information import (
    Matching,
    moved_mm,
    part_round,
    spread_points,
)

LEAST_OVERLAP = 0.85  # of the region must be imaged by both
MOST_RESIDUAL_MM = 3.0  # less than the radius of a foramen
LEAST_CONTRAST = 1.15  # peak over the usual place of the search
_BLOCKS = (3, 2, 3)  # along k, j, i
_LEAST_SAMPLES = 500
# A working limit from few pairs of virtual patients; no real MRI with its CT was at hand.
MOST_PULL_MM = 1.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks measured.

    overlap: share of the region inside the moving image. returned, perturbed: how many climbs from
    displaced starts came back, of how many. parts_mm: median shift of blocks of the region
    that were registered alone. inverse_mm: disagreement with the registration the other way round.
    contrast: mutual information over the median of all places that the search tried.
    """

    overlap: float
    returned: int
    perturbed: int
    parts_mm: float
    inverse_mm: float
    contrast: float


def parts_disagreement_mm(matching: Matching, found: Rigid) -> float:
    """Median shift (mm) that blocks of the region want for themselves.

    The region is cut into 3 × 2 × 3 blocks of equal content, each registered alone by a shift. A
    block on a flat surface slides, so the median counts. Bones of another patient have other
    distances, so most blocks pull away.
    """
    at = np.argwhere(matching.mask)
    cuts = []
    for axis, count in enumerate(_BLOCKS):
        rank = np.argsort(np.argsort(at[:, axis], kind="stable"), kind="stable")
        cuts.append(rank * count // len(at))
    shifts = []
    for block in np.ndindex(*_BLOCKS):
        own = at[np.logical_and.reduce([cut == b for cut, b in zip(cuts, block, strict=True)])]
        if len(own) < _LEAST_SAMPLES:
            continue
        inside = np.zeros(matching.mask.shape, dtype=bool)
        inside[tuple(own.T)] = True
        part = matching.part(inside)
        alone = part.climb(found, turning=False)
        centre = Points.at(part.centre, found.to)
        shifts.append(moved_mm(found, alone.fixed_from_moving, centre))
    return float(np.median(shifts)) if shifts else float("inf")


def inverse_disagreement_mm(
    moving: Volume[Any], fixed: Volume[Any], region: Volume[np.bool_], found: Rigid, step_mm: float
) -> float:
    """RMS distance (mm) to the registration of the fixed image on the moving one.

    The same region is carried into the moving image, where its samples and its noise are others.
    """
    moving_from_fixed = found.inverse
    inside = moving.grid.points_at(np.argwhere(np.ones(moving.grid.shape, dtype=bool)))
    mask = region.at(found(inside), order=0) > 0.5
    carried = Volume(mask.reshape(moving.grid.shape), moving.grid)
    if not mask.any():
        return float("inf")
    near = part_round(fixed, region.grid)
    back = Matching(near, moving, carried, step_mm).climb(moving_from_fixed)
    return moved_mm(found, back.fixed_from_moving.inverse, spread_points(region))


def judge_registration(evidence: Evidence) -> tuple[Finding, ...]:
    """One finding per check."""
    return (
        _finding(
            "overlap of the images",
            evidence.overlap >= LEAST_OVERLAP,
            "Both images show the region.",
            "The moving image shows too little of the region.",
            f"{evidence.overlap:.0%} of the region",
            f"at least {LEAST_OVERLAP:.0%}",
        ),
        _finding(
            "registration from other starts",
            evidence.returned == evidence.perturbed,
            "Displaced starts come back to the same place.",
            "Displaced starts end elsewhere, so the place found is one of several.",
            f"{evidence.returned} of {evidence.perturbed} came back",
            "all",
        ),
        _finding(
            "registration of the parts",
            evidence.parts_mm <= MOST_PULL_MM,
            "Blocks of the region, registered alone, stay where they are.",
            "Blocks of the region pull apart: another patient, a moved bone or a distorted image.",
            f"{evidence.parts_mm:.1f} mm, median of the blocks",
            f"at most {MOST_PULL_MM:.1f} mm",
        ),
        _finding(
            "registration the other way round",
            evidence.inverse_mm <= MOST_RESIDUAL_MM,
            "Registering the other way round gives the same place.",
            "Registering the other way round gives another place.",
            f"{evidence.inverse_mm:.1f} mm",
            f"at most {MOST_RESIDUAL_MM:.0f} mm",
        ),
        _finding(
            "height of the registration's peak",
            evidence.contrast >= LEAST_CONTRAST,
            "The images share clearly more here than anywhere else.",
            "The images share hardly more here than at unrelated places: they may show different "
            "things.",
            f"{evidence.contrast:.2f} times",
            f"at least {LEAST_CONTRAST:.2f} times",
        ),
    )


def _finding(check: str, good: bool, yes: str, no: str, measured: str, limit: str) -> Finding:
    return Finding(
        check, Verdict.PASS if good else Verdict.FAIL, yes if good else no, measured, limit
    )
