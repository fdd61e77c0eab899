"""What each approach offers on one side, and which of them to take."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Fracture, FractureSource, Level, SacrumModel, Side
from sacroplasty.planning.approaches import Approach, LongAxis, S1Body, ShortAxis, Transiliac
from sacroplasty.planning.candidates import Search
from sacroplasty.planning.clearance import skin_is_imaged
from sacroplasty.planning.clearance_fields import ClearanceFields
from sacroplasty.planning.corridor_search import Pool, find_pool
from sacroplasty.planning.needle_pairs import best_pair
from sacroplasty.planning.options import Option, find_options, option_at
from sacroplasty.planning.placement_error import PlacementDraws
from sacroplasty.planning.settings import ApproachChoice, PlanningSettings
from sacroplasty.reference import constant

# The order in which approaches are taken when they are about equally safe: the one with the most
# published patients first.
_INTO_THE_ALA = (ApproachChoice.SHORT_AXIS, ApproachChoice.LONG_AXIS, ApproachChoice.TRANSILIAC)


@dataclass(frozen=True, eq=False, slots=True)
class Offer:
    """One approach at one level of one side: its search, its pool, its named options."""

    search: Search
    pool: Pool
    options: tuple[Option, ...]

    @property
    def approach(self) -> Approach:
        """The approach that makes it."""
        return self.search.approach


@dataclass(frozen=True, eq=False, slots=True)
class Patient:
    """What planning knows of the patient, whatever the approach.

    fracture: drawn or confirmed by the user, or None; a suggestion nobody confirmed steers nothing.
    """

    sacrum: SacrumModel
    fields: ClearanceFields
    fracture: Fracture | None
    has_skin: bool
    draws: PlacementDraws

    @classmethod
    def of(
        cls,
        sacrum: SacrumModel,
        fields: ClearanceFields,
        fracture: Fracture | None,
        settings: PlanningSettings,
    ) -> "Patient":
        """Placement errors are drawn here, once, from the settings' seed."""
        trusted = fracture and (fracture.confirmed or fracture.source is FractureSource.USER)
        draws = PlacementDraws.drawn(settings.draws, np.random.default_rng(settings.seed))
        return cls(sacrum, fields, fracture if trusted else None, skin_is_imaged(fields), draws)

    def cleft_on(self, side: Side) -> NDArray[np.float64]:
        """Points (n, 3) of the fracture on one side, sacral frame; none without a fracture."""
        if self.fracture is None:
            return np.empty((0, 3))
        local = self.sacrum.scanner_from_sacrum.inverse
        xyz = np.concatenate([local(limb.cleft).xyz for limb in self.fracture.limbs])
        return np.asarray(xyz[xyz[:, 0] * side.sign > 0])


def offers_on(
    patient: Patient, side: Side, choice: ApproachChoice, settings: PlanningSettings
) -> tuple[Offer, ...]:
    """What the chosen approach, or each of those that AUTO compares, offers on one side."""
    wanted = _INTO_THE_ALA if choice is ApproachChoice.AUTO else (choice,)
    return tuple(
        _offer(patient, approach_for(name, patient.sacrum, side), settings) for name in wanted
    )


def approach_for(
    choice: ApproachChoice, sacrum: SacrumModel, side: Side, level: Level = Level.S1
) -> Approach:
    """The approach of that name; AUTO is the short axis where a single one is asked for."""
    match choice:
        case ApproachChoice.LONG_AXIS:
            return LongAxis.on(sacrum, side)
        case ApproachChoice.TRANSILIAC:
            return Transiliac.on(sacrum, side)
        case ApproachChoice.S1_BODY:
            return S1Body.on(sacrum, side)
    return ShortAxis.on(sacrum, side, level)


def _offer(patient: Patient, approach: Approach, settings: PlanningSettings) -> Offer:
    cleft = patient.cleft_on(approach.side)
    search = Search(patient.fields, approach, settings, cleft, patient.has_skin)
    pool = find_pool(search)
    return Offer(search, pool, find_options(search, pool, patient.draws))


def preferred(
    offers: dict[Side, tuple[Offer, ...]],
) -> dict[Side, Offer]:
    """The offer to take on each side that has a safe one.

    One approach for all sides where one serves them all; else each side for itself. Of several,
    the first in order that is about as safe as the safest, judged by its worst side.
    """
    by_approach = list(zip(*offers.values(), strict=True))
    for_all = [row for row in by_approach if all(offer.options for offer in row)]
    if for_all:
        return dict(zip(offers, _about_safest(for_all), strict=True))
    alone = {side: [(o,) for o in of_side if o.options] for side, of_side in offers.items()}
    return {side: _about_safest(rows)[0] for side, rows in alone.items() if rows}


def _about_safest(rows: Sequence[tuple[Offer, ...]]) -> tuple[Offer, ...]:
    chances = [max(offer.options[0].risk.mishap.share for offer in row) for row in rows]
    limit = min(chances) + constant("mishap_difference").value
    return next(row for row, chance in zip(rows, chances, strict=True) if chance <= limit)


def second_needle(
    patient: Patient, offer: Offer, settings: PlanningSettings
) -> tuple[Option, Option, bool] | None:
    """The offer's best pair of needles, and whether one skin entry serves both; None if none fits.

    By the short axis the second goes into the S2 ala; otherwise both share one corridor.
    """
    other = offer
    if isinstance(offer.approach, ShortAxis):
        approach = ShortAxis.on(patient.sacrum, offer.approach.side, Level.S2)
        other = _offer(patient, approach, settings)
    shaft_mm = offer.options[0].needle.gauge.outer_diameter_mm
    pair = best_pair(offer.pool.candidates, other.pool.candidates, shaft_mm)
    if pair is None:
        return None
    first, second, together = pair
    return (
        option_at(offer.search, offer.pool, first, patient.draws),
        option_at(other.search, other.pool, second, patient.draws),
        together,
    )
