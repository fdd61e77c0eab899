"""A sacrum that can be reckoned by hand: a block with zones at |x| = 10 and 20 mm."""

import numpy as np

from sacroplasty.anatomy import Foramen, Level, SacrumModel, Side, Structure
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume

FRAME = Frame("1.2.3")
HEIGHTS = {Level.S1: -30.0, Level.S2: -60.0, Level.S3: -80.0, Level.S4: -95.0}


def block_sacrum() -> SacrumModel:
    """|x| < 45, 0 < y < 30, −100 < z < 0 of bone; the sacral frame is the scanner's axes."""
    grid = Grid.axis_aligned((121, 51, 121), (-60.0, -10.0, -110.0), (1.0, 1.0, 1.0), FRAME)
    z, y, x = np.meshgrid(
        np.arange(121) - 110.0, np.arange(51) - 10.0, np.arange(121) - 60.0, indexing="ij"
    )
    bone = (abs(x) < 45) & (y > 0) & (y < 30) & (z > -100) & (z < 0)
    labels = np.where(bone, Structure.SACRUM, Structure.SOFT_TISSUE).astype(np.uint8)
    zones = np.where(abs(x) < 10, 3, np.where(abs(x) < 20, 2, 1)).astype(np.uint8)
    foramina = tuple(
        Foramen(
            level,
            side,
            Points.at([15.0 * side.sign, 15.0, height], FRAME),
            3.0,
            Points.at([15.0 * side.sign, 0.0, height], FRAME),
            Points.at([15.0 * side.sign, 30.0, height], FRAME),
        )
        for level, height in HEIGHTS.items()
        for side in Side
    )
    return SacrumModel(
        Volume(labels, grid),
        Volume(np.where(bone, zones, 0).astype(np.uint8), grid),
        Rigid(np.eye(3), np.zeros(3), to=FRAME, source=FRAME.attached("sacrum")),
        foramina,
        Points(np.zeros((0, 3)), FRAME),
        {},
        (),
        "block",
    )
