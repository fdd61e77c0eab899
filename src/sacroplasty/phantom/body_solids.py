"""Everything that is not bone: skin, fat, muscles, bowel, bladder, rectum, vessels. Answers in HU."""

import math

from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.pelvis_solids import HIP_X, HIP_Y, HIP_Z
from sacroplasty.phantom.sacral_curve import ILIUM_HALF_THICKNESS, ILIUM_MIDDLE, ILIUM_OUTLINE
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, ellipsoid, grain, ramp, table_at, tube

FAT, MUSCLE, SKIN, FLUID, WALL, GAS, STOOL = (
    -102.0,
    52.0,
    15.0,
    8.0,
    38.0,
    -850.0,
    20.0,
)
CALCIUM = 620.0
SPINAL_CSF = 18.0
CENTRE_Y = -14.0


@kernel
def skin(shape: Shape, ax: float, y: float, z: float) -> float:
    """Distance to the skin: a rounded cross-section, wider at the hips than at the waist."""
    width = shape.skin_half_width * (
        0.93 + 0.07 * ramp(70.0, -70.0, -z) + 0.02 * ramp(40.0, 100.0, -z)
    )
    depth = shape.skin_half_depth
    dy = y - CENTRE_Y
    if dy > 0.0:
        depth -= 4.0 * math.exp(-((ax / 16.0) ** 2)) * ramp(-40.0, 10.0, z)
        depth -= 26.0 * math.exp(-((ax / 11.0) ** 2)) * ramp(55.0, 100.0, -z)
    across, deep = ax / width, abs(dy) / depth
    r = (across * across * math.sqrt(across) + deep * deep * math.sqrt(deep)) ** 0.4
    return (r - 1.0) * depth


@kernel
def soft_hu(
    shape: Shape, x: float, ax: float, y: float, z: float, s: float, v: float, depth: float
) -> float:
    """HU of the soft tissue at a point `depth` below the skin."""
    if depth < 2.2:
        return SKIN
    vessel = _vessel_hu(shape, x, y, z)
    if vessel > -500.0:
        return vessel
    back = ramp(-20.0, 40.0, y)
    fat_depth = (
        24.0 + 9.0 * back * ramp(20.0, 90.0, ax) - 6.0 * back * math.exp(-((ax / 40.0) ** 2))
    )
    if depth < fat_depth:
        strand = grain(shape, 5, x, y, z, 9.0)
        return FAT + 9.0 * grain(shape, 3, x, y, z, 4.0) + 55.0 * ramp(0.72, 0.95, abs(strand))
    muscle = _muscle(shape, ax, y, z, v, depth - fat_depth)
    if muscle > 0.0:
        streaks = ramp(0.25, 0.8, grain(shape, 7, x, y, 0.3 * z, 5.0) + 0.5 * (muscle - 0.5))
        fatty = 95.0 * streaks * muscle
        return (
            MUSCLE + shape.matter.muscle_enhancement - fatty + 8.0 * grain(shape, 4, x, y, z, 3.0)
        )
    return _cavity_hu(shape, x, y, z, s, v)


@kernel
def _vessel_hu(shape: Shape, x: float, y: float, z: float) -> float:
    if y > 12.0 or abs(x) > 90.0:
        return -1000.0
    for n in range(shape.vessels.shape[0]):
        t = shape.vessels[n]
        if z > max(t[2], t[5]) + 11.0 or z < min(t[2], t[5]) - 11.0:
            continue
        d = tube(x, y, z, t[0], t[1], t[2], t[3], t[4], t[5], t[6])
        if d < 0.0:
            calcium = shape.matter.calcium * t[7]
            plaque = grain(shape, 40 + n, x, y, z, 6.0)
            if d > -1.6 and plaque > 1.0 - 0.55 * calcium:
                return CALCIUM
            return shape.matter.artery if t[7] > 0.0 else shape.matter.vein
    return -1000.0


