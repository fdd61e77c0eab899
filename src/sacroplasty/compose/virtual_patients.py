"""Virtual patients: made, and written for a person."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.case_folder import move_tree
from sacroplasty.adapters.virtual_patient_files import write_virtual_patient
from sacroplasty.errors import CaseConflict
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

_SCRATCH = ".writing"


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
