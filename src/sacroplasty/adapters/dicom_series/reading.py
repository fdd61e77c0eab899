"""The order of reading a DICOM CT or MRI: list, sort, choose, judge the geometry, decode, repair."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.dicom_series.headers import is_image, object_kind, slice_headers
from sacroplasty.adapters.dicom_series.listing import DicomSource, list_sources
from sacroplasty.adapters.dicom_series.parsing import DAMAGE, parse, quietly
from sacroplasty.adapters.dicom_series.pixels import SlicePixels
from sacroplasty.errors import BadUsage, BrokenGeometry, UnreadableInput
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import (
    Acquisition,
    CTVolume,
    MRVolume,
    ReadOptions,
    SliceHeader,
    StackGeometry,
    choose_stack,
    in_patient_order,
    lay_out,
    require_hounsfield_like,
    require_repairable,
    sort_into_stacks,
    straighten,
    whole_signal,
)
from sacroplasty.provenance import digest

_SLICE_KINDS = ("CT Image", "Enhanced CT", "MR Image", "Enhanced MR Image")
Plane = Callable[[tuple[int, int]], NDArray[Any]]


def read_dicom_ct(path: Path, options: ReadOptions) -> CTVolume:
    """The CT in a DICOM folder, zip or file. Errors and choices as `read_ct` says."""
    with quietly(), ExitStack() as held:
        sources = list_sources(path, held)
        geometry, notes = _chosen(path, sources, options, "CT")
        pixels = SlicePixels(sources)
        hu, doubles = _decoded(geometry, pixels.hu)
    notes = (*notes, *doubles, *_pixel_notes(pixels), *_tilt_note(geometry))
    notes = (*notes, *require_hounsfield_like(hu))
    ordered, acquisition = _placed(hu, geometry, notes)
    return CTVolume(np.ascontiguousarray(ordered.values), ordered.grid, acquisition)


def read_dicom_mr(path: Path, options: ReadOptions) -> MRVolume:
    """The MRI in a DICOM folder, zip or file, with the geometry judged as strictly as a CT's.

    Signal that does not fit 16 bits, or comes in fractions, is scaled as a whole, and noted. Raises
    `BadUsage` where a repair is asked for: those fill with air, which an MRI does not know.
    """
    if options.repair_tilt or options.repair_gaps:
        raise BadUsage("--repair-tilt and --repair-gaps apply to a CT; an MRI is read as it is.")
    with quietly(), ExitStack() as held:
        sources = list_sources(path, held)
        geometry, notes = _chosen(path, sources, options, "MR")
        pixels = SlicePixels(sources)
        signal, doubles = _decoded(geometry, pixels.signal)
    whole, scaled = whole_signal(signal)
    notes = (*notes, *doubles, *_pixel_notes(pixels), *scaled)
    ordered, acquisition = _placed(whole, geometry, notes)
    return MRVolume(np.ascontiguousarray(ordered.values), ordered.grid, acquisition)


def _chosen(
    path: Path, sources: list[DicomSource], options: ReadOptions, modality: str
) -> tuple[StackGeometry, tuple[str, ...]]:
    """Where the slices of the one wanted stack lie, and what was passed over."""
    headers, notes = _all_headers(path, sources, modality)
    stacks, skipped = sort_into_stacks(headers, modality)
    stack, left = choose_stack(stacks, options)
    geometry = lay_out(stack)
    require_repairable(geometry, options)
    return geometry, (*notes, *skipped, *left)


def _all_headers(
    path: Path, sources: list[DicomSource], modality: str
) -> tuple[list[SliceHeader], tuple[str, ...]]:
    """Every image plane in the sources, and what else was lying there."""
    headers: list[SliceHeader] = []
    others: dict[str, int] = {}
    for number, source in enumerate(sources):
        kind, slices = _slices_in(source, number)
        headers += slices
        if not slices:
            others[kind] = others.get(kind, 0) + 1
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
    if not headers:
        instead = f"only {found}" if others else "no DICOM image"
        raise UnreadableInput(
            f"{path.name!r} holds {instead}; give the folder, zip or file of a {modality} series "
            "(or a NIfTI, NRRD or MHA volume)."
        )
    return headers, (f"skipped objects that are no images: {found}",) if others else ()


def _slices_in(source: DicomSource, number: int) -> tuple[str, list[SliceHeader]]:
    """What kind of object a source is, and its image planes; damaged DICOM is never passed over."""
    cause = "it ends too early"
    try:
        dataset = parse(source, pixels=False)
        kind = object_kind(dataset)
        if kind and is_image(dataset):
            return kind, slice_headers(dataset, number)
    except (UnreadableInput, *DAMAGE) as problem:
        kind, cause = "", type(problem).__name__
    if not kind and not source.declared:
        return "file of unknown kind", []
    if not kind or kind.startswith(_SLICE_KINDS):
        raise UnreadableInput(
            f"{source.name!r} is damaged DICOM ({cause}); copy it again or take it out."
        )
    return kind, []


def _decoded(geometry: StackGeometry, plane: Plane) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Numbers (n, rows, columns), one slice per place; copies of a slice must be the same slice."""
    head = geometry.places[0][0]
    first = _fitting(plane(geometry.places[0][0].key), head)
    slices = np.empty((len(geometry.places), *first.shape), dtype=first.dtype)
    doubles = 0
    for n, place in enumerate(geometry.places):
        slices[n] = first if n == 0 else _fitting(plane(place[0].key), head)
        for other in place[1:]:
            if not np.array_equal(slices[n], _fitting(plane(other.key), head)):
                raise BrokenGeometry(
                    f"{len(place)} different slices lie at the same place ({geometry.along_mm[n]:.1f}"
                    " mm along the stack): two phases or reconstructions in one series. Keep one "
                    "of them."
                )
            doubles += 1
    return slices, (f"dropped {doubles} exact copies of slices",) if doubles else ()


