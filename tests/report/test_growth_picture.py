"""The growing picture: cement on its own side, frame by frame, the same bytes each time."""

import io
from dataclasses import replace

import numpy as np
import pytest
from injected_toy import ball, dated_leak, toy_injection, with_cement_in
from numpy.typing import NDArray
from PIL import Image

from sacroplasty.adapters.report.gif import encode_gif
from sacroplasty.adapters.report.growth import Growth, film_growth
from sacroplasty.adapters.report.growth_instants import growth_instants
from sacroplasty.adapters.report.growth_panels import PANEL_PIXELS, FrontView, tip_panels
from sacroplasty.adapters.report.growth_state import GrowingCement
from sacroplasty.adapters.report.palette import CEMENT
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.anatomy import Side
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway import CaseInjection

RGB = NDArray[np.uint8]


@pytest.fixture(scope="module")
def case() -> CaseInjection:
    return toy_injection(leaks=(dated_leak(),))


@pytest.fixture(scope="module")
def film(case: CaseInjection) -> Growth:
    return film_growth(case, steps=4)


def _orange(picture: RGB) -> NDArray[np.bool_]:
    """Pixels that are drawn in the cement's own colour, whatever lies under it."""
    red, green, blue = (picture[..., c].astype(float) for c in range(3))
    return np.asarray((red > 120) & (red > 1.6 * green) & (green > 1.15 * blue))


def _views(frame: RGB) -> dict[str, RGB]:
    """The four views of a frame, cut out by their place on the sheet."""
    top, left = frame.shape[0] - 20 - 2 * PANEL_PIXELS - 4, PANEL_PIXELS + 4
    return {
        "axial": frame[top : top + PANEL_PIXELS, :PANEL_PIXELS],
        "coronal": frame[top : top + PANEL_PIXELS, left:],
        "sagittal": frame[top + left : top + left + PANEL_PIXELS, :PANEL_PIXELS],
        "front": frame[top + left : top + left + PANEL_PIXELS, left:],
    }


@pytest.mark.parametrize("side", list(Side))
def test_cement_on_the_patients_left_is_on_the_viewers_right(
    side: Side, case: CaseInjection
) -> None:
    tip = next(p.needle.tip for p in case.plan.needles if p.side is side)
    one_sided = with_cement_in(case, ball(case, tuple(tip.single)))
    film = film_growth(one_sided, steps=1)
    before, after = _views(film.frames[0]), _views(film.frames[-1])
    shown = {name: _orange(after[name]) for name in ("axial", "coronal")}
    # Bone veils cement in the rendering, so it is found by what it changes.
    shown["front"] = np.abs(after["front"].astype(int) - before["front"]).sum(axis=-1) > 30
    for name, cement in shown.items():
        columns = np.nonzero(cement)[1]
        assert columns.size > 30, name
        on_the_right = columns.mean() > PANEL_PIXELS / 2
        assert on_the_right == (side is Side.LEFT), name


@pytest.mark.parametrize("side", list(Side))
def test_cement_covers_a_bead_that_lies_at_the_same_place_in_the_ct(
    side: Side, case: CaseInjection
) -> None:
    """The second route: the scan itself tells where the side is, not the cement."""
    planned = next(p for p in case.plan.needles if p.side is side)
    inside = ball(case, tuple(planned.needle.tip.single))
    seen = case.examination
    assert inside.shape == seen.ct.grid.shape
    hu = np.where(inside, 3000, -1000).astype(np.int16)
    bead = replace(seen, ct=CTVolume(hu, seen.ct.grid, seen.ct.acquisition))
    shown = replace(with_cement_in(case, inside), examination=bead)
    bare = replace(Scene.of_injection(shown), masks={}, needles=())
    growing = GrowingCement(shown.run, shown.sacrum).at(120.0)
    for panel in tip_panels(bare, planned):
        white = (panel.bare > 200).all(axis=-1)
        cement = _orange(panel.with_cement(growing))
        assert white.sum() > 300
        centres = [np.argwhere(mask).mean(axis=0) for mask in (white, cement)]
        assert np.linalg.norm(centres[0] - centres[1]) < 4.0, panel.name


def test_cement_only_grows_from_frame_to_frame(film: Growth) -> None:
    fronts = [_views(frame)["front"].astype(int) for frame in film.frames]
    seen = [int((np.abs(front - fronts[0]).sum(axis=-1) > 30).sum()) for front in fronts]
    assert seen[0] < seen[-1]
    assert seen == sorted(seen)


