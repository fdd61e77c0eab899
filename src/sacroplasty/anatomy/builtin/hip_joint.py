"""The femoral heads, so that the ilium ends at the hip joint."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.structures import Side
from sacroplasty.geometry import Volume

# Where a head may be centred: lateral of the midplane, dorsal and cranial of the S1 rim.
_LATERAL_MM, _DORSAL_MM, _CRANIAL_MM = (68.0, 116.0), (-70.0, 0.0), (-112.0, -30.0)
_STEP_MM = 3.0
_RADII_MM = (19.0, 21.0, 23.0, 25.0, 27.0)
_DIRECTIONS = 150  # over the whole sphere, about a third of them in the roof
_ROOF = 0.2  # cosine to the middle of the roof, medial and cranial of the head
# Where the plate of the head, the joint space and the plate of the socket are looked for, from the
# surface of the head outward.
_HEAD_MM, _GAP_MM, _SOCKET_MM = (-4.0, -2.5, -1.0), (0.5, 1.75), (3.25, 4.75, 6.5)
_FLOOR_HU, _CEILING_HU = -50.0, 700.0
_CLEAR_HU = 70.0  # weaker gaps are no joint: a head that is cut off, ankylosis, or bone alone
_CARTILAGE_MM = 1.0
_NECK = (0.95, 0.3)  # lateral and caudal part of the way out of the socket
_RIM = 0.5  # how far the socket's rim reaches that way, in radii of the head


@dataclass(frozen=True, slots=True)
class FemoralHead:
    """Centre along the pelvis's axes and radius (mm); how dark the joint space is (HU)."""

    x_mm: float
    y_mm: float
    z_mm: float
    radius_mm: float
    gap_hu: float


def femoral_head(ct: Volume[np.float32], axes: PelvisAxes, side: Side) -> FemoralHead | None:
    """The sphere with bone inside, bone around its roof and a dark gap between, or None."""
    hu = np.clip(ct.values, _FLOOR_HU, _CEILING_HU)
    x, y, z = (
        np.arange(low, high, _STEP_MM) for low, high in (_LATERAL_MM, _DORSAL_MM, _CRANIAL_MM)
    )
    centres = np.array(list(product(z, y, side.sign * x)))
    roof = _roof(side)
    best = FemoralHead(0.0, 0.0, 0.0, 0.0, -np.inf)
    for radius in _RADII_MM:
        shells = {
            past: _at_reach(hu, axes, centres, roof, radius + past)
            for past in (*_HEAD_MM, *_GAP_MM, *_SOCKET_MM)
        }
        head = np.maximum.reduce([shells[past] for past in _HEAD_MM])
        gap = np.minimum.reduce([shells[past] for past in _GAP_MM])
        socket = np.maximum.reduce([shells[past] for past in _SOCKET_MM])
        depth = (np.minimum(head, socket) - gap).mean(axis=1)
        n = int(np.argmax(depth))
        if depth[n] > best.gap_hu:
            z_mm, y_mm, x_mm = (float(value) for value in centres[n])
            best = FemoralHead(x_mm, y_mm, z_mm, radius, float(depth[n]))
    return best if best.gap_hu > _CLEAR_HU else None


def beyond_hip(head: FemoralHead | None, axes: PelvisAxes) -> NDArray[np.bool_]:
    """Voxels (nk, nj, ni) of the femur's side of the joint: the head, and what lies lateral of it.

    The neck leaves the socket laterally and caudally; the ischium hangs medial of that plane.
    """
    if head is None:
        return np.zeros(axes.grid.shape, dtype=bool)
    z = axes.z_mm[:, None, None] - head.z_mm
    y = axes.y_mm[None, :, None] - head.y_mm
    outward = np.sign(head.x_mm) * (axes.x_mm[None, None, :] - head.x_mm)
    in_head = z * z + y * y + outward * outward <= (head.radius_mm + _CARTILAGE_MM) ** 2
    lateral, caudal = _NECK
    past_rim = lateral * outward - caudal * z > _RIM * head.radius_mm
    return np.asarray(in_head | (past_rim & (z < head.radius_mm)))


def _roof(side: Side) -> NDArray[np.float64]:
    """Unit vectors (n, 3) as (z, y, x) towards the roof of the socket, evenly spread."""
    n = np.arange(_DIRECTIONS) + 0.5
    height = 1.0 - 2.0 * n / _DIRECTIONS
    turn = np.pi * (1.0 + np.sqrt(5.0)) * n
    flat = np.sqrt(1.0 - height**2)
    rays = np.column_stack([height, flat * np.cos(turn), side.sign * flat * np.sin(turn)])
    return np.asarray(rays[rays @ np.array([0.8, 0.0, -0.6 * side.sign]) > _ROOF])


def _at_reach(
    hu: NDArray[np.float32],
    axes: PelvisAxes,
    centres: NDArray[np.float64],
    rays: NDArray[np.float64],
    reach_mm: float,
) -> NDArray[np.float32]:
    """HU at `reach_mm` from each centre along each ray, (centres, rays)."""
    origin = np.array([axes.z_mm[0], axes.y_mm[0], axes.x_mm[0]])
    start = np.rint((centres - origin) / axes.step_mm).astype(np.int32)
    step = np.rint(rays * (reach_mm / axes.step_mm)).astype(np.int32)
    k, j, i = (np.clip(start[:, None, a] + step[None, :, a], 0, hu.shape[a] - 1) for a in range(3))
    return np.asarray(hu[k, j, i])
