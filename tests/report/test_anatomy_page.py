"""The anatomy page says where each check looked, and never more than was seen."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_rehearsal import SCANNER, toy_rehearsal

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report.anatomy_cuts import check_picture
from sacroplasty.adapters.report.anatomy_page import render_anatomy, write_anatomy_page
from sacroplasty.adapters.report.anatomy_tables import foramen_rows
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.pathway import Examination

PLACE = (12.0, -8.0, -20.0)
HOSTILE = "<script>alert(1)</script> {{ 7*7 }}"


def _with(*findings: Finding) -> Examination:
    seen = toy_rehearsal(HOSTILE).examination
    return replace(seen, sacrum=replace(seen.sacrum, findings=findings))


def test_the_cross_lies_on_the_slice_through_the_place_that_was_checked() -> None:
    scene = Scene.of_anatomy(_with())
    picture = check_picture(scene, Finding("hole", Verdict.FAIL, "A hole.", where_lps_mm=PLACE))
    assert picture is not None
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.svg)[0])
    cross = re.findall(r'class="cross" d="M([\d.]+) ([\d.]+)h-6', picture.svg)[0]
    assert float(cross[0]) + 3 == pytest.approx(width / 2, abs=0.1)
    assert float(cross[1]) == pytest.approx(height / 2, abs=0.1)


def test_a_check_without_a_place_has_no_picture() -> None:
    assert check_picture(Scene.of_anatomy(_with()), Finding("size", Verdict.PASS, "Fine.")) is None


def test_failed_checks_come_first_and_open_ones_are_not_called_passed() -> None:
    page = render_anatomy(
        _with(
            Finding("volume", Verdict.PASS, "The volume is credible."),
            Finding("canal", Verdict.NOT_CHECKED, "The canal was seen in part."),
            Finding("sides", Verdict.FAIL, "The sides are swapped."),
        )
    )
    places = [page.index(text) for text in ("are swapped", "seen in part", "is credible")]
    assert places == sorted(places)
    assert "1 checks passed, 1 failed and 1 could not be made." in page


def test_the_page_needs_nothing_else_and_runs_nothing() -> None:
    page = render_anatomy(_with())
    assert "<script" not in page
    assert NOT_A_DEVICE in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert "{{" not in page.replace("{{ 7*7 }}", "")


def test_the_same_examination_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_anatomy_page(_with(), tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_ventral_mouth_away_from_the_midline_is_lateral_on_both_sides() -> None:
    """Lateral is +x on the patient's left and -x on the right."""
    sacrum = toy_rehearsal().sacrum
    away = np.array([4.0, 0.0, 0.0])
    leaning = [
        replace(f, ventral_mouth=Points(f.ventral_mouth.xyz + f.side.sign * away, SCANNER))
        for f in sacrum.foramina
    ]
    rows = foramen_rows(replace(sacrum, foramina=tuple(leaning)))
    assert {row[1]: row[4] for row in rows} == {
        "patient's left": "4.0 mm lateral",
        "patient's right": "4.0 mm lateral",
    }
    assert all(float(row[3].split()[0]) > 0 for row in rows)
