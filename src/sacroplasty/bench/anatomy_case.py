"""One patient, measured: the row that every table and statistic is made of."""

import resource
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sacroplasty.anatomy import (
    BuiltinSegmenter,
    FractureLimb,
    Level,
    Structure,
    build_sacrum,
    find_fractures,
    limb_at,
    mark_patient,
)
from sacroplasty.bench.overlap import angle_deg, dice, sides_swapped
from sacroplasty.errors import SafetyRefusal
from sacroplasty.phantom import VirtualPatient, draw_request, make_virtual_patient

NEEDLE_LEVELS = (Level.S1, Level.S2, Level.S3)


@dataclass(frozen=True, slots=True)
class AnatomyCase:
    """What the built-in engine and the sacrum model made of one virtual patient.

    refused: the sentence of a refusal, with every measure empty. foramen_errors_mm: distance of
    each S1–S3 foramen's centre to the true one, None where it was called absent; radius_errors_mm
    found minus true. limb_scores: the best
    mark on each limb of the true fracture, None where it was missed; false_scores: marks on nothing.
    seconds: engine and model together, on this machine.
    """

    seed: int
    request: dict[str, Any]
    refused: str | None
    verdict: str | None = None
    dice: dict[str, float] | None = None
    foramen_errors_mm: dict[str, float | None] | None = None
    radius_errors_mm: dict[str, float] | None = None
    axes_error_deg: float | None = None
    swapped: bool | None = None
    failed_checks: tuple[str, ...] = ()
    limb_scores: tuple[float | None, ...] = ()
    false_scores: tuple[float, ...] = ()
    seconds: float = 0.0
    peak_mb: float = 0.0


def measure_virtual(seed: int) -> AnatomyCase:
    """Make the population's patient of a seed, find the sacrum, compare with the truth."""
    return measure_patient(make_virtual_patient(draw_request(seed), seed))


def measure_patient(patient: VirtualPatient) -> AnatomyCase:
    """The row of one virtual patient."""
    request = asdict(patient.request)
    started = time.perf_counter()
    try:
        model = build_sacrum(patient.ct, BuiltinSegmenter())
    except SafetyRefusal as refusal:
        return AnatomyCase(
            patient.seed,
            request,
            str(refusal),
            limb_scores=(None,) * len(true_limbs(patient)),
            seconds=time.perf_counter() - started,
        )
    seconds = time.perf_counter() - started
    truth = patient.truth
    marked = mark_patient(true_limbs(patient), find_fractures(patient.ct, model, least_score=0.0))
    pairs = {
        f"{f.level} {f.side}": (f, model.foramen(f.level, f.side))
        for f in truth.foramina
        if f.level in NEEDLE_LEVELS
    }
    bones = (Structure.SACRUM, Structure.CANAL, Structure.L5, Structure.DISC_L5S1)
    joints = (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT)
    return AnatomyCase(
        seed=patient.seed,
        request=request,
        refused=None,
        verdict=model.verdict.value,
        dice={s.label: dice(truth.labels, model.labels, s) for s in (*bones, *joints)},
        foramen_errors_mm={
            name: float(found.centre.distance_mm(true.centre)[0]) if found else None
            for name, (true, found) in pairs.items()
        },
        radius_errors_mm={
            name: found.radius_mm - true.radius_mm for name, (true, found) in pairs.items() if found
        },
        axes_error_deg=angle_deg(truth.scanner_from_sacrum, model.scanner_from_sacrum),
        swapped=sides_swapped(truth, model),
        failed_checks=tuple(f.check for f in model.findings if f.verdict.value == "fail"),
        limb_scores=marked.limb_scores,
        false_scores=marked.false_scores,
        seconds=seconds,
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def true_limbs(patient: VirtualPatient) -> list[FractureLimb]:
    """The limbs of the truth."""
    clefts = patient.fracture.clefts
    return [
        limb_at(clefts.grid.points_at(np.argwhere(clefts.values == value)), patient.truth)
        for value in np.unique(clefts.values)
        if value
    ]
