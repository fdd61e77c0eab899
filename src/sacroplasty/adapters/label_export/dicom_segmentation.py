"""Our label map as a DICOM SEG (BINARY) on the very slices of the CT, for a PACS or a viewer.

BINARY because most readers know no other kind; frames without a voxel are left out; every frame
names the CT object that it lies on. Identity and study are copied from the CT, so the file belongs
where the CT belongs: it is as confidential as the CT.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.filebase import DicomBytesIO
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence

from sacroplasty.adapters.label_export.colours import exported
from sacroplasty.adapters.label_export.ct_slices import CtSlice, ct_slices
from sacroplasty.adapters.label_export.seg_modules import (
    frame_groups,
    seg_object,
    segment_item,
    shared_groups,
)
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume


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
    frames = list(_frames(planes, structures))
    seg = seg_object(slices[0].header, labels.values)
    seg.SegmentSequence = Sequence([segment_item(n, s) for n, s in enumerate(structures, start=1)])
    seg.NumberOfFrames = len(frames)
    seg.SharedFunctionalGroupsSequence = Sequence([shared_groups(slices)])
    seg.PerFrameFunctionalGroupsSequence = Sequence(
        [frame_groups(slices[k], k, segment) for segment, k, _ in frames]
    )
    _refer(seg, slices, {k for _, k, _ in frames})
    bits = pack_bits(np.stack([mask for _, _, mask in frames]).astype(np.uint8).ravel())
    seg.PixelData = bits
    write_for_a_person(path, _bytes(seg))


def _frames(
    planes: list[NDArray[np.uint8]], structures: list[Structure]
) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """(segment number, slice, mask), without the empty ones."""
    for number, structure in enumerate(structures, start=1):
        for k, plane in enumerate(planes):
            if (mask := plane == structure).any():
                yield number, k, mask


def _refer(seg: FileDataset, slices: list[CtSlice], used: set[int]) -> None:
    """Common Instance Reference: the CT objects that frames lie on."""
    series = Dataset()
    series.SeriesInstanceUID = slices[0].header.SeriesInstanceUID
    series.ReferencedInstanceSequence = Sequence(
        [_instance(slices[k].header) for k in sorted(used)]
    )
    seg.ReferencedSeriesSequence = Sequence([series])


def _instance(header: Any) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def _bytes(seg: FileDataset) -> bytes:
    buffer = DicomBytesIO()
    seg.save_as(buffer, enforce_file_format=True)
    return bytes(buffer.getvalue())
