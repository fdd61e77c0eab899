"""A bench for the beam: slabs of known thickness before a small detector."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.fluoroscopy import CArmPose, MaterialPaths
from sacroplasty.geometry import Frame, Points

FRAME = Frame("1.2.3")
RECIPE = CementRecipe.of_constant_viscosity("bench", 100.0, 0.3, 1.4)


def pose_of(shape: tuple[int, int] = (64, 64), pixel_mm: float = 0.75) -> CArmPose:
    """From the front to the back: 700 mm before the origin, 320 mm behind."""
    return CArmPose(
        "bench",
        Points(np.array([0.0, -700.0, 0.0]), FRAME),
        Points(np.array([0.0, 320.0, 0.0]), FRAME),
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 0.0, -1.0]),
        shape,
        pixel_mm,
    )


def slabs(
    shape: tuple[int, int] = (64, 64),
    *,
    water_mm: float = 0.0,
    bone_mm: float = 0.0,
    cement_mm: float = 0.0,
    steel_mm: float = 0.0,
) -> MaterialPaths:
    """The same thickness of each material before every pixel."""

    def sheet(thickness_mm: float) -> NDArray[np.float32]:
        return np.full(shape, thickness_mm, dtype=np.float32)

    return MaterialPaths(
        sheet(water_mm), sheet(bone_mm), sheet(cement_mm), sheet(steel_mm), pose_of(shape), RECIPE
    )
