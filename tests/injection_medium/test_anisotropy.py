"""Bone lets cement through along the sacrum's axis more easily than across it."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from box_patient import FRAME, toy_sacrum
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.injection import BoneMedium
from sacroplasty.injection.driving import Feed
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_course import NeedleCourse, NeedleFlow
from sacroplasty.injection.needle_tip import NeedleTip
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import TipSource
from sacroplasty.injection.tissue_permeability import grid_anisotropy
from sacroplasty.planning import Needle, NeedleGauge

MU, PHI, K, RATE = 200e-6, 0.9, 1e-3, 50.0
LAW = PoreLaw(MU)


def medium_of(shape: tuple[int, int, int], along_kji: NDArray[np.float64]) -> BoneMedium:
    """Even bone with a permeability for each array axis."""
    nk, nj, ni = shape
    grid = Grid.axis_aligned(shape, (-(ni // 2), -(nj // 2), -(nk // 2)), (1.0,) * 3, FRAME)
    mean = float(np.cbrt(along_kji.prod()))
    return BoneMedium(
        Volume(np.full(shape, PHI), grid),
        Volume(np.full(shape, mean), grid),
        np.multiply.outer(along_kji, np.ones(shape)),
    )


def ball(medium: BoneMedium, ml: float, law: PoreLaw = LAW) -> tuple[FrontFlow, NeedleFlow]:
    """A needle in the middle."""
    flow = FrontFlow(medium, law)
    needle = Needle(
        Points.at([0.0, 60.0, 0.0], FRAME), Points.at([0.0, 0.0, 0.0], FRAME), NeedleGauge.of(11)
    )
    feed = Feed(RATE, ml * 1000.0, lambda _rate, _age: 0.0)
    course = NeedleCourse(flow, NeedleTip(needle), feed, lambda _: 0.0)
    return flow, course.run(lambda _: None)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_plane_flow_takes_the_permeability_of_its_axis(axis: int) -> None:
    # p = Q μ L / (K_a A) behind a front that has come to L.
    along = np.array([1e-3, 5e-4, 2e-3])
    shape = tuple(30 if a == axis else 1 for a in range(3))
    flow = FrontFlow(medium_of((shape[0], shape[1], shape[2]), along), LAW)
    source = TipSource(np.array([0]), np.ones(1), 1.0, K, 1.0 / (4 * math.pi), PHI)
    while flow.filled.n < 20:
        flow.solve(source, RATE, False)
        flow.advance(source, RATE, lambda _: 0.0, math.inf)
    pressure = flow.solve(source, RATE, False)[0]
    # From the middle of the first voxel to the middle of the one that is filling.
    assert pressure == pytest.approx(RATE * MU * 20.0 / along[axis], rel=1e-6)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_ball_becomes_the_ellipsoid_of_stretched_coordinates(order: tuple[int, ...]) -> None:
    # With x' = x √(K/K_a) the flow is isotropic, so the front is an ellipsoid with the half axes
    # R √(K_a/K), R³ = 3V/(4πφ); its second moments are R_a²/5.
    ratios = np.array([2.0, 1.0, 0.5])[list(order)]
    flow, _ = ball(medium_of((37, 37, 37), K * ratios), 3.0)
    cement = flow.cement_mm3
    radius = (3 * 3000.0 / (4 * math.pi * PHI)) ** (1 / 3)
    for axis, ratio in enumerate(ratios):
        far = np.indices(cement.shape)[axis] - 18.0
        spread = math.sqrt((cement * far**2).sum() / cement.sum())
        assert spread == pytest.approx(radius * math.sqrt(ratio / 5.0), rel=0.03)


def test_pressure_of_a_needle_in_anisotropic_bone_is_that_of_the_mean_permeability() -> None:
    # det K is kept, so the far field of a point source is; the tip itself is not resolved.
    _, even = ball(medium_of((37, 37, 37), np.full(3, K)), 2.0)
    s = 1.28
    _, askew = ball(medium_of((37, 37, 37), K * np.array([s, 1, 1]) / s ** (1 / 3)), 2.0)
    assert askew.tip_pressure_mpa[-1] == pytest.approx(even.tip_pressure_mpa[-1], rel=0.02)


def test_one_permeability_given_three_times_is_the_isotropic_medium_to_the_bit() -> None:
    rng = np.random.default_rng(2)
    shape = (27, 27, 27)
    grid = Grid.axis_aligned(shape, (-13.0,) * 3, (1.0,) * 3, FRAME)
    k = Volume(K * np.exp(0.5 * rng.standard_normal(shape)), grid)
    phi = Volume(np.full(shape, PHI), grid)
    law = PoreLaw(300e-6, 200.0, 0.4, 0.1, 0.075, 2.0)
    plain, given = (
        ball(medium, 1.0, law)[0]
        for medium in (
            BoneMedium(phi, k),
            BoneMedium(phi, k, np.stack([k.values] * 3), np.zeros(shape, np.uint8)),
        )
    )
    np.testing.assert_array_equal(plain.arrival_time_s, given.arrival_time_s)
    np.testing.assert_array_equal(plain.pressure_mpa.values, given.pressure_mpa.values)


def test_the_sacrums_axis_is_found_in_every_grid() -> None:
    sacrum = toy_sacrum().scanner_from_sacrum
    upright = Grid.axis_aligned((3, 3, 3), (0.0,) * 3, (1.0,) * 3, FRAME)
    # a = 1.28^(−1/3) across and a × 1.28 along the axis, which is k here
    np.testing.assert_allclose(
        grid_anisotropy(sacrum, upright, 1.28), np.array([1.28, 1, 1]) / 1.28 ** (1 / 3)
    )
    sagittal = np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])  # i runs dorsal, j cranial, k left
    lying = Grid((3, 3, 3), (0.0,) * 3, (1.0,) * 3, sagittal, FRAME)
    factors = grid_anisotropy(sacrum, lying, 1.28)
    assert factors[1] > 1.0 > factors[0] == pytest.approx(factors[2])
    np.testing.assert_array_equal(grid_anisotropy(sacrum, lying, 1.0), np.ones(3))


@pytest.mark.parametrize("tilt", [0.0, 30.0, 45.0, 90.0])
def test_a_tilted_sacrum_shares_its_ease_between_two_axes(tilt: float) -> None:
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    turn = np.array([[1.0, 0, 0], [0, c, -s], [0, s, c]])
    rigid = Rigid(turn, np.zeros(3), to=FRAME, source=Frame("own"))
    grid = Grid.axis_aligned((3, 3, 3), (0.0,) * 3, (1.0,) * 3, FRAME)
    k, j, i = grid_anisotropy(rigid, grid, 1.28)
    assert k * j * i == pytest.approx(1.0)
    assert k / j == pytest.approx((1.28 * c**2 + s**2) / (c**2 + 1.28 * s**2))


def test_a_medium_whose_parts_do_not_fit_is_refused() -> None:
    medium = medium_of((3, 4, 5), np.full(3, K))
    with pytest.raises(BadInput, match="must fit its grid"):
        BoneMedium(medium.porosity, medium.permeability_mm2, np.ones((3, 5, 4, 3)))
    with pytest.raises(BadInput, match="along the axes"):
        BoneMedium(medium.porosity, medium.permeability_mm2, -medium.along_kji_mm2)
