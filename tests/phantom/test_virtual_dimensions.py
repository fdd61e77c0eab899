"""Drawn sizes follow the published table."""

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.errors import BadUsage
from sacroplasty.phantom import PatientDimensions, PatientRequest, Sex, draw_dimensions
from sacroplasty.phantom.dimensions import row_name, row_sd
from sacroplasty.reference import constant

DRAWS = 400
# 28 sizes × 2 sexes × 2 moments: 3.8 standard errors keep the chance of a false alarm near 2 %.
STANDARD_ERRORS = 3.8
# A normal distribution cut at 3 SD has 0.9866 of its SD.
CUT_AT_3_SD = 0.9866
# Mean and SD as printed (CT of 632 adults, CT of 78 women, radiographs of 709 adults, 27 dry sacra).
PUBLISHED = {
    "sacral_slope": (39.5, 7.8),
    "sacral_height": (98.0, 9.2),
    "interauricular_width": (108.7, 11.0),
    "s1_body_width": (40.3, 7.0),
    "auricular_height": (56.2, 4.6),
    "s1_dorsal_foramen_offset": (22.9, 2.8),
    "s1_dorsal_foramen_width": (8.5, 1.6),
    "s2_dorsal_foramen_width": (7.5, 1.8),
    "s2_dorsal_foramen_spacing": (29.8, 2.7),
    "iliac_crest_above_sacral_base": (38.0, 8.0),
}


def drawn(sex: Sex) -> dict[str, NDArray[np.float64]]:
    """400 patients of 78 years, size by size."""
    rng = np.random.default_rng(11)
    patients = [draw_dimensions(sex, 78, rng) for _ in range(DRAWS)]
    return {
        f.name: np.array([getattr(p, f.name) for p in patients]) for f in fields(PatientDimensions)
    }


def assert_follows(values: NDArray[np.float64], mean: float, sd: float, name: str) -> None:
    """The sample's mean and SD lie within their standard errors of the distribution's."""
    assert abs(values.mean() - mean) < STANDARD_ERRORS * sd / np.sqrt(DRAWS), name
    error_of_sd = sd / np.sqrt(2.0 * DRAWS)
    assert abs(values.std(ddof=1) - CUT_AT_3_SD * sd) < STANDARD_ERRORS * error_of_sd, name


def test_mean_and_sd_of_women_are_those_of_the_published_table() -> None:
    women = drawn(Sex.FEMALE)
    for name, (mean, sd) in PUBLISHED.items():
        assert_follows(women[name], mean, sd, name)


@pytest.mark.parametrize("sex", list(Sex))
def test_mean_and_sd_are_those_of_the_rows_and_no_draw_is_freakish(sex: Sex) -> None:
    for name, values in drawn(sex).items():
        row = constant(row_name(name, sex))
        sd = row_sd(row_name(name, sex))
        assert_follows(values, row.value, sd, name)
        assert np.abs(values - row.value).max() <= 3.0 * sd, name
        assert np.abs(values - row.value).max() > 2.0 * sd, name


def test_a_size_without_a_published_sd_is_marked_unverified() -> None:
    for sex in Sex:
        for f in fields(PatientDimensions):
            row = constant(row_name(f.name, sex))
            if row.status != "unverified":
                assert f.name in PUBLISHED, f.name


def test_bone_is_lost_with_age_and_faster_in_women() -> None:
    def density(sex: Sex, age: int) -> float:
        return draw_dimensions(sex, age, np.random.default_rng(5)).trabecular_density_insufficiency

    female = density(Sex.FEMALE, 60) - density(Sex.FEMALE, 80)
    male = density(Sex.MALE, 60) - density(Sex.MALE, 80)
    assert female == pytest.approx(20 * constant("trabecular_loss_female").value)
    assert 0 < male < female


def test_an_impossible_age_is_refused() -> None:
    with pytest.raises(BadUsage, match="40–105"):
        PatientRequest(age_years=12)
