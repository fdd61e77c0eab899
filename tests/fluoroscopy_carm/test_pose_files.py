"""A pose goes through JSON unchanged, and a hostile file is one sentence."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from carm_bench import oblique_poses, some_points
from hypothesis import given
from hypothesis import strategies as st

from sacroplasty.adapters.pose_files import pose_document, pose_from, read_pose, write_pose
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import project_points

POSE = oblique_poses()[4]


def test_a_pose_is_the_same_after_the_file_to_the_last_bit(tmp_path: Path) -> None:
    for pose in oblique_poses():
        write_pose(pose, tmp_path / "pose.json")
        read = read_pose(tmp_path / "pose.json")
        np.testing.assert_array_equal(
            project_points(read, some_points()), project_points(pose, some_points())
        )
        assert (read.name, read.shape, read.frame) == (pose.name, pose.shape, pose.frame)
        jsonschema.validate(json.loads((tmp_path / "pose.json").read_text()), SCHEMAS["pose"])


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("schema_version", 99, "schema_version 99"),
        ("schema_version", True, "schema_version True"),
        ("name", "../../etc/passwd", "cannot name a file"),
        ("name", "", "'name' must be a text"),
        ("name", 7, "'name' must be a text"),
        ("frame_of_reference_uid", " ", "frame_of_reference_uid"),
        ("source_lps_mm", [0, 0], "3 numbers"),
        ("source_lps_mm", [0, 0, float("nan")], "beyond"),
        ("source_lps_mm", [0, 0, 10**400], "huge"),
        ("source_lps_mm", [0, 0, "1"], "no number"),
        ("source_lps_mm", {"x": 1}, "3 numbers"),
        ("detector_centre_lps_mm", POSE.source.single.tolist(), "same place"),
        ("right_lps", [1, 1, 0], "right angles"),
        ("right_lps", [2, 0, 0], "beyond"),
        ("down_lps", POSE.right.tolist(), "right angles"),
        ("shape_rows_columns", [512.5, 512], "whole numbers"),
        ("shape_rows_columns", [0, 512], "whole numbers"),
        ("shape_rows_columns", [10**9, 512], "beyond"),
        ("pixel_mm", 0, "positive size"),
        ("pixel_mm", True, "no number"),
        ("pixel_mm", None, "no number"),
    ],
)
def test_a_wrong_value_is_one_sentence(tmp_path: Path, key: str, value: Any, says: str) -> None:
    path = tmp_path / "pose.json"
    path.write_text(json.dumps(pose_document(POSE) | {key: value}))
    with pytest.raises(BadInput, match=says) as refused:
        read_pose(path)
    assert "pose.json" in str(refused.value)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("key", pose_document(POSE))
def test_a_missing_key_is_named(key: str) -> None:
    document = pose_document(POSE)
    del document[key]
    with pytest.raises(BadInput, match=key):
        pose_from(document)


def test_a_key_that_nobody_reads_is_refused() -> None:
    with pytest.raises(BadInput, match="'sid_mm'"):
        pose_from(pose_document(POSE) | {"sid_mm": 700})


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe\x00", b"[" * 50_000, b'{"name": 1, "name": 2}',
     b" " * 200_000],
)  # fmt: skip
def test_what_is_no_pose_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pose.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"pose\.json"):
        read_pose(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_pose(tmp_path / "absent.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(key=st.sampled_from(sorted(pose_document(POSE))), value=json_values)
def test_nothing_but_a_pose_or_a_sentence_comes_out(key: str, value: Any) -> None:
    try:
        pose_from(pose_document(POSE) | {key: value})
    except BadInput as refused:
        assert str(refused)  # noqa: PT017
