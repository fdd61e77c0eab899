"""One sentence: what to change in the plan, said only where the members bear it out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.injection.odds.leak_odds import LeakOdds
from sacroplasty.injection.odds.paired import PairedChance, paired_chance
from sacroplasty.planning import Chance

# Volumes at a syringe are read to this.
_STEP_ML = 0.1


@dataclass(frozen=True, slots=True)
class Advice:
    """says: the sentence. change: what to change, None to keep the plan. paired: what it rests on."""

    says: str
    change: str | None
    paired: PairedChance | None


def compare(first: LeakOdds, second: LeakOdds) -> PairedChance:
    """How the chance of a neural leak changes from one plan to another in the same members.

    Both must come from one seed, as many members and one grid (`common_grid`): else they have not
    met the same bone, and `BadInput` is raised.
    """
    if (first.settings.seed, first.members, first.grid) != (
        second.settings.seed, second.members, second.grid,
    ):  # fmt: skip
        raise BadInput(
            "Two plans are compared under one seed, in as many members and on one flow grid; "
            "give both studies the grid of `common_grid`."
        )
    return paired_chance(first.neural_members, second.neural_members)


def advise(odds: LeakOdds, others: Mapping[str, LeakOdds] | None = None) -> Advice:
    """The change that brings the chance of a neural leak down the most, if any does for certain.

    Candidates are less cement through each needle (up to the volume that keeps under the limit,
    read from the onsets) and the plans in `others`, by what they change ("use high-viscosity
    cement"). A candidate whose difference could be chance (`PairedChance.is_certain`) is not
    spoken of. Where the plan is under the limit already, nothing is changed.
    """
    limit, now = odds.settings.neural_limit, odds.neural
    if now.share <= limit:
        says = f"Keep the plan: P(foraminal or canal leak) is {_of(now)}, the limit {limit:.0%}."
        return Advice(says, None, None)
    found = [(what, compare(odds, other), other.neural) for what, other in (others or {}).items()]
    found += _less_cement(odds)
    certain = [f for f in found if f[1].is_certain and f[1].difference.mean < 0.0]
    if not certain:
        says = (
            f"P(foraminal or canal leak) is {_of(now)}, above the limit of {limit:.0%}, and no "
            f"change that was tried lowers it for certain in {odds.members} members."
        )
        return Advice(says, None, None)
    what, paired, then = min(certain, key=lambda f: (f[1].second, f[0]))
    says = f"{what}: P(foraminal or canal leak) falls from {_of(now)} to {_of(then)}."
    if then.share > limit:
        says = says[:-1] + f", still above the limit of {limit:.0%}."
    return Advice(says, what, paired)


def _less_cement(odds: LeakOdds) -> list[tuple[str, PairedChance, Chance]]:
    """Stop each needle where the chance that it leaks reaches its part of the limit."""
    part = odds.settings.neural_limit / len(odds.needles)
    most, changed = [], []
    for n, (name, planned) in enumerate(zip(odds.needles, odds.planned_ml, strict=True)):
        safe = odds.onsets_of_needle(n).safe_volume(part).ml
        # Short of the onset, so that this very leak does not begin.
        cap = planned if safe is None else np.floor(safe / _STEP_ML - 1e-9) * _STEP_ML
        most.append(float(min(cap, planned)))
        if most[-1] < planned:
            changed.append(f"{most[-1]:.1f} mL through needle {name} (planned {planned:.1f})")
    if not changed:
        return []
    stopped = odds.neural_up_to(tuple(most))
    paired = paired_chance(odds.neural_members, stopped)
    chance = Chance.of(int(stopped.sum()), odds.members)
    return [("Inject at most " + " and ".join(changed), paired, chance)]


def _of(chance: Chance) -> str:
    return f"{chance.share:.0%} ({chance.low:.0%}–{chance.high:.0%})"
