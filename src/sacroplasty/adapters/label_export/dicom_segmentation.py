"""Our label map as a DICOM SEG (BINARY) on the very slices of the CT, for a PACS or a viewer.

BINARY because most readers know no other kind; frames without a voxel are left out; every frame
names the CT object that it lies on. Identity and study are copied from the CT, so the file belongs
where the CT belongs: it is as confidential as the CT.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence

from sacroplasty.adapters.label_export.colours import exported
from sacroplasty.adapters.label_export.ct_slices import CtSlice, ct_slices
from sacroplasty.adapters.label_export.derived_object import (
    SeriesWords,
    dicom_bytes,
    instance_reference,
)
from sacroplasty.adapters.label_export.seg_modules import (
    SegWords,
    frame_groups,
    seg_object,
    segment_item,
    shared_groups,
)
from sacroplasty.adapters.label_export.segment_codes import category_code, type_code
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

Mask = NDArray[np.bool_]
_WORDS = SegWords(
    SeriesWords("SEG", 99, "Sacrum model (research software)"), "SACRUM", "Sacrum model"
)


def write_dicom_segmentation(
    labels: Volume[np.uint8], ct: CTVolume, source: Path, path: Path
) -> None:
    """Write `labels` (`Structure` values) as one SEG object on the slices of the CT in `source`.

    `source` is the DICOM folder, zip or file that `ct` was read from; labels are taken to the
    slices by the nearest voxel. Same input, same bytes. Raises `BadInput` (no structure, not
    DICOM), `FrameMismatch`, `CaseConflict` where the file cannot be written.
    """
    slices = ct_slices(source, ct.acquisition.series_uid, labels.frame)
    planes = [labels.on(one.grid, order=0).values[0] for one in slices]
    structures = exported({int(v) for plane in planes for v in np.unique(plane)})
    if not structures:
        raise BadInput("The label map holds no structure, so there is no segmentation to write.")
    segments = [
        (
            segment_item(n, structure.label, category_code(), type_code(structure)),
            [plane == structure for plane in planes],
        )
        for n, structure in enumerate(structures, start=1)
    ]
    write_segments(segments, slices, _WORDS, (labels.values,), path)


def write_segments(
    segments: list[tuple[Dataset, list[Mask]]],
    slices: list[CtSlice],
    words: SegWords,
    content: tuple[Any, ...],
    path: Path,
) -> None:
    """Write segments, each an item of `segment_item` with one mask (rows, columns) per slice.

    content: what the object's UIDs are derived from. Raises `CaseConflict`.
    """
    frames = [
        (n, k, mask)
        for n, (_, masks) in enumerate(segments, start=1)
        for k, mask in enumerate(masks)
        if mask.any()
    ]
    seg = seg_object(slices[0].header, words, content)
    seg.SegmentSequence = Sequence([item for item, _ in segments])
    seg.NumberOfFrames = len(frames)
    seg.SharedFunctionalGroupsSequence = Sequence([shared_groups(slices)])
    seg.PerFrameFunctionalGroupsSequence = Sequence(
        [frame_groups(slices[k], k, segment) for segment, k, _ in frames]
    )
    _refer(seg, slices, {k for _, k, _ in frames})
    seg.PixelData = pack_bits(np.stack([mask for _, _, mask in frames]).astype(np.uint8).ravel())
    write_for_a_person(path, dicom_bytes(seg))


def _refer(seg: FileDataset, slices: list[CtSlice], used: set[int]) -> None:
    """Common Instance Reference: the CT objects that frames lie on."""
    series = Dataset()
    series.SeriesInstanceUID = slices[0].header.SeriesInstanceUID
    series.ReferencedInstanceSequence = Sequence(
        [instance_reference(slices[k].header) for k in sorted(used)]
    )
    seg.ReferencedSeriesSequence = Sequence([series])
