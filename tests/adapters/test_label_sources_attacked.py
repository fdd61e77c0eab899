"""Label files that are damaged, contradict themselves or are something else: one sentence, no guess."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from label_formats import (
    BONES,
    V2,
    Labels,
    SegOptions,
    header_table,
    numbered,
    save_nifti,
    write_masks,
    write_seg_nrrd,
    written_seg,
)

from sacroplasty.adapters.label_import import (
    label_meaning,
    labelled_segmenter,
    parse_label_mapping,
)
from sacroplasty.anatomy import BoneMasks, Structure
from sacroplasty.errors import (
    AnatomyNotTrusted,
    BadInput,
    BadUsage,
    BrokenGeometry,
    FrameMismatch,
    SacroplastyError,
    UnreadableInput,
)
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

GRID = Grid.axis_aligned((12, 10, 30), (-20.0, 5.0, 40.0), (1.0, 1.5, 2.0), Frame("1.2.3"))
PAIRS = "1=sacrum,2=ilium_left,3=ilium_right"


def blocks() -> Labels:
    """Sacrum between the ilia, the left one at +x, a shell of L5 on top."""
    values = np.zeros(GRID.shape, dtype=np.uint8)
    values[1:9, 1:9, 10:20] = Structure.SACRUM
    values[1:9, 1:9, 21:29] = Structure.ILIUM_LEFT
    values[1:9, 1:9, 1:9] = Structure.ILIUM_RIGHT
    values[10:, 1:9, 10:20] = Structure.L5
    return Volume(values, GRID)


def scan(frame: Frame = GRID.frame, series: str = "") -> CTVolume:
    grid = replace(GRID, frame=frame)
    hu = np.where(blocks().values > 0, 500, 30).astype(np.int16)
    return CTVolume(hu, grid, Acquisition("0", "toy", series_uid=series))


def segmented(path: Path, mapping: str | None = None) -> BoneMasks:
    return labelled_segmenter(path, label_meaning(mapping) if mapping else None).segment(scan())


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (lambda v: np.where(v == 1, np.nan, v), "fractions or NaN"),
        (lambda v: np.where(v == 1, np.inf, v), "fractions or NaN"),
        (lambda v: v + 0.25, "fractions or NaN"),
        (lambda v: v.astype(np.int16) - 1, "from -1 to 3"),
        (lambda v: np.where(v == 1, 70000, v).astype(np.int32), "to 70000"),
        (lambda v: np.where(v > 0, 400, -1024).astype(np.int16), "Is it the CT"),
    ],
)
def test_numbers_that_no_label_map_holds(spoiled, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    values = spoiled(blocks().values.astype(np.float32))
    save_nifti(values, blocks(), tmp_path / "l.nii.gz")
    with pytest.raises(UnreadableInput, match=says):
        segmented(tmp_path / "l.nii.gz", PAIRS)


@pytest.mark.parametrize("name", ["l.nii.gz", "l.nii", "s.seg.nrrd", "seg.dcm"])
@pytest.mark.parametrize("keep", [0.0, 0.02, 0.5, 0.9])
def test_a_file_that_ends_too_early(name: str, keep: float, tmp_path: Path) -> None:
    _written(name, tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(SacroplastyError) as refusal:
        segmented(path, PAIRS if "l.nii" in name else None)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    "name", ["l.nii.gz", "l.nii", "s.seg.nrrd", "l.nrrd", "l.mha", "seg.dcm", "x"]
)
def test_bytes_of_something_else(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"GIF89a" + bytes(range(256)) * 40)
    with pytest.raises(BadInput):
        segmented(tmp_path / name, PAIRS)


def test_a_map_that_does_not_say_what_it_means_is_not_guessed(tmp_path: Path) -> None:
    save_nifti(numbered(blocks(), V2), blocks(), tmp_path / "l.nii.gz")
    with pytest.raises(BadUsage, match=r"not guessed.*--label-map.*totalsegmentator-v1"):
        segmented(tmp_path / "l.nii.gz")


def test_the_table_of_the_other_version_finds_no_sacrum(tmp_path: Path) -> None:
    save_nifti(numbered(blocks(), V2), blocks(), tmp_path / "l.nii.gz")
    with pytest.raises(AnatomyNotTrusted, match="called sacrum"):
        segmented(tmp_path / "l.nii.gz", "totalsegmentator-v1")


def test_a_table_that_contradicts_the_files_own_is_refused(tmp_path: Path) -> None:
    names = header_table({25: "sacrum", 90: "brain", 77: "hip_left", 78: "hip_right"})
    save_nifti(numbered(blocks(), V2), blocks(), tmp_path / "l.nii.gz", names)
    with pytest.raises(BadUsage, match=r"90 is ilium_left, but the file itself calls it 'brain'"):
        segmented(tmp_path / "l.nii.gz", "totalsegmentator-v1")


@pytest.mark.parametrize(
    "xml",
    [
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><LabelTable>'
        '<Label Key="25">&a;</Label></LabelTable>',
        "<LabelTable><Label Key='25'>sacrum",
        '<LabelTable><Label Key="²">sacrum</Label><Label>sacrum</Label></LabelTable>',
        "\0\1\2",
    ],
)
def test_a_hostile_table_in_the_header_counts_as_none(xml: str, tmp_path: Path) -> None:
    save_nifti(numbered(blocks(), V2), blocks(), tmp_path / "l.nii.gz", xml)
    with pytest.raises(BadUsage, match="not guessed"):
        segmented(tmp_path / "l.nii.gz")


def test_an_unknown_table_or_mapping_names_the_known_ones() -> None:
    with pytest.raises(BadUsage, match=r"totalsegmentator-v1, totalsegmentator-v2"):
        label_meaning("totalsegmentator-v3")


# Folders


def test_names_of_files_in_any_hand(tmp_path: Path) -> None:
    """Case, order, counters, a side in brackets; hidden files and strange names do no harm."""
    write_masks(blocks(), tmp_path)
    (tmp_path / "sacrum.nii.gz").rename(tmp_path / "SACRUM_1 (main fragment).nii.gz")
    (tmp_path / "hip_left.nii.gz").rename(tmp_path / "L - Hip.NII.GZ")
    (tmp_path / "._sacrum.nii.gz").write_bytes(b"resource fork")
    (tmp_path / "notes.txt").write_text("sacrum")
    for n, hostile in enumerate(("\x1b[31m tumour\n", "$(rm -rf ~)", "%s%n", "ß" * 100)):
        save_nifti(blocks().values, blocks(), tmp_path / f"{n}.nii.gz")
        (tmp_path / f"{n}.nii.gz").rename(tmp_path / f"{hostile}.nii.gz")
    masks = segmented(tmp_path)
    assert (masks.labels.values == blocks().values).all()
    (named,) = (f for f in masks.findings if f.check == "label names")
    assert named.says.startswith("4 of the labels")
    assert "tumour" not in str(masks.findings)


def test_a_folder_without_a_sacrum_lists_what_it_holds(tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    (tmp_path / "sacrum.nii.gz").rename(tmp_path / "kreuzbein.nii.gz")
    with pytest.raises(UnreadableInput, match=r"no mask file called sacrum.*'kreuzbein'"):
        segmented(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    (tmp_path / "Sacrum.nii").write_bytes(b"")
    with pytest.raises(UnreadableInput, match="names of the same mask"):
        segmented(tmp_path)


def test_s1_as_a_vertebra_belongs_to_the_sacrum(tmp_path: Path) -> None:
    """TotalSegmentator 2 may call the top of the sacrum vertebrae_S1; the sacrum is both."""
    write_masks(blocks(), tmp_path)
    top = (blocks().values == Structure.SACRUM) & (np.indices(GRID.shape)[0] > 6)
    rest = (blocks().values == Structure.SACRUM) & ~top
    save_nifti(top.astype(np.uint8), blocks(), tmp_path / "vertebrae_S1.nii.gz")
    save_nifti(rest.astype(np.uint8), blocks(), tmp_path / "sacrum.nii.gz")
    assert (segmented(tmp_path).labels.values == blocks().values).all()


def test_masks_on_different_grids(tmp_path: Path) -> None:
    """Pieces of one lattice are joined (the contract); another lattice is refused."""
    write_masks(blocks(), tmp_path)
    moved = replace(GRID, origin_mm=(-19.5, 5.0, 40.0))
    mask = (blocks().values == Structure.L5).astype(np.uint8)
    save_nifti(mask, Volume(mask, moved), tmp_path / "vertebrae_L5.nii.gz")
    with pytest.raises(UnreadableInput, match="another grid"):
        segmented(tmp_path)


@pytest.mark.parametrize("values", [np.nan, -1.0, (3, 7)])
def test_a_mask_that_is_no_mask(values: float | tuple[int, int], tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    spoiled = (blocks().values == Structure.SACRUM).astype(np.float32)
    spoiled[0, 0, :2] = values
    save_nifti(spoiled, blocks(), tmp_path / "sacrum.nii.gz")
    with pytest.raises(UnreadableInput, match=r"sacrum\.nii\.gz.*(mask|values)"):
        segmented(tmp_path)


def test_a_mask_of_shares_is_cut_at_a_half(tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    shares = np.where(blocks().values == Structure.SACRUM, 0.5, 0.49).astype(np.float32)
    save_nifti(shares, blocks(), tmp_path / "sacrum.nii.gz")
    assert (segmented(tmp_path).labels.values == blocks().values).all()


def test_masks_that_overlap_are_named_and_the_sacrum_kept(tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    wide = np.isin(blocks().values, (Structure.SACRUM, Structure.L5)).astype(np.uint8)
    save_nifti(wide, blocks(), tmp_path / "vertebrae_L5.nii.gz")
    masks = segmented(tmp_path)
    assert (masks.labels.values == blocks().values).all()
    (apart,) = (f for f in masks.findings if f.check == "masks apart")
    assert apart.verdict is Verdict.NOT_CHECKED
    assert apart.measured == "100% of the sacrum's volume"


def test_an_empty_mask_counts_as_absent_and_says_so(tmp_path: Path) -> None:
    write_masks(blocks(), tmp_path)
    save_nifti(np.zeros(GRID.shape, np.uint8), blocks(), tmp_path / "hip_left.nii.gz")
    masks = segmented(tmp_path)
    assert any("ilium_left" in f.says for f in masks.findings if f.check == "masks filled")
    assert all(f.verdict is not Verdict.FAIL for f in masks.findings)


# Slicer


def slicer(text: str, tmp_path: Path, space: str = "LPS") -> Path:
    path = tmp_path / "s.seg.nrrd"
    write_seg_nrrd(blocks(), blocks().values[..., None], text, path, space)
    return path


def test_segments_without_a_known_name_are_listed(tmp_path: Path) -> None:
    text = "".join(
        f"Segment{n}_Name:=Segment_{n}\nSegment{n}_LabelValue:={n}\nSegment{n}_Layer:=0\n"
        for n in (1, 2)
    )
    with pytest.raises(AnatomyNotTrusted, match=r"its segments are 'Segment_1', 'Segment_2'"):
        segmented(slicer(text, tmp_path))
    masks = segmented(slicer(text, tmp_path), "1=sacrum")
    assert ((masks.labels.values == 1) == (blocks().values == 1)).all()


def test_a_segment_named_left_and_coded_right_is_refused(tmp_path: Path) -> None:
    text = (
        "Segment0_Name:=hip_left\nSegment0_LabelValue:=2\nSegment0_Layer:=0\n"
        "Segment0_Tags:=TerminologyEntry:x~SCT^91723000^A~SCT^22356005^Ilium~SCT^24028007^Right~^^|\n"
    )
    with pytest.raises(AnatomyNotTrusted, match="coded as right and named left"):
        segmented(slicer(text, tmp_path))


def test_a_file_without_a_patient_space_is_refused(tmp_path: Path) -> None:
    text = "Segment0_Name:=sacrum\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n"
    with pytest.raises(BrokenGeometry, match="left and right are unknown"):
        segmented(slicer(text, tmp_path, space="scanner-xyz"))


def test_ras_is_read_as_ras(tmp_path: Path) -> None:
    """The same numbers said to run to the right and to the front are the patient turned about z."""
    text = "Segment0_Name:=sacrum\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n"
    with pytest.raises((FrameMismatch, AnatomyNotTrusted)):
        segmented(slicer(text, tmp_path, space="right-anterior-superior"))


@pytest.mark.parametrize("field", ["Layer:=9", "Layer:=x", "LabelValue:=1e3"])
def test_fields_that_make_no_sense(field: str, tmp_path: Path) -> None:
    text = f"Segment0_Name:=sacrum\nSegment0_{field}\n"
    with pytest.raises(UnreadableInput, match=r"save it again"):
        segmented(slicer(text, tmp_path))


def test_a_segmentation_without_segments_is_a_single_voxel(tmp_path: Path) -> None:
    one = Volume(blocks().values[:1, :1, :1], GRID.cropped((0, 0, 0), (1, 1, 1)))
    path = tmp_path / "s.seg.nrrd"
    write_seg_nrrd(one, one.values[..., None], "Segment0_Name:=sacrum\n", path)
    with pytest.raises(UnreadableInput, match="no segments"):
        segmented(path)


# DICOM SEG


def test_a_seg_of_another_frame_is_refused_before_it_is_placed(tmp_path: Path) -> None:
    segmenter = written_seg(blocks(), tmp_path, SegOptions(frame_uid="1.2.9"))
    with pytest.raises(FrameMismatch, match="of different scans"):
        segmenter.segment(scan())


def test_a_seg_needs_a_ct_that_knows_its_frame(tmp_path: Path) -> None:
    segmenter = written_seg(blocks(), tmp_path, SegOptions(frame_uid="1.2.9"))
    with pytest.raises(FrameMismatch, match="CT as its DICOM series"):
        segmenter.segment(scan(Frame("file:abc")))


@pytest.mark.parametrize(
    ("series", "verdict"),
    [("1.5.6", Verdict.PASS), ("1.5.7", Verdict.NOT_CHECKED), ("", Verdict.NOT_CHECKED)],
)
def test_the_series_that_a_seg_refers_to_is_compared(
    series: str, verdict: Verdict, tmp_path: Path
) -> None:
    masks = written_seg(blocks(), tmp_path, SegOptions(series_uid="1.5.6")).segment(
        scan(series=series)
    )
    assert {f.verdict for f in masks.findings if f.check == "labels drawn on this series"} == {
        verdict
    }


def test_a_seg_whose_code_and_label_disagree_on_the_side_is_refused(tmp_path: Path) -> None:
    segmenter = written_seg(blocks(), tmp_path, SegOptions(right_is_coded=True))
    with pytest.raises(AnatomyNotTrusted, match="coded as right and named left"):
        segmenter.segment(scan())


def test_frames_at_unequal_distances_are_refused(tmp_path: Path) -> None:
    import pydicom

    segmenter = written_seg(blocks(), tmp_path, SegOptions())
    dataset = pydicom.dcmread(tmp_path / "seg.dcm")
    place = dataset.PerFrameFunctionalGroupsSequence[2].PlanePositionSequence[0]
    place.ImagePositionPatient[2] += 0.7
    dataset.save_as(tmp_path / "seg.dcm")
    with pytest.raises(BrokenGeometry, match="equal distances"):
        segmenter.segment(scan())


def test_a_folder_with_one_seg_in_it_is_that_seg(tmp_path: Path) -> None:
    written_seg(blocks(), tmp_path, SegOptions())
    assert set(np.unique(segmented(tmp_path).labels.values)) == {0, *map(int, BONES)}
    (tmp_path / "again.dcm").write_bytes((tmp_path / "seg.dcm").read_bytes())
    with pytest.raises(UnreadableInput, match="2 DICOM segmentations"):
        segmented(tmp_path)


def _written(name: str, folder: Path) -> None:
    if name == "seg.dcm":
        written_seg(blocks(), folder, SegOptions())
    elif name == "s.seg.nrrd":
        slicer("Segment0_Name:=sacrum\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n", folder)
    else:
        save_nifti(blocks().values, blocks(), folder / name)
    assert parse_label_mapping(PAIRS)
