"""Making a virtual patient: draw the sizes, shape the anatomy, lay it on the table, scan it."""

import numpy as np

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.phantom.dimensions import draw_dimensions
from sacroplasty.phantom.mirror import flipped, mirrored_clefts, mirrored_labels, mirrored_model
from sacroplasty.phantom.placement import lay_on_table
from sacroplasty.phantom.request import (
    PatientRequest,
    VirtualFracture,
    VirtualPatient,
)
from sacroplasty.phantom.scanner import scan, scanner_grid
from sacroplasty.phantom.shape import build_shape
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
    mirror = request.fracture.sides == (Side.RIGHT,)
    pattern = request.fracture.mirrored if mirror else request.fracture
    # Separate streams, so that more draws in one leave the others as they were.
    for_shape, for_table, for_noise, for_sizes = np.random.default_rng(seed).spawn(6)[2:]
    frame = Frame(virtual_uid(request, seed, "frame of reference"))
    dimensions = draw_dimensions(request.sex, request.age_years, for_sizes)
    broken = (Side.LEFT in pattern.sides, Side.RIGHT in pattern.sides)
    variant = request.variant.mirrored if mirror else request.variant
    shape, curve = build_shape(dimensions, seed, for_shape, broken, variant)
    turn = request.scanner.table_rotation_deg
    placement = lay_on_table(-turn if mirror else turn, for_table)
    truth, clefts = build_truth(shape, curve, placement, frame)
    grid = scanner_grid(request.scanner, frame)
    hu, scanned = scan(shape, grid, placement, request.scanner, for_noise)
    labels = Volume(scanned, grid)
    if mirror:
        hu, labels = flipped(hu), mirrored_labels(labels)
        truth, clefts = mirrored_model(truth), mirrored_clefts(clefts)
    return VirtualPatient(
        ct=CTVolume(hu, grid, _acquisition(request, seed, digest(hu))),
        truth=truth,
        labels_on_ct=labels,
        fracture=VirtualFracture(request.fracture, clefts, request.fracture_zones),
        dimensions=dimensions,
        request=request,
        seed=seed,
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
        kernel="virtual soft",
        manufacturer="sacroplasty virtual scanner",
        patient_position="HFS",
        slice_thickness_mm=request.scanner.slice_mm,
    )
