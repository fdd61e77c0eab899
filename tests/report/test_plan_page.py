"""The plan page shows each needle where it is, on its own side, and says what it does not know."""

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from numpy.typing import NDArray
from toy_rehearsal import toy_rehearsal

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report import write_plan_page
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.plan_page import NeedleCard, needle_card, render_plan
from sacroplasty.adapters.report.plan_pictures import (
    along_pictures,
    barrel_pictures,
    slice_pictures,
)
from sacroplasty.adapters.report.plan_tables import passed_rows, room_rows
from sacroplasty.adapters.report.plan_words import carm_phrase, sagittal_angle
from sacroplasty.adapters.report.risk_chart import risk_chart
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.anatomy import Side
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway import CasePlan, Examination
from sacroplasty.planning import (
    CArmAngles,
    OwnNeedle,
    PlannedNeedle,
    PlanningSettings,
    plan_own_needles,
)

HOSTILE = "<script>alert(1)</script>\" onload='x' {{ 7*7 }}"
NUMBERS = ("margin_neural", "needle_outer_diameter_11g")


def _case(pseudonym: str = "TOY-1", *findings: Finding) -> CasePlan:
    toy = toy_rehearsal(pseudonym)
    plan = replace(toy.plan, findings=findings or toy.plan.findings)
    return CasePlan(toy.examination, plan, PlanningSettings(), NUMBERS)


def _with_needle(case: CasePlan, planned: PlannedNeedle) -> CasePlan:
    return replace(case, plan=replace(case.plan, needles=(planned,)))


def _of(case: CasePlan, side: Side) -> PlannedNeedle:
    return next(planned for planned in case.plan.needles if planned.side is side)


def _card_of(case: CasePlan, planned: PlannedNeedle) -> NeedleCard:
    return needle_card(case, Scene.of_plan(case), planned)


def _with_wire(case: CasePlan, planned: PlannedNeedle) -> CasePlan:
    """The same patient with a metal wire where the needle is to go, and nothing else that shows."""
    seen = case.examination
    grid = seen.ct.grid
    xyz = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).xyz
    entry, tip = planned.needle.entry.single, planned.needle.tip.single
    share = np.clip((xyz - entry) @ (tip - entry) / ((tip - entry) @ (tip - entry)), 0.0, 1.0)
    away = np.linalg.norm(xyz - (entry + share[:, None] * (tip - entry)), axis=1)
    hu = np.where(away < 2.0, 3000, -1000).astype(np.int16).reshape(grid.shape)
    ct = CTVolume(hu, grid, seen.ct.acquisition)
    shown = Examination(ct, seen.sacrum, seen.density, None, None, seen.pseudonym)
    return replace(_with_needle(case, planned), examination=shown)


def _bright_mm(picture: Picture) -> NDArray[np.float64]:
    """Where the picture is bright, (n, 2) x and y in mm of the picture, by another PNG reader."""
    data = re.findall(r"base64,([^\"]+)", picture.svg)[0]
    pixels = imread(io.BytesIO(base64.b64decode(data)), format="png")
    width = float(re.findall(r'viewBox="0 0 ([\d.]+)', picture.svg)[0])
    rows, columns = np.nonzero(pixels > 0.5)
    return np.asarray((np.stack([columns, rows], axis=1) + 0.5) * width / pixels.shape[1])


def _shaft_mm(picture: Picture) -> NDArray[np.float64]:
    """The corners of the shaft as it is drawn, (n, 2)."""
    path = re.findall(r'class="shaft" d="M([^Z]+)Z', picture.svg)[0]
    return np.array([[float(v) for v in corner.split(",")] for corner in path.split(" ")])


