"""Looking at the patient, in the order in which a radiologist does it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sacroplasty.anatomy import (
    Fracture,
    MarrowChoice,
    SacralDensity,
    SacrumModel,
    Segmenter,
    best_calibration,
    build_sacrum,
    find_fractures,
    find_landmarks,
    map_segments,
    measure_density,
    read_marrow,
    suggested_fracture,
)
from sacroplasty.imaging import CTVolume, MRVolume
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.provenance import digest, software_digest


@dataclass(frozen=True, slots=True)
class Tools:
    """The adapters that a case is worked with."""

    segmenter: Segmenter


@dataclass(frozen=True, eq=False, slots=True)
class GivenFracture:
    """A fracture that the user drew: how to clip it to a sacrum, and the digest of the drawing."""

    key: str
    on: Callable[[SacrumModel], Fracture]


@dataclass(frozen=True, eq=False, slots=True)
class BesidesCT:
    """What the user knows besides the CT. A drawn fracture takes the place of the detector."""

    fracture: GivenFracture | None = None
    mri: MRVolume | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose case it is: pseudonym, CT, and what is known besides."""

    ct: CTVolume
    pseudonym: str
    besides: BesidesCT = field(default_factory=BesidesCT)


def examine(patient: Patient, *, tools: Tools, notes: CaseNotes | None = None) -> Examination:
    """Sacrum, density, fractures, MRI where there is one, then their page.

    Each stage is a pure function of what is upstream. A sacrum whose checks failed is returned
    too: it is for the planner to refuse it. Raises `AnatomyNotTrusted` where there is no sacrum at
    all, `FrameMismatch` where the MRI cannot be laid on the CT.
    """
    ct, besides, notes = patient.ct, patient.besides, notes or InMemory()
    notes.begin(ct, patient.pseudonym)
    key = anatomy_key(ct, tools)
    sacrum = notes.stage("anatomy", key, lambda _: build_sacrum(ct, tools.segmenter))
    density = notes.stage("density", digest(key, "density"), lambda _: _density(ct, sacrum))
    drawn = besides.fracture
    fracture_key = digest(key, drawn.key if drawn else "detector")
    fracture = notes.stage(
        "fracture", fracture_key, lambda _: drawn.on(sacrum) if drawn else _suggested(ct, sacrum)
    )
    mri = besides.mri
    mri_key = digest(key, mri.acquisition.source_digest if mri else "no MRI")
    marrow = notes.stage("mri", mri_key, lambda _: read_marrow(mri, ct, sacrum) if mri else None)
    seen = Examination(ct, sacrum, density, fracture, marrow, patient.pseudonym)
    page_key = digest(fracture_key, mri_key, patient.pseudonym)
    notes.stage("anatomy_page", page_key, lambda _: seen)
    return seen


def _density(ct: CTVolume, sacrum: SacrumModel) -> SacralDensity:
    """The marrow's density by the best calibration that the scan itself allows."""
    calibration, said = best_calibration(ct, sacrum)
    segments = map_segments(sacrum, find_landmarks(sacrum).planes)
    density = measure_density(ct, sacrum, calibration, MarrowChoice(segments=segments))
    return replace(density, findings=(*said, *density.findings))


def _suggested(ct: CTVolume, sacrum: SacrumModel) -> Fracture | None:
    return suggested_fracture(find_fractures(ct, sacrum), sacrum)


def anatomy_key(ct: CTVolume, tools: Tools) -> str:
    """The digest of all that the anatomy depends on."""
    read = digest(software_digest(), ct.acquisition.source_digest, ct.acquisition.repairs)
    return digest(read, tools.segmenter.name)
