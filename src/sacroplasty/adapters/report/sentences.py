"""What the report says in words."""

import math

from sacroplasty.anatomy import Fracture, FractureLimb, FractureSource, Side
from sacroplasty.findings import Verdict
from sacroplasty.leaks import Leak, LeakSite, NeuralContact
from sacroplasty.pathway import CaseInjection, CaseReport
from sacroplasty.planning import Margins, Needle, PlannedNeedle
from sacroplasty.units import ml_from_mm3

STRUCTURE_WORDS = {
    "foramina": "foramina",
    "canal": "sacral canal",
    "si_joint": "SI joint",
    "anterior_cortex": "anterior cortex",
    "disc": "L5/S1 disc",
}
# Clearances whose margin goes by another name than their own.
_MARGIN_OF = {
    "foramina": "neural_mm",
    "canal": "neural_mm",
    "cranial_ala_cortex": "cranial_cortex_mm",
}
SITE_WORDS = {
    LeakSite.FORAMEN: "foramen",
    LeakSite.CANAL: "sacral canal",
    LeakSite.SI_JOINT: "SI joint",
    LeakSite.DISC_L5S1: "L5/S1 disc",
    LeakSite.L5: "L5",
    LeakSite.ILIUM: "ilium",
    LeakSite.PRESACRAL: "presacral space",
    LeakSite.POSTERIOR: "posterior soft tissue",
    LeakSite.VEIN: "vein",
    LeakSite.NEEDLE_TRACT: "needle tract",
}
CONTACT_WORDS = {
    NeuralContact.NONE: "none",
    NeuralContact.ABUTS: "abuts a nerve's space",
    NeuralContact.ENCROACHES: "encroaches on a nerve's space",
}
VERDICT_SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.NOT_CHECKED: "?"}


def side_phrase(side: Side | None) -> str:
    """The side, spelled so that nobody reads it as the viewer's."""
    return "midline" if side is None else f"patient's {side.value}"


def limb_phrase(limb: FractureLimb) -> str:
    """Which way a limb of a fracture runs, and on whose side."""
    way = "horizontal" if limb.horizontal else "vertical"
    side = "across the midline" if limb.side is None else side_phrase(limb.side)
    return f"{way}, {side}"


def fracture_sentence(fracture: Fracture | None) -> str:
    """What is broken, and who says so."""
    if fracture is None:
        return (
            "The detector suggests no fracture. That is no proof of an intact sacrum: CT misses "
            "insufficiency fractures that MRI shows."
        )
    zones = ", ".join(map(str, fracture.zones))
    sides = " and ".join(side.value for side in fracture.sides)
    where = f"{fracture.pattern}, patient's {sides}, Denis zones {zones}"
    if fracture.source is FractureSource.USER:
        return f"As drawn by the user: {where}."
    return f"Suggested by the detector, score {fracture.score:.2f}, please confirm: {where}."


def structure_phrase(name: str) -> str:
    """A clearance's structure in words."""
    return STRUCTURE_WORDS.get(name, name.replace("_", " "))


def margin_for(name: str, margins: Margins) -> float | None:
    """The least distance in mm asked for to a structure, or None where no margin is set."""
    margin: float | None = getattr(margins, _MARGIN_OF.get(name, f"{name}_mm"), None)
    return margin


def clearance_phrase(planned: PlannedNeedle) -> str:
    """All clearances of a needle in one line."""
    parts = [f"{structure_phrase(k)} {v:.1f} mm" for k, v in planned.clearance_mm.items()]
    return "clearances: " + ", ".join(parts) + "." if parts else "no clearance was measured."


def angle_phrases(needle: Needle) -> tuple[str, str]:
    """How the needle leans in the axial plane and along the body, in scanner axes.

    The first angle lies between the sagittal plane and the needle's projection on an axial slice,
    the second between the needle and the axial plane.
    """
    left, back, up = needle.direction
    lean = math.degrees(math.atan2(abs(left), abs(back)))
    to = "" if lean < 0.5 else f", tip towards the patient's {'left' if left > 0 else 'right'}"
    tilt = math.degrees(math.asin(min(1.0, abs(up))))
    along = "" if tilt < 0.5 else f", tip towards the {'head' if up > 0 else 'feet'}"
    return f"{lean:.0f}° from sagittal{to}", f"{tilt:.0f}° from axial{along}"


def volume_text(volume_mm3: float) -> str:
    """A volume in mL with as many digits as it deserves."""
    ml = ml_from_mm3(volume_mm3)
    return f"{ml:.2f} mL" if ml >= 0.095 or ml == 0 else f"{ml:.3f} mL"


def summarise(case: CaseReport) -> list[str]:
    """The case in a few plain sentences with numbers."""
    return [
        *_failure_sentence(case),
        _plan_sentence(case),
        *_clearance_sentence(case),
        injection_sentence(case),
        leak_sentence(case),
    ]


def _failure_sentence(case: CaseReport) -> list[str]:
    everything = (*case.sacrum.findings, *case.plan.findings, *case.run.findings)
    failed = sum(finding.verdict is Verdict.FAIL for finding in everything)
    if not failed:
        return []
    return [f"{'One check' if failed == 1 else f'{failed} checks'} failed; see below."]


def _plan_sentence(case: CaseReport) -> str:
    needles = case.plan.needles
    if not needles:
        return "No needle was planned."
    places = [f"{side_phrase(n.side)} {n.level}" for n in needles]
    count = "One needle is" if len(needles) == 1 else f"{len(needles)} needles are"
    return f"{count} planned: {', '.join(places)}."


def _clearance_sentence(case: CaseReport) -> list[str]:
    smallest: dict[str, float] = {}
    for planned in case.plan.needles:
        for name, distance in planned.clearance_mm.items():
            smallest[name] = min(distance, smallest.get(name, math.inf))
    if not smallest:
        return []
    parts = [f"{structure_phrase(name)} {distance:.1f} mm" for name, distance in smallest.items()]
    return [f"The smallest clearances from needle surface are: {', '.join(parts)}."]


def injection_sentence(case: CaseReport | CaseInjection) -> str:
    """What went in, how long it took, and how much of it stayed."""
    injected = sum(case.run.injected_mm3)
    if injected <= 0:
        return "No cement went in during the simulation."
    times = case.run.timeline.time_s
    seconds = float(times[-1] - times[0]) if len(times) else 0.0
    report = case.run.leaks
    return (
        f"In the simulation {volume_text(injected)} of cement was injected in {seconds:.0f} s; "
        f"{volume_text(report.inside_bone_mm3)} of it lies inside the sacrum."
    )


def leak_sentence(case: CaseReport | CaseInjection) -> str:
    """The leaks in one sentence; their absence with the smallest volume that could be seen."""
    leaks = case.run.leaks.leaks
    if not leaks and case.run.leaks.total_mm3 <= 0:
        return "Without cement nothing can be said about leaks."
    if not leaks:
        grain = volume_text(case.run.cement.fraction.grid.voxel_mm3)
        return f"No leak above {grain} was found in this simulation."
    count = "One leak was found" if len(leaks) == 1 else f"{len(leaks)} leaks were found"
    return f"{count}: {'; '.join(_leak_phrase(leak) for leak in leaks)}."


def _leak_phrase(leak: Leak) -> str:
    level = f" {leak.level}" if leak.level else ""
    return (
        f"{SITE_WORDS[leak.site]}{level}, {side_phrase(leak.side)}, {volume_text(leak.volume_mm3)}"
    )
