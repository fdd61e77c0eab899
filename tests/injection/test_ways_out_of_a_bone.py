"""Where marrow leaves a closed bone, and what closes those ways: single faces, counted by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from darcy_cases import medium_of
from numpy.typing import NDArray

from sacroplasty.geometry import Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.enclosed_marrow import EnclosedMarrow
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import TipSource
from sacroplasty.reference import constant
from sacroplasty.units import mpa_s_from_pa_s

H = 1.0
SIZE = 9  # with the padding 11
MARROW = mpa_s_from_pa_s(constant("marrow_viscosity").value)
CEMENT = mpa_s_from_pa_s(100.0)
OFFSETS = np.array([1, -1, 11, -11, 121, -121], dtype=np.int64)


def row_of_bone(permeability: list[float], enclosed: list[bool]) -> BoneMedium:
    """Voxels in a row to the patient's left through the middle of a block that is tight elsewhere."""
    values = np.zeros((SIZE,) * 3)
    inside = np.zeros((SIZE,) * 3, dtype=np.bool_)
    values[4, 4, : len(permeability)] = permeability
    inside[4, 4, : len(enclosed)] = enclosed
    medium = medium_of(values, H)
    return replace(medium, enclosed=Volume(inside, medium.grid))


def cell(i: int) -> int:
    """Padded flat index of the row's voxel."""
    return int(np.ravel_multi_index((5, 5, i + 1), (11, 11, 11)))


def ways_out(medium: BoneMedium, walls: NDArray[np.uint8] | None = None) -> EnclosedMarrow:
    along = np.stack([np.pad(axis, 1).ravel() for axis in medium.along_kji_mm2[::-1]], axis=1)
    closed = np.zeros(along.shape[0], np.uint8) if walls is None else walls
    return EnclosedMarrow(medium, np.ascontiguousarray(along), closed, OFFSETS, H)


def face(here: float, there: float, viscosity: float) -> float:
    return 2.0 * here * there / (here + there) * H / viscosity


OPEN_END = row_of_bone([1e-3, 2e-3, 3e-3, 4e-3], [True, True, True, False])


def test_the_way_out_is_the_face_to_the_outside() -> None:
    nothing_full = np.full(11**3, -1, dtype=np.int64)
    expected = face(3e-3, 4e-3, MARROW)
    assert ways_out(OPEN_END).exit_conductance(nothing_full) == pytest.approx(expected)


def test_a_wall_on_that_face_closes_it() -> None:
    for f in range(6):
        walls = np.zeros(11**3, np.uint8)
        walls[cell(2)] = 1 << f
        is_way_out = f == 0  # +i, to the patient's left
        assert ways_out(OPEN_END, walls).exists is not is_way_out


@pytest.mark.parametrize(("full", "blocks"), [(0, False), (1, True), (2, True), (3, True)])
def test_cement_closes_it_from_outside_within_and_behind(full: int, blocks: bool) -> None:
    """Behind: a last voxel of marrow that cement has cut off from the rest lets nothing out."""
    slots = np.full(11**3, -1, dtype=np.int64)
    slots[cell(full)] = 0
    open_one = face(3e-3, 4e-3, MARROW)
    held = ways_out(OPEN_END).exit_conductance(slots)
    assert held < 1e-6 * open_one if blocks else held == pytest.approx(open_one)


def test_cement_between_marrow_and_an_opening_shares_its_flow_by_hand() -> None:
    """One full voxel with marrow on its right and an opening on its left.

    With q = c_e p into the bone, which the marrow leaves through G at P = q / G, and
    Q − q = c_a (p + P) out of it, p counted from P: P = Q / (G + c_a G / c_e + c_a).
    """
    k = [5e-4, 1e-3, 1e-3, 1e-3, 2e-3, 3e-3, 4e-3]
    medium = row_of_bone(k, [False, True, True, True, True, True, False])
    flow = FrontFlow(medium, PoreLaw(CEMENT))
    tip = np.array([np.ravel_multi_index((4, 4, 5), (SIZE,) * 3)])
    source = TipSource(tip, np.ones(1), 0.4, 1e-2, 0.1, 0.7)
    rate = 5.0
    flow.solve(source, rate, True)
    flow.advance(source, rate, lambda _: 0.0, math.inf)
    assert flow.filled.n == 1
    flow.solve(source, rate, True)
    bone, outside = face(k[5], k[4], CEMENT), face(k[5], k[6], CEMENT)
    out = face(k[1], k[0], MARROW)
    expected = rate / (out + outside * out / bone + outside)
    assert flow.filled.marrow_mpa == pytest.approx(expected, rel=1e-6)
    assert flow.filled.pressure[0] == pytest.approx(out * expected / bone, rel=1e-6)
