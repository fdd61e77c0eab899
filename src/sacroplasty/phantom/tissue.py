"""One point of the patient: which structure it belongs to, and what a perfect scanner would read."""

import math

from sacroplasty.phantom.body_solids import CENTRE_Y, SKIN, SPINAL_CSF, skin, soft_hu, table_top_hu
from sacroplasty.phantom.crack_solid import cleft_distance
from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.metal_solid import METAL_HU, metal_cover, metal_distance
from sacroplasty.phantom.pelvis_solids import (
    FAR_MM,
    LUMBAR_COUNT,
    LUMBAR_Z,
    auricular_area,
    coccyx,
    disc,
    femur,
    hip_bone,
    joint_space,
    lumbar_vertebra,
    sacralised_wing,
)
from sacroplasty.phantom.sacral_curve import S, V
from sacroplasty.phantom.sacrum_solid import (
    disc_remnant,
    foramen,
    foramen_near,
    joint_surface,
    sacral_canal,
    sacrum_envelope,
    ventral_surface,
)
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, grain, meet, noise, ramp, table_at

AIR = -1000.0
SUBCORTICAL_HU = 190.0  # struts crowd together below a cortex
DISC_HU = 75.0
CARTILAGE_HU = 30.0
NERVE_HU = 28.0
SUBCHONDRAL_HU, SUBCHONDRAL_MM = 380.0, 6.0  # sclerosis beside an arthritic joint
BRIDGE_HU, VACUUM_HU = 650.0, -550.0
CLEFT_HU = -5.0
THINNEST_LABEL_MM = 0.45  # half the thickness of a cleft's label: no holes on a 1 mm grid
SCLEROSIS_REACH_MM = 5.0
CANAL_REACH_MM = 12.0  # behind the endplate the canal lies so far outside of the bone
STEP_MM = 4.0  # a step at a fracture lays no bone farther outside of the whole sacrum
STEP_REACH_MM = 14.0  # how far lateral of the cleft the ala is stepped off
WIDEST_BEYOND_MM = 6.0  # hips and bend of the body beyond its drawn half width
DEEPEST_SKIN_MM = 6.0  # no bone so near the skin

# Label values as in `anatomy.Structure` (kernels cannot read an enum of another room).
OUTSIDE, SACRUM, ILIUM, L5, CANAL, SI_JOINT, DISC, SOFT, FORAMEN_S1 = 0, 1, 2, 4, 5, 6, 8, 9, 11
RIGHT_FORAMEN = 10


@kernel
def warped_x(shape: Shape, x: float, y: float, z: float) -> float:
    """The template x of a point: a slow bend of about a millimetre, so that sides differ."""
    w = shape.warp
    return (
        x
        + w[0][0] * math.sin(z / 48.0 + w[1][0])
        + w[0][1] * math.sin(y / 41.0 + w[1][1])
        + w[0][2] * math.sin(x / 53.0 + w[1][2])
    )


@kernel
def sacral_trabeculae(shape: Shape, x: float, ax: float, s: float, v: float) -> float:
    """HU of the marrow bone: fatty voids in the central and ventral ala, denser S1 body and endplate."""
    u = s / shape.length
    fine = 55.0 * grain(shape, 1, x, s, v, 3.1) + 60.0 * grain(shape, 2, x, s, v, 1.7)
    body = 1.0 - ramp(14.0, 26.0, ax)
    ala = ramp(24.0, 34.0, ax) * (1.0 - ramp(0.40, 0.62, u))
    deep = v - ventral_surface(shape, ax, s)
    lateral = ramp(2.0, 9.0, joint_surface(shape, s, v) - ax)
    void = ala * ramp(1.5, 6.0, deep) * (1.0 - ramp(18.0, 32.0, deep)) * lateral
    patch = ramp(-0.5, 0.45, grain(shape, 8, x, s, v, 10.0))
    return (
        shape.trabecular
        + fine
        + 55.0 * body * (1.0 - ramp(0.2, 0.4, u))
        + 30.0 * (1.0 - lateral)
        - 175.0 * shape.matter.voids * void * patch
        + 22.0
    )


