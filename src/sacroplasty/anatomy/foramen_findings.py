"""What is said about each foramen: found, handed over, doubtful or missing."""

from sacroplasty.anatomy.foramen_levels import NamedLevels
from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.sacrum_model import Foramen
from sacroplasty.anatomy.structures import Level, Side, foramen_structure
from sacroplasty.anatomy.tunnels import Tunnel
from sacroplasty.anatomy.where import where
from sacroplasty.findings import Finding, Verdict

# More bone than this across a tunnel puts it in doubt; partial volume closes a few mm.
DOUBTFUL_BONE_MM = 3.0
# A foramen narrower than this is as likely a notch or noise.
LEAST_RADIUS_MM = 1.5


def openings_with_levels(sheet: SacralSheet, named: NamedLevels) -> list[Finding]:
    """Whether a tunnel seen on both sides went without a level: then some level is wrong.

    An opening lateral of a named foramen is NOT_CHECKED: the levels stand, but the ala is open there.
    """
    findings = [_nothing_unnamed(sheet, named.unnamed)]
    if named.beside:
        tunnel = named.beside[0]
        findings.append(
            Finding(
                "no second opening beside a foramen",
                Verdict.NOT_CHECKED,
                "The ala is open lateral of a foramen (a fracture gap or a void); look at it, and "
                "that the foramen is the medial one.",
                f"{tunnel.offset_mm:.0f} mm from the midline, {tunnel.depth_mm:.0f} mm below the "
                "endplate",
                "none",
                where(sheet.grid.points_at(tunnel.middle)),
            )
        )
    return findings


def _nothing_unnamed(sheet: SacralSheet, unnamed: tuple[Tunnel, ...]) -> Finding:
    depths = ", ".join(dict.fromkeys(f"{tunnel.depth_mm:.0f} mm" for tunnel in unnamed))
    return Finding(
        "every opening has a level",
        Verdict.FAIL if unnamed else Verdict.PASS,
        "A pair of open tunnels was given no level, so the levels may be shifted; do not plan on "
        "this model."
        if unnamed
        else "Every pair of open tunnels through the sacrum was given a level.",
        f"unnamed at {depths} below the endplate" if unnamed else None,
        "none",
        where(sheet.grid.points_at(unnamed[0].middle)) if unnamed else None,
    )


def handed_over(level: Level, side: Side, found: Foramen | None) -> Finding:
    """A foramen that the masks named."""
    return Finding(
        _check(level, side),
        Verdict.PASS,
        f"The {side.value} {level.value} foramen was handed over with the masks.",
        where_lps_mm=where(found.centre) if found else None,
    )


def not_found(level: Level, side: Side) -> list[Finding]:
    """A level without a tunnel; S4 lies below every target and is told by `absent` alone."""
    if level is Level.S4:
        return []
    critical = level in (Level.S1, Level.S2)
    advice = "do not plan on this model." if critical else "keep needles away from this level."
    return [
        Finding(
            _check(level, side),
            Verdict.FAIL if critical else Verdict.NOT_CHECKED,
            f"The {side.value} {level.value} foramen was not found; {advice}",
        )
    ]


def as_found(found: Foramen, bone_mm: float) -> Finding:
    """A foramen with `bone_mm` of bone across its tunnel."""
    level, side = found.level, found.side
    if found.radius_mm < LEAST_RADIUS_MM:
        return Finding(
            _check(level, side),
            Verdict.NOT_CHECKED,
            f"What was taken for the {side.value} {level.value} foramen is hardly wider than a "
            "voxel; look at it.",
            f"radius {found.radius_mm:.1f} mm",
            f"at least {LEAST_RADIUS_MM:.1f} mm",
            where(found.centre),
        )
    clear = bone_mm <= DOUBTFUL_BONE_MM
    says = (
        "is an open tunnel."
        if clear
        else "is closed in the bone mask; its place is an estimate: look at it."
    )
    return Finding(
        _check(level, side),
        Verdict.PASS if clear else Verdict.NOT_CHECKED,
        f"The {side.value} {level.value} foramen {says}",
        f"{bone_mm:.0f} mm of bone across it",
        f"at most {DOUBTFUL_BONE_MM:.0f} mm",
        where(found.centre),
    )


def _check(level: Level, side: Side) -> str:
    return f"{foramen_structure(level, side).label} found"
