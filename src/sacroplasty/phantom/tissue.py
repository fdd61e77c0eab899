"""One point of the patient: which structure it belongs to, and what a perfect scanner would read."""

import math

from numba import njit

from sacroplasty.phantom.body_solids import CENTRE_Y, SPINAL_CSF, skin, soft_hu, table_top_hu
from sacroplasty.phantom.pelvis_solids import (
    FAR_MM,
    LUMBAR_COUNT,
    LUMBAR_Z,
    auricular_area,
    coccyx,
    disc,
    femur,
    hip_bone,
    ilium_blade,
    lumbar_vertebra,
)
from sacroplasty.phantom.sacral_curve import S, V
from sacroplasty.phantom.sacral_profiles import ZONE_LATERAL
from sacroplasty.phantom.sacrum_solid import (
    foramen,
    joint_surface,
    sacral_canal,
    sacrum_envelope,
    ventral_surface,
)
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, meet, noise, profile_at, ramp, table_at

AIR = -1000.0
SUBCORTICAL_HU = 190.0  # struts crowd together below a cortex
DISC_HU = 75.0
CARTILAGE_HU = 30.0
NERVE_HU = 28.0
CLEFT_HU = 12.0

# Label values as in `anatomy.Structure` (kernels cannot read an enum of another room).
OUTSIDE, SACRUM, ILIUM, L5, CANAL, SI_JOINT, DISC, SOFT, FORAMEN_S1 = 0, 1, 2, 4, 5, 6, 8, 9, 11
RIGHT_FORAMEN = 10


@njit(cache=True, error_model="numpy")
def warped_x(shape: Shape, x: float, y: float, z: float) -> float:
    """The template x of a point: a slow bend of about a millimetre, so that sides differ."""
    w = shape.warp
    return (
        x
        + w[0][0] * math.sin(z / 48.0 + w[1][0])
        + w[0][1] * math.sin(y / 41.0 + w[1][1])
        + w[0][2] * math.sin(x / 53.0 + w[1][2])
    )


@njit(cache=True, error_model="numpy")
def cleft_distance(shape: Shape, x: float, ax: float, s: float, v: float) -> float:
    """Distance beyond the edge of the fracture cleft; negative in it, 99 where there is none.

    The cleft runs through zone I, between the lateral border of the foramina and the joint,
    about parallel to the joint, wavy, 0.5–2 mm wide, from the upper ala to S2/S3.
    """
    if not (shape.fractured_left if x > 0.0 else shape.fractured_right):
        return FAR_MM
    u = s / shape.length
    end = 0.50 + 0.05 * noise(shape.seed + 21, v, x / abs(x + 1e-9), 0.0, 9.0)
    if u > end:
        return FAR_MM
    border = profile_at(shape.profiles, ZONE_LATERAL, u) + 2.0
    joint = joint_surface(shape, s, v) - 3.0
    key = shape.seed + (22 if x > 0.0 else 23)
    wave = 1.8 * noise(key, s, v, 0.5, 13.0) + 0.7 * noise(key + 2, s, v, 0.5, 4.5)
    middle = border + 0.5 * (joint - border) + wave * clamp((joint - border) / 8.0, 0.0, 1.0)
    width = 1.15 + 0.75 * noise(key + 4, s, v, 0.5, 8.0)
    width *= 1.0 - ramp(end - 0.12, end, u)
    return abs(ax - middle) - 0.5 * width


@njit(cache=True, error_model="numpy")
def sacral_trabeculae(shape: Shape, x: float, ax: float, s: float, v: float) -> float:
    """HU of the marrow bone: fatty voids in the central and ventral ala, denser S1 body and endplate."""
    u = s / shape.length
    fine = 55.0 * noise(shape.seed + 1, x, s, v, 3.1) + 60.0 * noise(shape.seed + 2, x, s, v, 1.7)
    body = 1.0 - ramp(14.0, 26.0, ax)
    ala = ramp(24.0, 34.0, ax) * (1.0 - ramp(0.40, 0.62, u))
    deep = v - ventral_surface(shape, ax, s)
    lateral = ramp(2.0, 9.0, joint_surface(shape, s, v) - ax)
    void = ala * ramp(1.5, 6.0, deep) * (1.0 - ramp(16.0, 28.0, deep)) * lateral
    patch = ramp(-0.5, 0.45, noise(shape.seed + 8, x, s, v, 10.0))
    return (
        shape.trabecular
        + fine
        + 55.0 * body * (1.0 - ramp(0.2, 0.4, u))
        + 30.0 * (1.0 - lateral)
        - 125.0 * void * patch
        + 22.0
    )


