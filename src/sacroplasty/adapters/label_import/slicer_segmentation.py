"""3D Slicer's segmentation file (``.seg.nrrd``): named segments, in layers where they overlap.

The format is a NRRD image with fields ``SegmentN_Name``, ``SegmentN_LabelValue``,
``SegmentN_Layer`` and ``SegmentN_Tags`` (codes of the terminology among them). The file is cropped to
its segments; its own origin says where, so ``Segmentation_ReferenceImageExtentOffset`` and
``SegmentN_Extent`` are not needed. Old files have no layer and no label value: each segment is
one component with the value 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.adapters.label_import.class_tables import ClassTable
from sacroplasty.adapters.label_import.label_map import whole_numbers
from sacroplasty.adapters.label_import.label_mapping import Meaning
from sacroplasty.adapters.label_import.painting import (
    LabelPainter,
    Reading,
    empty_masks,
    unknown_names,
)
from sacroplasty.adapters.label_import.segment_meaning import Code, segment_structure
from sacroplasty.adapters.label_import.structure_names import is_known, shown
from sacroplasty.adapters.volume_files.metaimage_nrrd import read_nrrd_layers
from sacroplasty.anatomy import Structure
from sacroplasty.errors import AnatomyNotTrusted, BadInput, UnreadableInput
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import place_array

_FIELD = re.compile(r"^Segment(\d{1,5})_(Name|LabelValue|Layer|Tags)$", re.ASCII)
_CODE = re.compile(r"([A-Z0-9]{2,10})\^([A-Za-z0-9.-]{1,64})\^")
_MOST_VOXELS = 2**31


@dataclass(frozen=True, slots=True)
class SlicerSegment:
    """One segment as the header describes it."""

    name: str
    value: int
    layer: int
    codes: tuple[Code, ...]


def slicer_segments(path: Path) -> list[SlicerSegment]:
    """The segments that the header of a NRRD file describes; none for a plain NRRD or another file."""
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        fields = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    except RuntimeError:
        return []  # the reader of the voxels says what is wrong
    described: dict[int, dict[str, str]] = {}
    for key, text in fields.items():
        if match := _FIELD.match(key):
            described.setdefault(int(match[1]), {})[match[2]] = text
    return [_segment(number, described[number], path) for number in sorted(described)]


def read_slicer_segmentation(path: Path, meaning: Meaning | None, frame: Frame) -> Reading:
    """The segments of `path` in one label map, taken to lie in `frame`.

    `meaning` replaces the segments' names by what a person says of their label values. Raises
    `UnreadableInput`, `BrokenGeometry`, `BadUsage`, `AnatomyNotTrusted` (name against code).
    """
    segments = slicer_segments(path)
    layers = _layers(path, frame)
    painter = LabelPainter(layers.grid.shape)
    empty: list[Structure] = []
    unknown: list[str] = []
    for segment in segments:
        structure = _structure(segment, meaning)
        if structure is None:
            unknown += [] if is_known(segment.name) or meaning else [segment.name]
            continue
        if segment.layer >= layers.values.shape[-1]:
            raise UnreadableInput(
                f"{path.name!r} names layer {segment.layer} and holds {layers.values.shape[-1]}; "
                "save it again."
            )
        mask = layers.values[..., segment.layer] == segment.value
        painter.add(structure, mask, (slice(None),) * 3)
        empty += [] if mask.any() else [structure]
    if not (painter.labels == Structure.SACRUM).any():
        seen = shown(segment.name for segment in segments) or "none"
        raise AnatomyNotTrusted(
            f"No voxel of the segmentation is called sacrum; its segments are {seen}. Rename one, "
            "or give --label-map."
        )
    findings = (*unknown_names(len(unknown)), *empty_masks(empty), *painter.overlap_findings())
    return Reading(Volume(painter.labels, layers.grid), findings)


def _segment(number: int, fields: Mapping[str, str], path: Path) -> SlicerSegment:
    """Files of Slicer before 4.11 name neither layer nor value: segment N is component N."""
    old = "Layer" not in fields
    try:
        value = int(fields.get("LabelValue", "1"))
        layer = number if old and "LabelValue" not in fields else int(fields.get("Layer", "0"))
    except ValueError:
        raise UnreadableInput(
            f"{path.name!r} has a segment whose layer or label value is no number; save it again."
        ) from None
    codes = tuple(Code(*found) for found in _CODE.findall(fields.get("Tags", "")))
    return SlicerSegment(fields.get("Name", ""), value, layer, codes)


def _structure(segment: SlicerSegment, meaning: Meaning | None) -> Structure | None:
    if meaning is None:
        return segment_structure(segment.name, segment.codes)
    structures = meaning.structures if isinstance(meaning, ClassTable) else meaning
    return structures.get(segment.value)


@dataclass(frozen=True, eq=False, slots=True)
class _Layers:
    """`values` (k, j, i, layer) on `grid`."""

    values: NDArray[np.uint16]
    grid: Grid


def _layers(path: Path, frame: Frame) -> _Layers:
    """Every layer of the file, right-handed in LPS."""
    if not path.is_file():
        raise UnreadableInput(f"There is no file {path.name!r} where it was looked for.")
    try:
        raw = read_nrrd_layers(path, _MOST_VOXELS)
        if raw.values.ndim != 4 or raw.values.size < 2:
            raise UnreadableInput("it holds no segments: its image is a single voxel or no volume.")
        placed = [
            place_array(raw.values[..., n], raw.lps_from_ijk, frame)[0]
            for n in range(raw.values.shape[-1])
        ]
    except BadInput as broken:
        raise type(broken)(f"{path.name!r}: {broken}") from None
    values = np.stack([layer.values for layer in placed], axis=-1)
    return _Layers(whole_numbers(values, path.name), placed[0].grid)
