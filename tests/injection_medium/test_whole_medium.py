"""Everything at once: the front solver against a direct solver, and what the medium may read."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from darcy_network import MU, fed_pressure
from plate_cases import block, plane, tight, tube_between

import sacroplasty.injection
from box_patient import FRAME
from sacroplasty.geometry import Points, Volume
from sacroplasty.injection import BoneMedium
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import tip_source
from sacroplasty.injection.veins import Vein


def mixed_medium() -> BoneMedium:
    """Uneven anisotropic bone with a cleft askew and a vein through it."""
    grid = block(21)
    rng = np.random.default_rng(8)
    draft = tight(grid)
    even = 1e-2 * np.exp(0.8 * rng.standard_normal(draft.porosity.size))
    draft.along_mm2[:] = even * np.array([[1.2], [0.9], [1.0]])
    draft.mean_mm2[:] = np.cbrt(draft.along_mm2.prod(axis=0))
    draft.porosity[:] = 0.85
    cells = plane(grid, np.array([0.8, 0.6, 0.0]))
    draft.open_plates(cells.cells, 0.8**3 * cells.conduction_kji, 0.8 * cells.share)
    tube = tube_between(grid, np.array([-3.0, 2.0, 1.0]), np.array([8.0, 5.0, -4.0]))
    return draft.finished((Vein(tube, 0.6),))


def test_the_pressure_in_a_mixed_medium_is_that_of_a_direct_solver() -> None:
    medium = mixed_medium()
    flow = FrontFlow(medium, PoreLaw(MU))
    tip = Points.at([0.2, 0.1, -0.3], FRAME)
    source = tip_source(medium, flow.open_space, tip, 1.2)
    assert source is not None
    fed, rate = 0.0, 50.0
    while fed < 700.0:
        flow.solve(source, rate, False)
        dt, _ = flow.advance(source, rate, lambda _: 0.0, math.inf)
        assert dt > 0.0
        fed += rate * dt
    flow.solve(source, rate, False)
    filled = np.isfinite(flow.arrival_time_s)
    assert (filled & medium.vein.values).any()
    feed = np.zeros(filled.size)
    feed[source.cells] = rate * source.shares
    exact = fed_pressure(medium, filled, feed.reshape(filled.shape))
    own = flow.pressure_mpa.values
    np.testing.assert_allclose(own, exact, atol=1e-6 * exact.max())
    assert flow.cement_mm3.sum() == fed or abs(flow.cement_mm3.sum() / fed - 1.0) < 1e-9


def test_a_wall_changes_the_answer_that_the_direct_solver_confirms() -> None:
    medium = mixed_medium()
    bare = replace(medium, walls=np.zeros(medium.grid.shape, np.uint8))
    filled = np.ones(medium.grid.shape, bool)
    filled[[0, -1]] = filled[:, [0, -1]] = filled[:, :, [0, -1]] = False
    feed = np.where(medium.vein.values, 1.0, 0.0)
    with_wall, without = (fed_pressure(m, filled, feed).max() for m in (medium, bare))
    assert with_wall > 1.2 * without


def test_a_voxel_turned_on_its_side_keeps_its_answer() -> None:
    # The same medium with its array axes in another order: the axes' permeabilities go along.
    rng = np.random.default_rng(9)
    grid = block(15)
    along = 1e-3 * np.exp(0.5 * rng.standard_normal((3, 15, 15, 15)))
    first = _cloud(along, grid.shape)
    turned = _cloud(np.transpose(along[[2, 0, 1]], (0, 3, 1, 2)), grid.shape)
    np.testing.assert_allclose(turned, np.transpose(first, (2, 0, 1)), atol=1e-4)


def _cloud(along: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    grid = replace(block(15), origin_mm=(-7.0,) * 3)
    phi = Volume(np.full(shape, 0.9), grid)
    mean = Volume(np.cbrt(along.prod(axis=0)), grid)
    flow = FrontFlow(BoneMedium(phi, mean, np.ascontiguousarray(along)), PoreLaw(MU))
    source = tip_source(flow.medium, flow.open_space, Points.at([0.0, 0.0, 0.0], FRAME), 1.2)
    assert source is not None
    for _ in range(60):
        flow.solve(source, 50.0, False)
        flow.advance(source, 50.0, lambda _: 0.0, math.inf)
    return flow.cement_mm3


def test_the_room_never_reads_what_only_a_virtual_patient_knows() -> None:
    assert sacroplasty.injection.__file__ is not None
    for path in Path(sacroplasty.injection.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "sacroplasty.phantom" not in text, path.name
