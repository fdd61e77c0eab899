"""The heat of the cure as the page shows it: nerve roots, dose, and the course of temperature."""

from dataclasses import dataclass

from markupsafe import Markup

from sacroplasty.adapters.report.chart import Line, line_chart
from sacroplasty.adapters.report.sentences import side_phrase
from sacroplasty.injection import HeatRun, RootHeat

ROOT_HEADS = ("Nerve's space", "Side", "Hottest", "Dose, CEM43", "From the cement")
_FEWEST_ROWS = 2


@dataclass(frozen=True, slots=True)
class HeatSection:
    """Sentences, a row per nerve's space, and the chart of the course, None where it is too short."""

    says: list[str]
    roots: list[tuple[str, ...]]
    chart: Markup | None


def heat_section(heat: HeatRun) -> HeatSection:
    """Everything the page says of the heat."""
    return HeatSection(
        says=_sentences(heat),
        roots=[_root_row(root) for root in sorted(heat.roots, key=lambda r: -r.peak_c)],
        chart=_course(heat) if heat.course.time_s.size >= _FEWEST_ROWS else None,
    )


def _sentences(heat: HeatRun) -> list[str]:
    hottest = float(heat.peak_c.values.max())
    says = [
        f"From the end of the injection the cement cures from {heat.start_degree:.0%} to "
        f"{heat.end_degree:.0%} and reaches {hottest:.0f} °C at its hottest point."
    ]
    if heat.interface_peak_c is not None and heat.interface_mean_peak_c is not None:
        says.append(
            f"Where cement meets bone the peak is {heat.interface_mean_peak_c:.0f} °C on average "
            f"and {heat.interface_peak_c:.0f} °C at most."
        )
    if heat.roots:
        worst = max(heat.roots, key=lambda root: root.peak_c)
        says.append(
            f"Of the nerves' spaces {_name(worst)} gets hottest: {worst.peak_c:.1f} °C, a dose of "
            f"{worst.cem43_min:.1f} min at 43 °C."
        )
    return says


def _name(root: RootHeat) -> str:
    if root.level is None:
        return "the sacral canal"
    return f"the {root.level} foramen, {side_phrase(root.side)},"


def _root_row(root: RootHeat) -> tuple[str, ...]:
    touches = root.distance_mm <= 0
    return (
        "sacral canal" if root.level is None else f"{root.level} foramen",
        side_phrase(root.side),
        f"{root.peak_c:.1f} °C",
        f"{root.cem43_min:.1f} min",
        "cement in it" if touches else f"{root.distance_mm:.1f} mm",
    )


def _course(heat: HeatRun) -> Markup:
    course = heat.course
    lines = [Line("", course.hottest_c), Line("", course.interface_c, "thin")]
    if course.roots_c.shape[1]:
        lines.append(Line("", course.roots_c.max(axis=1), "dashed"))
    top = float(course.hottest_c.max())
    return line_chart(
        course.time_s,
        lines,
        [],
        ("time since the end of the injection, s", "temperature, °C"),
        f"Temperatures over time, at most {top:.0f} °C.",
    )
