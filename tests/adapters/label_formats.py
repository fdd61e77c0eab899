"""One label map written the way foreign programs write it, without any writer of ours.

Labels come as a volume of `Structure` values; each writer gives a segmenter that reads its file.
"""

import gzip
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from sacroplasty.adapters.label_import import (
    label_meaning,
    labelled_segmenter,
    parse_label_mapping,
)
from sacroplasty.adapters.totalsegmentator import totalsegmentator
from sacroplasty.anatomy import Segmenter, Structure
from sacroplasty.geometry import Volume

BONES = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)
FOREIGN_NAMES = {
    Structure.SACRUM: "sacrum",
    Structure.ILIUM_LEFT: "hip_left",
    Structure.ILIUM_RIGHT: "hip_right",
    Structure.L5: "vertebrae_L5",
}
V1 = {92: Structure.SACRUM, 90: Structure.ILIUM_LEFT, 91: Structure.ILIUM_RIGHT, 18: Structure.L5}
V2 = {25: Structure.SACRUM, 77: Structure.ILIUM_LEFT, 78: Structure.ILIUM_RIGHT, 27: Structure.L5}
SERIES = "1.2.826.0.1.3680043.8.498.77"

Labels = Volume[np.uint8]
Writer = Callable[[Labels, Path], Segmenter]


def lps_from_ijk(labels: Labels) -> NDArray[np.float64]:
    """The 4×4 matrix of a grid."""
    matrix = np.eye(4)
    matrix[:3, :3] = labels.grid.direction * np.asarray(labels.grid.spacing_mm)
    matrix[:3, 3] = labels.grid.origin_mm
    return matrix


def numbered(labels: Labels, numbers: dict[int, Structure]) -> NDArray[np.uint8]:
    """The array with foreign numbers in place of ours."""
    values = np.zeros(labels.values.shape, dtype=np.uint8)
    for number, structure in numbers.items():
        values[labels.values == structure] = number
    return values


