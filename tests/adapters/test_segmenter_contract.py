"""What every engine must keep, whoever made the labels: the same facts against each of them."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from label_formats import BONES, IMPORTS, Labels, Writer

from sacroplasty.anatomy import BoneMasks, BuiltinSegmenter, Segmenter, Structure, build_sacrum
from sacroplasty.errors import AnatomyNotTrusted, BadInput, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging import AIR_HU, CTVolume
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    make_virtual_patient,
)

# Least Dice with the truth: an import keeps every voxel; the built-in engine is measured at its
# best elsewhere, here on a coarse scan.
EXACT = {Structure.SACRUM: 0.999, Structure.ILIUM_LEFT: 0.999, Structure.L5: 0.999}
BUILTIN = {Structure.SACRUM: 0.8, Structure.ILIUM_LEFT: 0.5, Structure.L5: 0.5}


@lru_cache(maxsize=1)
def patient() -> tuple[CTVolume, Labels]:
    """A virtual patient with a fracture of the left ala, and the truth: sacrum, ilia, L5."""
    request = PatientRequest(
        fracture=FracturePattern.LEFT_ALA,
        scanner=ScannerSettings(in_plane_mm=2.0, slice_mm=2.5, noise_hu=10.0),
    )
    made = make_virtual_patient(request, 5)
    truth = made.labels_on_ct
    kept = np.where(np.isin(truth.values, BONES), truth.values, 0).astype(np.uint8)
    return made.ct, Volume(kept, truth.grid)


def builtin(_labels: Labels, _folder: Path) -> Segmenter:
    return BuiltinSegmenter()


ENGINES: dict[str, Writer] = {"builtin": builtin, **IMPORTS}
every_engine = pytest.mark.parametrize("engine", ENGINES)
every_import = pytest.mark.parametrize("engine", IMPORTS)


@lru_cache(maxsize=1)
def _builtin_masks() -> BoneMasks:
    return BuiltinSegmenter().segment(patient()[0])


def found(engine: str, folder: Path) -> BoneMasks:
    ct, truth = patient()
    return _builtin_masks() if engine == "builtin" else ENGINES[engine](truth, folder).segment(ct)


def dice(masks: BoneMasks, truth: Labels, structure: Structure) -> float:
    there = masks.labels.on(truth.grid, order=0).values == structure
    true = truth.values == structure
    return float(2 * (there & true).sum() / (there.sum() + true.sum()))


@every_engine
def test_the_same_patient_gives_the_same_bones(engine: str, tmp_path: Path) -> None:
    masks = found(engine, tmp_path)
    least = BUILTIN if engine == "builtin" else EXACT
    assert {s: d for s in least if (d := dice(masks, patient()[1], s)) < least[s]} == {}


@every_engine
def test_left_is_the_patients_left(engine: str, tmp_path: Path) -> None:
    """By the axes of the scanner, and by the fracture that only the truth knows the side of."""
    masks = found(engine, tmp_path)

    def x(structure: Structure) -> float:
        points = masks.labels.grid.points_at(np.argwhere(masks.labels.values == structure))
        return float(np.median(points.xyz[:, 0]))

    assert x(Structure.ILIUM_LEFT) > x(Structure.SACRUM) > x(Structure.ILIUM_RIGHT)
    truth = patient()[1]
    assert dice(masks, truth, Structure.ILIUM_RIGHT) > 0.5


@every_engine
def test_masks_lie_in_the_frame_of_the_ct_and_name_their_engine(
    engine: str, tmp_path: Path
) -> None:
    masks = found(engine, tmp_path)
    assert masks.frame == patient()[0].frame
    assert masks.engine
    assert str(tmp_path) not in masks.engine
    assert all(finding.verdict is not Verdict.FAIL for finding in masks.findings)


@every_engine
def test_no_sacrum_is_a_refusal(engine: str, tmp_path: Path) -> None:
    ct, truth = patient()
    if engine == "builtin":
        ct = replace(ct, hu=np.where(ct.hu > AIR_HU + 500, 40, ct.hu).astype(np.int16))
    empty = np.where(truth.values == Structure.SACRUM, 0, truth.values).astype(np.uint8)
    with pytest.raises((AnatomyNotTrusted, BadInput), match="sacrum"):
        ENGINES[engine](Volume(empty, truth.grid), tmp_path).segment(ct)


@every_import
def test_the_same_file_is_the_same_anatomy_and_another_is_not(engine: str, tmp_path: Path) -> None:
    truth = patient()[1]
    names = []
    for n, edited in enumerate((0, 0, 1)):
        folder = tmp_path / str(n)
        folder.mkdir()
        values = truth.values.copy()
        k, j, i = np.argwhere(values == Structure.SACRUM)[100]
        values[k, j, i] = 0 if edited else values[k, j, i]
        names.append(IMPORTS[engine](Volume(values, truth.grid), folder).name)
    assert names[0] == names[1]
    assert names[0] != names[2] or engine == "totalsegmentator_stand_in"


@every_import
def test_swapped_sides_are_refused_by_name(engine: str, tmp_path: Path) -> None:
    ct, truth = patient()
    swap = np.arange(256, dtype=np.uint8)
    swap[[Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT]] = (
        Structure.ILIUM_RIGHT,
        Structure.ILIUM_LEFT,
    )
    swapped = Volume(swap[truth.values], truth.grid)
    with pytest.raises(AnatomyNotTrusted, match=r"ilium_left lies \d+ mm on the wrong side"):
        IMPORTS[engine](swapped, tmp_path).segment(ct)


@every_import
def test_a_mirrored_image_is_refused(engine: str, tmp_path: Path) -> None:
    """The array as it is in the patient's mirror image: every label on the other side."""
    ct, truth = patient()
    mirrored = Volume(np.ascontiguousarray(truth.values[:, :, ::-1]), truth.grid)
    with pytest.raises(AnatomyNotTrusted, match="wrong side"):
        IMPORTS[engine](mirrored, tmp_path).segment(ct)


