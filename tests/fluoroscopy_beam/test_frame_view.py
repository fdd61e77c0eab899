"""A view that is taken again while cement grows: what was set before the cement stays set."""

from functools import lru_cache

import numpy as np
import pytest
from beam_bench import RECIPE, pose_of
from test_material_paths import GRID, SHAPE, patient

from sacroplasty.cement import CementField
from sacroplasty.fluoroscopy import (
    FrameView,
    LineIntegralView,
    Radiograph,
    StackedPatient,
    TakenView,
    Technique,
    expose,
    harmonised,
    level_of,
    patient_paths,
)
from sacroplasty.geometry import Volume

POSE = pose_of((64, 64), 2.0)


def cement() -> CementField:
    fraction = np.zeros(SHAPE, dtype=np.float32)
    fraction[13:16, 18:22, 20:23] = 0.8
    return CementField(Volume(fraction, GRID))


@lru_cache(maxsize=2)
def view(*, subtracting: bool = False) -> FrameView:
    paths = patient_paths(StackedPatient.of(patient()), POSE)
    return FrameView.prepared(paths, RECIPE, Technique.usual(), 5, subtracting=subtracting)


def test_levelling_counts_only_what_the_shutters_let_through() -> None:
    lit = np.zeros(POSE.shape, dtype=bool)
    lit[10:50, 8:60] = True
    flat = Radiograph(np.where(lit, np.float32(3.0), np.float32(16.0)), POSE)
    np.testing.assert_allclose(level_of(flat, lit), 0.0, atol=1e-5)
    everywhere = level_of(flat, np.ones_like(lit))
    assert np.abs(everywhere[lit]).max() > 0.5
    np.testing.assert_array_equal(harmonised(flat).line_integrals, flat.line_integrals - everywhere)


def test_cement_changes_neither_window_nor_exposure_nor_level() -> None:
    before, after = view().taken(None, "t"), view().taken(cement(), "t")
    assert (before.shown_window, before.stored_window) == (after.shown_window, after.stored_window)
    lit = view().shutters.open_part(POSE)
    for taken in (before, after):
        # What is shown is what is stored less a level that knows nothing of the cement.
        np.testing.assert_allclose(
            (taken.stored.line_integrals - taken.shown.line_integrals)[lit],
            view().level[lit],
            atol=1e-5,
        )


def test_the_same_instant_has_the_same_noise_and_another_has_another() -> None:
    one, again, later = (view().taken(cement(), t).stored for t in ("3 s", "3 s", "4 s"))
    assert np.array_equal(one.line_integrals, again.line_integrals)
    assert not np.array_equal(one.line_integrals, later.line_integrals)


def test_a_subtraction_without_cement_is_noise_about_nothing() -> None:
    change = view(subtracting=True).taken(None, "t").stored.line_integrals
    lit = view().shutters.open_part(POSE)
    spread = float(change[lit].std())
    assert spread > 0
    assert abs(float(change[lit].mean())) < 5.0 * spread / np.sqrt(lit.sum())
    assert not change[~lit].any()
    seen = view(subtracting=True).taken(cement(), "t").stored.line_integrals
    assert seen.max() > 10.0 * spread


@pytest.mark.parametrize("field", [None, cement()])
def test_both_ways_of_taking_a_picture_know_the_same_line_integrals(
    field: CementField | None,
) -> None:
    plain: TakenView = LineIntegralView(expose(patient(), None, POSE), RECIPE)
    one, other = (v.line_integrals(field).line_integrals for v in (plain, view()))
    np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-5)
    np.testing.assert_array_equal(plain.taken(field, "t").stored.line_integrals, one)
