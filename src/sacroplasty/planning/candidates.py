"""Paths of one approach with everything that was measured on them, and how they are judged.

Merit. A path that keeps every margin scores its least clearance in units of the margin (more than
one and a half margins earn no more), less what makes it clumsy: distance from the fracture, a long
needle, a tilt out of the axial plane that the gantry cannot follow, and what the approach itself
calls a misfit. A path that breaks a margin is ranked by how badly, so that a refusal can name the
best path there was.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sacroplasty.geometry import Points
from sacroplasty.planning.approaches import Approach, MeasuredPaths
from sacroplasty.planning.clearance import PathReach, closest_mm, depth_in_mm, find_reach
from sacroplasty.planning.clearance_fields import OBSTACLES, ClearanceFields
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.paths import Paths
from sacroplasty.planning.settings import PlanningSettings
from sacroplasty.reference import constant

# A needle that holds in less bone than this falls out before the cement sets.
_LEAST_PURCHASE_MM = 10.0
# One and a half times the margin is ample; beyond it the other goals decide.
_AMPLE = 1.5
_LENGTH_WEIGHT, _TILT_WEIGHT, _FRACTURE_WEIGHT = 0.3, 0.6, 0.4
# Tilted this far beyond the gantry's reach a path costs one whole weight.
_CLUMSY_RAD = math.radians(30.0)
# A path that breaks a margin by more than this is not measured to its end.
_HOPELESS_MM = 4.0
# Cement spreads about this far from the tip; a fracture farther away costs a whole weight.
_SPREAD_MM = 12.0
# Any safe path outranks any unsafe one; among unsafe ones, millimetres outrank elegance.
_SAFE_BONUS = 1000.0
_UNSAFE_SCALE = 100.0
# Merits closer than this are a tie, decided by order, so that rounding noise decides nothing.
_MERIT_DIGITS = 6


@dataclass(frozen=True, eq=False, slots=True)
class Search:
    """What a search over one approach knows.

    cleft: points (n, 3) of the fracture that is to be filled on this side, sacral frame; may be
    empty. has_skin: whether the scan shows the skin behind the sacrum.
    """

    fields: ClearanceFields
    approach: Approach
    settings: PlanningSettings
    cleft: NDArray[np.float64]
    has_skin: bool

    @property
    def tilt_limit_deg(self) -> float:
        """Greatest angle between needle and vertical."""
        return self.settings.max_tilt_deg or constant(self.approach.tilt_limit).value

    @property
    def limits_mm(self) -> NDArray[np.float64]:
        """The margin of each of `OBSTACLES`; minus infinity where the approach crosses it."""
        limits = self.settings.margins.limits_mm
        crossed = self.approach.passage.crosses
        return np.array([-np.inf if name in crossed else limits[name] for name in OBSTACLES])


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """n paths with what was measured on them; merit −inf means that a path is no needle at all.

    length_mm (n,): entry to tip; on_skin (n,): whether the entry is on imaged skin; clearance_mm
    (n, 8) as `OBSTACLES`; entries (n, 3): bone entries, sacral frame; tilt_rad (n,): out of the
    axial plane; misfit (n,): the approach's own; to_fracture_mm (n,): tip to cleft, 0 without one.
    """

    paths: Paths
    length_mm: NDArray[np.float64]
    on_skin: NDArray[np.bool_]
    clearance_mm: NDArray[np.float64]
    entries: NDArray[np.float64]
    tilt_rad: NDArray[np.float64]
    misfit: NDArray[np.float64]
    to_fracture_mm: NDArray[np.float64]
    merit: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def safe(self) -> NDArray[np.bool_]:
        """Which keep every margin, (n,)."""
        return np.asarray(self.merit >= _SAFE_BONUS / 2)

    @property
    def possible(self) -> NDArray[np.bool_]:
        """Which are needles at all, (n,)."""
        return np.isfinite(self.merit)

    def take(self, rows: NDArray[np.int64]) -> "Candidates":
        """The chosen rows."""
        return Candidates(
            self.paths.take(rows),
            self.length_mm[rows],
            self.on_skin[rows],
            self.clearance_mm[rows],
            self.entries[rows],
            self.tilt_rad[rows],
            self.misfit[rows],
            self.to_fracture_mm[rows],
            self.merit[rows],
        )

    def ranked(self) -> NDArray[np.int64]:
        """Rows from the best merit down; ties in order; impossible paths left out."""
        order = np.argsort(-self.merit, kind="stable")
        return order[np.isfinite(self.merit[order])]


def measure_candidates(search: Search, paths: Paths, step_mm: float) -> Candidates:
    """Measure `paths` of the search's approach, walking shafts in steps of `step_mm`."""
    fields, approach = search.fields, search.approach
    frame = fields.scanner_from_sacrum
    # Over a prone patient the vertical is the scanner's anterior direction, -y in LPS.
    upright = -frame.turn(paths.directions)[:, 1]
    paths = paths.take(np.flatnonzero(upright >= math.cos(math.radians(search.tilt_limit_deg))))
    tips = frame(Points(paths.tips, frame.source)).xyz
    directions = frame.turn(paths.directions)
    radius_mm = 0.5 * NeedleGauge.of(search.settings.gauge).outer_diameter_mm
    found = find_reach(fields, tips, directions, step_mm, approach.passage.bone)
    length, on_skin = _lengths(found, search.has_skin)
    entries = paths.tips - paths.directions * found.bone_entry_mm[:, None]
    rows = np.flatnonzero(
        (found.bone_entry_mm >= _LEAST_PURCHASE_MM)
        & (length <= search.settings.max_needle_length_mm)
        & (depth_in_mm(fields, tips) >= radius_mm)
    )
    rows = rows[approach.admits_entries(Paths(entries[rows], paths.directions[rows]))]
    clearance = closest_mm(
        fields,
        tips[rows],
        directions[rows],
        length[rows],
        radius_mm,
        found.take(rows),
        step_mm,
        search.limits_mm - _HOPELESS_MM,
    )
    measured = MeasuredPaths(paths.take(rows), entries[rows], found.forward_mm[rows], clearance)
    misfit, to_fracture = approach.misfit(measured), _to_fracture(search, paths.tips[rows])
    tilt = np.arcsin(np.abs(np.clip(directions[rows, 2], -1.0, 1.0)))
    merit = _merit(search, clearance) - misfit - _clumsiness(search, length[rows], tilt)
    merit -= _FRACTURE_WEIGHT * np.minimum(to_fracture / _SPREAD_MM, 1.0)
    return Candidates(
        paths.take(rows),
        length[rows],
        on_skin[rows],
        clearance,
        entries[rows],
        tilt,
        misfit,
        to_fracture,
        np.round(merit, _MERIT_DIGITS),
    )


