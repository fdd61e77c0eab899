"""The search: thousands of paths measured, the unsafe thrown out, the best refined.

Merit. A path that keeps every margin scores its least clearance in units of the margin (more than
one and a half margins earn no more), less what makes it clumsy: more or less bone ahead of the tip
than at the published target, a shaft off the middle between foramina and SI joint, a long needle, a
tilt out of the axial plane that the gantry cannot follow, and what the approach itself calls a
misfit (direction and height). A path that breaks a margin is ranked by how badly, so that a refusal
can name the best path there was.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points
from sacroplasty.planning.approaches import ShortAxis
from sacroplasty.planning.clearance import PathReach, closest_mm, find_reach, skin_is_imaged
from sacroplasty.planning.clearance_fields import (
    ANTERIOR,
    CANAL,
    CRANIAL,
    DISC,
    FORAMINA,
    ILIUM,
    OBSTACLES,
    SI_JOINT,
    ClearanceFields,
)
from sacroplasty.planning.needle import Needle, NeedleGauge
from sacroplasty.planning.paths import Paths, angles_of, directions_of
from sacroplasty.planning.settings import Margins, PlanningSettings
from sacroplasty.reference import constant

# A needle that holds in less bone than this falls out before the cement sets.
_LEAST_PURCHASE_MM = 10.0
# One and a half times the margin is ample; beyond it the other goals decide.
_AMPLE = 1.5
_DEPTH_WEIGHT, _CENTRING_WEIGHT, _LENGTH_WEIGHT, _TILT_WEIGHT = 0.5, 0.3, 0.3, 0.6
# Tilted this far beyond the gantry's reach a path costs one whole weight.
_CLUMSY_RAD = math.radians(30.0)
# Any safe path outranks any unsafe one; among unsafe ones, millimetres outrank elegance.
_SAFE_BONUS = 1000.0
_UNSAFE_SCALE = 100.0
# Merits closer than this are a tie, decided by order, so that rounding noise decides nothing.
_MERIT_DIGITS = 6
_COARSE_STEP_MM, _FINE_STEP_MM = 1.5, 0.5
_STARTS = 8
_REFINEMENTS = ((1.5, 2.5), (0.75, 1.25), (0.4, 0.6))


def limits_mm(margins: Margins) -> dict[str, float]:
    """The margin of each of `OBSTACLES`."""
    return {
        FORAMINA: margins.neural_mm,
        CANAL: margins.neural_mm,
        SI_JOINT: margins.si_joint_mm,
        ANTERIOR: margins.anterior_cortex_mm,
        CRANIAL: margins.cranial_cortex_mm,
        DISC: margins.disc_mm,
        ILIUM: margins.ilium_mm,
    }


@dataclass(frozen=True, eq=False, slots=True)
class Assessed:
    """Paths with what was measured on them; merit −inf means that a path is no needle at all.

    length_mm (n,): entry to tip; skin (n,): whether the entry is on imaged skin;
    clearance_mm (n, 7) as `OBSTACLES`; merit (n,).
    """

    paths: Paths
    length_mm: NDArray[np.float64]
    skin: NDArray[np.bool_]
    clearance_mm: NDArray[np.float64]
    merit: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Corridor:
    """The best path of one side, safe or not; `needle` is None where no path was even possible."""

    needle: Needle | None
    clearance_mm: dict[str, float]
    on_skin: bool
    is_safe: bool
    considered: int
    safe: int
    lateral_deg: float
    cranial_deg: float


def find_corridor(
    fields: ClearanceFields, approach: ShortAxis, settings: PlanningSettings
) -> Corridor:
    """The best path of `approach`; the same input gives the same path."""
    has_skin = skin_is_imaged(fields)
    coarse = _assess(fields, approach, approach.paths(), settings, _COARSE_STEP_MM, has_skin)
    safe = int((coarse.merit >= _SAFE_BONUS / 2).sum())
    considered = len(coarse.paths)
    if not np.isfinite(coarse.merit).any():
        return Corridor(None, {}, False, False, considered, 0, math.nan, math.nan)
    best = coarse.paths.take(_ranked(coarse)[:_STARTS])
    assessed = coarse
    for spread_mm, spread_deg in _REFINEMENTS:
        around = _around(best, spread_mm, math.radians(spread_deg), approach)
        assessed = _assess(fields, approach, around, settings, _FINE_STEP_MM, has_skin)
        best = around.take(_ranked(assessed)[:_STARTS])
    return _corridor(fields, assessed, approach, settings, (considered, safe))


def _assess(
    fields: ClearanceFields,
    approach: ShortAxis,
    paths: Paths,
    settings: PlanningSettings,
    step_mm: float,
    has_skin: bool,
) -> Assessed:
    scanner_from_sacrum = fields.scanner_from_sacrum
    tips = scanner_from_sacrum(Points(paths.tips, scanner_from_sacrum.source)).xyz
    directions = scanner_from_sacrum.turn(paths.directions)
    found = find_reach(fields, tips, directions, step_mm)
    length, skin = _lengths(found, has_skin)
    vertical = np.cos(np.deg2rad(settings.max_tilt_deg))
    possible = np.flatnonzero(
        (found.bone_entry_mm >= _LEAST_PURCHASE_MM)
        & (length <= settings.max_needle_length_mm)
        # Over a prone patient the vertical is the scanner's anterior direction, -y in LPS.
        & (-directions[:, 1] >= vertical)
    )
    radius_mm = 0.5 * NeedleGauge.of(settings.gauge).outer_diameter_mm
    clearance = np.full((len(paths), len(OBSTACLES)), np.nan)
    clearance[possible] = closest_mm(
        fields,
        tips[possible],
        directions[possible],
        length[possible],
        radius_mm,
        found.take(possible),
        step_mm,
    )
    merit = np.full(len(paths), -np.inf)
    merit[possible] = _merit(clearance[possible], found.forward_mm[possible], settings.margins)
    merit[possible] -= approach.misfit(paths.take(possible))
    merit[possible] -= _LENGTH_WEIGHT * length[possible] / settings.max_needle_length_mm
    tilt = np.arcsin(np.abs(np.clip(directions[possible, 2], -1.0, 1.0)))
    beyond = np.maximum(tilt - math.radians(constant("gantry_tilt_reach").value), 0.0)
    merit[possible] -= _TILT_WEIGHT * beyond / _CLUMSY_RAD
    return Assessed(paths, length, skin, clearance, np.round(merit, _MERIT_DIGITS))


def _lengths(found: PathReach, has_skin: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Needle length (n,) mm, NaN where there is none, and whether it starts on imaged skin.

    Where the scan shows skin, a path that leaves the image before it meets skin is no path.
    """
    skin = np.isfinite(found.skin_mm)
    if has_skin:
        return np.where(skin, found.skin_mm, np.nan), skin
    assumed = found.bone_entry_mm + constant("skin_depth_assumed").value
    return assumed, np.zeros(len(skin), dtype=bool)


