"""Implants: hip prosthesis, transsacral screw, sacroiliac screw."""

import math

from sacroplasty.phantom.kernel import kernel
from sacroplasty.phantom.pelvis_solids import HIP_X, HIP_Y, HIP_Z
from sacroplasty.phantom.sacral_profiles import BODY_DEPTH
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import clamp, profile_at, tube

METAL_HU = 7000.0  # before the scanner cuts off what twelve bits cannot hold
NO_METAL_MM = 99.0
_SCREW_U, _SCREW_RADIUS = 0.155, 3.6
_SCREW_DEPTH = 0.42  # of the S1 body, from its front
_SCREW_HALF_LENGTH, _SI_SCREW_TIP = 74.0, -4.0
_BALL_RADIUS, _CUP_INNER, _CUP_OUTER = 15.0, 22.5, 26.0
_STEM_RADIUS, _NECK_RADIUS = 6.8, 5.5


@kernel
def metal_distance(shape: Shape, x: float, y: float, z: float, s: float, v: float) -> float:
    """Distance to the nearest implant, negative inside; NO_METAL_MM without one."""
    d = NO_METAL_MM
    matter = shape.matter
    if (matter.transsacral_screw or matter.si_screw != 0) and abs(x) < 90.0:
        depth = _SCREW_DEPTH * profile_at(shape.profiles, BODY_DEPTH, _SCREW_U)
        across = math.sqrt((s - _SCREW_U * shape.length) ** 2 + (v - depth) ** 2)
        along = abs(x) - _SCREW_HALF_LENGTH
        if matter.si_screw != 0:
            along = max(along, _SI_SCREW_TIP - matter.si_screw * x)
        d = max(across - _SCREW_RADIUS, along)
    if matter.prosthesis * x > 40.0 and z < -40.0:
        d = min(d, _prosthesis(abs(x), y, z))
    return d


@kernel
def _prosthesis(ax: float, y: float, z: float) -> float:
    hip = math.sqrt((ax - HIP_X) ** 2 + (y - HIP_Y) ** 2 + (z - HIP_Z) ** 2)
    opening = 0.7 * (ax - HIP_X) + 0.7 * (HIP_Z - z) - 2.0
    cup = max(hip - _CUP_OUTER, _CUP_INNER - hip, opening)
    neck = tube(ax, y, z, HIP_X, HIP_Y, HIP_Z, 122.0, -8.0, -112.0, _NECK_RADIUS)
    stem = tube(ax, y, z, 122.0, -8.0, -112.0, 118.0, -10.0, -210.0, _STEM_RADIUS)
    return min(min(hip - _BALL_RADIUS, cup), min(neck, stem))


@kernel
def metal_cover(distance: float) -> float:
    """The implant's part of a voxel at a distance."""
    return clamp(0.5 - distance, 0.0, 1.0)