@kernel
def bone_hu(d: float, marrow: float, cortical: float, thickness: float) -> tuple[float, float]:
    """(HU, cover) across a shell: `d` distance to the surface, cover the bone's part of the voxel."""
    cover = clamp(0.5 - d, 0.0, 1.0)
    marrow += SUBCORTICAL_HU * math.exp(min(d + thickness, 0.0) / 2.2)
    shell = clamp(0.5 + d + thickness, 0.0, 1.0)
    return marrow * (1.0 - shell) + cortical * shell, cover


@kernel
def tissue_at(
    shape: Shape, x0: float, y: float, z: float, labels_only: bool
) -> tuple[int, int, float]:
    """(label, cleft, HU) at a template point. Cleft: 0 none, 1 left, 2 right, 3 horizontal.

    With `labels_only` soft tissue is not looked at, and the HU mean nothing.

    The cheap questions come first: air, then bone, and soft tissue only where bone leaves room.
    """
    beyond = max(abs(x0) - shape.skin_half_width, abs(y - CENTRE_Y) - shape.skin_half_depth)
    if beyond > WIDEST_BEYOND_MM:
        return OUTSIDE, 0, table_top_hu(x0, y, CENTRE_Y + shape.skin_half_depth)
    x = warped_x(shape, x0, y, z)
    ax = abs(x)
    outside = skin(shape, ax, y, z)
    if outside > 0.5:
        return OUTSIDE, 0, table_top_hu(x0, y, CENTRE_Y + shape.skin_half_depth)
    s = table_at(shape.tables, S, y, z)
    v = table_at(shape.tables, V, y, z)
    if labels_only and outside > -DEEPEST_SKIN_MM:
        return (SOFT if outside <= 0.0 else OUTSIDE), 0, SKIN
    if outside > -DEEPEST_SKIN_MM:
        soft = soft_hu(shape, x, ax, y, z, s, v, -outside)
        air = clamp(0.5 + outside, 0.0, 1.0)
        return (SOFT if outside <= 0.0 else OUTSIDE), 0, soft * (1.0 - air) + AIR * air
    label, cleft, hu, cover = _bone(shape, x, ax, y, z, s, v)
    if labels_only:
        return label, cleft, hu
    if cover < 1.0:
        hu = hu * cover + soft_hu(shape, x, ax, y, z, s, v, -outside) * (1.0 - cover)
    metal = metal_distance(shape, x, y, z, s, v)
    if metal < 0.5:
        part = metal_cover(metal)
        hu = hu * (1.0 - part) + METAL_HU * part
    return label, cleft, hu


@kernel
def _bone(
    shape: Shape, x: float, ax: float, y: float, z: float, s: float, v: float
) -> tuple[int, int, float, float]:
    """(label, cleft, HU, cover) of bones, discs, joints and canals; cover 0 where there is none."""
    h = (z - shape.promontory_z) * shape.slope_cos - (y - shape.promontory_y) * shape.slope_sin
    side = 0 if x > 0.0 else 1
    near = ax < 110.0 and -50.0 < v < 75.0 and -30.0 < s < shape.length + 45.0 and h < 35.0
    facing = FAR_MM
    if near:
        facing = auricular_area(shape, ax, s, v, h)
        if ax < 75.0:
            label, cleft, hu, cover = _sacral(shape, x, ax, y, z, s, v, h)
            if cover > 0.0:
                if label == SOFT and facing < 0.0 and joint_space(shape, ax, y, z, s, v):
                    label = SI_JOINT + side
                return label, cleft, hu, cover
    hip = hip_bone(shape, ax, y, z, s, v, facing)
    if hip < 0.5:
        marrow = shape.trabecular + 45.0 + 75.0 * grain(shape, 1, x, y, z, 2.4)
        thickness = (shape.cortex + 0.2) * (1.0 + 0.45 * grain(shape, 15, x, y, z, 14.0))
        if facing < FAR_MM:
            marrow += _subchondral(shape, x, ax, s, v, facing)
        hu, cover = bone_hu(hip, marrow, shape.cortical, thickness)
        return (ILIUM + side if hip < 0.0 else SOFT), 0, hu, cover
    if facing < 0.0 and joint_space(shape, ax, y, z, s, v):
        return SI_JOINT + side, 0, _joint_hu(shape, x, s, v, facing), 1.0
    thigh = femur(ax, y, z)
    if thigh < 0.5:
        shaft = ramp(110.0, 135.0, -z)
        marrow = shape.trabecular + 150.0 * (1.0 - shaft) + 75.0 * grain(shape, 1, x, y, z, 2.4)
        hu, cover = bone_hu(thigh, marrow, shape.cortical, 0.8 + 3.7 * shaft)
        return SOFT, 0, hu, cover
    if z > -25.0 and ax < 48.0 and y < 75.0:
        return _lumbar(shape, x, ax, y, z, h)
    return SOFT, 0, 0.0, 0.0


