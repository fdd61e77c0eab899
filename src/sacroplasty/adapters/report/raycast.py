"""A small ray caster: the first surface that every ray meets, shaded, with translucent bone.

Surfaces are signed distances (mm, negative inside) on one isotropic grid, so a ray may always step
as far as the nearest surface is away (sphere tracing, Hart 1996). The same distances darken
crevices: a point whose surroundings along its normal are nearer to bone than open space would be
receives less light. Rays are parallel, so lengths in the picture are lengths in the patient.

Everything runs in millimetres from voxel (0, 0, 0) of the grid, order (x, y, z).
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

# Which layer of the stack is which.
SACRUM, CONTEXT, NEURAL, CEMENT = 0, 1, 2, 3

# A ray has arrived when a surface is nearer than this; steps are shortened because the smoothed
# distances are not exact.
_ARRIVED_MM = 0.05
_STEP_SHARE = 0.85
_SHORTEST_STEP_MM = 0.15
_FAR_MM = 1.0e6
# How much of what lies behind it bone hides: face on, and added where it is seen edge on.
_BONE_VEIL, _BONE_RIM = 0.38, 0.5
_CONTEXT_VEIL, _CONTEXT_RIM = 0.16, 0.42
# Bone that the grid cuts off fades out over this length instead of ending in a flat face.
_FADE_MM = 12.0


@njit(cache=True)
def _sample(field: NDArray[np.float32], spacing: float, px: float, py: float, pz: float) -> float:
    """Trilinear sample at (px, py, pz) mm; outside the grid the nearest rim voxel counts."""
    nk, nj, ni = field.shape
    x = min(max(px / spacing, 0.0), ni - 1.001)
    y = min(max(py / spacing, 0.0), nj - 1.001)
    z = min(max(pz / spacing, 0.0), nk - 1.001)
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - i, y - j, z - k
    c00 = field[k, j, i] * (1 - fx) + field[k, j, i + 1] * fx
    c01 = field[k, j + 1, i] * (1 - fx) + field[k, j + 1, i + 1] * fx
    c10 = field[k + 1, j, i] * (1 - fx) + field[k + 1, j, i + 1] * fx
    c11 = field[k + 1, j + 1, i] * (1 - fx) + field[k + 1, j + 1, i + 1] * fx
    return (c00 * (1 - fy) + c01 * fy) * (1 - fz) + (c10 * (1 - fy) + c11 * fy) * fz


@njit(cache=True)
def _distance(field: NDArray[np.float32], spacing: float, p: NDArray[np.float64]) -> float:
    """The sample at a point."""
    return _sample(field, spacing, p[0], p[1], p[2])


@njit(cache=True)
def _along(
    field: NDArray[np.float32],
    spacing: float,
    start: NDArray[np.float64],
    ray: NDArray[np.float64],
    t: float,
) -> float:
    """The sample at a length along a ray, without making an array at every step."""
    return _sample(
        field, spacing, start[0] + t * ray[0], start[1] + t * ray[1], start[2] + t * ray[2]
    )


@njit(cache=True)
def _normal(
    field: NDArray[np.float32], spacing: float, p: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Unit gradient of the distance: the outward normal."""
    normal = np.zeros(3)
    for axis in range(3):
        q = p.copy()
        q[axis] += spacing
        ahead = _distance(field, spacing, q)
        q[axis] -= 2 * spacing
        normal[axis] = ahead - _distance(field, spacing, q)
    return normal / max(np.sqrt((normal**2).sum()), 1e-9)


@njit(cache=True)
def _crossing(
    start: NDArray[np.float64], ray: NDArray[np.float64], size: NDArray[np.float64]
) -> tuple[float, float]:
    """Where the ray enters and leaves the grid's box; the second is smaller for a miss."""
    near, far = 0.0, _FAR_MM
    for axis in range(3):
        if abs(ray[axis]) < 1e-12:
            if start[axis] < 0.0 or start[axis] > size[axis]:
                return 1.0, 0.0
            continue
        a = -start[axis] / ray[axis]
        b = (size[axis] - start[axis]) / ray[axis]
        near, far = max(near, min(a, b)), min(far, max(a, b))
    return near, far


