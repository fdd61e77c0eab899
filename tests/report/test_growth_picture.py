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
from sacroplasty.adapters.report.growth_panels import PANEL_PIXELS, tip_panels
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