@njit(cache=True, error_model="numpy")
def bone_hu(d: float, marrow: float, cortical: float, thickness: float, around: float) -> float:
    """Partial volume across a shell: `d` distance to the surface, `around` the HU outside."""
    cover = clamp(0.5 - d, 0.0, 1.0)
    marrow += SUBCORTICAL_HU * math.exp(min(d + thickness, 0.0) / 2.2)
    shell = clamp(0.5 + d + thickness, 0.0, 1.0)
    return around * (1.0 - cover) + cover * (marrow * (1.0 - shell) + cortical * shell)


@njit(cache=True, error_model="numpy")
def tissue_at(shape: Shape, x0: float, y: float, z: float) -> tuple[int, int, float]:
    """(label, cleft, HU) at a template point. Cleft: 0 none, 1 left, 2 right."""
    x = warped_x(shape, x0, y, z)
    ax = abs(x)
    outside = skin(shape, ax, y, z)
    if outside > 0.5:
        return OUTSIDE, 0, table_top_hu(x0, y, CENTRE_Y + shape.skin_half_depth)
    s = table_at(shape.tables, S, y, z)
    v = table_at(shape.tables, V, y, z)
    soft = soft_hu(shape, x, ax, y, z, s, v)
    if outside > -0.5:
        soft = soft * (0.5 - outside) + AIR * (0.5 + outside)
    label = SOFT if outside <= 0.0 else OUTSIDE
    if outside > -6.0:
        return label, 0, soft
    return _inside(shape, x, ax, y, z, s, v, soft)


@njit(cache=True, error_model="numpy")
def _inside(
    shape: Shape, x: float, ax: float, y: float, z: float, s: float, v: float, soft: float
) -> tuple[int, int, float]:
    h = (z - shape.promontory_z) * shape.slope_cos - (y - shape.promontory_y) * shape.slope_sin
    side = 0 if x > 0.0 else 1
    near = ax < 75.0 and -25.0 < v < 75.0 and -25.0 < s < shape.length + 45.0 and h < 35.0
    if near:
        label, cleft, hu = _sacral(shape, x, ax, y, z, s, v, h, soft)
        if label != SOFT:
            return label, cleft, hu
        soft = hu
    facing = auricular_area(shape, ax, s, v, h) if near else FAR_MM
    hip = hip_bone(shape, ax, y, z, s, v, facing)
    if hip < 0.5:
        fine = 75.0 * noise(shape.seed + 1, x, y, z, 2.4)
        hu = bone_hu(hip, shape.trabecular + 45.0 + fine, shape.cortical, shape.cortex + 0.3, soft)
        return (ILIUM + side if hip < 0.0 else SOFT), 0, hu
    facing_ilium = facing < 0.0 and near and ax > joint_surface(shape, s, v)
    if facing_ilium and ilium_blade(shape, ax, y, z, facing) < 1.0:
        return SI_JOINT + side, 0, CARTILAGE_HU
    thigh = femur(ax, y, z)
    if thigh < 0.5:
        fine = 75.0 * noise(shape.seed + 1, x, y, z, 2.4)
        return (
            SOFT,
            0,
            bone_hu(
                thigh,
                shape.trabecular + 130.0 + fine,
                1.1 * shape.cortical,
                1.5 + 2.5 * ramp(110.0, 130.0, -z),
                soft,
            ),
        )
    if z > -25.0 and ax < 48.0 and y < 75.0:
        return _lumbar(shape, x, ax, y, z, h, soft)
    return SOFT, 0, soft


