"""Looking at the patient, in the order in which a radiologist does it."""

from dataclasses import dataclass, replace

from sacroplasty.anatomy import (
    SacralDensity,
    SacrumModel,
    Segmenter,
    best_calibration,
    build_sacrum,
    measure_density,
)
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway.examination import Examination
from sacroplasty.pathway.notes import CaseNotes, InMemory
from sacroplasty.provenance import digest, software_digest


@dataclass(frozen=True, slots=True)
class Tools:
    """The adapters that a case is worked with."""

    segmenter: Segmenter


def examine(
    ct: CTVolume, *, tools: Tools, pseudonym: str, notes: CaseNotes | None = None
) -> Examination:
    """Sacrum, density, then their page; each stage a pure function of what is upstream.

    A sacrum whose checks failed is returned too: it is for the planner to refuse it. Raises
    `AnatomyNotTrusted` where there is no sacrum at all.
    """
    notes = notes or InMemory()
    notes.begin(ct, pseudonym)
    key = anatomy_key(ct, tools)
    sacrum = notes.stage("anatomy", key, lambda _: build_sacrum(ct, tools.segmenter))
    density = notes.stage("density", digest(key, "density"), lambda _: _density(ct, sacrum))
    examination = Examination(ct, sacrum, density, pseudonym)
    notes.stage("anatomy_page", digest(key, pseudonym), lambda _: examination)
    return examination


def _density(ct: CTVolume, sacrum: SacrumModel) -> SacralDensity:
    """The marrow's density by the best calibration that the scan itself allows."""
    calibration, said = best_calibration(ct, sacrum)
    density = measure_density(ct, sacrum, calibration)
    return replace(density, findings=(*said, *density.findings))


def anatomy_key(ct: CTVolume, tools: Tools) -> str:
    """The digest of all that the anatomy depends on."""
    read = digest(software_digest(), ct.acquisition.source_digest, ct.acquisition.repairs)
    return digest(read, tools.segmenter.name)
