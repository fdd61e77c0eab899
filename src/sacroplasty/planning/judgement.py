"""What the checks say of a needle: margins, side, skin and cement."""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from sacroplasty.anatomy import SacrumModel, Side, failures, require_trusted
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.findings import Finding, Verdict
from sacroplasty.planning.approaches import Transiliac
from sacroplasty.planning.clearance import NeedleMeasurement, Passage, measure_needle
from sacroplasty.planning.clearance_fields import OBSTACLES, VESSELS, Bone, ClearanceFields
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.needle_pairs import SHAFT_GAP_MM, segments_mm
from sacroplasty.planning.settings import Margins, PlanningSettings
from sacroplasty.planning.trajectory_plan import PlannedNeedle
from sacroplasty.reference import constant

PLAIN_NAMES = {
    "foramina": "the foramina",
    "canal": "the sacral canal",
    "si_joint": "the SI joint",
    "anterior_cortex": "the anterior cortex",
    "cranial_ala_cortex": "the cranial cortex of the ala",
    "disc": "the L5/S1 disc or L5",
    "ilium": "the ilium",
    "vessels": "the labelled vessels",
}


def passage_of(approach: str) -> Passage:
    """What a needle of an approach, named as in the plan, may cross: of most, nothing."""
    return Transiliac.passage if approach == Transiliac.name else Passage()


def judge_needle(
    sacrum: SacrumModel,
    fields: ClearanceFields,
    planned: PlannedNeedle,
    margins: Margins,
    has_skin: bool,
) -> tuple[Finding, ...]:
    """Everything that is checked of one needle of a plan.

    Raises `AnatomyNotTrusted` if its side is not its side.
    """
    passage = passage_of(planned.approach)
    measured = measure_needle(fields, planned.needle, passage)
    return (
        check_side(planned.name, sacrum, planned.needle, planned.side),
        check_skin(planned.name, has_skin),
        *judge_clearances(planned.name, measured, margins),
        *_check_artery(planned.name, passage, fields),
        check_length(planned),
    )


def judge_clearances(
    name: str, measured: NeedleMeasurement, margins: Margins
) -> tuple[Finding, ...]:
    """One finding per obstacle: pass or fail with value and limit, or not checked with the reason."""
    return tuple(
        _judge_clearance(name, key, measured, margins.limits_mm[key])
        for key in OBSTACLES
        if key in measured.clearance_mm or key in measured.absent
    )


def _judge_clearance(name: str, key: str, measured: NeedleMeasurement, limit_mm: float) -> Finding:
    check = f"{name}: clearance {key}"
    limit = f"at least {limit_mm:.1f} mm"
    what = PLAIN_NAMES[key]
    if key not in measured.clearance_mm:
        says = f"The distance to {what} was not measured ({measured.absent[key]}); look at it."
        return Finding(check, Verdict.NOT_CHECKED, says, None, limit)
    value = measured.clearance_mm[key]
    kept = value >= limit_mm
    # A structure that lies off the map has no distance worth printing.
    shown = f"{value:.1f} mm" if value < 1000 else "not near"
    says = (
        f"The needle passes {what} with {shown} to spare."
        if kept
        else f"The needle comes within {shown} of {what}; move it."
    )
    return Finding(check, Verdict.PASS if kept else Verdict.FAIL, says, shown, limit)


def check_side(name: str, sacrum: SacrumModel, needle: Needle, side: Side) -> Finding:
    """The side of the tip by two independent routes, which must both agree with `side`.

    One asks the sacral frame (sign of x), the other the scanner's own left-right axis relative to
    the centreline of the canal. Raises `AnatomyNotTrusted` if one of them disagrees.
    """
    check = f"{name}: side"
    by_frame = float(sacrum.scanner_from_sacrum.inverse(needle.tip).single[0])
    if by_frame * side.sign <= 0:
        raise AnatomyNotTrusted(
            f"The {side} needle lies on the other side of the sacral frame (x = {by_frame:.1f} mm); "
            "check left and right of the scan."
        )
    if len(sacrum.canal) < 2:
        says = "The sacral canal was not found, so the side was checked by one route only."
        return Finding(check, Verdict.NOT_CHECKED, says, f"{abs(by_frame):.1f} mm {side}")
    by_canal = _beside_canal_mm(sacrum, needle)
    if by_canal * side.sign <= 0:
        raise AnatomyNotTrusted(
            f"The sacral frame puts the {side} needle {abs(by_frame):.1f} mm {side} of the midline, "
            f"the canal puts it {abs(by_canal):.1f} mm on the other side; check left and right."
        )
    says = f"Sacral frame and canal agree that the tip lies on the patient's {side}."
    measured = f"{abs(by_frame):.1f} mm by the frame, {abs(by_canal):.1f} mm by the canal"
    return Finding(check, Verdict.PASS, says, measured, "the same side by both routes")


def _beside_canal_mm(sacrum: SacrumModel, needle: Needle) -> float:
    """LPS x of the tip minus that of the nearest point of the canal's centreline."""
    tip, line = needle.tip.single, sacrum.canal.xyz
    start, along = line[:-1], np.diff(line, axis=0)
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    t = np.clip(((tip - start) * along).sum(axis=1) / squared, 0.0, 1.0)
    feet = start + t[:, None] * along
    nearest = feet[np.argmin(((feet - tip) ** 2).sum(axis=1))]
    return float(tip[0] - nearest[0])


