"""A toy sacrum with known tunnels: every foramen is found where it was drilled."""

from dataclasses import dataclass

import numpy as np
import pytest

from sacroplasty.anatomy import (
    BoneMasks,
    Level,
    SacrumModel,
    Side,
    Structure,
    build_sacrum,
)
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

FRAME = Frame("1.2.3")
DEPTHS = {Level.S1: 35.0, Level.S2: 61.0, Level.S3: 79.0, Level.S4: 92.0}


@dataclass(frozen=True)
class Given:
    """A segmenter that hands over what the test drew."""

    labels: Volume[np.uint8]
    name: str = "toy"

    def segment(self, ct: CTVolume) -> BoneMasks:
        return BoneMasks(self.labels, self.name)


def toy(
    yaw: float = 0.0, slice_mm: float = 1.0, without: tuple[Level, Side] | None = None
) -> SacrumModel:
    """A tapering curved block with a canal and eight oblique tunnels, rotated about z by `yaw`."""
    shape = (int(130 / slice_mm), 110, 130)
    grid = Grid.axis_aligned(shape, (-65.0, -40.0, -115.0), (1.0, 1.0, slice_mm), FRAME)
    xyz = grid.points_at(np.argwhere(np.ones(shape, dtype=bool))).xyz
    c, s = np.cos(yaw), np.sin(yaw)
    x, y, z = xyz[:, 0] * c + xyz[:, 1] * s, -xyz[:, 0] * s + xyz[:, 1] * c, xyz[:, 2]
    bend = -0.004 * np.maximum(-z - 40, 0) ** 2  # lower end hooks ventrally
    y = y - bend
    thick = 46.0 + 0.22 * z
    bone = (z < 0) & (z > -105) & (np.abs(x) < 55 + 0.28 * z) & (y > -15) & (y < -15 + thick)
    middle = -15 + 0.66 * thick
    bone &= ~((np.abs(x) < 8) & (np.abs(y - middle) < 4.5))
    for level, depth in DEPTHS.items():
        for side in Side:
            if (level, side) == without:
                continue
            offset = x * side.sign - (24 - 0.15 * (y + 15))
            bone &= ~((offset**2 + (z + depth) ** 2 < 4.5**2) & (y > -16))
    mask = bone.reshape(shape)
    hu = np.where(mask, 400, 30).astype(np.int16)
    ct = CTVolume(hu, grid, Acquisition("0", "toy"))
    return build_sacrum(ct, Given(Volume(mask.astype(np.uint8) * np.uint8(Structure.SACRUM), grid)))


@pytest.mark.parametrize(("yaw", "slice_mm"), [(0.0, 1.0), (0.2, 1.0), (0.0, 3.0)])
def test_every_drilled_foramen_is_found_at_its_depth(yaw: float, slice_mm: float) -> None:
    model = toy(yaw, slice_mm)
    for level in Level:
        for side in Side:
            if model.foramen(level, side) is None:  # only the lowest may hide, and it says why
                assert level is Level.S4
                assert model.absent[f"foramen_{level}_{side}"]
    for found in model.foramina:
        centre = model.scanner_from_sacrum.inverse(found.centre).single
        assert (centre[0] > 0) == (found.side is Side.LEFT)
        assert abs(found.centre.single[2] + DEPTHS[found.level]) < 4
        assert abs(abs(centre[0]) - 22) < 3
        assert 3.0 < found.radius_mm < 5.5  # drilled with 4.5 mm


def test_a_missing_s1_foramen_stops_planning() -> None:
    model = toy(without=(Level.S1, Side.LEFT))
    assert model.foramen(Level.S1, Side.LEFT) is None
    assert "foramen_S1_left" in model.absent
    assert model.verdict is Verdict.FAIL


def test_frame_of_a_rotated_sacrum_turns_with_it() -> None:
    normal = toy(0.2).scanner_from_sacrum.rotation[:, 0]
    assert np.degrees(np.arccos(normal @ [np.cos(0.2), np.sin(0.2), 0.0])) < 1.5
