"""A segmenter that reads masks from a file or a folder, whatever their format."""

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sacroplasty.adapters.dicom_series.listing import list_sources
from sacroplasty.adapters.label_import.class_tables import ClassTable
from sacroplasty.adapters.label_import.dicom_segmentation import read_dicom_segmentation
from sacroplasty.adapters.label_import.label_map import meaning_in, read_label_map
from sacroplasty.adapters.label_import.label_mapping import Meaning
from sacroplasty.adapters.label_import.mask_folder import mask_files, read_mask_folder
from sacroplasty.adapters.label_import.painting import Reading
from sacroplasty.adapters.label_import.slicer_segmentation import (
    read_slicer_segmentation,
    slicer_segments,
)
from sacroplasty.adapters.label_import.trust import judge_fit
from sacroplasty.adapters.volume_files import volume_suffix
from sacroplasty.anatomy import BoneMasks, Segmenter
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.imaging import CTVolume
from sacroplasty.provenance import digest


class LabelSource(StrEnum):
    """The kinds of input, as they are named in the case."""

    LABEL_MAP = "label map"
    MASK_FOLDER = "folder of masks"
    SLICER = "Slicer segmentation"
    DICOM_SEG = "DICOM segmentation"


def labelled_segmenter(source: Path, meaning: Meaning | None = None) -> Segmenter:
    """A segmenter that reads masks from `source`.

    `source` is a label map (NIfTI, NRRD, MetaImage), a folder with one mask file per structure, a
    Slicer segmentation or a DICOM SEG; `meaning` says what its values (in a SEG: segment numbers)
    are, where the source does not say so itself or says it wrongly. Only a DICOM SEG states its
    frame of reference; the other files are taken to lie in the CT's frame. Segmenting raises `FrameMismatch` (no overlap with the CT,
    another frame), `AnatomyNotTrusted` (no sacrum, sacrum outside the CT or not on its bone, ilia
    on the wrong sides), `UnreadableInput`. Its name holds a digest of the files and the meaning:
    other labels are another anatomy.
    """
    kind = _kind_of(source)
    if kind is LabelSource.MASK_FOLDER:
        if meaning is not None:
            raise BadUsage(
                "A folder of masks takes its names from the files; leave the mapping out."
            )
        used = mask_files(source).used
        files = [(path.name, _content(path)) for path, _ in used]
        return _LabelledSegmenter(source, kind, None, digest(files))
    content = _content_of_all(source) if source.is_dir() else _content(source)
    if kind is LabelSource.LABEL_MAP and meaning is None:
        meaning = meaning_in(source)
    return _LabelledSegmenter(source, kind, meaning, digest(content, _as_plain(meaning)))


def _kind_of(source: Path) -> LabelSource:
    """By the folder's files or the file's own marks; a wrong path is met before any work is done."""
    if source.is_dir():
        masks = any(volume_suffix(path) for path in source.iterdir() if path.is_file())
        with ExitStack() as held:
            seg = not masks and bool(list_sources(source, held))
        return LabelSource.DICOM_SEG if seg else LabelSource.MASK_FOLDER
    suffix = volume_suffix(source)
    if suffix is None:
        return LabelSource.DICOM_SEG
    if suffix in {".nrrd", ".nhdr"} and slicer_segments(source):
        return LabelSource.SLICER
    return LabelSource.LABEL_MAP


def _content(path: Path) -> str:
    """SHA-256 of a file as it lies there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise UnreadableInput(
            f"The label file {path.name!r} cannot be read ({problem.strerror}); check --labels."
        ) from None


def _content_of_all(folder: Path) -> str:
    return digest([_content(path) for path in sorted(folder.rglob("*")) if path.is_file()])


def _as_plain(meaning: Meaning | None) -> list[tuple[int, str]]:
    if meaning is None:
        return []
    if isinstance(meaning, ClassTable):
        return sorted(meaning.classes.items())
    return [(value, meaning[value].label) for value in sorted(meaning)]


@dataclass(frozen=True)
class _LabelledSegmenter:
    source: Path
    kind: LabelSource
    meaning: Meaning | None
    content: str

    @property
    def name(self) -> str:
        """Without the file's own name: it may be a patient's."""
        return f"labels: {self.kind}, SHA-256 {self.content[:16]}"

    def segment(self, ct: CTVolume) -> BoneMasks:
        reading = self._read(ct)
        fit = judge_fit(reading.labels, ct)
        return BoneMasks(reading.labels, self.name, (fit, *reading.findings))

    def _read(self, ct: CTVolume) -> Reading:
        match self.kind:
            case LabelSource.MASK_FOLDER:
                return read_mask_folder(self.source, ct.frame)
            case LabelSource.SLICER:
                return read_slicer_segmentation(self.source, self.meaning, ct.frame)
            case LabelSource.DICOM_SEG:
                return read_dicom_segmentation(self.source, self.meaning, ct)
        assert self.meaning is not None
        return read_label_map(self.source, self.meaning, ct.frame)
