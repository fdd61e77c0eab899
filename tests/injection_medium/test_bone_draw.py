"""What is drawn has the spread that the tables say, and every number can be held on its own."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from sacroplasty.errors import BadInput
from sacroplasty.injection import BoneDraw, BoneLaws, HounsfieldLine, KozenyCarman, PowerLaw
from sacroplasty.injection.bone_laws import kozeny_carman, porosity_from_hu
from sacroplasty.injection.bone_noise import correlated_noise
from sacroplasty.provenance import digest
from sacroplasty.reference import constant


def test_the_median_is_the_middle_of_every_prior_and_draws_nothing() -> None:
    median = BoneDraw.median()
    assert median == BoneDraw.median()
    assert median.permeability_factor == 0.25
    assert median.noise_seed is None
    assert median.vein_seed is None
    assert median.cleft_aperture_mm == constant("cleft_aperture").value


def test_draws_have_the_median_and_the_spread_of_the_tables() -> None:
    rng = np.random.default_rng(3)
    draws = [BoneDraw.drawn(rng) for _ in range(3000)]
    for name, median, sigma in (
        ("permeability_factor", 0.25, 1.1),
        ("loose_tissue_factor", 1.0, constant("loose_tissue_sigma").value),
        ("cortex_factor", 1.0, constant("cortex_sigma").value),
        ("vein_density_factor", 1.0, constant("vein_density_sigma").value),
    ):
        logs = np.log([getattr(draw, name) for draw in draws])
        assert logs.mean() == pytest.approx(math.log(median), abs=4 * sigma / math.sqrt(3000))
        assert logs.std() == pytest.approx(sigma, rel=0.06)
    for name, row in (("cleft_aperture_mm", "cleft_aperture"), ("tract_gap_mm", "tract_gap")):
        values = np.array([getattr(draw, name) for draw in draws])
        assert np.median(values) == pytest.approx(constant(row).value, rel=0.06)
        assert values.min() >= constant(row).low
        assert values.max() <= constant(row).high


def test_the_same_generator_gives_the_same_draw_and_another_another() -> None:
    one, two = (BoneDraw.drawn(np.random.default_rng(5)) for _ in range(2))
    assert digest(one) == digest(two)
    assert digest(one) != digest(BoneDraw.drawn(np.random.default_rng(6)))


def test_one_number_is_replaced_and_the_others_stay() -> None:
    draw = BoneDraw.drawn(np.random.default_rng(5))
    other = replace(draw, cleft_aperture_mm=1.0)
    changed = [f.name for f in fields(draw) if getattr(draw, f.name) != getattr(other, f.name)]
    assert changed == ["cleft_aperture_mm"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("cleft_aperture_mm", -0.1), ("permeability_factor", 0.0), ("permeability_factor", math.nan),
     ("tract_gap_mm", -1.0), ("vein_density_factor", math.inf), ("noise_sigma", -0.5),
     ("vein_radius_mm", 0.0), ("noise_seed", -1)],
)  # fmt: skip
def test_impossible_numbers_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(BadInput, match=name):
        replace(BoneDraw.median(), **{name: value})  # type: ignore[arg-type]


def test_the_noise_is_standard_normal_with_its_correlation_length() -> None:
    fields_ = [correlated_noise(seed, (40, 40, 40), 2.5) for seed in range(12)]
    values = np.stack(fields_)
    assert values.mean() == pytest.approx(0.0, abs=0.02)
    assert values.std() == pytest.approx(1.0, abs=0.02)
    for steps in (1, 2, 3):
        for axis in (1, 2, 3):
            together = (values * np.roll(values, steps, axis)).mean()
            assert together == pytest.approx(math.exp(-((steps / 2.5) ** 2)), abs=0.03)


def test_the_noise_belongs_to_its_seed() -> None:
    one, again, other = (correlated_noise(s, (9, 8, 7), 2.0) for s in (4, 4, 5))
    assert (one == again).all()
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.5


def test_the_default_laws_are_the_chain_that_was_there() -> None:
    hu = np.arange(-150.0, 1400.0, 7.0)
    laws = BoneLaws()
    np.testing.assert_allclose(laws.porosity(hu), porosity_from_hu(hu), rtol=1e-12)
    porosity = porosity_from_hu(hu)
    np.testing.assert_array_equal(laws.permeability(porosity), kozeny_carman(porosity))


def test_the_published_power_law_passes_through_both_ends_of_its_range() -> None:
    law = PowerLaw.nauman1999()
    ends = law(1.0 - np.array([0.05, 0.35]))
    np.testing.assert_allclose(ends, [2.0e-2, 2.68e-5], rtol=1e-6)
    # It lies below Kozeny–Carman by the factor of five to ten and more that the tables speak of.
    porosity = np.array([0.8, 0.9])
    ratio = KozenyCarman()(porosity) / law(porosity)
    assert ((ratio > 5) & (ratio < 100)).all()


def test_another_calibration_gives_another_porosity() -> None:
    hu = np.array([60.0, 120.0])
    denser = HounsfieldLine(bmd_per_hu=0.95)(hu)
    assert (denser < HounsfieldLine()(hu)).all()


@pytest.mark.parametrize(
    "bad",
    [lambda: BoneLaws(si_over_ap=0.0), lambda: HounsfieldLine(bmd_per_hu=-0.8),
     lambda: PowerLaw(1.0, 0.0, 2.0), lambda: BoneLaws(si_over_ap=math.nan)],
)  # fmt: skip
def test_impossible_laws_are_refused(bad: object) -> None:
    with pytest.raises(BadInput):
        bad()  # type: ignore[operator]