@every_import
@pytest.mark.parametrize("shift_mm", [(0.0, 35.0, 0.0), (0.0, 0.0, 45.0), (60.0, 0.0, 0.0)])
def test_labels_that_are_not_on_the_bone_are_refused(
    engine: str, shift_mm: tuple[float, float, float], tmp_path: Path
) -> None:
    ct, truth = patient()
    x, y, z = np.add(truth.grid.origin_mm, shift_mm).tolist()
    moved = Volume(truth.values, replace(truth.grid, origin_mm=(x, y, z)))
    with pytest.raises((AnatomyNotTrusted, FrameMismatch), match=r"another patient|inside the CT"):
        IMPORTS[engine](moved, tmp_path).segment(ct)


@every_import
def test_labels_on_an_oblique_finer_grid_land_in_the_same_place(
    engine: str, tmp_path: Path
) -> None:
    ct, truth = patient()
    masks = IMPORTS[engine](_oblique(truth), tmp_path).segment(ct)
    for structure in BONES[:3]:
        assert dice(masks, truth, structure) > 0.9


@every_import
def test_labels_of_a_part_of_the_scan_are_enough(engine: str, tmp_path: Path) -> None:
    ct, truth = patient()
    kji = np.argwhere(truth.values == Structure.SACRUM)
    start = np.maximum(kji.min(axis=0) - 4, 0)
    stop = np.minimum(kji.max(axis=0) + 5, truth.grid.shape)
    part = truth.cropped(tuple(start.tolist()), tuple(stop.tolist()))
    masks = IMPORTS[engine](part, tmp_path).segment(ct)
    assert dice(masks, truth, Structure.SACRUM) > 0.999


def test_half_a_sacrum_in_the_labels_fails_the_check_of_coverage(tmp_path: Path) -> None:
    ct, truth = patient()
    kji = np.argwhere(truth.values == Structure.SACRUM)
    middle = int(np.median(kji[:, 0]))
    part = truth.cropped((0, 0, 0), (middle, *truth.grid.shape[1:]))
    model = build_sacrum(ct, IMPORTS["nifti_map"](part, tmp_path))
    assert model.verdict is Verdict.FAIL


def test_the_frame_of_another_scan_is_refused_by_the_model(tmp_path: Path) -> None:
    """A segmenter that answers in a foreign frame is met by the gate."""
    ct, truth = patient()
    foreign = Volume(truth.values, replace(truth.grid, frame=Frame("9.9.9")))

    class Astray:
        name = "astray"

        def segment(self, ct: CTVolume) -> BoneMasks:
            return BoneMasks(foreign, self.name)

    with pytest.raises(FrameMismatch):
        build_sacrum(ct, Astray())


def _oblique(truth: Labels) -> Labels:
    """The truth sampled by nearest voxel on a grid turned by 12° about two axes, 1.6 mm."""
    a = np.radians(12.0)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    direction = about_z @ about_x
    points = truth.grid.points_at(np.argwhere(truth.values > 0)).xyz @ direction
    low, high = points.min(axis=0) - 3, points.max(axis=0) + 3
    ni, nj, nk = (np.ceil((high - low) / 1.6).astype(int) + 1).tolist()
    grid = Grid((nk, nj, ni), tuple((direction @ low).tolist()), (1.6,) * 3, direction, truth.frame)
    return truth.on(grid, order=0)