def _ends(points: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two ends of an elongated cloud of points: mean position of its outermost slices."""
    walked = points @ along
    first = points[walked < walked.min() + 1.5].mean(axis=0)
    last = points[walked > walked.max() - 1.5].mean(axis=0)
    return np.stack([first, last])


@pytest.fixture(scope="module")
def page() -> str:
    return render_plan(_case(HOSTILE))


@pytest.mark.parametrize("side", list(Side))
def test_the_drawn_shaft_covers_a_wire_laid_in_the_ct_from_entry_to_target(side: Side) -> None:
    case = _case()
    case = _with_wire(case, _of(case, side))
    planned = case.plan.needles[0]
    for picture in along_pictures(Scene.of_plan(case), case.plan, planned):
        wire, shaft = _bright_mm(picture), _shaft_mm(picture)
        spread = np.linalg.svd(wire - wire.mean(axis=0), full_matrices=False)[2][0]
        np.testing.assert_allclose(_ends(shaft, spread), _ends(wire, spread), atol=2.0)
        np.testing.assert_allclose(shaft.mean(axis=0), wire.mean(axis=0), atol=1.0)


@pytest.mark.parametrize("side", list(Side))
def test_the_ticks_of_skin_and_target_lie_at_the_ends_of_the_wire(side: Side) -> None:
    case = _case()
    case = _with_wire(case, _of(case, side))
    planned = case.plan.needles[0]
    for picture in along_pictures(Scene.of_plan(case), case.plan, planned):
        ticks = re.findall(r'tick-mark" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)', picture.svg)
        says = re.findall(r'class="depth"[^>]*>([^<]+)<', picture.svg)
        middles = {
            text.rsplit(" ", 2)[0]: np.array([float(a) + float(c), float(b) + float(d)]) / 2
            for (a, b, c, d), text in zip(ticks, says, strict=True)
        }
        wire = _bright_mm(picture)
        for place in ("skin", "target"):
            word = "assumed skin" if place == "skin" and "skin" not in middles else place
            assert np.linalg.norm(wire - middles[word], axis=1).min() < 1.5
        reach = np.linalg.norm(middles["target"] - middles["cortex"])
        assert reach == pytest.approx(planned.needle.length_mm - 25.0, abs=0.3)


def test_a_shaft_is_drawn_as_thick_as_its_gauge() -> None:
    case = _case()
    planned = _of(case, Side.LEFT)
    picture = along_pictures(Scene.of_plan(case), case.plan, planned)[0]
    corners = _shaft_mm(picture)
    along = np.linalg.svd(corners - corners.mean(axis=0), full_matrices=False)[2]
    across = (corners - corners.mean(axis=0)) @ along[1]
    assert np.ptp(across) == pytest.approx(planned.needle.gauge.outer_diameter_mm, abs=0.1)


@pytest.mark.parametrize(("side", "sign"), [(Side.LEFT, 1), (Side.RIGHT, -1)])
def test_a_left_needle_lies_on_the_right_of_axial_slices(side: Side, sign: int) -> None:
    case = _case()
    case = _with_wire(case, _of(case, side))
    scene = Scene.of_plan(case)
    for picture in slice_pictures(scene, case.plan, case.plan.needles[0]):
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', picture.svg)[0])
        assert sign * (_bright_mm(picture)[:, 0].mean() - width / 2) > 5.0
        assert re.search(r'class="edge" x="[\d.]+" y="[\d.]+" text-anchor="end">L<', picture.svg)
        ring = re.findall(r'class="tip" cx="([\d.]+)"', picture.svg)[0]
        assert sign * (float(ring) - width / 2) > 5.0


def test_cuts_along_a_needle_are_hung_as_a_radiologist_hangs_them() -> None:
    """From the feet with left on the right; from the patient's left with anterior on the left."""
    case = _case()
    scene = Scene.of_plan(case)
    for planned in case.plan.needles:
        axial, sagittal = along_pictures(scene, case.plan, planned)
        assert re.search(r'text-anchor="end">L<', axial.svg)
        assert re.search(r'text-anchor="start">A<', sagittal.svg)
        assert re.search(r'text-anchor="middle">H<', sagittal.svg)
        assert ("axial plane" in axial.title, "sagittal plane" in sagittal.title) == (True, True)


def test_down_the_barrel_a_left_needle_is_seen_with_left_on_the_left() -> None:
    """A short-axis needle is looked along from behind, as the operator stands."""
    case = _case()
    for picture in barrel_pictures(Scene.of_plan(case), case.plan, _of(case, Side.LEFT)):
        assert re.search(r'text-anchor="start">L<', picture.svg)
        assert re.search(r'text-anchor="middle">H<', picture.svg)


def test_the_way_from_the_midline_to_the_entry_is_as_long_as_it_says() -> None:
    case = _case()
    for planned in case.plan.needles:
        entry = slice_pictures(Scene.of_plan(case), case.plan, planned)[0]
        start, end = re.findall(r'class="measure" d="M([\d.]+) [\d.]+H([\d.]+)"', entry.svg)[0]
        assert float(end) - float(start) == pytest.approx(40.0 * planned.side.sign, abs=0.2)
        assert f"40 mm from the midline on the patient's {planned.side}" in entry.caption


def test_a_mirrored_needle_is_told_with_left_and_right_swapped() -> None:
    case = _case()
    left, right = (room_rows(case.plan, _of(case, side)) for side in (Side.LEFT, Side.RIGHT))
    swapped = [(name, text.replace("left", "right")) for name, text in left]
    told = [(name, text.replace("left", "right")) for name, text in right]
    assert swapped == told
    sides = [re.findall("left|right", text) for _, text in left]
    mirrored = [re.findall("left|right", text) for _, text in right]
    other = {"left": "right", "right": "left"}
    assert [[other[word] for word in words] for words in sides] == mirrored
    assert sum(map(len, sides)) >= 3


def _own(side: Side) -> CasePlan:
    """The symmetric toy with one needle of the operator's, measured and guided by the planner."""
    seen = toy_rehearsal().examination
    ends = [
        Points.at((x * side.sign, y, z), seen.ct.frame)
        for x, y, z in ((44.0, 44.0, -6.0), (30.0, -6.0, 10.0))
    ]
    settings = PlanningSettings(draws=100)
    plan = plan_own_needles(seen.ct, seen.sacrum, (OwnNeedle(ends[0], ends[1]),), settings)
    return CasePlan(seen, plan, settings, NUMBERS)


def test_a_mirrored_patient_gets_the_mirrored_page() -> None:
    """What the planner measures of the mirrored needle is told and drawn mirrored."""
    left, right = (_card_of(case, case.plan.needles[0]) for case in map(_own, Side))
    assert (left.side, right.side) == ("patient's left", "patient's right")
    swap = {"left": "right", "right": "left"}
    told = [(name, re.sub("left|right", lambda m: swap[m[0]], text)) for name, text in left.room]
    assert told == right.room
    assert [row.nominal for row in left.passed] == [row.nominal for row in right.passed]
    for drawn, mirrored in zip(
        (left.along[0], *left.slices), (right.along[0], *right.slices), strict=True
    ):
        width = float(re.findall(r'viewBox="0 0 ([\d.]+)', drawn.svg)[0])
        there, here = (_marked_mm(picture) for picture in (mirrored, drawn))
        np.testing.assert_allclose(there[:, 0], width - here[:, 0], atol=0.3)
        np.testing.assert_allclose(there[:, 1], here[:, 1], atol=0.3)


def _marked_mm(picture: Picture) -> NDArray[np.float64]:
    """Where ticks and rings stand in a picture, (n, 2) mm."""
    ticks = re.findall(r'tick-mark" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)', picture.svg)
    rings = re.findall(r'class="tip" cx="([\d.]+)" cy="([\d.]+)"', picture.svg)
    middles = [((float(a) + float(c)) / 2, (float(b) + float(d)) / 2) for a, b, c, d in ticks]
    return np.array(middles + [(float(x), float(y)) for x, y in rings])


def test_the_section_of_a_left_needle_names_the_left_as_its_side(page: str) -> None:
    left, right = page.index('id="needle-1"'), page.index('id="needle-2"')
    heading = '<small class="own-side">patient&#39;s {}</small>'
    assert heading.format("left") in page[left:right]
    assert heading.format("right") not in page[left:right]
    assert heading.format("right") in page[right:]


def test_a_transiliac_needle_says_what_it_crosses() -> None:
    case = _case()
    short = _of(case, Side.LEFT)
    kept = {k: v for k, v in short.clearance_mm.items() if k != "si_joint"}
    case = _with_needle(case, replace(short, approach="transiliac", clearance_mm=kept))
    rows = {row.structure: row for row in passed_rows(case.plan, case.plan.needles[0])}
    assert rows["the SI joint"].nominal == rows["the ilium"].nominal == "crossed"
    assert rows["the SI joint"].verdict is None
    card = _card_of(case, case.plan.needles[0])
    assert card.crossed == "the SI joint and the ilium"
    assert ("Crosses on purpose", card.crossed) in card.room
    assert "on purpose" not in " ".join(row.says for row in passed_rows(_case().plan, short))


def test_a_structure_that_was_not_measured_is_listed_with_the_reason() -> None:
    says = "The distance to the sacral canal was not measured (below the scan); look at it."
    case = _case("TOY-1", Finding("left S1: clearance canal", Verdict.NOT_CHECKED, says))
    left = _of(case, Side.LEFT)
    kept = {k: v for k, v in left.clearance_mm.items() if k != "canal"}
    rows = passed_rows(case.plan, replace(left, clearance_mm=kept))
    row = next(row for row in rows if row.structure == "the sacral canal")
    assert (row.nominal, row.verdict, row.says) == ("not measured", Verdict.NOT_CHECKED, says)


def test_a_margin_that_is_not_kept_fails_beside_its_number(page: str) -> None:
    row = re.search(r'<th scope="row">the foramina</th>.*?</tr>', page, re.DOTALL)
    assert row is not None
    for words in ("2.1 mm", "at least 3.0 mm", "fail", "−0.4 mm", "4.0 % (3.0–5.4)"):
        assert words in row.group()


def test_an_entry_on_skin_that_is_not_imaged_is_called_assumed() -> None:
    unseen = Finding("left S1: skin entry", Verdict.NOT_CHECKED, "Skin not imaged.")
    case = _case("TOY-1", unseen)
    left, right = (_card_of(case, planned) for planned in case.plan.needles)
    assert (left.skin_imaged, right.skin_imaged) == (False, True)
    assert all("assumed skin 0 mm" in picture.svg for picture in left.along)
    assert "Entry on assumed skin" in dict(left.room)
    assert not any("assumed" in picture.svg for picture in right.along)


def test_the_words_of_angles_follow_their_signs() -> None:
    planned = _of(_case(), Side.LEFT)
    down = replace(planned, guidance=replace(planned.guidance, sagittal_angle_deg=-12.0))
    assert sagittal_angle(down) == "12° from the axial plane, tip towards the feet"
    assert carm_phrase(CArmAngles(-20.0, 35.0)) == "20° to the patient's right, 35° to the head"
    assert carm_phrase(CArmAngles(0.2, 0.1)) == "straight above the back"


def test_every_dot_of_the_chart_lies_in_its_interval_and_the_likeliest_stands_first() -> None:
    chart = risk_chart(_of(_case(), Side.LEFT))
    spans = re.findall(r'class="interval" d="M([\d.]+) [\d.]+H([\d.]+)"', chart)
    dots = [float(x) for x in re.findall(r'class="share" cx="([\d.]+)"', chart)]
    assert len(dots) == 6
    for (low, high), dot in zip(spans, dots, strict=True):
        assert float(low) <= dot <= float(high)
    assert dots[0] == max(dots)
    assert chart.index("touches the foramina") < chart.index("touches the sacral canal")


def test_a_hostile_pseudonym_stays_text(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


def test_the_page_needs_nothing_else_and_says_that_it_is_no_device(page: str) -> None:
    assert page.index(NOT_A_DEVICE) < page.index("<h1>")
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert "url(" not in page
    assert not re.search(r"https?://", page)


def test_a_failed_check_is_counted_and_an_unchecked_one_is_no_pass(page: str) -> None:
    assert "One check failed and 1 could not be made, which is no pass." in page
    assert page.index("Too near.") < page.index("The scan does not reach the skin.")


def test_unverified_numbers_are_listed_first(page: str) -> None:
    assert "2 of 2 numbers from the literature are unverified" in page


def test_a_plan_of_own_needles_says_that_nothing_else_was_searched(page: str) -> None:
    assert "no other path was searched" in page


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, page: str) -> None:
    write_plan_page(_case(HOSTILE), tmp_path / "plan.html")
    assert (tmp_path / "plan.html").read_bytes() == page.encode()
    assert [path.name for path in tmp_path.iterdir()] == ["plan.html"]
