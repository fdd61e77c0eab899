"""How much bone there is for a needle or a screw beside S1 and S2: the alar corridors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Level, Side, Structure
from sacroplasty.geometry import Grid, Points, Volume

# Parasagittal planes looked at, about the middle of the foramen: its width and a little more.
_ABOUT_MM = 8
_FRONT_MM, _BACK_MM, _LOW_MM, _HIGH_MM = -50.0, 60.0, -110.0, 25.0


@dataclass(frozen=True, slots=True)
class AlarCorridor:
    """The narrowest place of one corridor: sizes in mm through the middle of its largest circle."""

    level: Level
    side: Side
    craniocaudal_mm: float
    ap_mm: float
    circle_diameter_mm: float


def measure_corridors(model: SacrumModel) -> tuple[AlarCorridor, ...]:
    """Corridors of S1 (above the S1 foramen) and S2 (between those of S1 and S2), per side.

    In every parasagittal plane within 8 mm of the foramen's middle, the largest circle inside the
    bone of the segment is drawn; the plane with the smallest one is the bottleneck, as trans-sacral
    corridors are measured (Wagner 2017). Height along the S1–S2 axis and depth from ventral to
    dorsal are read through the centre of that circle. A level without its foramina is left out.
    """
    found = [_corridor(model, level, side) for level in (Level.S1, Level.S2) for side in Side]
    return tuple(corridor for corridor in found if corridor is not None)


def _corridor(model: SacrumModel, level: Level, side: Side) -> AlarCorridor | None:
    lower = model.foramen(level, side)
    upper = model.foramen(Level.S1, side) if level is Level.S2 else None
    if lower is None or (level is Level.S2 and upper is None):
        return None
    local = model.scanner_from_sacrum.inverse
    x, _, z = local(lower.centre).single
    roof = local(upper.centre).single[2] if upper else _HIGH_MM
    grid = _slab(model, float(x))
    bone = Volume(model.mask(Structure.SACRUM), model.labels.grid).on(grid, order=0).values
    height = _LOW_MM + np.arange(grid.shape[0])
    bone = bone & ((height > z) & (height < roof))[:, None, None]
    planes = [_bottleneck(bone[:, :, i]) for i in range(grid.shape[2])]
    narrowest = min((p for p in planes if p is not None), key=lambda p: p[2], default=None)
    return AlarCorridor(level, side, *narrowest) if narrowest else None


def _slab(model: SacrumModel, x_mm: float) -> Grid:
    """1 mm, k, j, i along the sacral frame's +z, +y, +x."""
    frame = model.scanner_from_sacrum
    low = frame(Points.at([x_mm - _ABOUT_MM, _FRONT_MM, _LOW_MM], frame.source)).single
    shape = (int(_HIGH_MM - _LOW_MM) + 1, int(_BACK_MM - _FRONT_MM) + 1, 2 * _ABOUT_MM + 1)
    return Grid(shape, tuple(low.tolist()), (1.0, 1.0, 1.0), frame.rotation, frame.to)


def _bottleneck(plane: NDArray[np.bool_]) -> tuple[float, float, float] | None:
    """Height, depth and the largest circle's diameter in one plane (k, j), 1 mm pixels."""
    if not plane.any():
        return None
    room = ndimage.distance_transform_edt(np.pad(plane, 1))[1:-1, 1:-1]
    k, j = np.unravel_index(int(room.argmax()), room.shape)
    return (
        _run(plane[:, j], int(k)),
        _run(plane[k], int(j)),
        float(2.0 * room[k, j] - 1.0),
    )


def _run(line: NDArray[np.bool_], at: int) -> float:
    """Length in mm of the stretch of bone that holds `at`."""
    pieces, _ = ndimage.label(line)
    return float((pieces == pieces[at]).sum())
