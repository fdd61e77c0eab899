"""A foam block with one leak path: the published bench test of thin against thick cement.

Habib and others (2010) pushed a low- and a high-viscosity cement into a foam with one leak path,
earlier or later after mixing, and weighed what leaked. What the abstract tells is four masses; the
block's size, path, rate and volume are our assumptions (`foam_constants.csv`). How tight the
block's walls are is not known either, and decides how much the marrow in it is held up: it is set
so that *one* of the four groups, thick cement injected early, comes out as published; the other
three are then predicted.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sacroplasty.cement import PreparedCement, recipe
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.injection import BlockRun, BoneMedium, inject_block
from sacroplasty.planning import Needle, NeedleGauge
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3, mm2_from_m2

_FRAME = Frame("1.2.826.0.1.3680043.8.498.2010")
_MARGIN = 6  # voxels of free space around the block
_MM = 1.0
_GAUGE = 11
_ROOM_C = 22.0
# Tightness of the walls is looked for between these permeabilities, in m².
_TIGHTEST, _WIDEST = 1e-16, 1e-10


@dataclass(frozen=True, slots=True)
class FoamGroup:
    """A cement, injected so long after mixing began, and the row of its published leak."""

    cement: str
    minutes: float
    row: str


GROUPS = (
    FoamGroup("low viscosity", 3.5, "foam_leak_low_early"),
    FoamGroup("low viscosity", 9.5, "foam_leak_low_late"),
    FoamGroup("high viscosity", 3.5, "foam_leak_high_early"),
    FoamGroup("high viscosity", 6.5, "foam_leak_high_late"),
)
_FITTED = GROUPS[2]


@dataclass(frozen=True, slots=True)
class FoamLeak:
    """Leaked mass of a group, modelled and published; fitted: the group that set the walls."""

    group: FoamGroup
    modelled_g: float
    published_g: float
    published_low_g: float
    published_high_g: float
    fitted: bool


def foam_block(wall_m2: float) -> BoneMedium:
    """The block around the origin: foam in tight walls, with the leak path to the left (+x)."""
    size = _size()
    block, inner = slice(_MARGIN, size - _MARGIN), slice(_MARGIN + 1, size - _MARGIN - 1)
    permeability = np.full((size,) * 3, _open_path_mm2())
    permeability[block, block, block] = mm2_from_m2(wall_m2)
    permeability[inner, inner, inner] = mm2_from_m2(constant("foam_permeability").value)
    half = round(constant("foam_leak_path_width").value / 2.0 / _MM - 0.5)
    middle = size // 2
    across = slice(middle - half, middle + half + 1)
    start = middle + round(constant("foam_leak_path_from_tip").value / _MM)
    permeability[across, across, start : size - _MARGIN] = _open_path_mm2()
    enclosed = np.zeros((size,) * 3, dtype=np.bool_)
    enclosed[block, block, block] = True
    return replace(_foam(permeability), enclosed=Volume(enclosed, _grid()))


def free_block() -> BoneMedium:
    """Even foam without walls, as large as the block with its surroundings."""
    return _foam(np.full((_size(),) * 3, mm2_from_m2(constant("foam_permeability").value)))


def _size() -> int:
    """Voxels along an edge of the block with its surroundings."""
    return round(constant("foam_edge").value / _MM) + 2 * _MARGIN


def _grid() -> Grid:
    size = _size()
    return Grid.axis_aligned((size,) * 3, (-(size // 2) * _MM,) * 3, (_MM,) * 3, _FRAME)


def _foam(permeability_mm2: NDArray[np.float64]) -> BoneMedium:
    porosity = np.full(permeability_mm2.shape, constant("foam_porosity").value)
    return BoneMedium(Volume(porosity, _grid()), Volume(permeability_mm2, _grid()))


def _open_path_mm2() -> float:
    """Permeability of the bare path, d²/32: Hagen–Poiseuille for a bore of its width."""
    return constant("foam_leak_path_width").value ** 2 / 32.0


def straight_needle() -> Needle:
    """From above onto the middle of the block."""
    return Needle(
        Points.at([0.0, 0.0, 100.0], _FRAME), Points.at([0.0, 0.0, 0.0], _FRAME),
        NeedleGauge.of(_GAUGE),
    )  # fmt: skip


def inject_foam(group: FoamGroup, wall_m2: float) -> BlockRun:
    """One group's injection, at the temperature of the room."""
    cement = PreparedCement(recipe(group.cement), 60.0 * group.minutes, _ROOM_C)
    return inject_block(
        foam_block(wall_m2), straight_needle(), cement, constant("foam_injected").value,
        constant("foam_rate").value, _ROOM_C,
    )  # fmt: skip


def leaked_g(group: FoamGroup, wall_m2: float) -> float:
    """Mass of the cement outside the block."""
    run = inject_foam(group, wall_m2)
    fraction = run.cement.fraction
    size = fraction.grid.shape[0]
    block = slice(_MARGIN, size - _MARGIN)
    outside = fraction.values.astype(np.float64).copy()
    outside[block, block, block] = 0.0
    volume_ml = ml_from_mm3(float(outside.sum()) * fraction.grid.voxel_mm3)
    return volume_ml * recipe(group.cement).density_g_per_ml


def foam_leaks() -> tuple[FoamLeak, ...]:
    """The four groups, with the walls fitted to one of them."""
    published = constant(_FITTED.row).value
    log_wall = brentq(
        lambda log: leaked_g(_FITTED, 10.0**log) - published,
        np.log10(_TIGHTEST), np.log10(_WIDEST), xtol=0.02,
    )  # fmt: skip
    return tuple(_leak(group, 10.0**log_wall) for group in GROUPS)


def _leak(group: FoamGroup, wall_m2: float) -> FoamLeak:
    row = constant(group.row)
    return FoamLeak(group, leaked_g(group, wall_m2), row.value, row.low, row.high, group is _FITTED)
