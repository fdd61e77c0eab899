"""What the engine checked about its own masks, as rows with numbers and limits."""

from sacroplasty.anatomy.builtin.checks import (
    LEAST_SYMMETRY,
    MOST_RESIDUAL_MM,
    MOST_UNLIKE_MM,
    Evidence,
    sacrum_range_ml,
)
from sacroplasty.anatomy.structures import Side, Structure
from sacroplasty.findings import Finding, Verdict

_SEEN_GAP = 0.2
_ALIKE_SACRUM_MM = 3.0  # real sacra up to 1.5, the displaced fracture of a whole ala included
_LEAST_MARGIN_MM = 0.0


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """What was checked, with numbers; only masks that passed `require_trust` get here."""
    low, high = sacrum_range_ml()
    return (
        Finding("orientation", Verdict.PASS, "The pelvis lies as the scan's header says."),
        Finding(
            "template registration",
            Verdict.PASS,
            "The bones lie where a pelvis has them.",
            f"{evidence.residual_mm:.1f} mm",
            f"at most {MOST_RESIDUAL_MM:.0f} mm",
        ),
        _coverage(evidence),
        Finding(
            "symmetric ilia",
            Verdict.PASS,
            "Both ilia were found in similar size.",
            f"{evidence.symmetry:.2f}",
            f"at least {LEAST_SYMMETRY:.2f}",
        ),
        *_halves(evidence),
        Finding(
            "sacral volume",
            Verdict.PASS,
            "The sacrum has a credible volume.",
            f"{evidence.volume_ml(Structure.SACRUM):.0f} mL",
            f"{low:.0f} to {high:.0f} mL",
        ),
        *(_gap_finding(evidence.gap(side), side) for side in Side),
    )


def _coverage(evidence: Evidence) -> Finding:
    """How far inside the scan S1 to S3 lie; a cut scan was refused before."""
    return Finding(
        "S1 to S3 inside the scan",
        Verdict.PASS,
        "The L5/S1 disc, both alae and S3 lie inside the scan.",
        f"{evidence.place.margin_mm(evidence.plane.z_mm):.0f} mm from the scan's edge",
        f"at least {_LEAST_MARGIN_MM:.0f} mm",
    )


def _halves(evidence: Evidence) -> tuple[Finding, Finding]:
    """Left against right: ilia that differ are refused, a sacrum that differs is pointed out."""
    unlike = evidence.unlike_mm
    alike = unlike["sacrum"] <= _ALIKE_SACRUM_MM
    return (
        Finding(
            "left and right ilium agree",
            Verdict.PASS,
            "The left ilium lies where the mirrored right one does.",
            f"{unlike['ilia']:.1f} mm",
            f"at most {MOST_UNLIKE_MM:.0f} mm",
        ),
        Finding(
            "left and right half of the sacrum agree",
            Verdict.PASS if alike else Verdict.NOT_CHECKED,
            "The halves of the sacrum mirror each other."
            if alike
            else "The halves of the sacrum differ: a displaced fracture, an asymmetric sacrum or a "
            "bad mask; look at it.",
            f"{unlike['sacrum']:.1f} mm",
            f"at most {_ALIKE_SACRUM_MM:.0f} mm",
        ),
    )


def _gap_finding(gap: float, side: Side) -> Finding:
    """A faint gap is no error of the patient's: the boundary then rests on smoothness alone."""
    seen = gap >= _SEEN_GAP
    says = (
        f"The {side.value} SI joint gap is seen."
        if seen
        else f"The {side.value} SI joint gap is faint; look at the boundary of sacrum and ilium."
    )
    return Finding(
        f"SI joint gap {side.value}",
        Verdict.PASS if seen else Verdict.NOT_CHECKED,
        says,
        f"{gap:.2f}",
        f"at least {_SEEN_GAP:.2f}",
    )
