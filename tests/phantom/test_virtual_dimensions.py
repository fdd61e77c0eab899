"""Drawn sizes follow the published table."""

from dataclasses import fields

import numpy as np
import pytest

from sacroplasty.errors import BadUsage
from sacroplasty.phantom import PatientDimensions, PatientRequest, Sex, draw_dimensions
from sacroplasty.phantom.dimensions import row_name
from sacroplasty.reference import constant

DRAWS = 60


@pytest.mark.parametrize("sex", list(Sex))
def test_means_lie_within_the_standard_error_of_the_table_and_draws_within_its_range(
    sex: Sex,
) -> None:
    rng = np.random.default_rng(11)
    drawn = [draw_dimensions(sex, 78, rng) for _ in range(DRAWS)]
    for field in fields(PatientDimensions):
        row = constant(row_name(field.name, sex))
        values = np.array([getattr(d, field.name) for d in drawn])
        sd = (row.high - row.low) / 4.0
        # 28 rows: 3.3 standard errors keeps the chance of a false alarm below 3 %.
        assert abs(values.mean() - row.value) < 3.3 * sd / np.sqrt(DRAWS), field.name
        assert values.min() >= row.low, field.name
        assert values.max() <= row.high, field.name


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
