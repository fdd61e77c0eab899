"""The injection's page: what it says of leaks, stops, odds, heat and its own limits."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from injected_toy import dated_leak, stop_event, toy_injection
from toy_rehearsal import SCANNER, toy_leak_views

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report import write_injection_page
from sacroplasty.adapters.report.growth import Growth, film_growth
from sacroplasty.adapters.report.injection_page import render_injection
from sacroplasty.adapters.report.injection_tables import course_rows
from sacroplasty.adapters.report.odds_section import site_phrase
from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.injection import (
    BoneDraw,
    HeatBudget,
    HeatCourse,
    HeatRun,
    InjectionSettings,
    LeakOdds,
    MemberLeak,
    MemberRow,
    OddsSettings,
    RootHeat,
    Site,
    recommend_change,
    usual_stop_rule,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.pathway import CaseInjection, recommended_change

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }}"
NO_FILM = Growth([], [])


def toy_odds(case: CaseInjection, neural_every: int) -> LeakOdds:
    """Forty members; every so-manieth has cement in the right S1 foramen, from 2.5 mL on."""
    leak = MemberLeak(Site(LeakSite.FORAMEN), 0.1, 5.5, 1, 2.5, True)
    rows = tuple(
        MemberRow(
            n, (3.0, 3.0), (True, True), 0.1, 0.5, (leak,) if (n + 1) % neural_every == 0 else (),
            {"rate, mL/s": 0.05 - 0.01 * ((n + 1) % neural_every == 0)}, b"",
        )
        for n in range(40)
    )  # fmt: skip
    needles = tuple(planned.name for planned in case.plan.needles)
    grid = case.run.arrival_time_s.grid
    return LeakOdds(rows, needles, (3.0, 3.0), OddsSettings(members=40), grid)


def toy_heat(at_the_root: Verdict) -> HeatRun:
    """The left S1 foramen gets 46 °C, the canal stays cool."""
    grid = Grid.axis_aligned((2, 2, 2), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), SCANNER)
    field = Volume(np.full(grid.shape, 60.0, np.float32), grid)
    mask = Volume(np.ones(grid.shape, np.bool_), grid)
    time = np.array([0.0, 5.0])
    spot = Points.at((1.0, 1.0, 1.0), SCANNER)
    roots = (
        RootHeat(Structure.CANAL, None, None, 37.4, 0.0, 12.0, spot),
        RootHeat(Structure.FORAMEN_S1_LEFT, Level.S1, Side.LEFT, 46.0, 22.0, 1.5, spot),
    )
    course = HeatCourse(time, 37 + time, 37 + time, time / 9, np.stack([time, time], axis=1))
    said = Finding("heat at S1 left", at_the_root, "The foramen S1 left reaches 46.0 °C.")
    return HeatRun(
        field, field, field, field, 47.0, mask, mask, 55.0, 50.0, roots, course, 0.1, 0.9,
        HeatBudget(2.0, 1.0, 0.5, 0.5, 1.0), (said,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def case() -> CaseInjection:
    toy = toy_injection(HOSTILE, leaks=(dated_leak(),))
    run = replace(toy.run, stop_events=(stop_event(),))
    return replace(toy, run=run, settings=InjectionSettings(stop_rule=usual_stop_rule()))


@pytest.fixture(scope="module")
def page(case: CaseInjection) -> str:
    return render_injection(case, film_growth(case, steps=2))


def test_the_page_says_what_it_is_and_that_one_run_is_no_forecast(page: str) -> None:
    assert page.index(NOT_A_DEVICE) < page.index("<h1>")
    assert "one plausible course, not a forecast" in page


def test_nothing_is_fetched_and_a_hostile_name_stays_text(page: str) -> None:
    assert not re.search(r"https?://", page)
    assert "<script" not in page
    for source in re.findall(r'src="([^"]*)"', page):
        assert source.startswith(("data:image/gif;base64,", "data:image/png;base64,"))


def test_paper_gets_stills_where_the_screen_gets_a_moving_picture(page: str) -> None:
    assert page.count("data:image/gif;base64,") == 1
    assert page.count("data:image/png;base64,") >= 2
    assert re.search(r"@media print \{[^}]*\.growing \{ display: none", page)


def test_a_leak_is_listed_with_its_beginning_its_path_and_its_nerve(page: str) -> None:
    section = page[page.index('id="leaks"') : page.index('id="stops"')]
    for words in (
        "foramen", "patient&#39;s right", "S1", "0.12 mL", "1:30 min", "4.5", "35 kPa",
        "wall of the foramen", "encroaches on a nerve",
    ):  # fmt: skip
        assert words in section, words


def test_a_stop_says_what_was_met_and_what_the_operator_did(page: str) -> None:
    section = page[page.index('id="stops"') : page.index('id="odds"')]
    for words in ("1:28 min", "1.9 mm to the right foramen S1", "2.0 mm", "stopped", "0.05 mL"):
        assert words in section, words


def test_a_case_that_has_compared_its_views_prints_which_shows_which_leak(
    case: CaseInjection, page: str
) -> None:
    assert "--visibility</code> compares the views" in page
    compared = replace(case, leak_views=toy_leak_views())
    page = render_injection(compared, NO_FILM)
    section = page[page.index('id="views"') : page.index('id="odds"')]
    for words in ("SI joint left", "seen (12)", "hidden", "from 0.25 mL", "no clinical threshold"):
        assert words in section, words


def test_what_nobody_asked_for_is_said_and_not_left_out(page: str) -> None:
    assert "Nobody asked for the odds" in page
    assert "Nobody asked for the heat" in page


def test_needles_are_listed_on_the_side_where_their_tips_lie(case: CaseInjection) -> None:
    sides = ["left" if p.needle.tip.single[0] > 0 else "right" for p in case.plan.needles]
    assert set(sides) == {"left", "right"}
    assert [row[1] for row in course_rows(case)] == [f"patient's {side}" for side in sides]


@pytest.mark.parametrize("side", list(Side))
def test_the_odds_of_a_foramen_are_said_of_its_own_side(side: Side) -> None:
    said = site_phrase(Site(LeakSite.FORAMEN, Level.S1, side))
    assert said == f"foramen S1, patient's {side.value}"
    assert site_phrase(Site(LeakSite.CANAL)) == "sacral canal"


def test_where_nobody_watched_the_page_says_so(case: CaseInjection) -> None:
    unwatched = replace(case, settings=InjectionSettings(), run=replace(case.run, stop_events=()))
    assert "Nobody watched" in render_injection(unwatched, NO_FILM)


def test_a_drawn_bone_is_told_apart_from_the_median_one(case: CaseInjection) -> None:
    assert "without veins" in render_injection(case, NO_FILM)
    draw = BoneDraw.drawn(np.random.default_rng(4))
    drawn = replace(case, settings=replace(case.settings, bone=draw))
    text = render_injection(drawn, NO_FILM)
    assert "one draw of what the CT cannot tell" in text
    assert "permeability factor" in text


def test_the_odds_are_shown_with_their_intervals_and_speak_first(case: CaseInjection) -> None:
    text = render_injection(replace(case, odds=toy_odds(case, 2)), NO_FILM)
    section = text[text.index('id="odds"') : text.index('id="heat"')]
    assert section.count("<svg") == 3
    assert "not calibrated on patients" in section
    assert "is 5.5 mL" in section
    advice = text[text.index("Recommended plan change") :]
    assert advice.index("P(foraminal or canal leak)") < advice.index("</p>")


def test_a_tornado_without_a_bar_is_a_sentence(case: CaseInjection) -> None:
    text = render_injection(replace(case, odds=toy_odds(case, 40)), NO_FILM)
    section = text[text.index('id="odds"') : text.index('id="heat"')]
    quiet = render_injection(replace(case, odds=toy_odds(case, 10**6)), NO_FILM)
    assert section.count("<svg") == 3
    assert "whole volume of 6.0 mL" in quiet
    assert "95 % interval 0.0 mL to the whole volume" in quiet  # forty members prove little
    assert "No number that was drawn made a difference" in quiet


def test_the_recommended_change_names_the_gravest_leak_and_its_needle(case: CaseInjection) -> None:
    says = recommend_change(case.run, case.plan)
    assert says.count(".") - says.count(". ") >= 1
    assert "right S1" in says
    assert "less than 1.5 mL instead of 3.0 mL" in says
    assert "patient's right S1 foramen" in says


def test_a_nerve_that_burns_is_cooled_before_the_plan_is_kept() -> None:
    toy = toy_injection()
    full = replace(toy.run, injected_mm3=(3000.0, 3000.0))
    hot = toy_heat(Verdict.FAIL)
    says = recommend_change(full, toy.plan, hot)
    assert "patient's left S1 foramen" in says
    assert "22 min at 43 °C" in says
    kept = replace(toy, run=full, heat=hot, odds=toy_odds(toy, 100))
    assert recommended_change(kept) == says
    cool = replace(kept, heat=toy_heat(Verdict.PASS))
    assert recommended_change(cool).startswith("Keep the plan")


def test_the_heat_names_the_hottest_nerve_on_its_own_side(case: CaseInjection) -> None:
    text = render_injection(replace(case, heat=toy_heat(Verdict.FAIL)), NO_FILM)
    section = text[text.index('id="heat"') : text.index('id="findings"')]
    assert "the S1 foramen, patient&#39;s left, gets hottest: 46.0 °C" in section
    assert section.index("S1 foramen</th>") < section.index("sacral canal</th>")
    table = section[section.index("<table") :]
    assert "patient&#39;s left" in table
    assert "patient&#39;s right" not in table
    assert "<svg" in section


def test_without_a_leak_the_needle_that_fell_short_is_named_and_else_nothing() -> None:
    toy = toy_injection()
    full = replace(toy.run, injected_mm3=(3000.0, 3000.0))
    assert recommend_change(full, toy.plan).startswith("No change follows")
    short = replace(toy.run, injected_mm3=(3000.0, 1400.0))
    assert "1.4 mL instead of 3.0 mL through needle right S1" in recommend_change(short, toy.plan)


def test_the_case_gets_a_page_and_the_very_picture_that_is_on_it(
    case: CaseInjection, tmp_path: Path
) -> None:
    write_injection_page(case, tmp_path)
    names = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert names == {"injection.html", "injection/growth.gif"}
    gif = base64.b64encode((tmp_path / "injection" / "growth.gif").read_bytes()).decode()
    assert gif in (tmp_path / "injection.html").read_text(encoding="utf-8")
