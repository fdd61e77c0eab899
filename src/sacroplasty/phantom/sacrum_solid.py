"""The sacrum as a solid: slab between a ventral and a dorsal surface, cut by endplate and joints,
with the canal and the foramina bored out, and the upper articular processes added.

Arguments: `ax` distance from the midline, `s` and `v` curved coordinates (see `sacral_curve`),
`h` height above the plane of the S1 endplate, all in mm.
"""

import math

from sacroplasty.phantom.foramen_courses import (
    DORSAL_HALF_S,
    DORSAL_HALF_X,
    DORSAL_S,
    DORSAL_X,
    FORK_S,
    FORK_V,
    FORK_X,
    VENTRAL_HALF_S,
    VENTRAL_HALF_X,
    VENTRAL_S,
    VENTRAL_X,
)
from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.sacral_profiles import (
    BODY_DEPTH,
    CANAL_DEPTH,
    CANAL_END_U,
    CANAL_HALF_WIDTH,
    CREST,
    HALF_WIDTH,
    LATERAL_BACK,
    LATERAL_FALL,
    MID_BACK,
)
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, join, meet, profile_at, ramp, tube

FORAMEN_REACH_MM = 18.0  # along the curve, from its fork
FORAMEN_MARGIN_MM = 3.0  # lateral of its mouths, where it still rounds an edge
DISC_REMNANT_U = 0.305  # the S1–S2 junction


@kernel
def ventral_surface(shape: Shape, ax: float, s: float) -> float:
    """`v` of the ventral surface: the ala retreats at S1, the lateral mass comes forward below."""
    k = shape.length / 103.0
    u = s / shape.length
    out = ramp(0.9 * shape.body_half_width, 1.6 * shape.body_half_width, ax)
    retreat = 2.0 * max(14.0 * k - s, 0.0) * (1.0 - 0.5 * ramp(28.0, 48.0, ax))
    upper = ramp(0.05, 0.19, u) * (1.0 - 0.4 * ramp(0.3, 0.55, u) - 0.6 * ramp(0.55, 0.72, u))
    lower = ramp(0.70, 0.85, u) * ramp(14.0, 28.0, ax)
    forward = k * (13.0 * upper * clamp((ax - 20.0) / 22.0, 0.0, 1.0) + 4.0 * lower)
    groove = 1.5 * k * upper * math.exp(-(((ax - 17.0) / 7.0) ** 2))
    waist = 1.2 * math.cos(math.pi * 2.0 * clamp(u, 0.0, 1.0) * 4.6) * (1.0 - out)
    return out * retreat + groove - forward + 0.5 * waist


@kernel
def dorsal_surface(shape: Shape, ax: float, s: float) -> float:
    """`v` of the dorsal surface: median crest, groove, lateral mass."""
    u = s / shape.length
    middle = profile_at(shape.profiles, MID_BACK, u)
    lateral = profile_at(shape.profiles, LATERAL_BACK, u)
    t = ramp(4.0, 26.0, ax)
    crest = profile_at(shape.profiles, CREST, u) * math.exp(-((ax / 3.2) ** 2))
    knobs = 2.2 * math.cos(math.pi * 2.0 * u * 4.8) * ramp(20.0, 30.0, ax)
    outer = clamp((ax - 27.0) / 17.0, 0.0, 1.4)  # the wing's back: thick at S1, thin from S2 down
    lateral -= outer * profile_at(shape.profiles, LATERAL_FALL, u)
    return middle * (1.0 - t) + lateral * t + crest + knobs


@kernel
def joint_surface(shape: Shape, s: float, v: float) -> float:
    """Distance from the midline of the sacrum's lateral face: auricular surface, then the border."""
    width = profile_at(shape.profiles, HALF_WIDTH, s / shape.length)
    k = shape.length / 103.0
    off = (v - 13.0 * k) / k
    inward = k * 0.008 * off * off  # gently convex from front to back
    wave = 1.3 * math.sin(0.16 * s + 0.09 * v)
    return width - inward + wave


