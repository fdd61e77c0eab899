"""A patient of boxes: a block of a sacrum with canal, foramina, SI joints and ilia, and its CT.

Scanner and sacral axes are parallel: x to the patient's left, y dorsal, z cranial.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from needle_particulars import GUIDANCE, RISK
from sacroplasty.anatomy import Foramen, Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import (
    Margins,
    Needle,
    NeedleGauge,
    PlannedNeedle,
    TrajectoryPlan,
)

FRAME = Frame("1.2.3.4")
SPACING_MM = 1.0
# z of the foramina, cranial to caudal, and their distance from the midline.
FORAMEN_Z = {Level.S1: 5.0, Level.S2: -10.0, Level.S3: -25.0, Level.S4: -40.0}
FORAMEN_X = 15.0
ALA_TIP = (32.0, 0.0, 5.0)


def toy_grid(spacing_mm: float = SPACING_MM) -> Grid:
    """120 × 80 × 110 mm around the sacrum."""
    n = [round(extent / spacing_mm) + 1 for extent in (110, 80, 120)]
    return Grid.axis_aligned((n[0], n[1], n[2]), (-60.0, -40.0, -70.0), (spacing_mm,) * 3, FRAME)


def toy_labels(grid: Grid) -> NDArray[np.uint8]:
    """Boxes: sacrum |x| ≤ 45, SI joints 2 mm, ilia, L5 and disc above, canal and foramina inside."""
    k, j, i = np.indices(grid.shape)
    h = grid.spacing_mm[0]
    x, y, z = (a * h + o for a, o in zip((i, j, k), grid.origin_mm, strict=True))
    labels = np.full(grid.shape, int(Structure.SOFT_TISSUE), dtype=np.uint8)

    def put(structure: Structure, where: NDArray[np.bool_]) -> None:
        labels[where] = structure

    slab = (np.abs(y) <= 20) & (z <= 25) & (z >= -55)
    put(Structure.SACRUM, slab & (np.abs(x) <= 45))
    for side in Side:
        own = side.sign * x
        put(Structure[f"SI_JOINT_{side.name}"], slab & (own > 45) & (own <= 48))
        put(Structure[f"ILIUM_{side.name}"], slab & (own > 48) & (own <= 58))
    put(Structure.DISC_L5S1, (np.abs(x) <= 20) & (np.abs(y) <= 20) & (z > 25) & (z <= 31))
    put(Structure.L5, (np.abs(x) <= 20) & (np.abs(y) <= 20) & (z > 31))
    put(Structure.CANAL, (np.abs(x) <= 6) & (y > 5) & (y <= 15) & (z <= 25) & (z >= -55))
    for side in Side:
        for level, height in FORAMEN_Z.items():
            tube = np.hypot(side.sign * x - FORAMEN_X, z - height) <= 4.0
            put(foramen_structure(level, side), tube & (np.abs(y) <= 20))
    return labels


def toy_sacrum(grid: Grid | None = None, labels: NDArray[np.uint8] | None = None) -> SacrumModel:
    """The model of the toy; zones 1 lateral of, 2 at and 3 medial of the foramina."""
    grid = toy_grid() if grid is None else grid
    labels = toy_labels(grid) if labels is None else labels
    i = np.indices(grid.shape)[2]
    x = np.abs(i * grid.spacing_mm[0] + grid.origin_mm[0])
    zones = np.where(x > FORAMEN_X + 4, 1, np.where(x >= FORAMEN_X - 4, 2, 3)).astype(np.uint8)
    zones[labels != Structure.SACRUM] = 0
    return SacrumModel(
        labels=Volume(labels, grid),
        zones=Volume(zones, grid),
        scanner_from_sacrum=Rigid(
            np.eye(3), np.array([0.0, 0.0, 25.0]), to=FRAME, source=FRAME.attached("sacrum")
        ),
        foramina=tuple(_foramen(level, side) for level in FORAMEN_Z for side in Side),
        canal=Points.at([[0, 10, 25], [0, 10, -55]], FRAME),
        absent={},
        findings=(),
        engine="toy",
    )


def _foramen(level: Level, side: Side) -> Foramen:
    x, z = side.sign * FORAMEN_X, FORAMEN_Z[level]
    return Foramen(
        level, side, Points.at([x, 0, z], FRAME), 4.0,
        Points.at([x, -20, z], FRAME), Points.at([x, 20, z], FRAME),
    )  # fmt: skip


def toy_ct(sacrum: SacrumModel, trabecular_hu: int = 60, cortex_hu: int = 600) -> CTVolume:
    """HU by label, with a cortex one voxel thick around the bones."""
    labels = sacrum.labels.values
    hu = np.full(labels.shape, 20, dtype=np.int16)
    for bone in (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5):
        here = labels == bone
        hu[here] = trabecular_hu
        hu[here & ~ndimage.binary_erosion(here)] = cortex_hu
    return CTVolume(hu, sacrum.labels.grid, Acquisition("toy", "test"))


def toy_needle(
    side: Side, ml: float = 3.0, tip: tuple[float, float, float] = ALA_TIP
) -> PlannedNeedle:
    """A needle from dorsal into the ala of a side; `tip` is given for the left."""
    x, y, z = tip
    point = (side.sign * x, y, z)
    entry = (side.sign * x, y + 60.0, z)
    return PlannedNeedle(
        name=f"S1 ala {side.value}",
        side=side,
        approach="short-axis",
        level=Level.S1,
        needle=Needle(Points.at(entry, FRAME), Points.at(point, FRAME), NeedleGauge.of(11)),
        cement_ml=ml,
        clearance_mm={},
        bone_entry_depth_mm=40.0,
        risk=RISK,
        guidance=GUIDANCE,
        reason="toy",
    )


def toy_plan(*needles: PlannedNeedle) -> TrajectoryPlan:
    """A plan of these needles."""
    return TrajectoryPlan(tuple(needles), Margins(), (), (), 0)


def with_hole(ct: CTVolume, where: NDArray[np.bool_], hu: int = -20) -> CTVolume:
    """The CT with a gap of low density."""
    values = ct.hu.copy()
    values[where] = hu
    return replace(ct, hu=values)
