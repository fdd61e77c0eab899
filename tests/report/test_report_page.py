"""The report holds what a reader must see, and nothing that could harm or leave the page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from toy_rehearsal import (
    empty_rehearsal,
    one_leak,
    toy_leak_views,
    toy_rehearsal,
    with_findings,
)

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report import write_report
from sacroplasty.adapters.report.page import render_report
from sacroplasty.adapters.report.sentences import leak_sentence
from sacroplasty.adapters.report.visibility_section import visibility_section
from sacroplasty.errors import CaseConflict
from sacroplasty.findings import Finding, Verdict
from sacroplasty.pathway import CaseReport

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }} & Müller"
SECTIONS = (
    "findings",
    "plan",
    "pictures",
    "bone",
    "radiographs",
    "injection",
    "numbers",
    "provenance",
)
VOID = {"meta", "img", "br", "input", "link", "hr"}


class _Outline(HTMLParser):
    """Collects tags and checks that they close in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def case() -> CaseReport:
    toy = toy_rehearsal(HOSTILE, leaks=(one_leak(),))
    hostile = Finding("<i>", Verdict.FAIL, "<img src=x>")
    return with_findings(toy, *toy.plan.findings, hostile)


@pytest.fixture(scope="module")
def page(case: CaseReport) -> str:
    return render_report(case)


@pytest.fixture(scope="module")
def bare_page() -> str:
    """A rehearsal that found no path: no needle, no cement, no view, no check."""
    return render_report(empty_rehearsal())


@pytest.fixture(scope="module")
def outline(page: str) -> _Outline:
    found = _Outline()
    found.feed(page)
    assert found.open == []
    return found


def test_the_report_tells_which_view_shows_which_leak() -> None:
    section = visibility_section(toy_leak_views())
    assert section.heads == ("Leak", "ap", "lateral", "Best")
    assert section.rows == [
        ("foramen S1 left", "seen (12)", "hidden", "ap"),
        ("SI joint left", "hidden", "from 0.25 mL", "none"),
    ]
    assert section.says[0].endswith("not even these two show a leak of 0.2 mL here: SI joint left.")
    page = render_report(toy_rehearsal())
    assert section.says[0] in page
    assert page.count("seen (12)") == 1


def test_all_sections_stand_in_order_and_the_language_is_named(outline: _Outline) -> None:
    ids = [attrs["id"] for tag, attrs in outline.tags if tag == "section"]
    assert tuple(ids) == SECTIONS
    assert ("html", {"lang": "en"}) in outline.tags


def test_the_reader_is_told_that_this_is_no_medical_device(page: str) -> None:
    assert page.index(NOT_A_DEVICE) < page.index("<h1>")


def test_a_hostile_pseudonym_stays_text(page: str, outline: _Outline) -> None:
    assert "script" not in {tag for tag, _ in outline.tags}
    assert not any(name.startswith("on") for _, attrs in outline.tags for name in attrs)
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


def test_nothing_is_fetched_from_anywhere(page: str, outline: _Outline) -> None:
    assert not re.search(r"https?://", page)
    assert "url(" not in page
    for _, attrs in outline.tags:
        for name in ("src", "href"):
            assert (attrs.get(name) or "#").startswith(("#", "data:image/png;base64,"))


def test_every_picture_says_what_it_shows(outline: _Outline) -> None:
    drawn = [attrs for tag, attrs in outline.tags if tag == "svg" and "aria-hidden" not in attrs]
    assert len(drawn) > 15
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in drawn)


def test_a_failed_check_is_visible_and_a_passed_one_is_folded(page: str) -> None:
    failed, folded = page.index("Too near."), page.index("<details>")
    assert failed < folded < page.index("Left and right agree by two routes.")
    assert page.index("The scan does not reach the skin.") < folded


def test_no_check_is_not_a_pass(bare_page: str) -> None:
    text = bare_page
    assert re.search(r"<dt>Plan</dt><dd><span class=\"badge not_checked\">", text)


def test_a_hostile_finding_stays_text(page: str) -> None:
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page


def test_sides_are_spelled_as_the_patients_own(page: str) -> None:
    assert "patient&#39;s left" in page
    assert "patient&#39;s right" in page


def test_margins_are_stated_in_words_beside_what_was_measured(page: str) -> None:
    row = re.search(r'<th scope="row">foramina</th>.*?</tr>', page, re.DOTALL)
    assert row is not None
    for words in ("2.1 mm", "at least 3.0 mm", "fail"):
        assert words in row.group()


def test_unverified_numbers_are_listed_with_their_source(page: str) -> None:
    section = page[page.index('id="numbers"') : page.index('id="provenance"')]
    assert "2 of 2 numbers from the literature are unverified" in section
    assert "needle outer diameter 11g" in section
    assert "⚠ unverified" in section


def test_a_leak_is_listed_with_side_level_volume_and_nerve(page: str) -> None:
    section = page[page.index("<h3>Leaks</h3>") :]
    for words in ("foramen", "patient&#39;s right", "S1", "0.12 mL", "abuts a nerve"):
        assert words in section


def test_without_a_leak_the_smallest_visible_volume_is_stated() -> None:
    assert leak_sentence(toy_rehearsal()) == (
        "No leak above 0.008 mL was found in this simulation."
    )


def test_without_cement_nothing_is_said_about_leaks(bare_page: str) -> None:
    assert "No cement went in" in bare_page
    assert "Without cement nothing can be said about leaks." in bare_page


def test_a_rehearsal_without_needles_says_so(bare_page: str) -> None:
    assert "No needle was planned." in bare_page
    assert "No radiograph was made." in bare_page
    assert "No course of the injection was recorded." in bare_page


def test_absent_structures_and_repairs_are_told(page: str) -> None:
    assert "below the scan" in page
    assert "sheared back a tilt" in page


def test_the_same_case_gives_the_same_bytes_and_leaves_no_other_file(
    tmp_path: Path, case: CaseReport, page: str
) -> None:
    path = tmp_path / "report.html"
    write_report(case, path)
    assert path.read_bytes() == page.encode()
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert path.stat().st_size < 8_000_000


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path, case: CaseReport) -> None:
    with pytest.raises(CaseConflict, match=r"Cannot write report\.html"):
        write_report(case, tmp_path / "nowhere" / "report.html")
