"""Hands adapters to the rooms that ask for them: what both doors (CLI, workbench) call."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.case_folder import CaseFolder, move_tree
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.adapters.fracture_drawing import plane_drawing, read_drawing
from sacroplasty.adapters.label_export import write_dicom_segmentation
from sacroplasty.adapters.label_import import label_meaning, labelled_segmenter
from sacroplasty.adapters.mri_reading import read_mri
from sacroplasty.adapters.totalsegmentator import totalsegmentator
from sacroplasty.adapters.virtual_patient_files import write_virtual_patient
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import BuiltinSegmenter, Segmenter, Side
from sacroplasty.bench import anatomy_page, measure_real, measure_virtual, measured_rows
from sacroplasty.cement import recipe
from sacroplasty.errors import BadUsage, CaseConflict
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import InjectionSettings
from sacroplasty.pathway import (
    BesidesCT,
    CaseReport,
    CaseSettings,
    Examination,
    Patient,
    Tools,
    examine,
    rehearse,
)
from sacroplasty.phantom import (
    FracturePattern,
    FractureZones,
    Incidental,
    PatientRequest,
    ReconstructionKernel,
    SacralVariant,
    ScannerSettings,
    Sex,
    VirtualPatient,
    draw_request,
    make_virtual_patient,
)
from sacroplasty.planning import PlanningSettings
from sacroplasty.provenance import digest, recording_numbers

_SCRATCH = ".writing"
_TOTALSEGMENTATOR = "totalsegmentator"
_LONGEST_PSEUDONYM = 100


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """What a person asks for at a door, in door units. No `sides` means both."""

    cement: str
    volume_ml: float
    rate_ml_per_s: float
    gauge: int
    sides: tuple[str, ...] = ()
    accept_anatomy: bool = False


def case_settings(request: RehearsalRequest) -> CaseSettings:
    """The rooms' settings; raises `BadUsage` for what does not exist, before any work is done."""
    with recording_numbers() as numbers:
        chosen = tuple(Side(side) for side in request.sides) or tuple(Side)
        planning = PlanningSettings(
            gauge=request.gauge,
            cement_ml_per_needle=request.volume_ml,
            sides=chosen,
            accept_anatomy=request.accept_anatomy,
        )
        injection = InjectionSettings(rate_ml_per_s=request.rate_ml_per_s)
        cement = recipe(request.cement)
    return CaseSettings(cement, planning, injection, numbers_used=tuple(sorted(numbers)))


def read_scan(
    path: Path,
    *,
    series: str | None = None,
    acquisition: int | None = None,
    repair_tilt: bool = False,
    repair_gaps: bool = False,
) -> CTVolume:
    """The CT in `path`; raises the `BadInput` errors of the reader."""
    return read_ct(path, ReadOptions(series, acquisition, repair_tilt, repair_gaps))


