"""Cement that ages: the first cement in is the oldest, and waiting makes it thicker."""

import math

import numpy as np
import pytest
from darcy_cases import MU, PHI, K, column_source, course_of, feed_of, medium_of, source_at

from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw

AGEING = PoreLaw(MU, ageing_time_s=200.0)
# In the body cement ages twice as fast as in the syringe.
BODY = 2.0


def syringe_age(time_s: float) -> float:
    """150 s old at the first drop."""
    return 150.0 + time_s


def test_age_in_a_column_is_the_time_since_the_needle() -> None:
    rate, length = 0.5, 40
    flow = FrontFlow(medium_of(np.full((1, 1, 60), K), 1.0), AGEING, BODY)
    course_of(flow, column_source(), feed_of(length * PHI, rate), syringe_age).run(lambda _: None)
    end = length * PHI / rate
    # A voxel hands on what it holds: its age is that of the cement that leaves it.
    in_body = PHI * (1.0 + np.arange(length)) / rate
    expected = 150.0 + end - in_body + BODY * in_body
    found = flow.age_s[0, 0, :length]
    np.testing.assert_allclose(found[:30], expected[:30], atol=PHI / rate)
    # The grid blurs the leading edge over about √40 voxels, towards the younger cement behind it.
    assert 0.0 < expected[-1] - found[-1] < 2.0 * math.sqrt(length) * PHI / rate
    assert (np.diff(found) > 0).all()


def test_no_age_is_lost_or_made() -> None:
    chance = np.random.default_rng(3)
    permeability = K * np.exp(chance.normal(0.0, 1.0, (25, 25, 25)))
    law = PoreLaw(MU, ageing_time_s=200.0, exponent=0.5)
    flow = FrontFlow(medium_of(permeability, 1.0), law, BODY)
    feed = feed_of(1500.0)
    course_of(flow, source_at(flow, (0.2, 0.1, 0.0)), feed, syringe_age).run(lambda _: None)
    found = float((flow.age_s * flow.cement_mm3).sum())
    time, rate = flow.now_s, feed.rate_mm3_per_s
    expected = rate * (150.0 * time + 0.5 * time**2) + BODY * rate * time**2 / 2
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_oldest_and_thickest_cement_is_at_the_front() -> None:
    flow = FrontFlow(medium_of(np.full((31, 31, 31), K), 1.0), AGEING, BODY)
    course = course_of(flow, source_at(flow, (0.0, 0.0, 0.0)), feed_of(3000.0), syringe_age)
    course.run(lambda _: None)
    age = flow.age_s[15, 15, 15:24]
    assert (np.diff(age) > 0).all()
    # Cement at r has been in the body for 4π r³ φ / (3 Q).
    radius = np.arange(3, 9)
    in_body = 4 / 3 * math.pi * radius**3 * PHI / 50.0
    expected = 150.0 + flow.now_s - in_body + BODY * in_body
    np.testing.assert_allclose(age[radius], expected, atol=5.0)


@pytest.mark.parametrize("exponent", [1.0, 0.5])
def test_a_pause_thickens_by_its_time(exponent: float) -> None:
    law = PoreLaw(MU, ageing_time_s=200.0, exponent=exponent)
    flow = FrontFlow(medium_of(np.full((31, 31, 31), K), 1.0), law, BODY)
    source = source_at(flow, (0.0, 0.0, 0.0))
    # The syringe stands at body temperature, so that all cement thickens alike.
    course = course_of(flow, source, feed_of(3000.0), lambda t: 150.0 + BODY * t)
    while course.delivered_mm3 < 1500.0:
        course.step()
    before = course.record().tip_pressure_mpa[-1]
    course.rest(60.0)
    after = course.record().tip_pressure_mpa[-1]
    assert after / before == pytest.approx(math.exp(60.0 * BODY / 200.0), rel=1e-5)
    assert course.delivered_mm3 == pytest.approx(flow.cement_mm3.sum(), rel=1e-9)


def test_cement_thickens_up_to_that_of_cured_cement() -> None:
    law = PoreLaw(MU, ageing_time_s=10.0, most_viscosity_mpa_s=100 * MU)
    assert law.consistency_at(1e9) == pytest.approx(100 * MU)
    assert law.consistency_at(10.0) == pytest.approx(math.e * MU)