@kernel
def _top(shape: Shape, ax: float, s: float, v: float) -> float:
    """Height of the cranial surface above the endplate plane: endplate, lamina, ala."""
    depth = profile_at(shape.profiles, BODY_DEPTH, s / shape.length)
    half = shape.body_half_width
    dish = -1.3 * (
        1.0 - clamp((ax / half) ** 2 + ((v - 0.5 * depth) / (0.5 * depth)) ** 2, 0.0, 1.0)
    )
    behind = ramp(depth - 1.0, depth + 5.0, v)
    middle = dish * (1.0 - behind) - 10.0 * behind
    # The ala slopes: low in front of the endplate's plane, level with it behind.
    ala = clamp(-11.0 + 0.38 * v, -18.0, 2.0) + 1.5 * ramp(half + 4.0, half + 16.0, ax)
    ala -= 3.0 * ramp(half + 26.0, half + 36.0, ax)
    fall = 1.0 - 0.9 * ramp(4.0, 34.0, v) + 0.6 * ramp(half, half + 28.0, ax)
    ala -= shape.traits.alar_drop * fall
    out = ramp(half - 2.6, half + 3.8, ax)
    return middle * (1.0 - out) + ala * out


@kernel
def sacrum_envelope(shape: Shape, ax: float, s: float, v: float, h: float) -> float:
    """The sacrum without its holes."""
    front = ventral_surface(shape, ax, s) - v
    back = v - dorsal_surface(shape, ax, s)
    side = ax - joint_surface(shape, s, v)
    body = meet(front, back, 4.0)
    body = meet(body, side, 5.0)
    body = meet(body, h - _top(shape, ax, s, v), 3.0)
    body = meet(body, s - shape.length, 4.0)
    if shape.traits.disc_mm > 0.0:
        body = max(body, -disc_remnant(shape, ax, s, v))
    if shape.traits.mammillary_mm > 0.0:
        body = join(body, mammillary_process(shape, ax, s, v, h), 3.0)
    return join(body, articular_process(shape, ax, s, v, h), 3.0)


@kernel
def sacral_bone(shape: Shape, ax: float, s: float, v: float, h: float) -> float:
    """The sacrum with its canal and foramina open (no fracture)."""
    envelope = sacrum_envelope(shape, ax, s, v, h)
    if envelope > 8.0:
        return envelope
    bone = meet(envelope, -sacral_canal(shape, ax, s, v), 1.0)
    for level in range(4):
        if not foramen_near(shape, level, ax, s):
            continue
        bone = meet(bone, -foramen(shape, level, ax, s, v), 1.5)
    return bone


@kernel
def disc_remnant(shape: Shape, ax: float, s: float, v: float) -> float:
    """The S1–S2 disc of a lumbarised S1: a flat space within the body's outline."""
    depth = profile_at(shape.profiles, BODY_DEPTH, DISC_REMNANT_U)
    middle = 0.5 * depth
    across = math.sqrt((ax / (0.85 * shape.body_half_width)) ** 2 + ((v - middle) / depth) ** 2)
    flat = abs(s - DISC_REMNANT_U * shape.length) - shape.traits.disc_mm
    return max(flat, 12.0 * (across - 1.0), v - depth)


@kernel
def mammillary_process(shape: Shape, ax: float, s: float, v: float, h: float) -> float:
    """The knob of a dysmorphic sacrum on the back of the ala, beside the articular process."""
    along = v * math.sin(math.pi * 65.0 / 180.0) + s * math.cos(math.pi * 65.0 / 180.0)
    dx, dy = ax - shape.body_half_width - 10.0, along - shape.endplate_depth - 3.0
    dz = h - 1.0
    return math.sqrt(dx * dx + dy * dy + 0.5 * dz * dz) - shape.traits.mammillary_mm


@kernel
def articular_process(shape: Shape, ax: float, s: float, v: float, h: float) -> float:
    """The upper articular process of S1, which carries L5."""
    depth = shape.endplate_depth
    half = shape.body_half_width
    # Along the endplate direction, from the promontory: both ends lie behind the body.
    along = v * math.sin(math.pi * 65.0 / 180.0) + s * math.cos(math.pi * 65.0 / 180.0)
    return tube(
        0.75 * ax,
        along,
        h,
        0.75 * (half - 0.5),
        depth + 7.0,
        -14.0,
        0.75 * (half + 2.0),
        depth + 9.0,
        3.0,
        5.2,
    )