def test_the_instants_go_from_the_first_drop_to_the_last(case: CaseInjection) -> None:
    instants = growth_instants(case.run, 10)
    volumes = [instant.volume_ml for instant in instants]
    assert volumes[0] == 0.0
    assert volumes == sorted(volumes)
    assert volumes[-1] == pytest.approx(case.run.timeline.volume_mm3[-1] / 1000.0)
    assert {instant.needle for instant in instants} == {0, 1}


def test_the_gif_loops_for_ever_and_holds_every_frame(film: Growth) -> None:
    with Image.open(io.BytesIO(film.gif)) as gif:
        assert gif.n_frames == len(film.frames)  # type: ignore[attr-defined]
        assert gif.info["loop"] == 0
        assert gif.size == film.frames[0].shape[1::-1]
        assert len(film.gif) < 3_000_000
        gif.seek(gif.n_frames - 1)  # type: ignore[attr-defined]
        read = np.asarray(gif.convert("RGB")).astype(float)
    assert np.abs(read - film.frames[-1]).mean() < 6.0


def test_the_same_injection_gives_the_same_gif(case: CaseInjection, film: Growth) -> None:
    assert film_growth(case, steps=4).gif == film.gif


def test_frames_that_do_not_change_cost_next_to_nothing() -> None:
    rng = np.random.default_rng(1)
    frame = rng.integers(0, 256, (60, 60, 3)).astype(np.uint8)
    moved = frame.copy()
    moved[30, 30] = 255 - moved[30, 30]
    one, three = encode_gif([frame], [50]), encode_gif([frame, moved, frame], [50] * 3)
    assert len(three) < 1.5 * len(one)


def test_cement_is_drawn_in_the_colour_of_the_legend(film: Growth) -> None:
    red, green, blue = CEMENT.rgb
    assert red > 1.6 * green > 1.6 * 1.15 * blue


@pytest.mark.parametrize("side", list(Side))
def test_a_leak_is_ringed_where_its_cement_lies_and_on_its_own_side(
    side: Side, case: CaseInjection
) -> None:
    """Cement in front of one ala: the ring by what it adds to the picture, the place by the leak."""
    planned = next(p for p in case.plan.needles if p.side is side)
    x, y, z = planned.needle.tip.single.tolist()
    shown = with_cement_in(case, ball(case, (x, y - 24.0, z)))
    growing = GrowingCement(shown.run, shown.sacrum).at(120.0)
    assert len(growing.places) == 1
    assert growing.places[0].single[0] * side.sign > 0
    assert (growing.places[0].single[0] - x) == pytest.approx(0.0, abs=1.0)
    leaked = growing.leaked.grid.points_at(np.argwhere(growing.leaked.values)).xyz
    assert (leaked[:, 0] * side.sign > 0).all()
    bare = replace(growing, places=())
    scene = Scene.of_injection(shown)
    axial = tip_panels(scene, planned)[0]  # it passes through tip and leak alike
    for view in (axial, FrontView(scene)):
        ring = np.argwhere((view.with_cement(growing) != view.with_cement(bare)).any(axis=-1))
        assert len(ring) > 20
        assert (ring.mean(axis=0)[1] > PANEL_PIXELS / 2) == (side is Side.LEFT)


def test_titles_and_words_name_the_side_of_needle_and_leak(
    case: CaseInjection, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def note(sheet: RGB, lines: list[str], _size: int, _top: int) -> RGB:
        written.extend(lines)
        return sheet

    monkeypatch.setattr("sacroplasty.adapters.report.growth.write_lines", note)
    instants = film_growth(case, steps=1).instants
    heads = [line for line in written if "needle " in line and "of" in line]
    assert [head.split("needle ")[1] for head in heads] == [
        case.plan.needles[instant.needle].name for instant in instants
    ]
    assert "leak: foramen S1 patient's right" in written
    assert not any("left" in line for line in written if line.startswith("leak"))
    scene = Scene.of_injection(case)
    for planned in case.plan.needles:
        names = [panel.name for panel in tip_panels(scene, planned)]
        assert all(f"{planned.side} S1 tip" in name for name in names)


def test_the_cuts_pass_through_the_tip_of_the_needle_that_injects(
    case: CaseInjection, film: Growth
) -> None:
    scene, cement = Scene.of_injection(case), GrowingCement(case.run, case.sacrum)
    assert {instant.needle for instant in film.instants} == {0, 1}
    for instant, frame in zip(film.instants, film.frames, strict=True):
        panels = tip_panels(scene, case.plan.needles[instant.needle])
        sagittal = panels[2].with_cement(cement.at(instant.time_s))
        assert np.array_equal(_views(frame)["sagittal"], sagittal)
