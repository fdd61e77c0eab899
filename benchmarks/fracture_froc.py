"""How well fractures are found on virtual patients that the detector was not made with.

``python benchmarks/fracture_froc.py [patients] [--truth]`` prints one line per patient and the FROC
table, and writes it to `benchmarks/fracture_froc.md`. A limb of the truth is hit by a mark within 5 mm of at
least 30 % of its cleft; a mark that hits no limb is false. The model is the built-in engine's;
with ``--truth`` the generator's own, which shows what the detector alone can do. Seeds below 1000 were
for making the detector, those from 5000 on are for this table.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from sacroplasty.anatomy import BuiltinSegmenter, build_sacrum
from sacroplasty.anatomy.fractures import (
    FractureCandidate,
    MarkedPatient,
    find_fractures,
    froc,
    mark_patient,
)
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    VirtualPatient,
    draw_request,
    make_virtual_patient,
)

RESULTS = Path(__file__).parent / "fracture_froc.md"
FIRST_SEED, PATIENTS = 5000, 24
ALLOWED_FALSE = (0.25, 0.5, 1.0)


def patient_of(seed: int) -> VirtualPatient:
    """One of the population; every third is made whole, so that false marks are counted fairly."""
    request = draw_request(seed)
    if seed % 3 == 0:
        request = replace(request, fracture=FracturePattern.NONE, zones=None)
    return make_virtual_patient(request, seed)


def true_limbs(patient: VirtualPatient) -> list[Points]:
    """The clefts of the truth, one point set per limb."""
    clefts = patient.fracture.clefts
    return [
        clefts.grid.points_at(np.argwhere(clefts.values == value))
        for value in np.unique(clefts.values)
        if value
    ]


def marks_on(patient: VirtualPatient, truth: bool) -> tuple[FractureCandidate, ...]:
    """All marks, however faint; none where the sacrum is not found (its limbs count as missed)."""
    if truth:
        return find_fractures(patient.ct, patient.truth, least_score=0.0)
    try:
        model = build_sacrum(patient.ct, BuiltinSegmenter())
    except AnatomyNotTrusted as problem:
        print(f"{patient.seed}: {problem}")
        return ()
    return find_fractures(patient.ct, model, least_score=0.0)


def table(patients: list[MarkedPatient], model: str) -> str:
    """The FROC table as Markdown."""
    curve = froc(patients)
    limbs = sum(len(patient.limb_scores) for patient in patients)
    lines = [
        "# Fractures found on unseen virtual patients",
        "",
        f"{len(patients)} patients from seed {FIRST_SEED}, {limbs} limbs, model: {model}.",
        "",
        "| false marks per patient, at most | share of limbs found |",
        "|---:|---:|",
    ]
    lines += [f"| {n} | {curve.sensitivity_at(n):.2f} |" for n in ALLOWED_FALSE]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("patients", type=int, nargs="?", default=PATIENTS)
    parser.add_argument("--truth", action="store_true")
    asked = parser.parse_args()
    done = []
    for seed in range(FIRST_SEED, FIRST_SEED + asked.patients):
        patient = patient_of(seed)
        marked = mark_patient(true_limbs(patient), marks_on(patient, asked.truth))
        false = [round(score, 2) for score in marked.false_scores if score > 0.1]
        print(seed, patient.request.fracture.value, marked.limb_scores, "false:", false, flush=True)
        done.append(marked)
    text = table(done, "the generator's own" if asked.truth else "built-in engine")
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
