"""One injection as one HTML file: how the cement grew, what it took, where it leaked, what to change."""

import base64
from pathlib import Path

from markupsafe import Markup

from sacroplasty.adapters.report.growth import Growth, film_growth
from sacroplasty.adapters.report.heat_section import ROOT_HEADS, heat_section
from sacroplasty.adapters.report.injection_charts import injection_charts
from sacroplasty.adapters.report.injection_tables import (
    EVENT_HEADS,
    LEAK_HEADS,
    NEEDLE_HEADS,
    clock,
    course_rows,
    dated_leak_rows,
    draw_rows,
    event_rows,
)
from sacroplasty.adapters.report.odds_section import odds_section
from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.png import data_uri
from sacroplasty.adapters.report.sentences import injection_sentence, leak_sentence
from sacroplasty.adapters.report.tables import (
    cement_rows,
    group_findings,
    number_rows,
    setting_rows,
)
from sacroplasty.adapters.report.visibility_section import visibility_section
from sacroplasty.adapters.whole_file import write_for_a_person, write_whole
from sacroplasty.findings import overall_verdict
from sacroplasty.pathway import CaseInjection, recommended_change
from sacroplasty.provenance import software_version

GROWTH_NAME = "growth.gif"


def write_injection_page(case: CaseInjection, root: Path) -> None:
    """injection.html and injection/growth.gif; the same injection gives the same bytes.

    Raises `CaseConflict` where the page cannot be written. No picture where no cement went in.
    """
    growth = film_growth(case)
    if growth.frames:
        (root / "injection").mkdir(exist_ok=True)
        write_whole(root / "injection" / GROWTH_NAME, growth.gif)
    page = render_injection(case, growth)
    write_for_a_person(root / "injection.html", page.encode("utf-8"))


def render_injection(case: CaseInjection, growth: Growth) -> str:
    """The page as HTML text."""
    return render_page("injection.html.j2", {**_words(case), **_numbers(case), **_seen(growth)})


def _words(case: CaseInjection) -> dict[str, object]:
    return {
        "pseudonym": case.examination.pseudonym,
        "verdicts": [
            ("Anatomy", case.sacrum.verdict),
            ("Plan", case.plan.verdict),
            ("Injection", overall_verdict(case.run.findings)),
        ],
        "summary": [injection_sentence(case), leak_sentence(case)],
        "advice": recommended_change(case),
        "no_leak": leak_sentence(case),
        "watched": case.settings.stop_rule is not None,
        "groups": group_findings(
            {
                "injection": case.run.findings,
                "heat": case.heat.findings if case.heat else (),
            }
        ),
    }


def _numbers(case: CaseInjection) -> dict[str, object]:
    return {
        "needle_heads": NEEDLE_HEADS,
        "needles": course_rows(case),
        "charts": injection_charts(case),
        "leak_heads": LEAK_HEADS,
        "leaks": dated_leak_rows(case.run),
        "event_heads": EVENT_HEADS,
        "events": event_rows(case),
        "cement": cement_rows(case.run.leaks),
        "draw": draw_rows(case),
        "odds": odds_section(case.odds) if case.odds else None,
        "visibility": visibility_section(case.leak_views) if case.leak_views else None,
        "heat": heat_section(case.heat) if case.heat else None,
        "root_heads": ROOT_HEADS,
        "numbers": number_rows(case.numbers_used),
        "settings": [
            ("Injection", setting_rows(case.settings)),
            ("Cement", setting_rows(case.recipe)),
        ],
        "origin": [
            ("Software", software_version()),
            ("SHA-256 of the scan", case.ct.acquisition.source_digest),
            ("Anatomy engine", case.sacrum.engine),
            ("Error of the mass balance", f"{100 * case.run.mass_error:.2g} %"),
        ],
    }


def _seen(growth: Growth) -> dict[str, object]:
    return {"moving": _moving(growth), "stills": _stills(growth)}


def _moving(growth: Growth) -> Picture | None:
    """The moving picture for a screen; paper gets the stills."""
    if not growth.frames:
        return None
    rows, columns = growth.frames[0].shape[:2]
    last = growth.instants[-1]
    alt = (
        "Cement growing in axial, coronal and sagittal cuts through the needle tips and in a "
        f"rendering from the front, until {last.volume_ml:.2f} mL at {clock(last.time_s)}."
    )
    data = "data:image/gif;base64," + base64.b64encode(growth.gif).decode("ascii")
    image = Markup('<img class="moving" src="{}" width="{}" height="{}" alt="{}">').format(
        data, columns, rows, alt
    )
    caption = "Equal steps of volume, not of time; the clock is written above."
    return Picture(image, "Growth of the cement", caption, alt)


def _stills(growth: Growth) -> list[Picture]:
    pictures = []
    for instant, frame in growth.stills:
        rows, columns = frame.shape[:2]
        title = f"{instant.volume_ml:.2f} mL at {clock(instant.time_s)}"
        alt = f"The same four views at {title}."
        image = Markup('<img src="{}" width="{}" height="{}" alt="{}">').format(
            data_uri(frame), columns, rows, alt
        )
        caption = f"Syringe {instant.syringe_mpa:.2f} MPa."
        pictures.append(Picture(image, title, caption, alt))
    return pictures
