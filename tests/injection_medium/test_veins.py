"""A vein carries cement as a pipe does, and keeps it from what is beside it."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from darcy_network import MU, flow_between
from numpy.typing import NDArray
from plate_cases import block, cell_mask, tube_between, with_vein

from box_patient import FRAME, toy_ct, toy_sacrum
from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Grid
from sacroplasty.injection import BoneDraw, PatientBone, prepare_bone
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import TipSource
from sacroplasty.injection.tissues import Tissue
from sacroplasty.injection.veins import Plexus, draw_veins
from sacroplasty.reference import constant

DROP, RADIUS = 0.01, 0.5
WAYS = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (1.0, 0.6, 0.3)]


def ends(way: tuple[float, float, float], length: float = 20.0) -> NDArray[np.float64]:
    unit = np.array(way) / np.linalg.norm(way)
    return np.stack([-0.5 * length * unit, 0.5 * length * unit])


@pytest.mark.parametrize("way", WAYS)
def test_a_vein_obeys_poiseuille_in_every_direction(way: tuple[float, float, float]) -> None:
    # Q = π r⁴ Δp / (8 μ L), L being the way from the first voxel of the chain to the last.
    grid = block(31)
    tube = tube_between(grid, *ends(way))
    medium = with_vein(grid, tube, RADIUS, around_mm2=0.0)
    first, last = (cell_mask(grid, cell) for cell in tube.cells[[0, -1]])
    exact = math.pi * RADIUS**4 * DROP / (8 * MU * 20.0)
    assert flow_between(medium, first, last, DROP) == pytest.approx(exact, rel=0.04)


def test_a_straight_vein_is_exact_and_goes_with_the_fourth_power_of_its_radius() -> None:
    grid = block(31)
    tube = tube_between(grid, *ends((1.0, 0.0, 0.0)))
    first, last = (cell_mask(grid, cell) for cell in tube.cells[[0, -1]])
    thin, wide = (
        flow_between(with_vein(grid, tube, r, 0.0), first, last, DROP) for r in (0.4, 0.8)
    )
    assert wide / thin == pytest.approx(16.0, rel=1e-6)
    length = tube.cells.size - 1.0
    assert thin == pytest.approx(math.pi * 0.4**4 * DROP / (8 * MU * length), rel=1e-6)


def test_the_wall_of_a_vein_keeps_flow_from_soft_tissue() -> None:
    # Tissue as permeable as the vein: without the wall most of the flow would go through it.
    grid = block(13)
    tube = tube_between(grid, *ends((1.0, 0.6, 0.3), 8.0))
    medium = with_vein(grid, tube, RADIUS, around_mm2=0.02)
    middle = cell_mask(grid, tube.cells[tube.cells.size // 2])
    edge = np.zeros(grid.shape, bool)
    edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = edge[:, :, 0] = edge[:, :, -1] = True
    walled = flow_between(medium, middle, edge, DROP)
    bare = flow_between(replace(medium, walls=np.zeros(grid.shape, np.uint8)), middle, edge, DROP)
    both_ways = 2 * math.pi * RADIUS**4 * DROP / (8 * MU * 4.0)
    assert walled == pytest.approx(both_ways, rel=0.2)
    assert bare > 5 * walled


def test_cement_that_is_fed_into_a_vein_runs_in_it_from_voxel_to_voxel() -> None:
    grid = block(21)
    tube = tube_between(grid, *ends((1.0, 0.4, 0.2), 16.0))
    medium = with_vein(grid, tube, RADIUS, around_mm2=0.02)
    flow = FrontFlow(medium, PoreLaw(MU))
    cell = tube.cells[[tube.cells.size // 2]]
    source = TipSource(cell, np.ones(1), 0.4, 0.02, 0.08, 0.7)
    fed = 0.0
    half = 0.4 * tube.cells.size * medium.porosity.values.ravel()[cell[0]]
    while fed < half:
        flow.solve(source, 1.0, False)
        dt, lost = flow.advance(source, 1.0, lambda _: 0.0, math.inf)
        assert dt > 0.0
        assert lost == 0.0
        fed += dt
    full = np.flatnonzero(flow.cement_mm3.ravel() > 0)
    assert set(full.tolist()) <= set(tube.cells.tolist())
    assert flow.cement_mm3.sum() == pytest.approx(fed)


@cache
def bone() -> PatientBone:
    sacrum = toy_sacrum()
    grid = Grid.axis_aligned((46, 52, 95), (-47.0, -26.0, -18.0), (1.0,) * 3, FRAME)
    return prepare_bone(toy_ct(sacrum), sacrum, grid)


def drawn(**changes: float) -> BoneDraw:
    return replace(BoneDraw.median(), **{"vein_seed": 7, **changes})  # type: ignore[arg-type]


def test_every_vein_begins_in_the_marrow_and_ends_outside_bone() -> None:
    labels, kind = bone().tissues.labels.ravel(), bone().tissues.kind.ravel()
    veins = draw_veins(drawn(vein_density_factor=3.0), bone().exits, bone().grid, bone().tissues)
    assert len(veins) > 8
    reached = set()
    for vein in veins:
        cells = vein.tube.cells
        assert kind[cells[0]] == Tissue.TRABECULAR
        assert labels[cells[0]] == Structure.SACRUM
        reached.add(int(labels[cells[-1]]))
        crossed = (kind[cells] == Tissue.CORTEX).sum()
        assert crossed >= 1
        low, high = constant("vein_radius").low, constant("vein_radius").high
        assert low <= vein.radius_mm <= high
    assert reached >= {int(Structure.SOFT_TISSUE), int(Structure.CANAL)}


def test_the_number_of_veins_is_that_of_the_density() -> None:
    counts = [
        len(draw_veins(drawn(vein_seed=s), bone().exits, bone().grid, bone().tissues))
        for s in range(120)
    ]
    mean = sum(
        constant(f"vein_density_{e.plexus.name.lower()}").value * e.area_mm2.sum() / 100.0
        for e in bone().exits
    )
    assert np.mean(counts) == pytest.approx(mean, abs=4 * math.sqrt(mean / 120))
    assert np.var(counts) == pytest.approx(mean, rel=0.45)


def test_the_area_of_cortex_is_that_of_the_box() -> None:
    # The toy's front, 91 × 44 mm of it in the grid, less the foramina; its canal is 13 × 11 mm.
    areas = {e.plexus: e.area_mm2.sum() for e in bone().exits}
    holes = 2 * 2 * math.pi * 4.0**2  # two levels on each side
    assert areas[Plexus.PRESACRAL] == pytest.approx(91 * 44 - holes, rel=0.06)
    assert areas[Plexus.EPIDURAL] == pytest.approx(2 * (13 + 10) * 44, rel=0.15)


def test_the_same_seed_gives_the_same_veins_and_a_higher_density_adds_to_them() -> None:
    few = draw_veins(drawn(), bone().exits, bone().grid, bone().tissues)
    again = draw_veins(drawn(), bone().exits, bone().grid, bone().tissues)
    more = draw_veins(drawn(vein_density_factor=4.0), bone().exits, bone().grid, bone().tissues)
    assert [v.tube.cells.tolist() for v in few] == [v.tube.cells.tolist() for v in again]
    kept = [v.tube.cells.tolist() for v in more]
    assert all(v.tube.cells.tolist() in kept for v in few)
    assert len(more) > len(few) > 0


def test_the_medium_marks_its_veins_and_the_median_has_none() -> None:
    assert not bone().medium(BoneDraw.median()).vein.values.any()
    medium = bone().medium(drawn(vein_density_factor=2.0))
    inside = medium.vein.values
    cortex = bone().tissues.kind == Tissue.CORTEX
    assert (inside & cortex).any()
    opened = medium.permeability_mm2.values[inside & cortex]
    low, high = constant("vein_radius").low, constant("vein_radius").high
    assert opened.min() >= math.pi * low**4 / 8
    assert opened.max() <= math.sqrt(3) * math.pi * high**4 / 8
    assert (medium.walls[inside] > 0).mean() > 0.8