def needle_of(search: Search, candidates: Candidates, row: int) -> Needle:
    """The needle of one row, in the scanner frame."""
    frame = search.fields.scanner_from_sacrum
    tip = candidates.paths.tips[row : row + 1]
    entry = tip - candidates.paths.directions[row : row + 1] * candidates.length_mm[row]
    gauge = NeedleGauge.of(search.settings.gauge)
    return Needle(frame(Points(entry, frame.source)), frame(Points(tip, frame.source)), gauge)


def _lengths(found: PathReach, has_skin: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Needle length (n,) mm, NaN where there is none, and whether it starts on imaged skin.

    Where the scan shows skin, a path that leaves the image before it meets skin is no path.
    """
    skin = np.isfinite(found.skin_mm)
    if has_skin:
        return np.where(skin, found.skin_mm, np.nan), skin
    assumed = found.bone_entry_mm + constant("skin_depth_assumed").value
    return assumed, np.zeros(len(skin), dtype=bool)


def _merit(search: Search, clearance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Merit (n,) of clearances (n, 8) alone."""
    room = np.minimum(margins_kept(clearance, search.limits_mm), _AMPLE)
    shortfall = (clearance - search.limits_mm).min(axis=1)
    return np.where(shortfall >= 0.0, _SAFE_BONUS + room, _UNSAFE_SCALE * shortfall)


def margins_kept(
    clearance: NDArray[np.float64], limits_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The least clearance (n, 8) in units of its margin, (n,); crossed structures left out."""
    asked = np.isfinite(limits_mm)
    return np.asarray((clearance[:, asked] / np.maximum(limits_mm[asked], 0.1)).min(axis=1))


def _clumsiness(
    search: Search, length_mm: NDArray[np.float64], tilt_rad: NDArray[np.float64]
) -> NDArray[np.float64]:
    beyond = np.maximum(tilt_rad - math.radians(constant("gantry_tilt_reach").value), 0.0)
    long = length_mm / search.settings.max_needle_length_mm
    return np.asarray(_LENGTH_WEIGHT * long + _TILT_WEIGHT * beyond / _CLUMSY_RAD)


def _to_fracture(search: Search, tips: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(search.cleft) or not len(tips):
        return np.zeros(len(tips))
    return np.asarray(cKDTree(search.cleft).query(tips)[0])
