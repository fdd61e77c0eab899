"""Foam blocks on the bench: what is published of thin and thick, early and late cement."""

import pytest

from sacroplasty.bench.coloured_portions import portion_error_mm
from sacroplasty.bench.foam_rig import GROUPS, foam_leaks, inject_foam, leaked_g
from sacroplasty.reference import constant

WALL_M2 = 3e-14


def test_thin_cement_leaks_more_than_thick_and_early_more_than_late() -> None:
    low_early, low_late, high_early, high_late = (leaked_g(group, WALL_M2) for group in GROUPS)
    assert low_early > high_early > high_late
    assert low_early > low_late


def test_a_block_without_walls_leaks_alike_whatever_the_cement() -> None:
    """Where marrow drains freely, thickness alone changes nothing: the walls make the difference."""
    thin, _, thick, _ = (leaked_g(group, 1e-10) for group in GROUPS)
    assert thin == pytest.approx(thick, abs=0.1)


def test_all_that_is_injected_is_in_the_block_or_outside() -> None:
    run = inject_foam(GROUPS[0], WALL_M2)
    assert not run.stopped
    assert run.cement.volume_mm3 == pytest.approx(
        1000.0 * constant("foam_injected").value, rel=1e-5
    )


def test_coloured_portions_stay_apart_within_half_a_millimetre() -> None:
    """Zderic 2016: no interfusion between portions that are injected one after the other."""
    assert portion_error_mm(37.0) < 0.5


@pytest.mark.slow
def test_published_leaks_of_two_predicted_groups_are_met_and_one_is_not() -> None:
    """Habib 2010: walls set by one group; the prior of how fast thin cement ages misses one."""
    leaks = foam_leaks()
    for leak in leaks:
        print(f"{leak.group.cement}, {leak.group.minutes} min: {leak.modelled_g:.2f} g", leak)
    met = [leak.published_low_g <= leak.modelled_g <= leak.published_high_g for leak in leaks]
    assert met == [True, False, True, True]
