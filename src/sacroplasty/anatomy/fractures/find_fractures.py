"""The detector: sheets of cleft and callus through the sacrum, marked as suggestions.

1. The CT is turned into the sacral frame and compared with the patient's own bone at each depth
   (`plates.unusual_hu`), so that cortex is not bright and marrow is not dark.
2. Thin dark dips (cleft, broken cortex) and dense bands (callus, impaction) are measured across
   discs in the directions that sacral fractures take (`plates`, `evidence`).
3. On each side, and across, the one surface that gathers the most evidence is found
   (`best_sheet`); its coherent parts are the candidates, and their sum of evidence is the score.

SI joints, foramina and canal are cut out by the labels; the marrow between two cortices, the laminae
and the disc remnants are kept out as `plates` and `evidence` say. The other side is no judge
here: half of these fractures are bilateral and about symmetric.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.fractures.best_sheet import best_sheet
from sacroplasty.anatomy.fractures.displacement import step_mm, ventral_front
from sacroplasty.anatomy.fractures.evidence import (
    HORIZONTAL,
    VERTICAL,
    Evidence,
    gather_evidence,
)
from sacroplasty.anatomy.fractures.fracture import FractureCandidate
from sacroplasty.anatomy.fractures.limb import limb_at
from sacroplasty.anatomy.fractures.plates import unusual_hu
from sacroplasty.anatomy.fractures.sacral_view import SacralView, sacral_view
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Side
from sacroplasty.imaging import CTVolume
from sacroplasty.reference import constant

WORKING_POINT = 0.5  # the score at about half a false mark per virtual patient
_SMOOTH_MM, _COHERENT, _LEAST_MM2 = 3.0, 1.1, 60
_ZONE_WEIGHTS = np.array([0.0, 1.0, 0.6, 0.2])
_OFF_MIDLINE_MM = 4.0
# Evidence at the working point, and the spread of its logarithm, fitted on virtual patients.
_VERTICAL_MIDDLE, _HORIZONTAL_MIDDLE, _LOG_SPREAD = 610.0, 1500.0, 0.4


@dataclass(frozen=True, eq=False, slots=True)
class _Sheet:
    """A coherent part of a best surface: voxels (n, 3) of the view, its evidence."""

    kji: NDArray[np.int64]
    evidence: float


def find_fractures(
    ct: CTVolume, sacrum: SacrumModel, *, least_score: float = WORKING_POINT
) -> tuple[FractureCandidate, ...]:
    """Limbs of fractures that the CT suggests, the most certain first; empty where there is none.

    Suggestions: the user confirms. An empty answer is not a proof of health (CT misses up to a
    third of insufficiency fractures that MRI shows). Raises `FrameMismatch` where the model is
    another scan's, `AnatomyNotTrusted` where the sacrum lies outside the CT.
    """
    view = sacral_view(ct, sacrum)
    unusual = unusual_hu(view.hu, view.bone)
    front = ventral_front(view)
    marks = []
    for sheet in _vertical_sheets(view, gather_evidence(view, unusual, VERTICAL)):
        score = _score(sheet.evidence, _VERTICAL_MIDDLE)
        if score >= least_score:
            step = _step(front, sheet.kji, along=0)
            marks.append(_candidate(view, sheet, score, step, sacrum))
    for sheet in _horizontal_sheets(view, gather_evidence(view, unusual, HORIZONTAL)):
        score = _score(sheet.evidence, _HORIZONTAL_MIDDLE)
        if score >= least_score:
            step = _step(front.T, sheet.kji[:, ::-1], along=0)
            marks.append(_candidate(view, sheet, score, step, sacrum))
    return tuple(sorted(marks, key=lambda mark: -mark.score))


def _vertical_sheets(view: SacralView, evidence: Evidence) -> Iterator[_Sheet]:
    """The best sheet of each side, k and j as its columns."""
    deep = constant("fracture_search_depth").value
    rows = np.arange(view.bone.shape[0]) >= view.endplate_k - deep
    for side in Side:
        own = view.x_mm * side.sign >= _OFF_MIDLINE_MM
        allowed = evidence.allowed & rows[:, None, None] & own
        for columns, depth, total in _coherent(evidence.values, allowed, view.zones):
            yield _Sheet(np.column_stack([columns, depth]), total)


def _horizontal_sheets(view: SacralView, evidence: Evidence) -> Iterator[_Sheet]:
    """The best sheet across, i and j as its columns."""
    deep = constant("fracture_search_depth").value
    below = view.endplate_k - np.arange(view.bone.shape[0])
    rows = (below > constant("fracture_horizontal_start").value) & (below < deep)
    allowed = evidence.allowed & rows[:, None, None]
    turned = (evidence.values.transpose(2, 1, 0), allowed.transpose(2, 1, 0))
    level = np.minimum(view.zones, 1).transpose(2, 1, 0)
    for columns, depth, total in _coherent(*turned, level):
        yield _Sheet(np.column_stack([depth, columns[:, 1], columns[:, 0]]), total)


def _coherent(
    values: NDArray[np.float32], allowed: NDArray[np.bool_], zones: NDArray[np.uint8]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], float]]:
    """(columns (n, 2), depth (n,), evidence) of the parts of the best sheet that hang together."""
    if not allowed.any():
        return
    at, seen = best_sheet(values, allowed)

    def on_sheet(block: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.take_along_axis(block, at[..., None], axis=2)[..., 0]

    found = np.where(seen, on_sheet(values), 0.0).astype(np.float64)
    cover = ndimage.gaussian_filter(seen.astype(np.float64), _SMOOTH_MM)
    smooth = ndimage.gaussian_filter(found, _SMOOTH_MM) / np.maximum(cover, 0.2)
    parts, count = ndimage.label(seen & (smooth > _COHERENT))
    weighted = found * _ZONE_WEIGHTS[on_sheet(zones)]
    for part in range(1, count + 1):
        columns = np.argwhere(parts == part)
        if len(columns) >= _LEAST_MM2:
            inside = tuple(columns.T)
            yield columns, at[inside], float(weighted[inside].sum())


def _score(evidence: float, middle: float) -> float:
    """Logistic in the logarithm of the evidence: 0.5 at `middle`."""
    if evidence <= 0.0:
        return 0.0
    return float(1.0 / (1.0 + (middle / evidence) ** (1.0 / _LOG_SPREAD)))


def _step(front: NDArray[np.float64], kji: NDArray[np.int64], along: int) -> float | None:
    """Step of the front across the ventral edge of a sheet, row by row."""
    rows = np.unique(kji[:, along])
    at = []
    for row in rows:
        own = kji[kji[:, along] == row]
        at.append(int(own[own[:, 1].argmin(), 2 - along]))
    return step_mm(front, rows, np.array(at))


def _candidate(
    view: SacralView, sheet: _Sheet, score: float, step: float | None, sacrum: SacrumModel
) -> FractureCandidate:
    limb = limb_at(view.grid.points_at(sheet.kji), sacrum, displacement_mm=step)
    return FractureCandidate(limb, score, sheet.evidence)
