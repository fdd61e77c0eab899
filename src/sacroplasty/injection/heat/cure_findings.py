"""Whether a computed cure can be believed, as findings."""

from sacroplasty.findings import Finding, Verdict
from sacroplasty.injection.heat.flow import HeatBudget

_MOST_BUDGET_ERROR = 1e-6
_MOST_LOST_SHARE = 0.25
_MOST_EARLY_DEGREE = 0.05
_MOST_STILL_CURING_PER_MIN = 0.01


def budget_finding(budget: HeatBudget) -> Finding:
    """Whether the heat that was released was found again."""
    ok = budget.error <= _MOST_BUDGET_ERROR
    return Finding(
        "heat is conserved",
        Verdict.PASS if ok else Verdict.FAIL,
        f"Of {budget.released_j:.0f} J released, {budget.taken_j:.0f} J went into blood, "
        f"{budget.lost_j:.0f} J out of the box and {budget.stored_j:.0f} J stayed.",
        f"{budget.error:.0e}",
        f"at most {_MOST_BUDGET_ERROR:.0e}",
    )


def margin_finding(budget: HeatBudget) -> Finding:
    """Whether the tissue that was solved for is thick enough.

    With a quarter of the heat out of the box the hottest root is still right to 0.01 K, because
    heat reaches the edge long after the root is warmest (docs/heat.md).
    """
    share = budget.lost_j / budget.released_j if budget.released_j > 0 else 0.0
    ok = share <= _MOST_LOST_SHARE
    says = f"{share:.0%} of the heat left the box that was solved for."
    return Finding(
        "the box is wide enough",
        Verdict.PASS if ok else Verdict.FAIL,
        says if ok else says + " Solve again with a wider margin_mm.",
        f"{share:.0%}",
        f"at most {_MOST_LOST_SHARE:.0%}",
    )


def cure_finding(start_degree: float, end_degree: float, per_min: float) -> Finding:
    """Whether the run saw the cure from its start to its end."""
    measured = f"degree of cure {start_degree:.2g} to {end_degree:.2f}"
    if start_degree > _MOST_EARLY_DEGREE:
        says = (
            f"The cement had released {start_degree:.0%} of its heat when the injection ended; "
            "that part was not seen, so temperatures are too low."
        )
        return Finding("the whole cure was seen", Verdict.FAIL, says, measured)
    if per_min > _MOST_STILL_CURING_PER_MIN:
        says = f"The cement still cures by {per_min:.1%} a minute at the end: follow it for longer."
        return Finding("the whole cure was seen", Verdict.FAIL, says, measured)
    says = f"The cement cured to {end_degree:.0%}."
    return Finding("the whole cure was seen", Verdict.PASS, says, measured)
