"""What a person wants to know first of an injection."""

import json

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.case_folder import CaseFolder, injection_document
from sacroplasty.findings import Verdict
from sacroplasty.pathway import CaseInjection, recommended_change
from sacroplasty.planning import Chance
from sacroplasty.units import ml_from_mm3


def tell_injection(injected: CaseInjection, case: CaseFolder, *, as_json: bool) -> None:
    """One JSON document or a few plain lines on stdout."""
    if as_json:
        print(json.dumps(injection_document(injected, case), indent=2))
        return
    print(injection_text(injected))
    print(case.root / "injection.html")


def injection_text(injected: CaseInjection) -> str:
    """Volume per needle, what did not pass, and what to change."""
    run = injected.run
    lines = [f"cement: {injected.recipe.name}"]
    lines += [
        f"{planned.name}: patient's {planned.side}, {ml_from_mm3(delivered):.2f} of "
        f"{planned.cement_ml:.2f} mL"
        for planned, delivered in zip(injected.plan.needles, run.injected_mm3, strict=False)
    ]
    lines += [f"{f.verdict}: {f.says}" for f in run.findings if f.verdict is not Verdict.PASS]
    if injected.heat:
        lines += [
            f"{f.verdict}: {f.says}"
            for f in injected.heat.findings
            if f.verdict is not Verdict.PASS
        ]
    if injected.odds:
        neural, any_leak = injected.odds.neural, injected.odds.any_leak
        lines.append(
            f"odds of {injected.odds.members} members: foramen or canal {_chance(neural)}, "
            f"any leak {_chance(any_leak)}"
        )
    lines.append(f"change of plan: {recommended_change(injected)}")
    lines.append(NOT_A_DEVICE)
    return "\n".join(lines)


def _chance(chance: Chance) -> str:
    return f"{chance.share:.0%} ({chance.low:.0%}–{chance.high:.0%})"