def _merit(
    clearance: NDArray[np.float64], forward_mm: NDArray[np.float64], margins: Margins
) -> NDArray[np.float64]:
    """Merit (n,) of clearances (n, 7) and bone ahead of the tip, before the approach's own wishes."""
    limits = np.array([limits_mm(margins)[name] for name in OBSTACLES])
    shortfall = (clearance - limits).min(axis=1)
    room = np.minimum((clearance / np.maximum(limits, 0.1)).min(axis=1), _AMPLE)
    goal = constant("ala_target_depth").value
    depth = np.abs(forward_mm - goal) / goal
    medial = clearance[:, OBSTACLES.index(FORAMINA)]
    lateral = clearance[:, OBSTACLES.index(SI_JOINT)]
    off_centre = np.abs(medial - lateral) / np.maximum(medial + lateral, 1.0)
    score = room - _DEPTH_WEIGHT * depth - _CENTRING_WEIGHT * off_centre
    return np.where(shortfall >= 0.0, _SAFE_BONUS + score, _UNSAFE_SCALE * shortfall)


def _ranked(assessed: Assessed) -> NDArray[np.int64]:
    """Rows from the best merit down; ties in order; impossible paths left out."""
    order = np.argsort(-assessed.merit, kind="stable")
    return order[np.isfinite(assessed.merit[order])]


def _around(best: Paths, spread_mm: float, spread_rad: float, approach: ShortAxis) -> Paths:
    """The best paths themselves, then their neighbours in tip and angle."""
    sign = approach.side.sign
    lateral, cranial = angles_of(best.directions, sign)
    steps = np.stack(np.meshgrid(*[[0.0, -1.0, 1.0]] * 5, indexing="ij"), axis=-1).reshape(-1, 5)
    shift = steps[:, :3] * spread_mm * np.array([sign, 1.0, 1.0])
    tips = (best.tips[:, None, :] + shift).reshape(-1, 3)
    directions = directions_of(
        (lateral[:, None] + steps[:, 3] * spread_rad).ravel(),
        (cranial[:, None] + steps[:, 4] * spread_rad).ravel(),
        sign,
    )
    admitted = np.flatnonzero(approach.admits(tips))
    return Paths(tips, directions).take(admitted)


def _corridor(
    fields: ClearanceFields,
    assessed: Assessed,
    approach: ShortAxis,
    settings: PlanningSettings,
    counts: tuple[int, int],
) -> Corridor:
    row = int(_ranked(assessed)[0])
    path = assessed.paths.take(np.array([row]))
    tip = fields.scanner_from_sacrum(Points(path.tips, fields.scanner_from_sacrum.source))
    back = fields.scanner_from_sacrum.turn(path.directions) * assessed.length_mm[row]
    needle = Needle(Points(tip.xyz - back, fields.frame), tip, NeedleGauge.of(settings.gauge))
    lateral, cranial = angles_of(path.directions, approach.side.sign)
    return Corridor(
        needle=needle,
        clearance_mm=dict(zip(OBSTACLES, assessed.clearance_mm[row].tolist(), strict=True)),
        on_skin=bool(assessed.skin[row]),
        is_safe=bool(assessed.merit[row] >= _SAFE_BONUS / 2),
        considered=counts[0],
        safe=counts[1],
        lateral_deg=math.degrees(lateral[0]),
        cranial_deg=math.degrees(cranial[0]),
    )