@njit(cache=True)
def _first_hit(
    field: NDArray[np.float32],
    spacing: float,
    start: NDArray[np.float64],
    ray: NDArray[np.float64],
    near: float,
    far: float,
) -> float:
    """Length along the ray to where it enters `field`, or a very long one.

    A ray that starts inside (bone cut by the grid's face) first leaves it.
    """
    t = near
    while t < far and _along(field, spacing, start, ray, t) < _ARRIVED_MM:
        t += 4 * _SHORTEST_STEP_MM
    while t < far:
        d = _along(field, spacing, start, ray, t)
        if d < _ARRIVED_MM:
            return t
        t += max(_STEP_SHARE * d, _SHORTEST_STEP_MM)
    return _FAR_MM


@njit(cache=True)
def _first_needle(
    needles: NDArray[np.float64], start: NDArray[np.float64], ray: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Length to the first shaft (rows: entry, tip, radius) along the ray, and its normal there."""
    best, normal = _FAR_MM, np.zeros(3)
    for n in range(needles.shape[0]):
        a, axis, radius = needles[n, :3], needles[n, 3:6] - needles[n, :3], needles[n, 6]
        length = np.sqrt((axis**2).sum())
        axis = axis / length
        w = start - a
        ray_across = ray - (ray * axis).sum() * axis
        w_across = w - (w * axis).sum() * axis
        qa = (ray_across**2).sum()
        qb = (ray_across * w_across).sum()
        qc = (w_across**2).sum() - radius**2
        inside = qb * qb - qa * qc
        if qa < 1e-12 or inside < 0.0:
            continue
        t = (-qb - np.sqrt(inside)) / qa
        along = ((start + t * ray - a) * axis).sum()
        if 0.0 <= along <= length and t < best:
            best = t
            normal = (w_across + t * ray_across) / radius
    return best, normal


@njit(cache=True)
def _openness(
    field: NDArray[np.float32], spacing: float, p: NDArray[np.float64], n: NDArray[np.float64]
) -> float:
    """1 in the open, towards 0.35 in a crevice: how soon bone returns along the normal."""
    shut, weight = 0.0, 1.0
    for step in range(1, 6):
        reach = 1.6 * step
        shut += weight * max(0.0, reach - _distance(field, spacing, p + reach * n)) / reach
        weight *= 0.72
    return max(0.35, 1.0 - 0.42 * shut)


@njit(cache=True)
def _lit(
    colour: NDArray[np.float64],
    n: NDArray[np.float64],
    ray: NDArray[np.float64],
    lamp: NDArray[np.float64],
    gloss: float,
) -> NDArray[np.float64]:
    """Lambert light from a lamp and from the viewer, sky light, and a small highlight."""
    facing = max(0.0, -(n * ray).sum())
    key = max(0.0, (n * lamp).sum())
    half = lamp - ray
    half = half / np.sqrt((half**2).sum())
    shine = gloss * max(0.0, (n * half).sum()) ** 28
    return colour * (0.24 + 0.30 * facing + 0.58 * key) + shine


@njit(cache=True)
def _fade(shape: tuple[int, int, int], spacing: float, p: NDArray[np.float64]) -> float:
    """1 well inside the grid, 0 on its faces."""
    nearest = _FADE_MM
    for axis in range(3):
        size = (shape[2 - axis] - 1) * spacing
        nearest = min(nearest, p[axis], size - p[axis])
    return max(0.0, nearest / _FADE_MM)


@njit(cache=True)
def _over(below: NDArray[np.float64], colour: NDArray[np.float64], veil: float) -> None:
    for c in range(3):
        below[c] = below[c] * (1.0 - veil) + colour[c] * veil


@njit(cache=True)
def _one_ray(
    fields: NDArray[np.float32],
    spacing: float,
    needles: NDArray[np.float64],
    colours: NDArray[np.float64],
    start: NDArray[np.float64],
    ray: NDArray[np.float64],
    lamp: NDArray[np.float64],
    pixel: NDArray[np.float64],
) -> None:
    """Blend what one ray meets over `pixel` (RGB), farthest first."""
    size = np.empty(3)
    for axis in range(3):
        size[axis] = (fields.shape[3 - axis] - 1) * spacing
    near, far = _crossing(start, ray, size)
    hits = np.full(4, _FAR_MM)
    for layer in range(4):
        hits[layer] = _first_hit(fields[layer], spacing, start, ray, near, far)
    needle, needle_normal = _first_needle(needles, start, ray)
    solid = min(hits[NEURAL], hits[CEMENT], needle)

    bone_first = hits[SACRUM] < hits[CONTEXT]
    for layer in (CONTEXT, SACRUM) if bone_first else (SACRUM, CONTEXT):
        if hits[layer] < _FAR_MM and hits[layer] >= solid:
            _blend_bone(
                fields, spacing, colours, layer, hits[layer], start, ray, lamp, False, pixel
            )
    if solid < _FAR_MM:
        if needle <= solid:
            lit = _lit(colours[4], needle_normal, ray, lamp, 0.55)
        else:
            layer = NEURAL if hits[NEURAL] <= solid else CEMENT
            n = _normal(fields[layer], spacing, start + solid * ray)
            lit = _lit(colours[layer], n, ray, lamp, 0.22)
        _over(pixel, lit, 1.0)
    for layer in (CONTEXT, SACRUM) if bone_first else (SACRUM, CONTEXT):
        if hits[layer] < solid:
            veiling = solid < _FAR_MM
            _blend_bone(
                fields, spacing, colours, layer, hits[layer], start, ray, lamp, veiling, pixel
            )


@njit(cache=True)
def _blend_bone(
    fields: NDArray[np.float32],
    spacing: float,
    colours: NDArray[np.float64],
    layer: int,
    hit: float,
    start: NDArray[np.float64],
    ray: NDArray[np.float64],
    lamp: NDArray[np.float64],
    veiling: bool,
    pixel: NDArray[np.float64],
) -> None:
    """The sacrum hides what is behind it unless that is a nerve's space, cement or a needle."""
    p = start + hit * ray
    n = _normal(fields[layer], spacing, p)
    lit = _lit(colours[layer], n, ray, lamp, 0.05) * _openness(fields[SACRUM], spacing, p, n)
    edge_on = (1.0 - abs((n * ray).sum())) ** 2
    if layer == CONTEXT:
        fade = _fade(fields.shape[1:], spacing, p)
        _over(pixel, lit, fade * (_CONTEXT_VEIL + _CONTEXT_RIM * edge_on))
    elif veiling:
        _over(pixel, lit, min(1.0, _BONE_VEIL + _BONE_RIM * edge_on))
    else:
        _over(pixel, lit, 1.0)


@njit(cache=True)
def cast_rays(
    fields: NDArray[np.float32],
    spacing: float,
    needles: NDArray[np.float64],
    colours: NDArray[np.float64],
    corner: NDArray[np.float64],
    across: NDArray[np.float64],
    down: NDArray[np.float64],
    lamp: NDArray[np.float64],
    picture: NDArray[np.float64],
) -> None:
    """Fill `picture` (rows, columns, 3; its content is the background), RGB 0…1.

    fields: (4, nk, nj, ni) signed distances in mm: sacrum, context bone, nerves' spaces, cement.
    spacing: voxel edge in mm. needles: (n, 7) entry, tip, radius. colours: (5, 3), the fifth for
    needles. corner: centre of the first pixel, outside of everything; across, down: steps from
    pixel to pixel, at right angles; rays run along across × down. lamp: unit vector to the light.
    """
    ray = np.cross(across, down)
    ray = ray / np.sqrt((ray**2).sum())
    for row in range(picture.shape[0]):
        for column in range(picture.shape[1]):
            start = corner + row * down + column * across
            _one_ray(fields, spacing, needles, colours, start, ray, lamp, picture[row, column])
