"""Draws each cement for `cements.md`: viscosity against time and shear, and its cure.

Everything comes from the recipes and the reference numbers; the same numbers give the same bytes.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sacroplasty.cement import (
    CementRecipe,
    adiabatic_rise_c,
    cure_course,
    recipe,
    recipe_names,
)
from sacroplasty.reference import constant

STYLE = {
    "svg.hashsalt": "cement",
    "svg.fonttype": "path",
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
}
COLOURS = {20.0: "#3b6fb6", 22.0: "#2a9d8f", 25.0: "#8a6fb0", 37.0: "#d1495b"}
MINUTES = np.linspace(0.0, 25.0, 501)


def _cure_point(row: str) -> Callable[[Axes], None]:
    """The published end of cure of a product: at 25 °C, and in half the time at 37 °C."""

    def draw(axes: Axes) -> None:
        minutes = constant(row).value / 60.0
        at_37 = minutes * constant("cement_cured_ratio_at_37").value
        top = constant("cement_viscosity_cured").value
        for when, celsius in ((minutes, 25.0), (at_37, 37.0)):
            axes.plot(when, top, "o", ms=7, mfc="white", mec=COLOURS[celsius], mew=1.8, zorder=5)
        axes.plot([], [], "o", ms=6, mfc="white", mec="black", label="cured (Nicholas 2007)")

    return draw


def _hardening_point(axes: Axes) -> None:
    minutes = constant("cement_hardening_in_bath").value / 60.0
    axes.plot(
        minutes, constant("cement_viscosity_cured").value, "s",
        ms=7, mfc="white", mec=COLOURS[37.0], mew=1.8, zorder=5, label="hard in a bath (Boger 2011)",
    )  # fmt: skip


def _handled_interval(axes: Axes) -> None:
    ends = [constant(f"cement_{row}") for row in ("liquid_until", "handled_until")]
    axes.errorbar(
        [row.value / 60.0 for row in ends], [25.0, 25.0],
        xerr=[(row.high - row.low) / 120.0 for row in ends],
        color="black", marker="|", ms=11, lw=1.4, capsize=3,
        label="handled at 22 °C (Lai 2012; times only)",
    )  # fmt: skip


PUBLISHED: dict[str, Callable[[Axes], None]] = {
    "low viscosity": _handled_interval,
    "medium viscosity": _hardening_point,
    "CMW 1": _cure_point("cement_cured_cmw1"),
    "Palacos R": _cure_point("cement_cured_palacos_r"),
    "Cemex Isoplastic": _cure_point("cement_cured_cemex_isoplastic"),
}


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, handlelength=1.6)


def _draw_ageing(axes: Axes, made: CementRecipe) -> None:
    reference = made.rheology.reference_temperature_c
    for celsius in sorted({20.0, 22.0, 37.0, reference}):
        age = 60.0 * MINUTES * made.rheology.ageing_rate(celsius)
        axes.plot(
            MINUTES, made.rheology.viscosity_pa_s(1.0, age),
            color=COLOURS[celsius], label=f"{celsius:g} °C",
        )  # fmt: skip
    axes.axhspan(*made.viscosity_window_pa_s, color="#f2b705", alpha=0.18, lw=0)
    axes.text(24.8, made.viscosity_window_pa_s[1], "injected", ha="right", va="top", fontsize=7.5)
    if made.name in PUBLISHED:
        PUBLISHED[made.name](axes)
    axes.set(
        yscale="log", ylim=(10.0, 2e5), xlim=(0.0, 25.0),
        xlabel="minutes since mixing began", ylabel="viscosity at 1/s [Pa·s]",
    )  # fmt: skip
    _legend(axes)


def _draw_thinning(axes: Axes, made: CementRecipe) -> None:
    shear = np.geomspace(1e-2, 1e2, 200)
    for minutes, line in ((2.5, ":"), (5.0, "--"), (9.0, "-")):
        age = 60.0 * minutes * float(made.rheology.ageing_rate(22.0))
        axes.plot(
            shear, made.rheology.viscosity_pa_s(shear, age),
            line, color=COLOURS[22.0], label=f"{minutes:g} min at 22 °C",
        )  # fmt: skip
    axes.set(
        xscale="log", yscale="log", ylim=(1.0, 2e5),
        xlabel="shear rate [1/s]", ylabel="effective viscosity [Pa·s]",
    )  # fmt: skip
    _legend(axes)


def _draw_cure(axes: Axes, made: CementRecipe) -> None:
    minutes = np.linspace(0.0, 60.0, 601)
    for celsius in (20.0, 22.0, 37.0):
        course = cure_course(made.cure, 60.0 * minutes, celsius)
        axes.plot(minutes, course.degree, color=COLOURS[celsius], label=f"{celsius:g} °C")
    kept = cure_course(made.cure, 60.0 * minutes, 22.0, adiabatic_rise_c(made.cure))
    axes.plot(
        minutes, kept.degree, "k--", lw=1.1,
        label=f"no heat lost: 22 to {kept.temperature_c[-1]:.0f} °C",
    )  # fmt: skip
    axes.set(
        ylim=(0.0, 1.03),
        xlim=(0.0, 60.0),
        xlabel="minutes since mixing began",
        ylabel="degree of cure",
    )
    _legend(axes)


def _picture(made: CementRecipe) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11.0, 3.6), layout="constrained", facecolor="white")
        ageing, thinning, cure = figure.subplots(1, 3)
        _draw_ageing(ageing, made)
        _draw_thinning(thinning, made)
        _draw_cure(cure, made)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _table() -> list[str]:
    lines = [
        "| cement | 2.5 / 5 / 9 min at 22 °C, 1/s | n | yield stress at 2.5 min | dough, worked, set "
        "(at) | half cured at 37 °C |",
        "|---|---|---|---|---|---|",
    ]
    for name in recipe_names():
        made = recipe(name)
        flow, times = made.rheology, made.handling
        ages = np.array([150.0, 300.0, 540.0]) * float(flow.ageing_rate(22.0))
        thick = " / ".join(f"{v:,.0f}" for v in flow.viscosity_pa_s(1.0, ages))
        clock = ", ".join(
            f"{t / 60:.1f}" for t in (times.doughing_s, times.working_s, times.setting_s)
        )
        seconds = np.arange(0.0, 3600.0)
        half = np.interp(0.5, cure_course(made.cure, seconds, 37.0).degree, seconds)
        lines.append(
            f"| {name} | {thick} Pa·s | {flow.exponent:g} "
            f"| {float(flow.yield_stress_at(ages[0])):.0f} Pa "
            f"| {clock} min ({flow.reference_temperature_c:g} °C) | {half / 60:.1f} min |"
        )
    return lines


def _page() -> str:
    lines = [*_table(), ""]
    for name in recipe_names():
        lines += [
            f"### {name[0].upper()}{name[1:]}",
            "",
            recipe(name).source_note,
            "",
            f"```{{image}} generated/cement-{_slug(name)}.svg",
            f":alt: {name}: viscosity against time and shear rate, and degree of cure against time",
            ":width: 100%",
            "```",
            "",
        ]
    return "\n".join(lines)


def _write(app: Any) -> None:
    generated = Path(app.srcdir) / "generated"
    generated.mkdir(exist_ok=True)
    made = {f"cement-{_slug(name)}.svg": _picture(recipe(name)) for name in recipe_names()}
    for name, text in (made | {"cements.inc": _page()}).items():
        page = generated / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
