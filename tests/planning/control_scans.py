"""A small virtual patient with a plan, and control scans of it with needles in."""

from functools import lru_cache

import numpy as np

from needle_particulars import GUIDANCE, RISK
from sacroplasty.anatomy import Level, Side
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    NeedleScan,
    PatientRequest,
    ScannerSettings,
    SteelNeedle,
    VirtualPatient,
    make_virtual_patient,
    scan_with_needles,
)
from sacroplasty.planning import (
    Margins,
    Needle,
    NeedleGauge,
    Planned,
    PlannedNeedle,
    TrajectoryPlan,
)

PLANNING = ScannerSettings(
    in_plane_mm=1.6, slice_mm=1.6, field_mm=(210.0, 190.0, 110.0), field_shift_mm=(0.0, 25.0, 10.0)
)
MOVED_DEG, MOVED_MM = (3.0, -2.0, 2.0), (5.0, -6.0, 4.0)


def control(slice_mm: float = 2.0, in_plane_mm: float = 1.1) -> ScannerSettings:
    return ScannerSettings(
        in_plane_mm=in_plane_mm,
        slice_mm=slice_mm,
        noise_hu=18.0,
        field_mm=(190.0, 190.0, 70.0),
        field_shift_mm=(0.0, 40.0, 12.0),
    )


@lru_cache(maxsize=2)
def patient(fracture: FracturePattern = FracturePattern.LEFT_ALA, seed: int = 1) -> VirtualPatient:
    return make_virtual_patient(PatientRequest(fracture=fracture, scanner=PLANNING), seed)


def planned_needle(who: VirtualPatient, side: Side, level: Level = Level.S1) -> PlannedNeedle:
    """From the back into the ala beside a foramen."""
    foramen = who.truth.foramen(level, side)
    assert foramen is not None
    tip = foramen.centre.single + np.array([side.sign * 13.0, 0.0, 4.0])
    entry = tip + np.array([-side.sign * 8.0, 82.0, 14.0])
    frame = who.ct.frame
    return PlannedNeedle(
        name=f"{side.value} {level.value}",
        side=side,
        approach="short-axis",
        level=level,
        needle=Needle(Points.at(entry, frame), Points.at(tip, frame), NeedleGauge.of(11)),
        cement_ml=3.0,
        clearance_mm={},
        bone_entry_depth_mm=0.0,
        risk=RISK,
        guidance=GUIDANCE,
        reason="made for a test",
    )


def planned_case(who: VirtualPatient, *needles: PlannedNeedle) -> Planned:
    return Planned(who.ct, who.truth, TrajectoryPlan(needles, Margins(), (), (), 0))


def put_in(
    planned: PlannedNeedle,
    tip_off: tuple[float, float, float] = (0.0, 0.0, 0.0),
    entry_off: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> SteelNeedle:
    """The planned needle, its ends so far off (mm, LPS)."""
    needle = planned.needle
    return SteelNeedle(
        Points(needle.entry.single + entry_off, needle.frame),
        Points(needle.tip.single + tip_off, needle.frame),
        needle.gauge.outer_diameter_mm,
        needle.gauge.inner_diameter_mm,
        125.0,
    )


def scanned(
    who: VirtualPatient, *needles: SteelNeedle, scanner: ScannerSettings | None = None
) -> NeedleScan:
    return scan_with_needles(who, needles, scanner or control(), 1, MOVED_DEG, MOVED_MM)
