"""The other bones: hip bones with sockets and pubis, femora, lumbar vertebrae, coccyx, L5/S1 disc."""

import math

from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.sacral_curve import ILIUM_HALF_THICKNESS, ILIUM_MIDDLE, ILIUM_OUTLINE
from sacroplasty.phantom.sacrum_solid import (
    dorsal_surface,
    joint_surface,
    ventral_surface,
)
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, ellipsoid, join, meet, ramp, table_at, tube

HIP_X, HIP_Y, HIP_Z = 87.0, -16.0, -78.0
HEAD_RADIUS, SOCKET_GAP = 22.5, 2.6
HIP_LEVEL_Z = -40.0  # above it, only the blade

# The ilium's rim of the joint: where it begins to fall away, how fast, and how much faster yet.
RIM_MM, RIM_SLOPE, RIM_BEND = 4.0, 0.5, 0.05

# What a kernel answers where its bone cannot be.
FAR_MM = 99.0

# Lumbar vertebrae from L5 upwards: centre (y, z) and tilt of the body's axis in degrees.
LUMBAR_Y = (-10.0, -19.0, -22.0, -22.0)
LUMBAR_Z = (24.0, 59.0, 95.0, 131.0)
LUMBAR_TILT = (21.0, 6.0, -4.0, -8.0)
LUMBAR_COUNT = 4
BODY_HALF_HEIGHT = 13.0


@kernel
def auricular_area(shape: Shape, ax: float, s: float, v: float, h: float) -> float:
    """The tongue of space through which sacrum and ilium face each other."""
    front = ventral_surface(shape, ax, s) - v + 1.0
    back = v - dorsal_surface(shape, ax, s) - 1.0
    return max(front, back, s - shape.auricular_end, 0.02 * shape.length - s, h - 4.0)


@kernel
def joint_cut(shape: Shape, s: float, v: float) -> float:
    """Distance from the midline of the ilium's joint face: cartilage, behind it the ligament."""
    cut = joint_surface(shape, s, v) + shape.joint_gap
    return cut + 0.35 * max(v - 24.0, 0.0)  # the interosseous ligament fills the back


@kernel
def ilium_blade(shape: Shape, ax: float, y: float, z: float, facing: float, cut: float) -> float:
    """The blade. Where it faces the sacrum (`facing` < 0) it reaches in to the joint at `cut`.

    Beyond the rim of the auricular surface it falls away as a slope, as the arcuate line does.
    """
    outline = table_at(shape.tables, ILIUM_OUTLINE, y, z)
    if outline > 12.0:
        return outline
    middle = table_at(shape.tables, ILIUM_MIDDLE, y, z)
    half = table_at(shape.tables, ILIUM_HALF_THICKNESS, y, z)
    tilt = 0.80  # the blade is oblique: distances along x are longer than across it
    lateral = tilt * (ax - middle - half)
    inner = middle - half
    if facing < FAR_MM:
        beyond = max(facing + RIM_MM, 0.0)
        inner = join(inner, cut + (RIM_SLOPE + RIM_BEND * beyond) * beyond, 6.0)
    return meet(outline, meet(lateral, tilt * (inner - ax), 3.0), 9.0)


@kernel
def joint_space(shape: Shape, ax: float, y: float, z: float, s: float, v: float) -> bool:
    """Whether a point within the auricular area lies between the two joint faces."""
    between = joint_surface(shape, s, v) < ax < joint_cut(shape, s, v) + 0.6
    return between and table_at(shape.tables, ILIUM_OUTLINE, y, z) < -1.0


@kernel
def hip_bone(
    shape: Shape, ax: float, y: float, z: float, s: float, v: float, facing: float
) -> float:
    """Ilium, ischium and pubis of one side."""
    if z > HIP_LEVEL_Z and (ax < 25.0 or table_at(shape.tables, ILIUM_OUTLINE, y, z) > 4.0):
        return FAR_MM
    cut = joint_cut(shape, s, v)
    blade = ilium_blade(shape, ax, y, z, facing, cut)
    if s < 1.3 * shape.auricular_end and ax < 75.0:
        blade = meet(blade, 0.85 * (cut - ax), 2.0)
    if z > HIP_LEVEL_Z:
        return blade
    hip = math.sqrt((ax - HIP_X) ** 2 + (y - HIP_Y) ** 2 + (z - HIP_Z) ** 2)
    cup = meet(hip - 33.0, 0.78 * (ax - HIP_X) + 0.3 * (HIP_Y - y) + 0.55 * (HIP_Z - z) - 4.0, 5.0)
    bone = join(blade, cup, 6.0)
    ischium = tube(ax, y, z, 84.0, 6.0, -92.0, 62.0, 22.0, -132.0, 13.0)
    pubis = tube(ax, y, z, 78.0, -36.0, -88.0, 16.0, -66.0, -104.0, 7.5)
    body = tube(ax, y, z, 12.0, -66.0, -104.0, 11.0, -60.0, -124.0, 8.0)
    lower = tube(ax, y, z, 13.0, -58.0, -128.0, 54.0, 8.0, -142.0, 6.5)
    bone = join(bone, join(join(ischium, pubis, 6.0), join(body, lower, 5.0), 5.0), 6.0)
    return max(bone, HEAD_RADIUS + SOCKET_GAP - hip)


