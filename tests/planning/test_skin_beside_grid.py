"""A needle from the side finds its skin in the CT where the working grid has ended before it."""

from dataclasses import replace

import numpy as np
import pytest
from toy_sacrum import Toy, build_toy, to_sacrum

from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.errors import NoSafeCorridor
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import ApproachChoice, PlanningSettings, plan_trajectories

SETTINGS = PlanningSettings(approach=ApproachChoice.TRANSILIAC, sides=(Side.LEFT,), draws=200)
CUT_MM = 78.0


def _ct(sacrum: SacrumModel) -> CTVolume:
    noise = np.random.default_rng(1).integers(-30, 30, sacrum.labels.values.shape)
    hu = np.where(sacrum.mask(Structure.OUTSIDE), -1000, 50 + noise).astype(np.int16)
    return CTVolume(hu, sacrum.labels.grid, Acquisition("0" * 64, "toy"))


def _cut(sacrum: SacrumModel) -> SacrumModel:
    """The same model on a grid that ends beside the iliac bones, short of the flanks."""
    grid = sacrum.labels.grid
    x = grid.points_at(np.stack([np.zeros(grid.shape[2])] * 2 + [np.arange(grid.shape[2])], 1)).xyz
    inside = np.flatnonzero(np.abs(x[:, 0]) < CUT_MM)
    start, stop = (0, 0, int(inside[0])), (*grid.shape[:2], int(inside[-1]) + 1)
    return replace(
        sacrum,
        labels=sacrum.labels.cropped(start, stop),
        zones=sacrum.zones.cropped(start, stop),
    )


def test_the_ct_shows_the_skin_that_the_working_grid_does_not() -> None:
    whole = build_toy(Toy(spacing_mm=2.0))
    cut, ct = _cut(whole), _ct(whole)
    needle = plan_trajectories(ct, cut, SETTINGS).needles[0].needle
    assert to_sacrum(cut, needle.entry)[0, 0] > CUT_MM
    of_whole = plan_trajectories(ct, whole, SETTINGS).needles[0].needle
    assert np.allclose(needle.tip.xyz, of_whole.tip.xyz, atol=0.1)
    assert np.allclose(needle.entry.xyz, of_whole.entry.xyz, atol=1.0)


def test_without_that_skin_there_is_no_needle_from_the_side() -> None:
    cut = _cut(build_toy(Toy(spacing_mm=2.0)))
    with pytest.raises(NoSafeCorridor, match="reaches its target"):
        plan_trajectories(_ct(cut), cut, SETTINGS)
