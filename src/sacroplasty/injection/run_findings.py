"""What one injection has to say, as findings."""

import numpy as np

from sacroplasty.cement import CementField
from sacroplasty.findings import Finding, Verdict
from sacroplasty.injection.needle_course import NeedleFlow
from sacroplasty.injection.settings import InjectionSettings
from sacroplasty.injection.stop_event import StopEvent
from sacroplasty.injection.stop_rule import StopRule
from sacroplasty.leaks import Leak, LeakPath, LeakReport
from sacroplasty.planning import PlannedNeedle
from sacroplasty.units import kpa_from_mpa, ml_from_mm3

_MOST_MASS_ERROR = 1e-3
_NEXT_STEP = {
    "stalled": "use a wider needle, a thinner or fresher cement or a screw device",
    "time limit": "the cement sets before it is in; inject faster, earlier or a slower cement",
    "stop rule": "look at what was seen, let the cement thicken or use another needle",
    "no space": "the bone around the tip takes no more cement; move the target",
}
_WAY = {
    LeakPath.FRACTURE_CLEFT: "a fracture cleft",
    LeakPath.CORTICAL_DEFECT: "a gap in the cortex",
    LeakPath.INTACT_CORTEX: "intact cortex",
    LeakPath.FORAMEN_WALL: "the wall of the foramen",
    LeakPath.CANAL_WALL: "the wall of the canal",
    LeakPath.JOINT: "the joint",
    LeakPath.ENDPLATE: "the endplate",
    LeakPath.VEIN: "a vein",
    LeakPath.NEEDLE_TRACT: "the needle's tract",
}


def needle_findings(
    planned: PlannedNeedle, flow: NeedleFlow, settings: InjectionSettings, dead_mm3: float
) -> list[Finding]:
    """Whether the planned volume went in, and what must be drawn up for it."""
    delivered = ml_from_mm3(flow.delivered_mm3)
    draw = planned.cement_ml + ml_from_mm3(dead_mm3)
    measured, limit = f"{delivered:.2f} mL", f"{planned.cement_ml:.2f} mL planned"
    if not flow.stopped:
        says = (
            f"Needle {planned.name}: {delivered:.2f} mL went in; draw up at least {draw:.2f} mL, "
            f"because {ml_from_mm3(dead_mm3):.2f} mL stay in the cannula."
        )
        return [Finding("planned volume injected", Verdict.PASS, says, measured, limit)]
    why = flow.stopped
    if why == "stalled":
        why += (
            f" at the pressure limit of {settings.max_syringe_pressure_mpa:.1f} MPa at the syringe"
        )
    says = (
        f"Needle {planned.name} stopped at {delivered:.2f} mL: {why}; {_NEXT_STEP[flow.stopped]}."
    )
    return [Finding("planned volume injected", Verdict.FAIL, says, measured, limit)]


def stop_findings(
    rule: StopRule | None, events: tuple[StopEvent, ...], needles: tuple[str, ...]
) -> list[Finding]:
    """What the stop rule met, an answer each; none where nobody watched."""
    if rule is None:
        return []
    if not events:
        return [Finding("stop rule", Verdict.PASS, "No limit of the stop rule was met.")]
    return [
        Finding(
            "stop rule", Verdict.FAIL, event.says(needles[event.needle]), event.measured, event.at
        )
        for event in events
    ]


def mass_finding(error: float) -> Finding:
    """Whether the cement that was injected is the cement that was found."""
    verdict = Verdict.PASS if error <= _MOST_MASS_ERROR else Verdict.FAIL
    return Finding(
        "cement is conserved",
        verdict,
        f"Injected and found cement differ by {error:.1e} of the volume.",
        f"{error:.1e}",
        f"at most {_MOST_MASS_ERROR:.0e}",
    )


def box_finding(cement: CementField) -> Finding:
    """Whether the cement stayed away from the walls of the box that the flow was solved in."""
    values = cement.fraction.values
    faces = [np.take(values, end, axis) for axis in range(3) for end in (0, -1)]
    touched = any(face.any() for face in faces)
    if touched:
        says = "Cement reached the edge of the flow box or of the CT: its spread there is cut off."
        return Finding("cement stays in the flow box", Verdict.FAIL, says)
    says = "Cement stayed away from the edge of the flow box."
    return Finding("cement stays in the flow box", Verdict.PASS, says)


def _ml(volume_mm3: float) -> str:
    text = f"{ml_from_mm3(volume_mm3):.2f} mL"
    return "under 0.01 mL" if text == "0.00 mL" else text


def _began(leak: Leak) -> str:
    onset = leak.onset
    if onset is None:
        return ""
    way = "" if onset.path is None else f" through {_WAY[onset.path]}"
    return f" (from {onset.time_s:.0f} s{way}, at {kpa_from_mpa(onset.tip_pressure_mpa):.0f} kPa)"


def leak_finding(leaks: LeakReport) -> Finding:
    """Whether all cement stayed in the sacrum."""
    if not leaks.leaks:
        return Finding(
            "cement stays in bone", Verdict.PASS, "No cement was found outside the sacrum."
        )
    parts = ", ".join(
        " ".join(
            [leak.site.value.replace("_", " ")]
            + [str(part) for part in (leak.level, leak.side) if part is not None]
        )
        + f" {_ml(leak.volume_mm3)}"
        + _began(leak)
        for leak in leaks.leaks
    )
    leaked = ml_from_mm3(sum(leak.volume_mm3 for leak in leaks.leaks))
    return Finding(
        "cement stays in bone", Verdict.FAIL, f"Cement left the sacrum: {parts}.",
        f"{leaked:.2f} mL outside", "none outside",
    )  # fmt: skip
