"""Making a virtual patient: draw the sizes, shape the anatomy, lay it on the table, scan it."""

from dataclasses import replace

import numpy as np

from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.phantom.fracture_pattern import FracturePattern
from sacroplasty.phantom.laid_patient import lay_patient
from sacroplasty.phantom.matter import Crack
from sacroplasty.phantom.mirror import flipped, mirrored_clefts, mirrored_labels, mirrored_model
from sacroplasty.phantom.request import (
    PatientRequest,
    VirtualFracture,
    VirtualPatient,
)
from sacroplasty.phantom.scanner import scan, scanner_grid
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.truth import build_truth
from sacroplasty.provenance import digest

_TUBE_KVP = 120.0
_UID_HEX_DIGITS = 32  # 128 bits, as a UUID-derived UID (2.25.…) holds


def make_virtual_patient(request: PatientRequest, seed: int) -> VirtualPatient:
    """The virtual patient of a seed: the same request and seed give the same bytes.

    A right-sided fracture is the mirror image of the left-sided patient of the same seed, CT noise
    included. Raises `BadUsage` for a negative seed.
    """
    if seed < 0:
        raise BadUsage(f"Seed {seed} of a virtual patient is negative: choose 0 or more.")
    laid = lay_patient(request, seed)
    frame = Frame(virtual_uid(request, seed, "frame of reference"))
    truth, clefts = build_truth(laid.shape, laid.curve, laid.placement, frame)
    grid = scanner_grid(request.scanner, frame)
    seen = scanner_grid(_mirrored_scanner(request.scanner), frame) if laid.mirrored else grid
    hu, scanned = scan(laid.shape, seen, laid.placement, request.scanner, laid.for_noise)
    labels = Volume(scanned, grid)
    if laid.mirrored:
        hu, labels = flipped(hu), mirrored_labels(labels)
        truth, clefts = mirrored_model(truth), mirrored_clefts(clefts)
    return VirtualPatient(
        ct=CTVolume(hu, grid, _acquisition(request, seed, digest(hu))),
        truth=truth,
        labels_on_ct=labels,
        fracture=_fracture(request, clefts, laid.crack),
        dimensions=laid.dimensions,
        request=request,
        seed=seed,
    )


def _mirrored_scanner(scanner: ScannerSettings) -> ScannerSettings:
    left, dorsal, cranial = scanner.field_shift_mm
    return replace(scanner, field_shift_mm=(-left, dorsal, cranial))


def _fracture(request: PatientRequest, clefts: Volume[np.uint8], crack: Crack) -> VirtualFracture:
    if request.fracture is FracturePattern.NONE:
        return VirtualFracture(request.fracture, clefts)
    return VirtualFracture(
        request.fracture, clefts, request.fracture_zones, crack.aperture, crack.step
    )


def virtual_uid(request: PatientRequest, seed: int, purpose: str) -> str:
    """A valid DICOM UID that depends on request, seed and purpose only."""
    return f"2.25.{int(digest(request.document(), seed, purpose)[:_UID_HEX_DIGITS], 16)}"


def _acquisition(request: PatientRequest, seed: int, content: str) -> Acquisition:
    return Acquisition(
        source_digest=content,
        source_format="virtual patient",
        series_uid=virtual_uid(request, seed, "series"),
        kvp=_TUBE_KVP,
        kernel=f"virtual {request.scanner.kernel.value}",
        manufacturer="sacroplasty virtual scanner",
        patient_position="HFS",
        slice_thickness_mm=request.scanner.slice_mm,
    )