@kernel
def _muscle(shape: Shape, ax: float, y: float, z: float, v: float, below_fascia: float) -> float:
    """0 where there is no muscle, else how fatty the muscle is (0.1 lean … 1 replaced by fat)."""
    bend = math.sin(0.11 * y + 1.9 * math.sin(0.047 * z))
    ax += 2.2 * bend + 1.0 * math.sin(0.31 * y - 0.23 * z)  # no muscle has a straight edge
    y += 2.2 * math.sin(0.12 * ax + 1.7 * math.sin(0.051 * z)) + 0.8 * bend
    v += 1.5 * bend
    middle = table_at(shape.tables, ILIUM_MIDDLE, y, z)
    half = table_at(shape.tables, ILIUM_HALF_THICKNESS, y, z)
    outline = table_at(shape.tables, ILIUM_OUTLINE, y, z)
    lateral = 0.8 * (ax - middle - half)
    if below_fascia < 11.0 and y < 5.0 and z > -70.0:  # abdominal wall
        return 0.0 if ax < 3.0 or 58.0 < ax < 63.0 or abs(below_fascia - 4.0) < 0.6 else 0.35
    if 0.0 < lateral < 46.0 - 0.9 * max(z + 5.0, 0.0) and y > -75.0 and outline < 16.0:  # gluteals
        if abs(lateral - 11.0) < 1.0 or abs(lateral - 27.0 + 0.1 * y) < 1.5:
            return 0.0
        return 0.4
    if (
        ax > 12.0
        and y > 12.0
        and v > 14.0 - 0.55 * max(ax - 45.0, 0.0)
        and z < -30.0 - 0.45 * max(62.0 - ax, 0.0)
    ):  # gluteus maximus behind the sacrum
        return 0.0 if abs(math.sin(0.11 * (ax + y))) < 0.09 else 0.5
    narrow = 1.0 - 0.55 * ramp(5.0, 75.0, -z)
    in_column = ((ax - 27.0 * narrow) / (33.0 * narrow)) ** 2 + ((y - 46.0) / 37.0) ** 2 < 1.0
    if (
        in_column and 2.0 < ax < middle + 4.0 and z > -75.0 and v > 0.0
    ):  # erector spinae, multifidus
        return 0.0 if below_fascia < 1.5 or abs(ax - 30.0 - 0.1 * z) < 1.0 else 0.75
    if (
        -1.0 < middle - half - ax < 13.0 - 0.35 * max(z, 0.0)
        and y < 12.0
        and z < 30.0
        and outline < 0.0
        and ax > 40.0
    ):  # iliacus
        return 0.3
    down = max(15.0 - z, 0.0)
    px, py = 41.0 + 0.34 * down, -12.0 - 0.42 * down
    if z < -80.0:
        py += 0.3 * (-80.0 - z)
    if ((ax - px) / 18.0) ** 2 + ((y - py) / 15.0) ** 2 < 1.0:  # psoas
        return 0.25
    if tube(ax, y, z, 24.0, 38.0, -58.0, 120.0, 6.0, -96.0, 8.0) < 0.0:  # piriformis
        return 0.35
    hip = math.sqrt((ax - HIP_X) ** 2 + (y - HIP_Y) ** 2 + 0.4 * (z - HIP_Z) ** 2)
    if z < -30.0 and (hip < 56.0 or (ax > 66.0 and z < -95.0)):  # about the hip
        planes = abs(math.sin(0.10 * hip + 0.05 * y))
        return 0.0 if planes < 0.12 else 0.4
    if 52.0 < ax < 64.0 and abs(y + 10.0) < 34.0 and z < -60.0:  # obturator internus
        return 0.3
    return 0.0


@kernel
def _cavity_hu(shape: Shape, x: float, y: float, z: float, s: float, v: float) -> float:
    bladder = ellipsoid(x, y + 58.0, z + 88.0, 40.0, 27.0, 27.0)
    if bladder < 0.0:
        return FLUID if bladder < -3.5 else WALL
    u = s / shape.length
    if 0.5 < u < 1.35:  # rectum, in the hollow of the sacrum
        full = shape.matter.rectal_gas or shape.matter.faeces
        radius = 19.0 if full else 13.0
        middle = -11.0 - radius
        rectum = math.sqrt((x - 4.0 * math.sin(5.0 * u)) ** 2 + (v - middle) ** 2) - radius
        if rectum < 0.0:
            return _rectum_hu(shape, x, y, z, v - middle, rectum)
    for n in range(shape.bowel.shape[0]):
        b = shape.bowel[n]
        dz = z - b[2]
        if abs(dz) > b[5]:
            continue
        dx, dy = x - b[0], y - b[1]
        loop = ellipsoid(dx, dy, dz, b[3], b[4], b[5])
        if loop < 0.0:
            if loop > -2.5:
                return WALL
            if dy < b[4] * (2.0 * b[6] - 1.0):
                return GAS
            return STOOL + 12.0 * grain(shape, 11, x, y, z, 6.0)
    strand = abs(grain(shape, 6, x, y, z, 7.0))
    return FAT + 8.0 * grain(shape, 3, x, y, z, 4.0) + 70.0 * clamp(0.1 - strand, 0.0, 0.1) * 8.0


@kernel
def _rectum_hu(shape: Shape, x: float, y: float, z: float, behind: float, depth: float) -> float:
    """Wall, gas in front (as it rises when one lies on the back), stool mottled with gas behind."""
    if depth > -3.5:
        return WALL
    if behind < (8.0 if shape.matter.rectal_gas else -4.0) and not (
        shape.matter.faeces and behind > -9.0
    ):
        return GAS
    stool = STOOL + 25.0 * grain(shape, 9, x, y, z, 5.0)
    if shape.matter.faeces and grain(shape, 10, x, y, z, 4.0) > 0.3:
        return 0.5 * (stool + GAS)
    return stool


@kernel
def table_top_hu(x: float, y: float, skin_back: float) -> float:
    """The scanner's table: a curved shell under the patient, foam inside."""
    gap = y - (skin_back + 12.0) + 0.0011 * x * x
    if abs(x) > 215.0 or gap < 0.0 or gap > 26.0:
        return -1000.0
    return -120.0 if gap < 2.0 or gap > 24.0 else -965.0