@kernel
def _sacral(
    shape: Shape, x: float, ax: float, y: float, z: float, s: float, v: float, h: float
) -> tuple[int, int, float, float]:
    side = 0 if x > 0.0 else 1
    envelope = sacrum_envelope(shape, ax, s, v, h)
    if s > shape.length:
        tail = coccyx(shape.length, ax, s, v)
        if tail < min(envelope, 0.5):
            hu, cover = bone_hu(tail, shape.trabecular + 60.0, 0.75 * shape.cortical, 0.8)
            return SOFT, 0, hu, cover
    if envelope > CANAL_REACH_MM:
        return SOFT, 0, 0.0, 0.0
    canal = sacral_canal(shape, ax, s, v)
    if canal < 0.0 and h < 0.0 and (envelope < 0.0 or s < 0.42 * shape.length):
        fat = ramp(-3.5, -1.5, canal) * 70.0 + 60.0 * ramp(0.35, 0.6, s / shape.length)
        return CANAL, 0, _wall(shape, canal, SPINAL_CSF - fat), 1.0
    if shape.traits.disc_mm > 0.0 and disc_remnant(shape, ax, s, v) < 0.0:
        return SOFT, 0, DISC_HU, 1.0
    if envelope >= STEP_MM:
        return SOFT, 0, 0.0, 0.0
    hole = FAR_MM
    for level in range(4):
        if not foramen_near(shape, level, ax, s):
            continue
        d = foramen(shape, level, ax, s, v)
        if d < hole:
            hole = d
            which = level
    if hole < 0.0 and envelope < 0.0:
        bone = meet(meet(envelope, -canal, 1.0), -hole, 1.5)
        hu = NERVE_HU if hole < -2.2 else -70.0
        hu = _wall(shape, bone, hu) if bone < 0.5 else hu
        return FORAMEN_S1 + which + RIGHT_FORAMEN * side, 0, hu, 1.0
    near, half, limb = FAR_MM, 0.0, 0
    if shape.fractured_left or shape.fractured_right:
        near, half, beyond, limb = cleft_distance(shape, x, ax, s, v)
        if 0.0 < beyond < STEP_REACH_MM:
            step = shape.matter.crack.step * (1.0 - ramp(0.0, STEP_REACH_MM, beyond))
            envelope = sacrum_envelope(shape, ax, s, v + step, h)
    bone = meet(meet(envelope, -canal, 1.0), -hole, 1.5)
    if bone >= 0.5:
        return SOFT, 0, 0.0, 0.0
    marrow = sacral_trabeculae(shape, x, ax, s, v) + _fusion_lines(shape, ax, s, v)
    if shape.matter.arthritis:
        marrow += _subchondral(shape, x, ax, s, v, auricular_area(shape, ax, s, v, h))
    thickness = shape.cortex * (1.0 + 0.5 * ramp(-4.0, -1.0, h) * (1.0 - ramp(18.0, 24.0, ax)))
    thickness *= 1.0 + 0.45 * grain(shape, 12, x, y, z, 9.0)
    hu, cover = bone_hu(bone, marrow, 0.74 * shape.cortical, thickness)
    cleft = 0
    gap = near - half
    if gap < SCLEROSIS_REACH_MM:
        callus = ramp(-0.45, 0.25, noise(shape.seed + 13, x, s, v, 9.0))
        callus *= shape.matter.crack.sclerosis
        hu += callus * (1.0 - ramp(0.3, SCLEROSIS_REACH_MM, gap)) * ramp(0.0, 1.5, -bone)
        part = min(clamp(0.5 - gap, 0.0, 1.0), 2.0 * half)  # a hairline fills no voxel
        hu = hu * (1.0 - part) + CLEFT_HU * part
        if half > 0.0 and near < max(half + 0.1, THINNEST_LABEL_MM) and bone < 0.0:
            cleft = limb
    return (SACRUM if bone < 0.0 else SOFT), cleft, hu, cover


