"""From limbs to a `Fracture`, and from a suggestion to a confirmed one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sacroplasty.anatomy.fractures.fracture import Fracture, FractureCandidate, FractureSource
from sacroplasty.anatomy.fractures.limb import FractureLimb
from sacroplasty.anatomy.fractures.pattern import suggest_pattern
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.geometry import Volume


def fracture_of(
    limbs: Sequence[FractureLimb],
    sacrum: SacrumModel,
    source: FractureSource,
    *,
    score: float | None = None,
) -> Fracture:
    """A fracture of these limbs; what the user gives is confirmed, what is suggested is not."""
    return Fracture(
        limbs=tuple(limbs),
        cleft=_painted(limbs, sacrum),
        pattern=suggest_pattern(limbs, sacrum),
        source=source,
        score=score,
        confirmed=source is FractureSource.USER,
    )


def suggested_fracture(
    candidates: Sequence[FractureCandidate], sacrum: SacrumModel
) -> Fracture | None:
    """All candidates as one unconfirmed fracture with a pattern for the whole set; None if none."""
    if not candidates:
        return None
    limbs = [candidate.limb for candidate in candidates]
    score = max(candidate.score for candidate in candidates)
    return fracture_of(limbs, sacrum, FractureSource.SUGGESTED, score=score)


def confirm_fracture(fracture: Fracture) -> Fracture:
    """The same fracture, confirmed by the user; its source stays what it was."""
    return replace(fracture, confirmed=True)


def _painted(limbs: Sequence[FractureLimb], sacrum: SacrumModel) -> Volume[np.uint8]:
    """Limb numbers on the working grid; where limbs cross, the first keeps the voxel."""
    grid = sacrum.labels.grid
    cleft = np.zeros(grid.shape, np.uint8)
    for number, limb in reversed(list(enumerate(limbs, start=1))):
        inside = limb.cleft.xyz[grid.contains(limb.cleft)]
        kji = np.rint(grid.kji_at(type(limb.cleft)(inside, limb.cleft.frame))).astype(int)
        cleft[tuple(kji.T)] = number
    return Volume(cleft, grid)