@kernel
def sacral_canal(shape: Shape, ax: float, s: float, v: float) -> float:
    """The sacral canal: triangular, base on the bodies, closing towards the hiatus."""
    u = s / shape.length
    floor = profile_at(shape.profiles, BODY_DEPTH, u)
    depth = profile_at(shape.profiles, CANAL_DEPTH, u)
    half = profile_at(shape.profiles, CANAL_HALF_WIDTH, u)
    up = (v - floor) / depth
    sides = 0.8 * (ax - half * (1.0 - 0.72 * clamp(up, 0.0, 1.2)))
    open_back = 6.0 * ramp(CANAL_END_U - 0.05, CANAL_END_U, u)
    return meet(
        meet(floor - v, v - floor - depth - open_back, 2.0),
        meet(sides, u * shape.length - 0.97 * shape.length, 2.0),
        3.5,
    )


@kernel
def foramen_near(shape: Shape, level: int, ax: float, s: float) -> bool:
    """Whether a foramen may be this near: a cheap question before `foramen`."""
    t = shape.foramina[level]
    if abs(s - t[FORK_S]) > FORAMEN_REACH_MM:
        return False
    ventral, dorsal = t[VENTRAL_X] + t[VENTRAL_HALF_X], t[DORSAL_X] + t[DORSAL_HALF_X]
    return ax < max(ventral, dorsal) + FORAMEN_MARGIN_MM


@kernel
def foramen(shape: Shape, level: int, ax: float, s: float, v: float) -> float:
    """One foraminal canal, S1 = 0 … S4 = 3: fork, ventral limb, dorsal limb, way to the canal."""
    t = shape.foramina[level]
    fork_x, fork_s, fork_v = t[FORK_X], t[FORK_S], t[FORK_V]
    ventral = _limb(
        ax, s, v, fork_x, fork_s, fork_v, t[VENTRAL_X], t[VENTRAL_S], fork_v - 12.0, -30.0,
        t[VENTRAL_HALF_X], t[VENTRAL_HALF_S],
    )  # fmt: skip
    back = dorsal_surface(shape, t[DORSAL_X], t[DORSAL_S])
    dorsal = _limb(
        ax, s, v, fork_x, fork_s, fork_v, t[DORSAL_X], t[DORSAL_S], fork_v + 8.0, back + 8.0,
        t[DORSAL_HALF_X], t[DORSAL_HALF_S],
    )  # fmt: skip
    u = fork_s / shape.length
    half = profile_at(shape.profiles, CANAL_HALF_WIDTH, u)
    depth = profile_at(shape.profiles, CANAL_DEPTH, u)
    width = min(t[VENTRAL_HALF_S], 0.42 * depth)
    root = tube(
        ax,
        s,
        v,
        0.5 * half,
        fork_s - 3.0,
        fork_v + 0.3 * depth,
        fork_x,
        fork_s,
        fork_v + 1.0,
        width,
    )
    return join(join(ventral, dorsal, 2.0), root, 2.0)


@kernel
def _limb(
    ax: float, s: float, v: float,
    fork_x: float, fork_s: float, fork_v: float,
    mouth_x: float, mouth_s: float, mouth_v: float, end_v: float,
    half_x: float, half_s: float,
) -> float:  # fmt: skip
    """An elliptic tunnel along v from the fork to the mouth, and straight on out of the bone."""
    t = clamp((v - fork_v) / (mouth_v - fork_v), 0.0, 1.0)
    cx = fork_x + t * (mouth_x - fork_x)
    cs = fork_s + t * (mouth_s - fork_s)
    across = math.sqrt(((ax - cx) / half_x) ** 2 + ((s - cs) / half_s) ** 2)
    radial = (across - 1.0) * min(half_x, half_s)
    low, high = min(fork_v, end_v), max(fork_v, end_v)
    return meet(radial, max(low - v, v - high), 2.0)