def segmenter_for(
    labels: Path | None,
    mapping: str | None,
    *,
    engine: str | None = None,
    weights: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Segmenter:
    """Imported labels where there are some, else the engine of that name, else the built-in one.

    `tell` gets each line of progress of a foreign engine. Raises `BadUsage` for options that
    contradict each other, `EngineMissing`, and the errors of the label import.
    """
    if labels is not None and engine is not None:
        raise BadUsage("--labels are used in place of an --engine; give one of the two.")
    if labels is None and mapping is not None:
        raise BadUsage("--label-map says what label values mean, but there are no --labels.")
    if weights is not None and not (engine or "").startswith(_TOTALSEGMENTATOR):
        raise BadUsage("--weights are TotalSegmentator's; give --engine totalsegmentator too.")
    if labels is not None:
        return labelled_segmenter(labels, label_meaning(mapping) if mapping else None)
    match engine:
        case None | "built-in":
            return BuiltinSegmenter()
        case "totalsegmentator" | "totalsegmentator-fast":
            return totalsegmentator(weights, fast=engine.endswith("-fast"), tell=tell)
    raise BadUsage(
        f"There is no engine {engine!r}; there are built-in, totalsegmentator and "
        "totalsegmentator-fast."
    )


def patient_of(
    ct: CTVolume,
    *,
    pseudonym: str | None = None,
    fracture: Path | None = None,
    fracture_plane: str | None = None,
    mri: Path | None = None,
) -> Patient:
    """The CT with all that is known besides: a drawn fracture, an MRI. Raises `BadInput` errors."""
    if fracture and fracture_plane:
        raise BadUsage("--fracture and --fracture-plane are two drawings; give one of them.")
    drawn = read_drawing(fracture, ct.frame) if fracture else None
    if fracture_plane:
        drawn = plane_drawing(fracture_plane, ct.frame)
    besides = BesidesCT(drawn, read_mri(mri) if mri else None)
    return Patient(ct, _pseudonym(ct, pseudonym), besides)


def rehearse_into(
    patient: Patient,
    segmenter: Segmenter,
    settings: CaseSettings,
    folder: Path,
    *,
    watcher: Watcher | None = None,
) -> tuple[CaseReport, CaseFolder]:
    """Rehearse into a case folder, resuming what is there, and write its report."""
    with CaseFolder.opened(folder, watcher) as case:
        report = rehearse(patient, settings, tools=Tools(segmenter), notes=case)
        key = digest(report.provenance, case.stage_keys())
        case.stage("report", key, lambda _: report)
    return report, case


def examine_into(
    patient: Patient, segmenter: Segmenter, folder: Path, *, watcher: Watcher | None = None
) -> tuple[Examination, CaseFolder]:
    """Find and measure the sacrum into a case folder; a rehearsal there goes on from it."""
    with CaseFolder.opened(folder, watcher) as case:
        return examine(patient, tools=Tools(segmenter), notes=case), case


def require_dicom(ct: CTVolume) -> None:
    """Raises `BadUsage` where a DICOM SEG is wanted of a CT that names no DICOM series."""
    if not ct.acquisition.series_uid:
        raise BadUsage(
            "--dicom-seg lays the labels on the slices of a DICOM series, and this CT is a "
            "volume file; give the DICOM folder, or use anatomy/labels.seg.nrrd of the case."
        )


def write_segmentation(seen: Examination, source: Path, path: Path) -> None:
    """The labels as DICOM SEG on the series in `source`; raises `BadInput` where that is no DICOM."""
    write_dicom_segmentation(seen.sacrum.labels, seen.ct, source, path)


def _pseudonym(ct: CTVolume, wanted: str | None) -> str:
    name = wanted or f"case-{ct.acquisition.source_digest[:8]}"
    if not name.isprintable() or len(name) > _LONGEST_PSEUDONYM:
        raise BadUsage(
            f"A pseudonym is one line of at most {_LONGEST_PSEUDONYM} printable characters; "
            "choose another --pseudonym."
        )
    return name


@dataclass(frozen=True, slots=True)
class PatientDetails:
    """What may be said of a virtual patient beyond sex, age and pattern; None: as drawn."""

    zones: str | None = None
    displacement_mm: float | None = None
    t_score: float | None = None
    incidentals: tuple[str, ...] = ()
    kernel: str = ReconstructionKernel.SOFT.value
    variant: str = SacralVariant.TYPICAL.value


def virtual_patient(
    seed: int,
    sex: str,
    age_years: int,
    fracture: str,
    slice_mm: float,
    details: PatientDetails | None = None,
) -> VirtualPatient:
    """A virtual patient; the same arguments give the same one."""
    details = details or PatientDetails()
    request = PatientRequest(
        sex=Sex(sex),
        age_years=age_years,
        fracture=FracturePattern(fracture),
        scanner=ScannerSettings(slice_mm=slice_mm, kernel=ReconstructionKernel(details.kernel)),
        zones=None if details.zones is None else FractureZones(details.zones),
        displacement_mm=details.displacement_mm,
        t_score=details.t_score,
        incidentals=frozenset(Incidental(name) for name in details.incidentals),
        variant=SacralVariant(details.variant),
    )
    return make_virtual_patient(request, seed)


def drawn_patient(seed: int) -> VirtualPatient:
    """The virtual patient that a seed draws from the population."""
    return make_virtual_patient(draw_request(seed), seed)


def require_new_folder(folder: Path) -> None:
    """Raises `CaseConflict` if the folder holds anything, before any work is done for it."""
    try:
        taken = folder.exists() and (
            not folder.is_dir() or any(inside.name != _SCRATCH for inside in folder.iterdir())
        )
    except OSError as problem:
        raise CaseConflict(f"Cannot look into {folder}: {problem.strerror}.") from None
    if taken:
        raise CaseConflict(f"{folder} is not an empty folder. Choose another one.")


def write_patient(patient: VirtualPatient, folder: Path) -> None:
    """Write a virtual patient, whole or not at all; `CaseConflict` if the folder holds anything."""
    require_new_folder(folder)
    scratch = folder / _SCRATCH
    made = not folder.exists()
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        write_virtual_patient(patient, scratch)
        move_tree(scratch, folder)
        shutil.rmtree(scratch)
    except (OSError, CaseConflict) as problem:
        shutil.rmtree(folder if made else scratch, ignore_errors=True)
        told = (p for p in (problem, problem.__context__) if isinstance(p, OSError))
        why = next((p.strerror for p in told if p.strerror), str(problem).rstrip("."))
        raise CaseConflict(f"Cannot write {folder}: {why}. Choose another one.") from None


def bench_anatomy(
    seeds: range, data: Path | None, page: Path, *, workers: int, watcher: Watcher
) -> str:
    """Measure the anatomy and write the page; rows are kept beside it, so that a run can go on."""
    if data is not None and not data.is_dir():
        raise BadUsage(
            f"--data {data} is not a folder. Name the folder that holds ct/ and labels/."
        )
    kept = page.with_suffix(".rows.jsonl")
    rows = measured_rows(
        measure_virtual, seeds, kept, workers=workers, progress=watcher.begins("virtual")
    )
    real = measure_real(data, watcher.begins("real scans")) if data else []
    text = anatomy_page(rows, real)
    write_for_a_person(page, text.encode("utf-8"))
    return text
