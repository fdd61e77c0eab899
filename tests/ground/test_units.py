"""Units cross at the doors only, and both ways back to where they came from."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sacroplasty import units

volumes = st.floats(min_value=1e-6, max_value=1e6)


@given(volumes)
def test_millilitres_and_cubic_millimetres_are_inverse(volume_mm3: float) -> None:
    assert units.mm3_from_ml(units.ml_from_mm3(volume_mm3)) == pytest.approx(volume_mm3)


def test_known_conversions() -> None:
    assert units.ml_from_mm3(4100.0) == 4.1
    assert units.kpa_from_mpa(0.5) == 500.0
    assert units.mm2_from_m2(1e-9) == pytest.approx(1e-3)
    assert units.mpa_s_from_pa_s(200.0) == pytest.approx(2e-4)
    assert units.rad_from_deg(180.0) == pytest.approx(math.pi)
    assert units.deg_from_rad(math.pi / 6) == pytest.approx(30.0)
