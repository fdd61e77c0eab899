"""Made-up CTs of body parts that hold no sacrum, for the refusals."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume

_STEP_MM = 2.5


def ct_of(hu: NDArray[np.generic], spacing_mm: float = _STEP_MM) -> CTVolume:
    """A CT of an array (k, j, i) on a plain grid."""
    grid = Grid.axis_aligned(hu.shape, (-50.0, 30.0, 700.0), (spacing_mm,) * 3, Frame("1.2.3"))
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("0" * 64, "made up"))


def _axes(shape: tuple[int, int, int]) -> tuple[NDArray[np.float64], ...]:
    """z, y, x in mm from the middle."""
    return tuple(
        np.asarray((np.indices(shape)[a] - (n - 1) / 2) * _STEP_MM) for a, n in enumerate(shape)
    )


def _noise(shape: tuple[int, ...], seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0.0, 15.0, shape)


def _spine(
    hu: NDArray[np.float64],
    z: NDArray[np.float64],
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    y0: float,
) -> None:
    """Vertebral bodies with discs, arches and transverse processes."""
    body = (x / 19) ** 2 + ((y - y0) / 15) ** 2
    level = np.mod(z, 30.0)
    hu[(body < 1) & (level < 24)] = 150
    hu[(body < 1) & (body > 0.75) & (level < 24)] = 450
    hu[(body < 1) & ((level < 2) | (np.abs(level - 23) < 1.5))] = 450
    arch = ((x / 17) ** 2 + ((y - y0 - 24) / 15) ** 2) ** 0.5
    hu[(np.abs(arch - 0.9) < 0.2) & (level < 18)] = 450
    hu[(np.abs(x) < 40) & (np.abs(y - y0 - 22) < 5) & (np.abs(level - 12) < 5) & (arch > 1)] = 350


def chest() -> CTVolume:
    """Lungs, heart, spine, twelve pairs of ribs, sternum and shoulder blades."""
    shape = (112, 110, 150)
    z, y, x = _axes(shape)
    body = (x / 170) ** 2 + (y / 110) ** 2
    hu = np.where(body < 1, 40.0, -1000.0)
    hu[(body < 1) & (body > 0.85)] = -100
    lungs = ((np.abs(x) - 72) / 58) ** 2 + (y / 85) ** 2 + (z / 150) ** 2
    hu[lungs < 1] = -850
    hu[((x - 20) / 50) ** 2 + ((y + 25) / 45) ** 2 + ((z + 30) / 60) ** 2 < 1] = 45
    cage = ((x / 140) ** 2 + (y / 92) ** 2) ** 0.5
    slope = np.mod(z - 0.45 * y, 28.0)
    hu[(np.abs(cage - 1.0) < 0.045) & (slope < 9) & (np.abs(x) > 18)] = 450
    _spine(hu, z, y, x, y0=58.0)
    hu[(np.abs(x) < 17) & (np.abs(y + 92) < 6) & (z > -90)] = 400
    blade = (np.abs(np.abs(x) - 100 - 0.3 * z) < 50) & (np.abs(y - 88 + 0.35 * np.abs(x)) < 4)
    hu[blade & (z > -20) & (z < 100) & (body < 0.95)] = 500
    return ct_of(hu + _noise(shape, 1))


def head() -> CTVolume:
    """Skull vault, jaw, facial bones and the cervical spine."""
    shape = (100, 90, 76)
    z, y, x = _axes(shape)
    vault = ((x / 72) ** 2 + (y / 92) ** 2 + ((z - 40) / 72) ** 2) ** 0.5
    hu = np.where(vault < 1.07, 20.0, -1000.0)
    hu[(np.hypot(x / 60, (y - 10) / 60) < 1) & (z < 0)] = 40
    hu[(vault < 1) & (vault > 0.91)] = 1100
    hu[(vault <= 0.91)] = 35
    base = (np.abs(z + 8 - 0.2 * y) < 7) & (vault < 0.98)
    hu[base & (np.abs(np.hypot(x, y - 20) - 20) > 6)] = 700
    jaw = ((x / 50) ** 2 + ((y + 40) / 60) ** 2) ** 0.5
    hu[(np.abs(jaw - 0.9) < 0.1) & (y < 0) & (z > -85) & (z < -50)] = 1000
    _spine(hu, z * 1.6, y, x * 1.3, y0=25.0)
    return ct_of(hu + _noise(shape, 2))


def noise() -> CTVolume:
    """Nothing but noise with the spread of a whole body."""
    return ct_of(np.random.default_rng(3).normal(0.0, 400.0, (60, 80, 80)))


def empty(value: float = -1000.0) -> CTVolume:
    """One value everywhere."""
    return ct_of(np.full((60, 80, 80), value))