@kernel
def femur(ax: float, y: float, z: float) -> float:
    """Head, neck, greater trochanter and shaft."""
    if z > HIP_LEVEL_Z:
        return FAR_MM
    head = math.sqrt((ax - HIP_X) ** 2 + (y - HIP_Y) ** 2 + (z - HIP_Z) ** 2) - HEAD_RADIUS
    neck = tube(ax, y, z, HIP_X, HIP_Y, HIP_Z, 126.0, -8.0, -112.0, 13.0)
    trochanter = tube(ax, y, z, 131.0, 0.0, -98.0, 129.0, -2.0, -128.0, 15.0)
    shaft = tube(ax, y, z, 126.0, -8.0, -118.0, 118.0, -10.0, -220.0, 15.5)
    return join(join(head, neck, 5.0), join(trochanter, shaft, 6.0), 6.0)


@kernel
def vertebra_axes(n: int, y: float, z: float) -> tuple[float, float]:
    """(dorsal, cranial) coordinates in the body's own axes."""
    tilt = math.pi * LUMBAR_TILT[n] / 180.0
    dy, dz = y - LUMBAR_Y[n], z - LUMBAR_Z[n]
    return dy * math.cos(tilt) + dz * math.sin(tilt), dz * math.cos(tilt) - dy * math.sin(tilt)


@kernel
def vertebral_body(ax: float, b: float, c: float, half_width: float, half_depth: float) -> float:
    """A waisted cylinder with a flat back and slightly hollow ends."""
    waist = 1.0 - 0.09 * math.cos(0.5 * math.pi * clamp(c / BODY_HALF_HEIGHT, -1.0, 1.0))
    r = ((ax / (half_width * waist)) ** 2.4 + (abs(b) / (half_depth * waist)) ** 2.4) ** (1.0 / 2.4)
    around = (r - 1.0) * half_depth
    around = meet(around, b - 0.88 * half_depth, 3.0)
    hollow = 1.2 * (1.0 - clamp(r * r, 0.0, 1.0))
    return meet(around, abs(c) - BODY_HALF_HEIGHT + hollow, 2.5)


@kernel
def lumbar_vertebra(
    endplate_depth: float, s1_half_width: float, n: int, ax: float, y: float, z: float
) -> float:
    """L5 (n = 0) and upwards: body, pedicles, transverse and articular processes, lamina, spine."""
    b, c = vertebra_axes(n, y, z)
    if abs(c) > 28.0 or b < -30.0 or b > 80.0:
        return FAR_MM
    half_depth = 0.54 * endplate_depth
    half_width = max(1.06 * s1_half_width, 20.5)
    body = vertebral_body(ax, b, c, half_width, half_depth)
    if b < 0.0 or (ax > 8.0 and b > half_depth + 30.0):
        return body
    back = half_depth
    pedicle = tube(
        ax, 0.8 * b, c, 15.5, 0.8 * (back - 6.0), 5.0, 16.5, 0.8 * (back + 10.0), 4.0, 5.0
    )
    wing = tube(ax, b, c, 18.0, back + 6.0, 4.0, 44.0 - 3.0 * n, back + 12.0, 7.0, 4.2)
    upper = tube(ax, b, c, 17.0, back + 10.0, 4.0, 19.5, back + 14.0, 17.0, 5.0)
    lower = tube(ax, b, c, 15.0, back + 15.0, 2.0, 16.5 + 2.5 * (n == 0), back + 20.0, -19.0, 5.0)
    lamina = tube(ax, b, c, 15.0, back + 14.0, 0.0, 0.0, back + 25.0, -6.0, 3.6)
    spine_end = back + (38.0 if n == 0 else 48.0)
    blade = 0.5 * tube(2.0 * ax, b, 0.55 * c, 0.0, back + 25.0, -4.0, 0.0, spine_end, -7.0, 5.6)
    arch = join(join(pedicle, wing, 4.0), join(upper, lower, 3.0), 3.0)
    return join(body, join(arch, join(lamina, blade, 3.0), 3.0), 3.0)


@kernel
def sacralised_wing(shape: Shape, x: float, y: float, z: float) -> float:
    """The broad transverse process of a sacralised L5, down to the ala of its side.

    Taller than 19 mm (Castellvi), flat from front to back; asked only where L5 is.
    """
    if (shape.traits.wing_left if x > 0.0 else shape.traits.wing_right) == 0.0:
        return FAR_MM
    root = tube(abs(x), 1.4 * y, z, 22.0, 1.4 * 10.0, 24.0, 36.0, 1.4 * 12.0, 13.0, 10.5)
    return root / 1.4


@kernel
def disc(
    endplate_depth: float, s1_half_width: float, n: int, ax: float, y: float, z: float, h: float
) -> float:
    """The disc below vertebra n: between its body and the one below (the sacrum for n = 0)."""
    b, c = vertebra_axes(n, y, z)
    if c > 0.0 or c < -40.0 or abs(b) > 30.0:
        return FAR_MM
    half_depth = 0.55 * endplate_depth
    half_width = max(1.06 * s1_half_width, 20.5)
    around = math.sqrt((ax / half_width) ** 2 + (b / half_depth) ** 2)
    around = (around - 1.0) * half_depth
    above = c + BODY_HALF_HEIGHT - 1.5
    if n == 0:
        return max(around, above, -h - 1.5)
    _, below = vertebra_axes(n - 1, y, z)
    return max(around, above, BODY_HALF_HEIGHT - below - 1.5)


@kernel
def coccyx(length: float, ax: float, s: float, v: float) -> float:
    """Three dwindling segments that continue the sacral curve."""
    start = length + 3.0
    u = s - start
    size = 1.0 - 0.022 * clamp(u, 0.0, 30.0)
    gaps = 0.6 * ramp(0.6, 1.0, math.cos(2.0 * math.pi * u / 10.0))
    return meet(
        ellipsoid(ax, v - 5.0 + 0.02 * u * u * 0.3, 0.0, 8.5 * size, 4.3 * size, 4.0) + gaps,
        max(-u, u - 30.0),
        3.0,
    )
