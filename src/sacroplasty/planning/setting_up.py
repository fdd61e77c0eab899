"""From a needle in the patient to what the operator reads off table, gantry, C-arm and shaft."""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Side
from sacroplasty.planning.clearance import NeedleMeasurement
from sacroplasty.planning.guidance import CArmAngles, DepthMarks, NeedleGuidance
from sacroplasty.planning.needle import Needle
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3

_SOLD = ("bone_needle_short", "bone_needle_medium", "bone_needle_long")


def guide_needle(
    sacrum: SacrumModel, side: Side, needle: Needle, measured: NeedleMeasurement, cement_basis: str
) -> NeedleGuidance:
    """How to set `needle`; the patient lies as in the scan, turned over to prone."""
    x, y, z = needle.direction
    length = _length_to_take(needle.length_mm)
    bore_mm2 = math.pi / 4.0 * needle.gauge.inner_diameter_mm**2
    ahead = measured.ahead_mm
    return NeedleGuidance(
        table_position_mm=float(needle.entry.single[2]),
        lateral_offset_mm=_beside_midline_mm(sacrum, side, needle),
        axial_angle_deg=math.degrees(math.atan2(side.sign * x, -y)),
        sagittal_angle_deg=math.degrees(math.asin(max(-1.0, min(1.0, z)))),
        en_face=_looking_along(sacrum, -needle.direction),
        profile=_looking_across(sacrum, needle.direction),
        depth=DepthMarks(
            dorsal_cortex_mm=measured.bone_entry_depth_mm or 0.0,
            target_mm=needle.length_mm,
            anterior_cortex_mm=None if ahead is None else needle.length_mm + ahead,
        ),
        needle_length_mm=length,
        dead_volume_ml=ml_from_mm3(bore_mm2 * (length or needle.length_mm)),
        cement_basis=cement_basis,
    )


def _length_to_take(depth_mm: float) -> float | None:
    needed = depth_mm + constant("needle_hub_allowance").value
    sold = sorted(constant(name).value for name in _SOLD)
    return next((length for length in sold if length >= needed), None)


def _beside_midline_mm(sacrum: SacrumModel, side: Side, needle: Needle) -> float:
    """Along the scanner's left-right axis, from where the midline plane cuts that row of the slice."""
    origin = sacrum.scanner_from_sacrum.translation
    normal = sacrum.scanner_from_sacrum.rotation[:, 0]
    away = float((needle.entry.single - origin) @ normal)
    return side.sign * away / float(normal[0])


def _levelled_axes(
    sacrum: SacrumModel,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Table (to the head), patient's left levelled to the table, and dorsal across both."""
    table = np.array([0.0, 0.0, 1.0])
    left = sacrum.scanner_from_sacrum.rotation[:, 0]
    left = left - (left @ table) * table
    left = left / np.linalg.norm(left)
    return table, left, np.cross(table, left)


def _looking_along(sacrum: SacrumModel, beam: NDArray[np.float64]) -> CArmAngles:
    """The two angles of a beam; the beam of AP runs from ventral to dorsal."""
    table, left, dorsal = _levelled_axes(sacrum)
    rotation = math.degrees(math.atan2(beam @ left, beam @ dorsal))
    return CArmAngles(rotation, math.degrees(math.asin(float(np.clip(beam @ table, -1, 1)))))


def _looking_across(sacrum: SacrumModel, direction: NDArray[np.float64]) -> CArmAngles:
    """Level with the table and at right angles to the needle, turned by −90° to 90°."""
    _, left, dorsal = _levelled_axes(sacrum)
    rotation = math.degrees(math.atan2(-(direction @ dorsal), direction @ left))
    if rotation > 90.0:
        rotation -= 180.0
    elif rotation <= -90.0:
        rotation += 180.0
    return CArmAngles(rotation, 0.0)