def save_nifti(values: NDArray[np.generic], labels: Labels, path: Path, table: str = "") -> None:
    """A NIfTI through nibabel, in RAS, with an XML table in an extension of the header."""
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ lps_from_ijk(labels)
    image = nib.Nifti1Image(values.T, affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    if table:
        image.header.extensions.append(nib.nifti1.Nifti1Extension(0, table.encode()))
    nib.save(image, path)


def header_table(names: dict[int, str]) -> str:
    """What TotalSegmentator 2 puts into the header of a multilabel file."""
    rows = "".join(
        f'<Label Key="{n}" Red="1" Green="0" Blue="0" Alpha="1"><![CDATA[{name}]]></Label>\n'
        for n, name in names.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?> <CaretExtension>  <VolumeInformation Index="0">'
        f"   <LabelTable>\n{rows}</LabelTable></VolumeInformation></CaretExtension>\n      "
    )


def nifti_map(labels: Labels, folder: Path) -> Segmenter:
    save_nifti(labels.values, labels, folder / "l.nii.gz")
    return labelled_segmenter(folder / "l.nii.gz", label_meaning("sacroplasty"))


def float_map_with_pairs(labels: Labels, folder: Path) -> Segmenter:
    save_nifti(labels.values.astype(np.float64), labels, folder / "l.nii")
    pairs = "1=sacrum,2=ilium_left,3=ilium_right,4=L5"
    return labelled_segmenter(folder / "l.nii", parse_label_mapping(pairs))


def _sitk(labels: Labels, path: Path) -> Segmenter:
    image = SimpleITK.GetImageFromArray(labels.values)
    image.SetOrigin(labels.grid.origin_mm)
    image.SetSpacing(labels.grid.spacing_mm)
    image.SetDirection(labels.grid.direction.ravel().tolist())
    SimpleITK.WriteImage(image, str(path), useCompression=True)
    return labelled_segmenter(path, label_meaning("sacroplasty"))


def nrrd_map(labels: Labels, folder: Path) -> Segmenter:
    return _sitk(labels, folder / "l.nrrd")


def metaimage_map(labels: Labels, folder: Path) -> Segmenter:
    return _sitk(labels, folder / "l.mha")


def v2_file_with_its_table(labels: Labels, folder: Path) -> Segmenter:
    names = {n: FOREIGN_NAMES[s] for n, s in V2.items()} | {75: "femur_left", 26: "vertebrae_S1"}
    save_nifti(numbered(labels, V2), labels, folder / "l.nii.gz", header_table(names))
    return labelled_segmenter(folder / "l.nii.gz")


def v2_file(labels: Labels, folder: Path) -> Segmenter:
    save_nifti(numbered(labels, V2), labels, folder / "l.nii.gz")
    return labelled_segmenter(folder / "l.nii.gz", label_meaning("totalsegmentator-v2"))


def v1_file(labels: Labels, folder: Path) -> Segmenter:
    save_nifti(numbered(labels, V1), labels, folder / "l.nii.gz")
    return labelled_segmenter(folder / "l.nii.gz", label_meaning("totalsegmentator-v1"))


def write_masks(labels: Labels, folder: Path) -> None:
    """A folder as TotalSegmentator writes it, femora and an empty class among the files."""
    for structure, name in FOREIGN_NAMES.items():
        mask = (labels.values == structure).astype(np.uint8)
        save_nifti(mask, labels, folder / f"{name}.nii.gz")
    none = np.zeros(labels.values.shape, dtype=np.uint8)
    save_nifti(none, labels, folder / "femur_left.nii.gz")


def mask_folder(labels: Labels, folder: Path) -> Segmenter:
    write_masks(labels, folder)
    return labelled_segmenter(folder)


def cropped_masks(labels: Labels, folder: Path) -> Segmenter:
    """Each mask cut to its own box, as Slicer exports segments; names as a person writes them."""
    names = dict(zip(BONES, ("Sacrum", "Left hip", "Hip (R)", "L5 vertebra"), strict=True))
    for structure, name in names.items():
        kji = np.argwhere(labels.values == structure)
        if len(kji):
            box = tuple(kji.min(axis=0).tolist()), tuple((kji.max(axis=0) + 1).tolist())
            piece = labels.cropped(*box)
            mask = (piece.values == structure).astype(np.uint8) * 255
            save_nifti(mask, piece, folder / f"{name}.nii.gz")
    return labelled_segmenter(folder)


def slicer_file(labels: Labels, folder: Path) -> Segmenter:
    """One layer, segments told apart by value."""
    header = "".join(_slicer_segment(n, FOREIGN_NAMES[s], int(s), 0) for n, s in enumerate(BONES))
    write_seg_nrrd(labels, labels.values[..., None], header, folder / "s.seg.nrrd")
    return labelled_segmenter(folder / "s.seg.nrrd")


def slicer_file_of_layers(labels: Labels, folder: Path) -> Segmenter:
    """A layer for each segment, all of value 1; hips without a name but with codes."""
    hip = "SCT^22356005^Ilium~SCT^{}^{}"
    tags = {
        Structure.ILIUM_LEFT: hip.format("7771000", "Left"),
        Structure.ILIUM_RIGHT: hip.format("24028007", "Right"),
    }
    layers = np.stack([(labels.values == s).astype(np.uint8) for s in BONES], axis=-1)
    header = "".join(
        _slicer_segment(
            n, f"Segment_{n}" if s in tags else FOREIGN_NAMES[s], 1, n, tags.get(s, "^^~^^")
        )
        for n, s in enumerate(BONES)
    )
    write_seg_nrrd(labels, layers, header, folder / "s.seg.nrrd")
    return labelled_segmenter(folder / "s.seg.nrrd")


def _slicer_segment(n: int, name: str, value: int, layer: int, tags: str = "^^~^^") -> str:
    return (
        f"Segment{n}_ID:=Segment_{n}\nSegment{n}_Name:={name}\nSegment{n}_LabelValue:={value}\n"
        f"Segment{n}_Layer:={layer}\nSegment{n}_Extent:=0 1 0 1 0 1\n"
        f"Segment{n}_Tags:=TerminologyEntry:Segmentation category and type~"
        f"SCT^123037004^Anatomical Structure~{tags}~Anatomic codes~^^~^^|\n"
    )


def write_seg_nrrd(
    labels: Labels, layers: NDArray[np.uint8], header: str, path: Path, space: str = "LPS"
) -> None:
    """A NRRD by its specification; `layers` (k, j, i, layer)."""
    steps = (labels.grid.direction * np.asarray(labels.grid.spacing_mm)).T
    count = layers.shape[-1]
    vectors = " ".join("(" + ",".join(f"{x:.9f}" for x in step) + ")" for step in steps)
    nk, nj, ni = layers.shape[:3]
    many = count > 1
    space = {"LPS": "left-posterior-superior"}.get(space, space)
    text = (
        f"NRRD0004\ntype: unsigned char\ndimension: {3 + many}\nspace: {space}\n"
        f"sizes: {f'{count} ' * many}{ni} {nj} {nk}\n"
        f"space directions: {'none ' * many}{vectors}\n"
        f"kinds: {'list ' * many}domain domain domain\nencoding: gzip\n"
        f"space origin: ({','.join(f'{x:.9f}' for x in labels.grid.origin_mm)})\n"
        f"{header}Segmentation_MasterRepresentation:=Binary labelmap\n"
        "Segmentation_ReferenceImageExtentOffset:=7 -3 11\n\n"
    )
    path.write_bytes(text.encode() + gzip.compress(layers.tobytes(), mtime=0))


@dataclass(frozen=True)
class SegOptions:
    """What a test spoils in a SEG."""

    kind: str = "BINARY"
    frame_uid: str | None = None
    series_uid: str = SERIES
    right_is_coded: bool = False
    labels_say_side: bool = False


def dicom_seg(labels: Labels, folder: Path) -> Segmenter:
    return written_seg(labels, folder, SegOptions())


def dicom_seg_fractional(labels: Labels, folder: Path) -> Segmenter:
    return written_seg(labels, folder, SegOptions(kind="FRACTIONAL", labels_say_side=True))


def dicom_seg_labelmap(labels: Labels, folder: Path) -> Segmenter:
    return written_seg(labels, folder, SegOptions(kind="LABELMAP"))


def written_seg(labels: Labels, folder: Path, options: SegOptions) -> Segmenter:
    """A SEG whose frames run from head to foot, without the empty ones, sides by code."""
    seg = _seg_header(labels, options)
    frames: list[tuple[Structure | None, int]] = []
    if options.kind == "LABELMAP":
        frames = [(None, k) for k in range(len(labels.values))]
    else:
        for structure in BONES:
            slices = np.flatnonzero((labels.values == structure).any(axis=(1, 2)))[::-1]
            frames += [(structure, int(k)) for k in slices]
    planes = [
        labels.values[k] if s is None else (labels.values[k] == s).astype(np.uint8)
        for s, k in frames
    ]
    seg.SegmentSequence = Sequence([_seg_segment(s, options) for s in BONES])
    seg.PerFrameFunctionalGroupsSequence = Sequence([_seg_frame(labels, s, k) for s, k in frames])
    seg.NumberOfFrames = len(frames)
    pixels = np.stack(planes)
    if options.kind == "BINARY":
        seg.BitsAllocated = seg.BitsStored = 1
        seg.HighBit = 0
        seg.PixelData = pack_bits(pixels.ravel())
    else:
        seg.BitsAllocated = seg.BitsStored = 8
        seg.HighBit = 7
        pixels = np.where(pixels, 255, 90) if options.kind == "FRACTIONAL" else pixels
        data = pixels.astype(np.uint8).tobytes()
        seg.PixelData = data + b"\0" * (len(data) % 2)
    seg.save_as(folder / "seg.dcm", enforce_file_format=True)
    return labelled_segmenter(folder / "seg.dcm")


def _seg_header(labels: Labels, options: SegOptions) -> FileDataset:
    labelmap = options.kind == "LABELMAP"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(f"1.2.840.10008.5.1.4.1.1.66.{7 if labelmap else 4}")
    meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.3680043.8.498.78")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    seg = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    seg.SOPClassUID, seg.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    seg.Modality = "SEG"
    seg.SegmentationType = options.kind
    if options.kind == "FRACTIONAL":
        seg.MaximumFractionalValue = 255
    seg.FrameOfReferenceUID = options.frame_uid or labels.frame.uid
    series = Dataset()
    series.SeriesInstanceUID = options.series_uid
    seg.ReferencedSeriesSequence = Sequence([series])
    seg.Rows, seg.Columns = labels.grid.shape[1:]
    seg.SamplesPerPixel, seg.PixelRepresentation = 1, 0
    seg.PhotometricInterpretation = "MONOCHROME2"
    seg.SharedFunctionalGroupsSequence = Sequence([_shared_groups(labels)])
    return seg


def _shared_groups(labels: Labels) -> Dataset:
    shared, measures, plane = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [labels.grid.spacing_mm[1], labels.grid.spacing_mm[0]]
    measures.SliceThickness = measures.SpacingBetweenSlices = labels.grid.spacing_mm[2]
    direction = labels.grid.direction
    plane.ImageOrientationPatient = [*direction[:, 0].tolist(), *direction[:, 1].tolist()]
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    return shared


def _seg_frame(labels: Labels, structure: Structure | None, k: int) -> Dataset:
    frame, place, segment = Dataset(), Dataset(), Dataset()
    corner = labels.grid.points_at(np.array([[k, 0, 0]])).single
    place.ImagePositionPatient = [f"{x:.6f}" for x in corner]
    frame.PlanePositionSequence = Sequence([place])
    if structure is not None:
        segment.ReferencedSegmentNumber = int(structure)
        frame.SegmentIdentificationSequence = Sequence([segment])
    return frame


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "SCT", meaning
    return code


def _seg_segment(structure: Structure, options: SegOptions) -> Dataset:
    segment = Dataset()
    segment.SegmentNumber = int(structure)
    kinds = {Structure.SACRUM: ("54735007", "Sacrum"), Structure.L5: ("49668003", "L5 vertebra")}
    kind = _code(*kinds.get(structure, ("22356005", "Ilium")))
    segment.SegmentLabel = "Bone"
    side = {Structure.ILIUM_LEFT: "left", Structure.ILIUM_RIGHT: "right"}.get(structure)
    if side and options.labels_say_side:
        segment.SegmentLabel = f"{side} hip bone"
    elif side:
        left = side == "left" and not options.right_is_coded
        code = _code("7771000", "Left") if left else _code("24028007", "Right")
        kind.SegmentedPropertyTypeModifierCodeSequence = Sequence([code])
        segment.SegmentLabel = f"hip {side}" if options.right_is_coded else "Hip"
    segment.SegmentedPropertyTypeCodeSequence = Sequence([kind])
    return segment


STAND_IN = """#!{python} -S
import json, os, shutil, sys
if "--version" in sys.argv:
    print("2.4.0")
    raise SystemExit
settings = json.load(open(os.path.join(os.environ["TOTALSEG_HOME_DIR"], "config.json")))
assert settings["send_usage_stats"] is False
assert os.path.isdir(os.environ["TOTALSEG_WEIGHTS_PATH"])
assert os.environ["HTTPS_PROXY"] == os.environ["https_proxy"] == "http://127.0.0.1:9"
assert os.path.getsize(sys.argv[sys.argv.index("-i") + 1]) > 1000
print("Predicting part 2 of 5 ...", flush=True)
{then}
shutil.copytree({masks!r}, sys.argv[sys.argv.index("-o") + 1], dirs_exist_ok=True)
"""


def stand_in(folder: Path, masks: Path, then: str = "") -> tuple[Path, Path]:
    """A program that writes TotalSegmentator's layout, and a folder that looks like its weights."""
    program = folder / "TotalSegmentator"
    program.write_text(STAND_IN.format(python=sys.executable, masks=str(masks), then=then))
    program.chmod(program.stat().st_mode | 0o755)
    for number in (291, 292, 293, 294, 295, 298):
        (folder / "weights" / f"Dataset{number}_x" / "fold_0").mkdir(parents=True)
    return program, folder / "weights"


def totalsegmentator_stand_in(labels: Labels, folder: Path) -> Segmenter:
    """Our side of the pipe only: no network is behind it."""
    (folder / "made").mkdir()
    write_masks(labels, folder / "made")
    program, weights = stand_in(folder, folder / "made")
    return totalsegmentator(weights, program=os.fspath(program))


IMPORTS: dict[str, Writer] = {
    w.__name__: w
    for w in (
        nifti_map,
        float_map_with_pairs,
        nrrd_map,
        metaimage_map,
        v2_file_with_its_table,
        v2_file,
        v1_file,
        mask_folder,
        cropped_masks,
        slicer_file,
        slicer_file_of_layers,
        dicom_seg,
        dicom_seg_fractional,
        dicom_seg_labelmap,
        totalsegmentator_stand_in,
    )
}
