"""How good a detector of fracture limbs is: the free-response curve (FROC).

A limb of the truth is hit by a mark of its own course, vertical or horizontal, that comes within
5 mm of at least 30 % of its cleft. A mark that hits no limb is false. For every threshold on the score: the share of limbs hit by at least
one mark at or above it (sensitivity), and the false marks per patient. More marks on one limb
count as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sacroplasty.anatomy.fractures.fracture import FractureCandidate
from sacroplasty.anatomy.fractures.limb import FractureLimb
from sacroplasty.geometry import require_same_frame

HIT_MM, HIT_SHARE = 5.0, 0.3


@dataclass(frozen=True, slots=True)
class MarkedPatient:
    """Best score per limb of the truth (None: not hit by any mark), and the scores of false marks."""

    limb_scores: tuple[float | None, ...]
    false_scores: tuple[float, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Froc:
    """Sensitivity against false marks per patient, from the strictest threshold to the mildest."""

    threshold: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    false_per_patient: NDArray[np.float64]

    def sensitivity_at(self, false_per_patient: float) -> float:
        """The best sensitivity with at most so many false marks per patient."""
        within = self.sensitivity[self.false_per_patient <= false_per_patient]
        return float(within.max(initial=0.0))


def mark_patient(
    limbs: Sequence[FractureLimb], marks: Sequence[FractureCandidate]
) -> MarkedPatient:
    """Compare marks with the limbs of the truth, in one scanner frame."""
    best: list[float | None] = [None] * len(limbs)
    false = []
    for mark in marks:
        hit = [n for n, limb in enumerate(limbs) if _hits(mark, limb)]
        if not hit:
            false.append(mark.score)
        for n in hit:
            best[n] = max(best[n] or 0.0, mark.score)
    return MarkedPatient(tuple(best), tuple(false))


def froc(patients: Sequence[MarkedPatient]) -> Froc:
    """The curve over all patients; no limb at all gives sensitivity 0."""
    limbs = [score for patient in patients for score in patient.limb_scores]
    hit = np.array([score for score in limbs if score is not None], dtype=np.float64)
    false = np.array([score for patient in patients for score in patient.false_scores])
    threshold = np.unique(np.concatenate([hit, false, [np.inf]]))[::-1]
    return Froc(
        threshold,
        np.array([(hit >= t).sum() for t in threshold]) / max(len(limbs), 1),
        np.array([(false >= t).sum() for t in threshold]) / max(len(patients), 1),
    )


def _hits(mark: FractureCandidate, limb: FractureLimb) -> bool:
    require_same_frame(mark.limb.cleft, limb.cleft)
    if mark.limb.horizontal != limb.horizontal:
        return False
    away, _ = cKDTree(mark.limb.cleft.xyz).query(limb.cleft.xyz)
    return bool(np.mean(away <= HIT_MM) >= HIT_SHARE)
