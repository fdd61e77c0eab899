"""The S1–S2 axis once canal and foramina are known: the line through two vertebral bodies.

The ventral surface alone leans too far forward, because the promontory juts out. The bodies of S1
and S2 do not: S1 lies halfway between its endplate and its foramina, S2 halfway between the foramina
of S1 and S2; in depth a body reaches from the ventral surface to the ventral wall of the canal.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.sacrum_model import Foramen
from sacroplasty.anatomy.structures import Level, Structure
from sacroplasty.geometry import Rigid, Volume

# Half width of the midline slab and half height of the slice in which a body is measured.
_SLAB_MM, _SLICE_MM = 6.0, 3.0
_LEAST_VOXELS = 50


# The bodies are measured along the axis that they define: a second pass settles it to half a degree.
_PASSES = 2


def through_the_bodies(
    provisional: Rigid, labels: Volume[np.uint8], foramina: tuple[Foramen, ...]
) -> Rigid:
    """`provisional` (scanner from sacrum) turned about its left axis until +z runs from S2 to S1.

    Unchanged where the foramina of S1 or S2, the canal or a body cannot be measured.
    """
    frame = provisional
    for _ in range(_PASSES):
        frame = _turned_once(frame, labels, foramina)
    return frame


def _turned_once(
    provisional: Rigid, labels: Volume[np.uint8], foramina: tuple[Foramen, ...]
) -> Rigid:
    levels = [_height(provisional, foramina, level) for level in (Level.S1, Level.S2)]
    if None in levels:
        return provisional
    s1, s2 = (float(z) for z in levels if z is not None)
    upper = _body_centre(provisional, labels, s1 / 2)
    lower = _body_centre(provisional, labels, (s1 + s2) / 2)
    if upper is None or lower is None:
        return provisional
    cranial = np.array([0.0, *(upper - lower)])
    cranial /= np.linalg.norm(cranial)
    left = np.array([1.0, 0.0, 0.0])
    turn = np.stack([left, np.cross(cranial, left), cranial], axis=1)
    return Rigid(
        provisional.rotation @ turn,
        provisional.translation,
        to=provisional.to,
        source=provisional.source,
    )


def _height(frame: Rigid, foramina: tuple[Foramen, ...], level: Level) -> float | None:
    """Mean z of the two foramina of a level; None unless both are there."""
    heights = [frame.inverse(f.centre).single[2] for f in foramina if f.level is level]
    return float(np.mean(heights)) if len(heights) == 2 else None


def _body_centre(
    frame: Rigid, labels: Volume[np.uint8], height_mm: float
) -> NDArray[np.float64] | None:
    """(y, z) of the middle of a body at a height, sacral frame."""
    bone = _depths(frame, labels, Structure.SACRUM, height_mm)
    canal = _depths(frame, labels, Structure.CANAL, height_mm)
    if min(len(bone), len(canal)) < _LEAST_VOXELS:
        return None
    ventral, wall = np.percentile(bone, 2), np.percentile(canal, 2)
    return np.array([(ventral + wall) / 2, height_mm])


def _depths(
    frame: Rigid, labels: Volume[np.uint8], structure: Structure, height_mm: float
) -> NDArray[np.float64]:
    """y of the voxels of a structure near the midline at a height, sacral frame."""
    xyz = frame.inverse(labels.grid.points_at(np.argwhere(labels.values == structure))).xyz
    near = (np.abs(xyz[:, 0]) < _SLAB_MM) & (np.abs(xyz[:, 2] - height_mm) < _SLICE_MM)
    return np.asarray(xyz[near, 1])
