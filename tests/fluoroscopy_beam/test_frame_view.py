"""A view that is taken again while cement grows: what was set before the cement stays set."""

from functools import lru_cache

import numpy as np
import pytest
from beam_bench import FRAME, RECIPE, pose_of
from test_material_paths import GRID, SHAPE, patient

from sacroplasty.cement import CementField
from sacroplasty.fluoroscopy import (
    FrameView,
    Inserted,
    LineIntegralView,
    Radiograph,
    StackedPatient,
    TakenView,
    Technique,
    expose,
    level_of,
    patient_paths,
)
from sacroplasty.geometry import Points, Volume
from sacroplasty.planning import Needle, NeedleGauge

POSE = pose_of((64, 64), 2.0)


def cement() -> CementField:
    fraction = np.zeros(SHAPE, dtype=np.float32)
    fraction[13:16, 18:22, 20:23] = 0.8
    return CementField(Volume(fraction, GRID))


def needle(back_mm: float = 0.0) -> Needle:
    """Askew through the body, drawn back along itself."""
    entry, tip = np.array([30.0, 55.0, 18.0]), np.array([4.0, 2.0, -3.0])
    back = back_mm * (entry - tip) / np.linalg.norm(entry - tip)
    return Needle(Points(entry + back, FRAME), Points(tip + back, FRAME), NeedleGauge.of(11))


@lru_cache(maxsize=2)
def view(*, subtracting: bool = False) -> FrameView:
    paths = patient_paths(StackedPatient.of(patient()), POSE)
    return FrameView.prepared(paths, RECIPE, Technique.usual(), 5, subtracting=subtracting)


def test_levelling_counts_only_what_the_shutters_let_through() -> None:
    lit = np.zeros(POSE.shape, dtype=bool)
    lit[10:50, 8:60] = True
    flat = Radiograph(np.where(lit, np.float32(3.0), np.float32(16.0)), POSE)
    np.testing.assert_allclose(level_of(flat, lit, share=0.7), 0.0, atol=1e-5)
    everywhere = level_of(flat, np.ones_like(lit), share=0.7)
    assert np.abs(everywhere[lit]).max() > 0.5
    np.testing.assert_array_equal(level_of(flat, lit, share=0.0), 0.0)


def test_cement_changes_neither_window_nor_exposure_nor_level() -> None:
    before, after = view().taken(Inserted(), "t"), view().taken(Inserted(cement()), "t")
    assert (before.shown_window, before.stored_window) == (after.shown_window, after.stored_window)
    lit = view().shutters.open_part(POSE)
    for taken in (before, after):
        # What is shown is what is stored less a level that knows nothing of the cement.
        np.testing.assert_allclose(
            (taken.stored.line_integrals - taken.shown.line_integrals)[lit],
            view().screen.level[lit],
            atol=1e-5,
        )


def test_the_same_instant_has_the_same_noise_and_another_has_another() -> None:
    one, again, later = (view().taken(Inserted(cement()), t).stored for t in ("3 s", "3 s", "4 s"))
    assert np.array_equal(one.line_integrals, again.line_integrals)
    assert not np.array_equal(one.line_integrals, later.line_integrals)


def test_a_subtraction_without_cement_is_noise_about_nothing() -> None:
    change = view(subtracting=True).taken(Inserted(), "t").stored.line_integrals
    lit = view().shutters.open_part(POSE)
    spread = float(change[lit].std())
    assert spread > 0
    assert abs(float(change[lit].mean())) < 5.0 * spread / np.sqrt(lit.sum())
    assert not change[~lit].any()
    seen = view(subtracting=True).taken(Inserted(cement()), "t").stored.line_integrals
    assert seen.max() > 10.0 * spread


@pytest.mark.parametrize(
    "inserted",
    [Inserted(), Inserted(cement()), Inserted(None, (needle(),)), Inserted(cement(), (needle(),))],
)
def test_both_ways_of_taking_a_picture_know_the_same_line_integrals(inserted: Inserted) -> None:
    plain: TakenView = LineIntegralView(expose(patient(), None, POSE), RECIPE)
    one, other = (v.line_integrals(inserted).line_integrals for v in (plain, view()))
    np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-5)
    np.testing.assert_array_equal(plain.taken(inserted, "t").stored.line_integrals, one)


def masked_with(*needles: Needle, subtracting: bool = False) -> FrameView:
    paths = patient_paths(StackedPatient.of(patient()), POSE)
    return FrameView.prepared(
        paths, RECIPE, Technique.usual(), 5, needles=needles, subtracting=subtracting
    )


def on_steel(at: Needle) -> np.ndarray:
    return masked_with().line_integrals(Inserted(None, (at,))).line_integrals > (
        masked_with().line_integrals(Inserted()).line_integrals + 0.3
    )


def test_a_needle_changes_neither_beam_nor_level_nor_window() -> None:
    bare, pinned = masked_with(), masked_with(needle())
    assert bare.beam == pinned.beam
    assert bare.screen.window == pinned.screen.window
    np.testing.assert_array_equal(bare.screen.level, pinned.screen.level)
    seen = pinned.taken(Inserted(None, (needle(),)), "t").shown.line_integrals
    without = bare.taken(Inserted(), "t").shown.line_integrals
    steel = on_steel(needle())
    assert (seen - without)[steel].mean() > 0.3
    assert abs(float((seen - without)[~steel].mean())) < 0.02


def test_a_needle_that_stays_is_in_the_mask_and_cancels() -> None:
    stays = masked_with(needle(), subtracting=True).taken(Inserted(cement(), (needle(),)), "t")
    bare = masked_with(subtracting=True).taken(Inserted(cement(), (needle(),)), "t")
    steel = on_steel(needle())
    steel &= np.asarray(view().line_integrals(Inserted(cement())).line_integrals) == np.asarray(
        view().line_integrals(Inserted()).line_integrals
    )
    assert steel.sum() > 20
    noise = float(stays.stored.line_integrals[~steel].std())
    assert abs(float(stays.stored.line_integrals[steel].mean())) < noise
    assert bare.stored.line_integrals[steel].mean() > 0.3, "a mask without it shows the steel"


def test_a_needle_that_is_drawn_back_leaves_its_trace_in_the_subtraction() -> None:
    back = needle(back_mm=12.0)
    change = masked_with(needle(), subtracting=True).taken(Inserted(None, (back,)), "t")
    left, now = on_steel(needle()) & ~on_steel(back), on_steel(back) & ~on_steel(needle())
    assert change.stored.line_integrals[left].mean() < -0.2
    assert change.stored.line_integrals[now].mean() > 0.2
