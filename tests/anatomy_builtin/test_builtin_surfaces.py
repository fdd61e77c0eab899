"""The surface search finds a sheet that is known."""

import numpy as np

from sacroplasty.anatomy.builtin.dark_gap import gap_and_bone
from sacroplasty.anatomy.builtin.solid_bone import filled_bone, largest_solid
from sacroplasty.anatomy.builtin.surface_search import cheapest_surface


def test_a_noisy_tilted_sheet_is_found_within_one_step() -> None:
    u, v = np.indices((30, 40))
    truth = 10.0 + 0.3 * u + 0.1 * v
    depth = np.arange(32.0)
    cost = np.minimum(np.abs(depth - truth[..., None]) / 3.0, 1.0)
    cost += np.random.default_rng(4).normal(0.0, 0.2, cost.shape)
    found = cheapest_surface(cost.astype(np.float32), 0.12)
    assert np.abs(found - truth).max() < 1.6
    assert np.abs(found - truth).mean() < 0.5


def test_a_gap_is_as_deep_as_its_lower_wall() -> None:
    line = np.full((1, 1, 21), 100.0, dtype=np.float32)
    line[..., 7], line[..., 13] = 400.0, 250.0
    gap, bone = gap_and_bone(line, 5)
    assert gap[0, 0, 5] == np.float32((250.0 - 100.0) / 300.0)
    assert bone[0, 0, 2] > 1.0


def test_marrow_is_filled_and_a_wide_canal_stays_open() -> None:
    k, j, i = np.indices((60, 60, 80)) * 1.25
    marrow_shell = np.hypot(j - 37, i - 30)
    shell = (np.abs(marrow_shell - 14) < 1.5) & (np.abs(k - 37) < 25)
    shell |= (marrow_shell < 15.5) & (np.abs(np.abs(k - 37) - 25) < 1.5)
    shell &= ~((np.abs(j - 37) < 3) & (i > 30) & (np.abs(k - 37) < 3))
    canal = (np.abs(np.hypot(j - 37, i - 70) - 9) < 1.5) & (np.abs(k - 37) < 25)
    solid = filled_bone(shell | canal, 1.25)
    assert solid[30, 30, 24]
    assert not solid[30, 30, 56]


def test_a_vessel_that_touches_bone_is_let_go() -> None:
    k, j, i = np.indices((50, 50, 60)) * 1.25
    bone = np.hypot(np.hypot(j - 30, i - 25), k - 30) < 15
    vessel = (np.hypot(j - 30, k - 30) < 0.8) & (i > 39)
    found = largest_solid(bone | vessel, np.ones_like(bone), 1.25)
    assert found[24, 24, 20]
    assert not (found & vessel & (i > 48)).any()
