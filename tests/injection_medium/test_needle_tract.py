"""The way back along the needle is a slot around its shaft."""

import math
from dataclasses import replace

import numpy as np
import pytest
from darcy_network import MU, flow_between
from plate_cases import block, cell_mask, tight

from box_patient import FRAME, toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Side, Structure
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Points
from sacroplasty.injection import BoneDraw, BoneLaws, InjectionSettings, inject, prepare_bone
from sacroplasty.injection.needle_tract import (
    annulus_area_mm2,
    annulus_conduction_mm4,
    needle_tract,
)
from sacroplasty.planning import Needle, NeedleGauge

DROP, GAP = 0.01, 0.2


@pytest.mark.parametrize("way", [(0.0, 1.0, 0.0), (0.5, 1.0, 0.0), (0.3, 1.0, 0.5)])
def test_the_gap_along_a_shaft_conducts_as_a_slot(way: tuple[float, float, float]) -> None:
    # Q = π d b³ Δp / (12 μ L)
    grid = block(31)
    unit = np.array(way) / np.linalg.norm(way)
    needle = Needle(
        Points.at(12.0 * unit, FRAME), Points.at(-12.0 * unit, FRAME), NeedleGauge.of(11)
    )
    shaft = needle.gauge.outer_diameter_mm
    tube = needle_tract(needle, grid, np.ones(grid.shape, bool))
    draft = tight(grid)
    draft.open_tract(
        tube,
        tube.permeability_mm2(annulus_conduction_mm4(shaft, GAP), 1.0),
        tube.void_share(annulus_area_mm2(shaft, GAP), 1.0),
    )
    medium = draft.finished(())
    tip, skin = (cell_mask(grid, cell) for cell in tube.cells[[0, -1]])
    exact = math.pi * shaft * GAP**3 * DROP / (12 * MU * 24.0)
    assert flow_between(medium, tip, skin, DROP) == pytest.approx(exact, rel=0.04)
    assert medium.tract.values.sum() == tube.cells.size


def test_a_slot_round_a_shaft_is_the_annulus_of_the_textbook() -> None:
    # G = (π/8) (R⁴ − r⁴ − (R² − r²)² / ln(R/r)) for the full annulus.
    r = 1.5
    for gap, off in ((0.05, 0.04), (0.3, 0.21)):
        big = r + gap
        full = math.pi / 8 * (big**4 - r**4 - (big**2 - r**2) ** 2 / math.log(big / r))
        assert annulus_conduction_mm4(2 * r, gap) == pytest.approx(full, rel=off)


def test_cement_comes_back_along_a_loose_needle_and_not_along_a_tight_one() -> None:
    sacrum = toy_sacrum()
    ct = toy_ct(sacrum)
    plan = toy_plan(toy_needle(Side.RIGHT, 3.0, (32.0, 14.0, 5.0)))
    median = BoneDraw.median()
    runs = {
        gap: inject(
            ct, sacrum, plan, recipe("low viscosity"),
            InjectionSettings(bone=replace(median, tract_gap_mm=gap)),
        )
        for gap in (0.0, 0.3)
    }  # fmt: skip
    assert not runs[0.0].leaks.leaks
    cement = runs[0.3].cement.fraction
    kji = np.argwhere(cement.values > 0)
    xyz = cement.grid.points_at(kji).xyz
    behind = xyz[:, 1] > 21.0
    assert behind.any()
    assert (
        np.abs(xyz[behind][:, [0, 2]] - [-32.0, 5.0]).max() <= 4.0
    )  # around the shaft, on its side


def test_a_tip_without_room_and_one_outside_the_grid_are_refused() -> None:
    sacrum = toy_sacrum()
    ct = toy_ct(sacrum)
    grid = Grid.axis_aligned((30, 30, 30), (17.0, -15.0, -10.0), (1.0,) * 3, FRAME)
    needle = toy_needle(Side.LEFT).needle

    def solid(hu: np.ndarray) -> np.ndarray:
        return np.zeros_like(hu)

    with pytest.raises(BadInput, match="porosity of 0"):
        prepare_bone(ct, sacrum, grid, needles=[needle], laws=BoneLaws(porosity=solid))
    with pytest.raises(BadInput, match="outside the flow grid"):
        prepare_bone(ct, sacrum, grid, needles=[toy_needle(Side.RIGHT).needle])
    assert sacrum.labels.at(needle.tip, order=0)[0] == Structure.SACRUM