def check_anatomy(sacrum: SacrumModel, accept_anatomy: bool) -> Finding:
    """The model's own verdict, carried into the plan. Raises `AnatomyNotTrusted` if it failed."""
    if not accept_anatomy:
        require_trusted(sacrum)
    if sacrum.verdict is not Verdict.FAIL:
        says = f"The sacrum model by {sacrum.engine!r} is the anatomy planned on."
        return Finding("anatomy", sacrum.verdict, says, str(sacrum.verdict), "pass")
    says = (
        f"The sacrum model failed its checks and was accepted by the operator: {failures(sacrum)}"
    )
    return Finding("anatomy", Verdict.FAIL, says, "fail, accepted", "pass")


def check_skin(name: str, on_skin: bool) -> Finding:
    """Whether the entry is a point of imaged skin."""
    check = f"{name}: skin entry"
    if on_skin:
        return Finding(check, Verdict.PASS, "The entry lies on imaged skin.")
    depth = constant("skin_depth_assumed").value
    says = (
        f"Skin not imaged behind the sacrum: the entry is set {depth:.0f} mm dorsal to the dorsal "
        "cortex, and needle length and skin reach are unknown."
    )
    return Finding(check, Verdict.NOT_CHECKED, says)


def check_length(planned: PlannedNeedle) -> Finding:
    """Whether a needle is sold that reaches."""
    check = f"{planned.name}: needle length"
    needed = planned.needle.length_mm + constant("needle_hub_allowance").value
    longest = constant("bone_needle_long").value
    reaches = planned.guidance.needle_length_mm is not None
    says = (
        f"A {planned.guidance.needle_length_mm:.0f} mm needle reaches the target."
        if planned.guidance.needle_length_mm is not None
        else "No usual needle reaches the target with its hub outside; choose another path."
    )
    verdict = Verdict.PASS if reaches else Verdict.FAIL
    return Finding(check, verdict, says, f"{needed:.0f} mm needed", f"at most {longest:.0f} mm")


def _check_artery(name: str, passage: Passage, fields: ClearanceFields) -> tuple[Finding, ...]:
    """A way through the iliac bone passes the superior gluteal artery, which no label shows."""
    if passage.bone is not Bone.PELVIC_RING or VESSELS not in fields.unlabelled:
        return ()
    says = (
        "The superior gluteal artery runs over the iliac bone where the needle enters and was "
        "injured by such needles; it is not labelled. Look for it on the CT, or label it (--vessels)."
    )
    return (Finding(f"{name}: superior gluteal artery", Verdict.NOT_CHECKED, says),)


def check_one_entry(side: Side, together: bool) -> Finding:
    """Whether one cut in the skin serves two needles."""
    says = (
        f"One skin entry serves both needles on the {side}."
        if together
        else f"The two needles on the {side} need a skin entry each."
    )
    return Finding(f"{side}: skin entries", Verdict.PASS, says, "1" if together else "2")


def check_apart(needles: Sequence[PlannedNeedle]) -> tuple[Finding, ...]:
    """Whether each two needles leave room for each other, surface to surface."""
    return tuple(_check_two(one, other) for one, other in combinations(needles, 2))


def _check_two(one: PlannedNeedle, other: PlannedNeedle) -> Finding:
    a, b = one.needle, other.needle
    axes_mm = segments_mm(
        a.tip.single, a.entry.single - a.tip.single, b.tip.single, b.entry.single - b.tip.single
    )
    gap_mm = axes_mm - 0.5 * (a.gauge.outer_diameter_mm + b.gauge.outer_diameter_mm)
    kept = gap_mm >= SHAFT_GAP_MM
    says = (
        "The two needles leave room for each other."
        if kept
        else "The two needles are in each other's way; move one of them."
    )
    return Finding(
        f"{one.name} and {other.name}: apart",
        Verdict.PASS if kept else Verdict.FAIL,
        says,
        f"{gap_mm:.1f} mm between their surfaces",
        f"at least {SHAFT_GAP_MM:.1f} mm",
    )


def check_cement(settings: PlanningSettings, sides: tuple[Side, ...]) -> tuple[Finding, ...]:
    """Planned volumes against the published range, of needles on `sides`; the basis is stated."""
    each = settings.cement_ml_per_needle
    basis = "Basis: the setting; published volumes are 2–6 mL per side, without a dose effect."
    per_side = max(sides.count(side) for side in Side) * each
    return (
        _check_volume("cement per side", per_side, "cement_alert_per_side", basis),
        _check_volume("cement per patient", len(sides) * each, "cement_alert_per_patient", basis),
    )


def _check_volume(check: str, volume_ml: float, alert: str, basis: str) -> Finding:
    limit_ml = constant(alert).value
    above = volume_ml > limit_ml and not math.isclose(volume_ml, limit_ml)
    says = (
        f"{volume_ml:.1f} mL planned, {'above' if above else 'within'} the published range. {basis}"
    )
    verdict = Verdict.FAIL if above else Verdict.PASS
    return Finding(check, verdict, says, f"{volume_ml:.1f} mL", f"at most {limit_ml:.1f} mL")
