"""One virtual control scan: a patient, one to four needles that went in nearly as planned, measured."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.errors import SacroplastyError
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    Incidental,
    NeedleScan,
    ReconstructionKernel,
    ScannerSettings,
    SteelNeedle,
    VirtualPatient,
    draw_request,
    make_virtual_patient,
    scan_with_needles,
)
from sacroplasty.planning import (
    ClearanceFields,
    Margins,
    Needle,
    OwnNeedle,
    PlacedNeedle,
    PlacedReport,
    Planned,
    PlannedNeedle,
    PlanningSettings,
    TrajectoryPlan,
    build_clearance_fields,
    describe_needle,
    verify_placed,
)

FloatArray = NDArray[np.float64]

_PLANNING_FIELD = ScannerSettings(field_mm=(230.0, 230.0, 150.0), field_shift_mm=(0.0, 0.0, 22.0))
_SITES = tuple((level, side) for level in (Level.S1, Level.S2) for side in Side)
_LATERAL_MM = 13.0  # of the foramen's centre, into the ala
_WAY_MM, _STEP_MM = 110.0, 1.0
# Enough for a needle whose risk nobody asks about here.
_DRAWS = 100
_OFF_MM, _OFF_DEG = 2.0, 2.0  # SD along each axis: a needle that went in well
_SHAFTS_MM = (100.0, 125.0, 150.0)
_OUT_OF_SKIN_MM = 15.0
_PROSTHESIS_EVERY = 4
_HIP_Z_MM = -135.0
_FIELD_CENTRE_Z = -22.0
_SAME_NEEDLE_MM = 10.0


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """What verification made of one scan.

    refused: the sentence of a refusal, with every measure empty. tip_mm, angle_deg: of each needle
    found, against where it truly is in the scan. in_plan_mm: the same tip after registration, in the
    frame of the planning CT. clearance_mm: error of the least clearance of each needle.
    """

    seed: int
    slice_mm: float
    gauges: tuple[int, ...]
    prosthesis: bool
    refused: str | None = None
    tip_mm: tuple[float, ...] = ()
    angle_deg: tuple[float, ...] = ()
    in_plan_mm: tuple[float, ...] = ()
    misnamed: int = 0
    nameless: int = 0
    missed: int = 0
    false: int = 0
    similarity: float = 0.0
    side_failures: int = 0
    sides_unchecked: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class PlacedTrial:
    """A planning case and the control scan of the same patient; needles in the order of the plan."""

    patient: VirtualPatient
    planned: Planned
    scan: NeedleScan


def make_trial(seed: int) -> PlacedTrial:
    """The trial of a seed: always the same one."""
    rng = np.random.default_rng([seed, 77])
    prosthesis = seed % _PROSTHESIS_EVERY == 0
    request = draw_request(seed)
    incidentals = request.incidentals - {Incidental.HIP_PROSTHESIS}
    if prosthesis:
        incidentals |= {Incidental.HIP_PROSTHESIS}
    planning = replace(_PLANNING_FIELD, table_rotation_deg=request.scanner.table_rotation_deg)
    request = replace(request, incidentals=incidentals, scanner=planning)
    patient = make_virtual_patient(request, seed)
    count = int(rng.integers(1, len(_SITES) + 1))
    sites = [_SITES[i] for i in sorted(rng.permutation(len(_SITES))[:count].tolist())]
    fields = build_clearance_fields(patient.truth)
    needles = tuple(_planned(fields, patient, site, rng) for site in sites)
    steel = tuple(_put_in(planned.needle, rng) for planned in needles)
    turn, shift = _move(rng)
    scanner = _control_scanner(steel, prosthesis, shift, rng)
    scan = scan_with_needles(patient, steel, scanner, seed, turn, shift)
    plan = TrajectoryPlan(needles, Margins(), (), (), 0)
    return PlacedTrial(patient, Planned(patient.ct, patient.truth, plan), scan)


def measure_trial(seed: int) -> PlacedCase:
    """Make the trial of a seed, verify it, compare with the truth."""
    trial = make_trial(seed)
    plan = trial.planned.plan
    case = PlacedCase(
        seed,
        trial.scan.ct.grid.spacing_mm[2],
        tuple(p.needle.gauge.gauge for p in plan.needles),
        Incidental.HIP_PROSTHESIS in trial.patient.request.incidentals,
    )
    started = time.perf_counter()
    try:
        report = verify_placed(trial.scan.ct, trial.planned)
    except SacroplastyError as refusal:
        return replace(case, refused=str(refusal), seconds=time.perf_counter() - started)
    return _compared(replace(case, seconds=time.perf_counter() - started), trial, report)


def _compared(case: PlacedCase, trial: PlacedTrial, report: PlacedReport) -> PlacedCase:
    patient_from_scan = trial.scan.scan_from_patient.inverse
    scan_from_planning = report.laid.planning_from_scan.inverse
    tips, angles, in_plan = [], [], []
    misnamed = nameless = false = 0
    seen: set[int] = set()
    for placed in report.needles:
        own = placed.found.carried(scan_from_planning)
        index, apart = _nearest(own.tip, trial.scan)
        if apart > _SAME_NEEDLE_MM or index in seen:
            false += 1
            continue
        seen.add(index)
        true = trial.scan.needles[index]
        tips.append(apart)
        angles.append(float(np.degrees(np.arccos(min(1.0, float(own.direction @ true.direction))))))
        in_plan.append(float(placed.found.tip.distance_mm(patient_from_scan(true.tip))[0]))
        nameless += placed.planned is None
        misnamed += _is_misnamed(placed, trial.planned.plan.needles[index])
    sides = [f.verdict.value for f in report.findings if f.check.endswith(": side")]
    return replace(
        case,
        tip_mm=tuple(tips),
        angle_deg=tuple(angles),
        in_plan_mm=tuple(in_plan),
        misnamed=misnamed,
        nameless=nameless,
        missed=len(trial.scan.needles) - len(seen),
        false=false,
        similarity=report.laid.similarity,
        side_failures=sides.count("fail"),
        sides_unchecked=sides.count("not checked"),
    )


def _is_misnamed(placed: PlacedNeedle, true: PlannedNeedle) -> bool:
    return placed.planned is not None and placed.planned.name != true.name


def _nearest(tip: Points, scan: NeedleScan) -> tuple[int, float]:
    apart = [float(tip.distance_mm(needle.tip)[0]) for needle in scan.needles]
    index = int(np.argmin(apart))
    return index, apart[index]


def _planned(
    fields: ClearanceFields,
    patient: VirtualPatient,
    site: tuple[Level, Side],
    rng: np.random.Generator,
) -> PlannedNeedle:
    """A needle from the skin of the back to beside a foramen, opened to the side and tilted."""
    level, side = site
    foramen = patient.truth.foramen(level, side)
    centre = foramen.centre.single if foramen else patient.truth.scanner_from_sacrum.translation
    tip = centre + np.array([side.sign * _LATERAL_MM, 0.0, 0.0]) + rng.normal(0.0, 1.5, 3)
    medial, cranial = np.radians([rng.uniform(-5.0, 20.0), rng.uniform(-5.0, 22.0)])
    back = np.array([-side.sign * np.tan(medial), 1.0, np.tan(cranial)])
    back /= np.linalg.norm(back)
    steps = np.arange(_STEP_MM, _WAY_MM, _STEP_MM)
    way = Points(tip + steps[:, None] * back, patient.ct.frame)
    outside = patient.labels_on_ct.at(way, order=0, outside=Structure.OUTSIDE) == Structure.OUTSIDE
    depth = float(steps[np.argmax(outside)]) if outside.any() else _WAY_MM
    frame = patient.ct.frame
    own = OwnNeedle(Points.at(tip + depth * back, frame), Points.at(tip, frame))
    gauge = int(rng.choice([10, 11, 13]))
    settings = PlanningSettings(gauge=gauge, draws=_DRAWS)
    return describe_needle(fields, patient.truth, own, settings, f"{side.value} {level.value}")


def _put_in(planned: Needle, rng: np.random.Generator) -> SteelNeedle:
    """The needle as it went in: tip and direction a little off."""
    tip = planned.tip.single + rng.normal(0.0, _OFF_MM, 3)
    turned = planned.direction + np.radians(rng.normal(0.0, _OFF_DEG, 3))
    turned /= np.linalg.norm(turned)
    out = planned.length_mm + _OUT_OF_SKIN_MM
    shaft = next((s for s in _SHAFTS_MM if s >= out), out)
    return SteelNeedle(
        Points.at(tip - planned.length_mm * turned, planned.frame),
        Points.at(tip, planned.frame),
        planned.gauge.outer_diameter_mm,
        planned.gauge.inner_diameter_mm,
        shaft,
    )


def _move(
    rng: np.random.Generator,
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """A turn (rotation vector, degrees) of up to 5° and a shift of up to 10 mm."""
    axis, way = rng.normal(size=(2, 3))
    x, y, z = (axis / np.linalg.norm(axis) * rng.uniform(0.0, 5.0)).tolist()
    a, b, c = (way / np.linalg.norm(way) * rng.uniform(0.0, 10.0)).tolist()
    return (x, y, z), (a, b, c)


def _control_scanner(
    needles: tuple[SteelNeedle, ...],
    prosthesis: bool,
    shift_mm: tuple[float, float, float],
    rng: np.random.Generator,
) -> ScannerSettings:
    """A short scan over the needles; with a prosthesis it goes down to the hip, to be tempted."""
    z = np.array([p.single[2] for n in needles for p in (n.tip, n.entry)]) + shift_mm[2]
    low, high = float(z.min()) - rng.uniform(25.0, 35.0), float(z.max()) + rng.uniform(10.0, 25.0)
    low = min(low, _HIP_Z_MM) if prosthesis else low
    width = 280.0 if prosthesis else float(rng.uniform(190.0, 240.0))
    bone = rng.random() < 0.3
    return ScannerSettings(
        in_plane_mm=round(float(rng.uniform(0.75, 1.0)), 2),
        slice_mm=float(rng.choice([1.0, 1.5, 2.0, 3.0])),
        blur_fwhm_mm=round(float(rng.uniform(0.9, 1.5)), 2),
        noise_hu=round(float(rng.uniform(12.0, 28.0)) * (1.6 if bone else 1.0), 1),
        kernel=ReconstructionKernel.BONE if bone else ReconstructionKernel.SOFT,
        field_mm=(width, 215.0, max(high - low, 60.0)),
        field_shift_mm=(0.0, 35.0, 0.5 * (low + high) - _FIELD_CENTRE_Z),
    )
