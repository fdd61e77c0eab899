"""A drawn fracture is taken for what it is, or refused in one sentence."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from block_sacrum import FRAME, block_sacrum

from sacroplasty.adapters.fracture_drawing import plane_drawing, read_drawing
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.anatomy import Side, Structure
from sacroplasty.errors import BadInput, BadUsage, UnreadableInput
from sacroplasty.geometry import Volume

LEFT_ALA = [[30.0, 3.0, -40.0], [30.0, 27.0, -40.0], [30.0, 3.0, -10.0], [30.0, 27.0, -10.0]]


def _markup(system: str, points: Sequence[Sequence[float]]) -> dict[str, object]:
    return {"coordinateSystem": system, "controlPoints": [{"position": list(p)} for p in points]}


def _written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_points_in_lps_in_ras_and_in_a_table_are_the_same_left_side(tmp_path: Path) -> None:
    """Two routes to the side: the LPS numbers themselves, and Slicer's RAS with x and y turned."""
    ras = [[-x, -y, z] for x, y, z in LEFT_ALA]
    table = "x,y,z\n" + "\n".join(",".join(map(str, p)) for p in LEFT_ALA)
    drawings = [
        _written(tmp_path, "lps.mrk.json", json.dumps({"markups": [_markup("LPS", LEFT_ALA)]})),
        _written(tmp_path, "ras.mrk.json", json.dumps({"markups": [_markup("RAS", ras)]})),
        _written(tmp_path, "table.csv", table),
    ]
    seen = [read_drawing(path, FRAME).on(block_sacrum()) for path in drawings]
    assert [fracture.sides for fracture in seen] == [(Side.LEFT,)] * 3
    for fracture in seen[1:]:
        assert np.array_equal(fracture.cleft.values, seen[0].cleft.values)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("far.csv", "1e300,1e300,1e300\n-1e300,2,3\n4,5,6"),
        ("long.csv", "9" * 200_000 + ",1,2\n1,2,3\n1,4,5"),
        ("nan.csv", "nan,2,3\n4,5,6\n7,8,9"),
        ("empty.csv", ""),
        ("german.csv", "1;2;3\n4;5;6"),
        ("deep.mrk.json", "[" * 100_000),
        ("null.mrk.json", json.dumps({"markups": [_markup("LPS", [[None] * 3] * 4)]})),  # type: ignore[list-item]
        ("two.mrk.json", json.dumps({"markups": [_markup("LPS", LEFT_ALA)] * 2})),
    ],
)
def test_a_file_that_is_no_drawing_is_refused_by_name(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=name):
        read_drawing(_written(tmp_path, name, text), FRAME)


def test_a_folder_is_no_drawing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no drawing"):
        read_drawing(tmp_path, FRAME)


def test_shares_of_voxels_are_no_labels(tmp_path: Path) -> None:
    """A probability map would lose all below 1 without a word."""
    labels = block_sacrum().labels
    half = Volume((labels.values == Structure.SACRUM).astype(np.float32) / 2, labels.grid)
    write_nifti(half, tmp_path / "half.nii.gz")
    with pytest.raises(UnreadableInput, match="whole numbers"):
        read_drawing(tmp_path / "half.nii.gz", FRAME)


def test_a_map_of_bones_is_no_cleft(tmp_path: Path) -> None:
    sacrum = block_sacrum()
    write_nifti(sacrum.labels, tmp_path / "bones.nii.gz")
    with pytest.raises(BadInput, match="map of bones"):
        read_drawing(tmp_path / "bones.nii.gz", FRAME).on(sacrum)


@pytest.mark.parametrize(
    "text", ["1e308,1,1,1e308,1e308,1", "1,2,3", "a,b,c,d,e,f", "nan,1,1,1,1,1"]
)
def test_a_plane_of_other_numbers_is_refused(text: str) -> None:
    with pytest.raises(BadUsage, match="six numbers"):
        plane_drawing(text, FRAME)
