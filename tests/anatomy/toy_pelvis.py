"""A toy sacrum with canal and tunnels, ilia at both sides and L5 above: known in closed form."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import BoneMasks, Level, Side, Structure
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume

FRAME = Frame("1.2.3")
DEPTHS = {Level.S1: 35.0, Level.S2: 61.0, Level.S3: 79.0, Level.S4: 92.0}
DISC_MM = 10.0


@dataclass(frozen=True)
class Given:
    """A segmenter that hands over what the test drew."""

    labels: Volume[np.uint8]
    name: str = "toy"

    def segment(self, ct: CTVolume) -> BoneMasks:
        return BoneMasks(self.labels, self.name)


@dataclass(frozen=True)
class ToyPelvis:
    ct: CTVolume
    labels: Volume[np.uint8]

    def point(self, x: float, y: float, z: float) -> Points:
        return Points.at(np.array([x, y, z]), FRAME)


def toy_pelvis(gap_mm: float = 2.0, lean: float = 0.0, slice_mm: float = 1.0) -> ToyPelvis:
    """Joints `gap_mm` wide (0: the masks touch); `lean` moves the right S2 tunnel up by so many mm."""
    shape = (int(160 / slice_mm), 110, 171)
    grid = Grid.axis_aligned(shape, (-85.0, -40.0, -115.0), (1.0, 1.0, slice_mm), FRAME)
    x, y, z = grid.points_at(np.argwhere(np.ones(shape, dtype=bool))).xyz.T
    y = y + 0.004 * np.maximum(-z - 40, 0) ** 2
    thick = 46.0 + 0.22 * z
    edge = 55 + 0.28 * z
    sheet = (z < 0) & (z > -105) & (y > -15) & (y < -15 + thick)
    bone = sheet & (np.abs(x) < edge)
    bone &= ~((np.abs(x) < 8) & (np.abs(y + 15 - 0.66 * thick) < 4.5))
    for level, depth in DEPTHS.items():
        for side in Side:
            shift = lean if (level, side) == (Level.S2, Side.RIGHT) else 0.0
            offset = x * side.sign - (24 - 0.15 * (y + 15))
            bone &= ~((offset**2 + (z + depth - shift) ** 2 < 4.5**2) & (y > -16))
    labels = np.where(bone, int(Structure.SACRUM), 0)
    beside = (np.abs(x) >= edge + gap_mm) & (np.abs(x) < edge + gap_mm + 16) & (z < 8) & (z > -70)
    beside &= (y > -15) & (y < 35)
    labels[beside & (x > 0)] = Structure.ILIUM_LEFT
    labels[beside & (x < 0)] = Structure.ILIUM_RIGHT
    labels[(np.abs(x) < 24) & (y > -15) & (y < 15) & (z > DISC_MM) & (z < 35)] = Structure.L5
    facets = (np.abs(np.abs(x) - 20) < 5) & (y > 22) & (y < 30) & (z > 3) & (z < 30)
    labels[facets] = Structure.L5
    values = labels.reshape(shape).astype(np.uint8)
    hu = np.where(values > 0, 400, 30).astype(np.int16)
    return ToyPelvis(CTVolume(hu, grid, Acquisition("0", "toy")), Volume(values, grid))