def _fitting(plane: NDArray[Any], head: SliceHeader) -> NDArray[Any]:
    if plane.shape != (head.rows, head.columns):
        raise UnreadableInput(
            f"A slice decodes to {plane.shape} pixels and its header says "
            f"({head.rows}, {head.columns}); export the series again."
        )
    return plane


def _pixel_notes(pixels: SlicePixels) -> tuple[str, ...]:
    notes = []
    if pixels.lossy:
        notes.append("the images were compressed with loss: HU and small detail are approximate")
    if pixels.eight_bit:
        notes.append("the images hold 8 bits: HU come in coarse steps")
    return tuple(notes)


def _tilt_note(geometry: StackGeometry) -> tuple[str, ...]:
    stated = geometry.places[0][0].stated_tilt_deg or 0.0
    if abs(stated) < 0.1 or geometry.is_tilted:
        return ()
    return (
        f"the header states a gantry tilt of {stated:.1f}° and the slice positions show none: "
        "the positions were trusted",
    )


def _placed(
    values: NDArray[np.int16], geometry: StackGeometry, notes: tuple[str, ...]
) -> tuple[Volume[np.int16], Acquisition]:
    """The slices on a straight grid in patient order, and how they were made."""
    head = geometry.places[0][0]
    frame_uid = head.frame_uid
    if not frame_uid:
        frame_uid = f"{head.series_uid or 'unnamed-series'}/no-frame-of-reference"
        notes = (*notes, "no Frame of Reference UID: the series UID stands in for it")
    source = digest(values, geometry.origins_mm, geometry.axes, geometry.pixel_mm, head.series_uid)
    straight = straighten(values, geometry, Frame(frame_uid))
    acquisition = Acquisition(
        source_digest=source,
        source_format="DICOM",
        series_uid=head.series_uid,
        kvp=head.kvp,
        kernel=head.kernel,
        manufacturer=head.manufacturer,
        patient_position=head.patient_position,
        slice_thickness_mm=head.slice_thickness_mm,
        repairs=straight.repairs,
        notes=notes,
    )
    return in_patient_order(straight.volume), acquisition
