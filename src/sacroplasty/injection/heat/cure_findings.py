"""Whether a computed cure can be believed, as findings."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.findings import Finding, Verdict
from sacroplasty.injection.heat.flow import HeatBudget

_MOST_BUDGET_ERROR = 1e-6
_MOST_SHELL_RISE_K = 1.0
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


def margin_finding(peak_c: NDArray[np.float64], body_c: float) -> Finding:
    """Whether the tissue that was solved for is thick enough."""
    faces = [np.take(peak_c, end, axis) for axis in range(3) for end in (0, -1)]
    rise = max(float(face.max()) for face in faces) - body_c
    ok = rise <= _MOST_SHELL_RISE_K
    says = f"At the edge of the box the tissue warmed by {rise:.2f} K."
    return Finding(
        "the heat stays in the box",
        Verdict.PASS if ok else Verdict.FAIL,
        says if ok else says + " Solve again with a wider margin_mm.",
        f"{rise:.2f} K",
        f"at most {_MOST_SHELL_RISE_K:g} K",
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
