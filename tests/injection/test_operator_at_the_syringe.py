"""What the operator does: rate, pressure, patience, drawing the needle back."""

from typing import Any

import numpy as np
import pytest

from box_patient import toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.cement import CementRecipe, recipe
from sacroplasty.errors import BadInput
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import Drive, InjectionRun, InjectionSettings, inject
from sacroplasty.planning import PlannedNeedle


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def ct(sacrum: SacrumModel) -> CTVolume:
    return toy_ct(sacrum)


def one(ct: CTVolume, sacrum: SacrumModel, needle: PlannedNeedle, **settings: Any) -> InjectionRun:
    """One needle with the usual cement."""
    plan = toy_plan(needle)
    return inject(ct, sacrum, plan, recipe("medium viscosity"), InjectionSettings(**settings))


def test_at_its_pressure_limit_a_hand_injects_slower(ct: CTVolume, sacrum: SacrumModel) -> None:
    free = one(ct, sacrum, toy_needle(Side.LEFT)).timeline
    half = float(np.interp(1500.0, free.volume_mm3, free.syringe_pressure_mpa))
    run = one(ct, sacrum, toy_needle(Side.LEFT), max_syringe_pressure_mpa=half)
    line = run.timeline
    assert line.syringe_pressure_mpa.max() == pytest.approx(half, rel=0.006)
    assert (line.rate_mm3_per_s[:20] == 50.0).all()
    assert line.rate_mm3_per_s[-1] < 45.0
    assert line.time_s[-1] > free.time_s[-1] + 1.0
    assert run.injected_mm3[0] == pytest.approx(3000.0)


def test_a_hand_too_weak_stalls_and_says_so(ct: CTVolume, sacrum: SacrumModel) -> None:
    plan = toy_plan(toy_needle(Side.LEFT))
    weak = InjectionSettings(max_syringe_pressure_mpa=0.2)
    run = inject(ct, sacrum, plan, recipe("high viscosity"), weak)
    assert 200.0 < run.injected_mm3[0] < 2000.0
    assert run.timeline.rate_mm3_per_s[-1] == 0.0
    stop = next(f for f in run.findings if f.check == "planned volume injected")
    assert stop.verdict is Verdict.FAIL
    assert "stalled at the pressure limit of 0.2 MPa" in stop.says


def test_an_injection_that_takes_too_long_ends_and_says_so(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    run = one(ct, sacrum, toy_needle(Side.LEFT), longest_s=20.0)
    assert run.injected_mm3[0] == pytest.approx(1000.0, rel=0.05)
    assert any("time limit" in f.says for f in run.findings)


def test_pressure_driven_cement_flows_as_fast_as_the_syringe_allows(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    run = one(ct, sacrum, toy_needle(Side.LEFT), drive=Drive.PRESSURE, max_syringe_pressure_mpa=0.3)
    line = run.timeline
    np.testing.assert_allclose(line.syringe_pressure_mpa[1:], 0.3, rtol=0.006)
    assert line.rate_mm3_per_s[2] > line.rate_mm3_per_s[-1]
    assert run.injected_mm3[0] == pytest.approx(3000.0)


def test_a_newtonian_cement_draws_the_same_cloud_at_every_rate(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    plan = toy_plan(toy_needle(Side.LEFT, 1.0))
    oil = CementRecipe.of_constant_viscosity("oil", 100.0, 0.3, 1.5)
    fast, slow = (
        inject(ct, sacrum, plan, oil, InjectionSettings(rate_ml_per_s=rate))
        for rate in (0.05, 0.025)
    )
    np.testing.assert_allclose(slow.cement.fraction.values, fast.cement.fraction.values, atol=1e-4)
    ratio = fast.timeline.syringe_pressure_mpa[-1] / slow.timeline.syringe_pressure_mpa[-1]
    assert ratio == pytest.approx(2.0, rel=1e-4)


def test_a_cement_that_ages_makes_the_slow_hand_push_nearly_as_hard(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    fast = one(ct, sacrum, toy_needle(Side.LEFT)).timeline
    slow = one(ct, sacrum, toy_needle(Side.LEFT), rate_ml_per_s=0.025).timeline
    # Half the rate, half the shear: √½ of the pressure, but a minute older.
    ratio = slow.syringe_pressure_mpa[-1] / fast.syringe_pressure_mpa[-1]
    assert 2**-0.5 < ratio < 1.2


def test_a_needle_that_is_drawn_back_spreads_the_cement_along_its_path(
    ct: CTVolume, sacrum: SacrumModel
) -> None:
    still = one(ct, sacrum, toy_needle(Side.LEFT))
    drawn = one(ct, sacrum, toy_needle(Side.LEFT), withdraw_mm_per_ml=4.0)
    assert drawn.mass_error < 1e-6
    assert drawn.injected_mm3[0] == pytest.approx(3000.0)
    # The shaft of the toy's needle runs dorsal, along y; the tip comes back by 12 mm in all.
    middle = []
    for run in (still, drawn):
        cement = run.cement.fraction.values
        y = run.cement.fraction.grid.points_at(np.argwhere(cement > 0)).xyz[:, 1]
        middle.append(float(np.average(y, weights=cement[cement > 0])))
    assert middle[1] - middle[0] == pytest.approx(6.0, abs=2.0)
    tract = drawn.porosity.values - still.porosity.values
    assert tract.min() > -1e-6
    assert (drawn.cement.fraction.values <= drawn.porosity.values + 1e-6).all()


def test_cement_that_has_set_is_not_injected(ct: CTVolume, sacrum: SacrumModel) -> None:
    with pytest.raises(BadInput, match="has set"):
        one(ct, sacrum, toy_needle(Side.LEFT), waited_s=3000.0)
