"""The clefts of an insufficiency fracture as surfaces with a width."""

from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.matter import ZONE_I, ZONE_II
from sacroplasty.phantom.sacral_profiles import ZONE_LATERAL, ZONE_MEDIAL
from sacroplasty.phantom.sacrum_solid import joint_surface
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, noise, profile_at, ramp

NO_CRACK_MM = 99.0
CLOSING_U = 0.12  # over which a vertical limb narrows to nothing


@kernel
def vertical_middle(shape: Shape, x: float, s: float, v: float) -> float:
    """Distance from the midline of a vertical limb's middle.

    In zone I it runs between the lateral border of the foramina and the joint, about parallel to
    the joint; in zone II through the foramina; from zone I to II it slants medially from S1 to S2.
    """
    u = s / shape.length
    key = shape.seed + (22 if x > 0.0 else 23)
    outer = profile_at(shape.profiles, ZONE_LATERAL, u)
    border = outer + 2.0
    joint = joint_surface(shape, s, v) - 3.0
    wave = 1.8 * noise(key, s, v, 0.5, 13.0) + 0.7 * noise(key + 2, s, v, 0.5, 4.5)
    lateral = border + 0.5 * (joint - border) + wave * clamp((joint - border) / 8.0, 0.0, 1.0)
    course = shape.matter.crack.course
    if course == ZONE_I:
        return lateral
    medial = 0.5 * (outer + profile_at(shape.profiles, ZONE_MEDIAL, u)) + 0.7 * wave
    slant = 1.0 if course == ZONE_II else ramp(0.10, 0.40, u)
    return lateral + slant * (medial - lateral)


@kernel
def cleft_distance(
    shape: Shape, x: float, ax: float, s: float, v: float
) -> tuple[float, float, float, int]:
    """(distance to the cleft's middle, its half width, distance beyond it on the displaced side, limb).

    Limb: 0 none (then the others are NO_CRACK_MM, 0, NO_CRACK_MM), 1 vertical left, 2 vertical
    right, 3 horizontal. The cleft is wavy and of uneven width.
    """
    crack = shape.matter.crack
    near, half, beyond, limb = NO_CRACK_MM, 0.0, NO_CRACK_MM, 0
    broken = shape.fractured_left if x > 0.0 else shape.fractured_right
    across = crack.across_left if x > 0.0 else crack.across_right
    u = s / shape.length
    key = shape.seed + (22 if x > 0.0 else 23)
    end = crack.end_u + 0.05 * noise(key + 6, v, 0.5, 0.5, 9.0)
    if broken and u < end:
        closing = 1.0 - ramp(end - CLOSING_U, end, u)
        uneven = clamp(1.0 + 0.7 * noise(key + 4, s, v, 0.5, 8.0), 0.4, 1.55)
        lateral = ax - vertical_middle(shape, x, s, v)
        near, half = abs(lateral), 0.5 * closing * crack.aperture * uneven
        beyond, limb = lateral + NO_CRACK_MM * (1.0 - closing), 1 if x > 0.0 else 2
    if across > 0 and abs(u - crack.level_u) < 0.2:
        reach = vertical_middle(shape, x, s, v)
        if across == 2:
            reach = profile_at(shape.profiles, ZONE_MEDIAL, u) + 4.0
        wave = 1.6 * noise(shape.seed + 31, x, v, 0.5, 12.0)
        wave += 0.6 * noise(shape.seed + 32, x, v, 0.5, 4.0)
        below = s - crack.level_u * shape.length - wave + 0.1 * (v - 10.0)
        uneven = clamp(1.0 + 0.7 * noise(shape.seed + 33, x, v, 0.5, 8.0), 0.4, 1.55)
        width = 0.5 * crack.aperture * uneven * (1.0 - ramp(reach - 3.0, reach, ax))
        if ax < reach and abs(below) - width < near - half:
            near, half, beyond, limb = abs(below), width, below, 3
    return near, half, beyond, limb