@njit(cache=True, error_model="numpy")
def _sacral(
    shape: Shape, x: float, ax: float, y: float, z: float, s: float, v: float, h: float, soft: float
) -> tuple[int, int, float]:
    side = 0 if x > 0.0 else 1
    envelope = sacrum_envelope(shape, ax, s, v, h)
    if s > shape.length:
        tail = coccyx(shape.length, ax, s, v)
        if tail < min(envelope, 0.5):
            return SOFT, 0, bone_hu(tail, shape.trabecular + 60.0, 0.75 * shape.cortical, 0.8, soft)
    if envelope > 12.0:
        return SOFT, 0, soft
    canal = sacral_canal(shape, ax, s, v)
    if canal < 0.0 and h < 0.0 and (envelope < 0.0 or s < 0.42 * shape.length):
        fat = ramp(-3.5, -1.5, canal) * 70.0 + 60.0 * ramp(0.35, 0.6, s / shape.length)
        return CANAL, 0, _wall(shape, canal, SPINAL_CSF - fat)
    hole = FAR_MM
    for level in range(4):
        d = foramen(shape, level, ax, s, v)
        if d < hole:
            hole = d
            which = level
    bone = meet(meet(envelope, -canal, 1.0), -hole, 1.5)
    if hole < 0.0 and envelope < 0.0:
        hu = NERVE_HU if hole < -2.2 else -70.0
        return (
            FORAMEN_S1 + which + RIGHT_FORAMEN * side,
            0,
            _wall(shape, bone, hu) if bone < 0.5 else hu,
        )
    if bone >= 0.5:
        return SOFT, 0, soft
    marrow = sacral_trabeculae(shape, x, ax, s, v)
    thickness = shape.cortex * (1.0 + 0.5 * ramp(-4.0, -1.0, h) * (1.0 - ramp(18.0, 24.0, ax)))
    thickness *= 1.0 + 0.25 * noise(shape.seed + 12, x, y, z, 9.0)
    scar = _fusion_lines(shape, ax, s, v)
    hu = bone_hu(bone, marrow + scar, 0.74 * shape.cortical, thickness, soft)
    gap = cleft_distance(shape, x, ax, s, v)
    cleft = 0
    if gap < 5.0:
        sclerosis = 230.0 * ramp(-0.1, 0.5, noise(shape.seed + 13, x, s, v, 9.0))
        hu += sclerosis * (1.0 - ramp(0.5, 4.5, gap)) * ramp(0.0, 1.5, -bone)
        part = clamp(0.5 - gap, 0.0, 1.0)
        hu = hu * (1.0 - part) + CLEFT_HU * part
        if gap < 0.1 and bone < 0.0:
            cleft = 1 + side
    return (SACRUM if bone < 0.0 else SOFT), cleft, hu


@njit(cache=True, error_model="numpy")
def _wall(shape: Shape, inside: float, content: float) -> float:
    """Half a voxel of cortex at the wall of a hole (`inside` its negative depth)."""
    wall = clamp(0.5 + inside, 0.0, 0.5)
    return content * (1.0 - wall) + 0.7 * shape.cortical * wall


@njit(cache=True, error_model="numpy")
def _fusion_lines(shape: Shape, ax: float, s: float, v: float) -> float:
    """Remnants of the sacral discs: two thin dense lines at every fused junction."""
    if ax > 17.0 or v > 18.0:
        return 0.0
    total = 0.0
    for junction in (0.305, 0.525, 0.705, 0.855):
        gap = abs(s - junction * shape.length)
        if gap < 3.5:
            total += 330.0 * math.exp(-(((gap - 1.6) / 0.7) ** 2)) - 60.0 * math.exp(
                -((gap / 0.9) ** 2)
            )
    return total


@njit(cache=True, error_model="numpy")
def _lumbar(
    shape: Shape, x: float, ax: float, y: float, z: float, h: float, soft: float
) -> tuple[int, int, float]:
    for n in range(LUMBAR_COUNT):
        if abs(z - LUMBAR_Z[n]) > 42.0:
            continue
        d = lumbar_vertebra(shape.endplate_depth, shape.body_half_width, n, ax, y, z)
        if d < 0.5:
            fine = 75.0 * noise(shape.seed + 1, x, y, 0.7 * z, 2.4)
            hu = bone_hu(d, shape.trabecular + 38.0 + fine, 0.85 * shape.cortical, 1.1, soft)
            return ((L5 if n == 0 else SOFT) if d < 0.0 else SOFT), 0, hu
    for n in range(LUMBAR_COUNT):
        if disc(shape.endplate_depth, shape.body_half_width, n, ax, y, z, h) < 0.0:
            return (DISC if n == 0 else SOFT), 0, DISC_HU
    spinal = (ax / 11.0) ** 2 + ((y - 13.0 + 0.02 * z) / 8.5) ** 2
    if spinal < 1.0:
        return SOFT, 0, SPINAL_CSF
    return SOFT, 0, soft