@kernel
def _subchondral(shape: Shape, x: float, ax: float, s: float, v: float, facing: float) -> float:
    """Sclerosis beside an arthritic joint, in patches; more of it on the iliac side and in front."""
    if not shape.matter.arthritis or facing > 3.0:
        return 0.0
    off = ax - joint_surface(shape, s, v)
    reach = SUBCHONDRAL_MM * (1.4 if off > 0.0 else 1.0)
    patch = ramp(-0.35, 0.3, noise(shape.seed + 51, 0.5 * x, s, v, 14.0))
    return SUBCHONDRAL_HU * patch * (1.0 - ramp(0.2 * reach, reach, abs(off)))


@kernel
def _joint_hu(shape: Shape, x: float, s: float, v: float, facing: float) -> float:
    """Cartilage; behind it ligament and fat. An arthritic joint holds gas and bridges of bone."""
    if shape.matter.arthritis:
        if facing > -4.0 and v < 15.0 and noise(shape.seed + 53, x, s, 0.5, 9.0) > 0.15:
            return BRIDGE_HU
        if v < 18.0 and noise(shape.seed + 52, x, s, v, 8.0) > 0.2:
            return VACUUM_HU
    return CARTILAGE_HU - 60.0 * ramp(20.0, 30.0, v)


@kernel
def _wall(shape: Shape, inside: float, content: float) -> float:
    """Half a voxel of cortex at the wall of a hole (`inside` its negative depth)."""
    wall = clamp(0.5 + inside, 0.0, 0.5)
    return content * (1.0 - wall) + 0.7 * shape.cortical * wall


@kernel
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


@kernel
def _lumbar(
    shape: Shape, x: float, ax: float, y: float, z: float, h: float
) -> tuple[int, int, float, float]:
    for n in range(LUMBAR_COUNT):
        if abs(z - LUMBAR_Z[n]) > 42.0:
            continue
        d = lumbar_vertebra(shape.endplate_depth, shape.body_half_width, n, ax, y, z)
        if n == 0:
            d = min(d, sacralised_wing(shape, x, y, z))
        if d < 0.5:
            marrow = shape.trabecular + 38.0 + 75.0 * grain(shape, 1, x, y, 0.7 * z, 2.4)
            hu, cover = bone_hu(d, marrow, 0.85 * shape.cortical, 1.1)
            return ((L5 if n == 0 else SOFT) if d < 0.0 else SOFT), 0, hu, cover
    for n in range(LUMBAR_COUNT):
        if disc(shape.endplate_depth, shape.body_half_width, n, ax, y, z, h) < 0.0:
            return (DISC if n == 0 else SOFT), 0, DISC_HU, 1.0
    spinal = (ax / 11.0) ** 2 + ((y - 13.0 + 0.02 * z) / 8.5) ** 2
    return SOFT, 0, SPINAL_CSF, 1.0 if spinal < 1.0 else 0.0
