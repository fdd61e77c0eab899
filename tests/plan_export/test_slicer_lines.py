"""Slicer lines go out and come back, in LPS and RAS; what is no needle is refused in a sentence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_plan import SCANNER, toy_plan

from sacroplasty.adapters.plan_export import markups_document, read_markups
from sacroplasty.errors import UnreadableInput


def _written(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_lines_come_back_where_they_were(tmp_path: Path) -> None:
    plan = toy_plan()
    back = read_markups(_written(tmp_path / "plan.mrk.json", markups_document(plan)), SCANNER)
    assert [line.name for line in back] == [planned.name for planned in plan.needles]
    for line, planned in zip(back, plan.needles, strict=True):
        assert line.entry == planned.needle.entry
        assert line.target == planned.needle.tip


def test_the_left_needle_is_written_at_positive_x_in_lps() -> None:
    """LPS: +x is the patient's left. Read from the JSON itself, not by our reader."""
    left, right = markups_document(toy_plan())["markups"]
    for markup in (left, right):
        assert (markup["coordinateSystem"], markup["coordinateUnits"]) == ("LPS", "mm")
    assert left["controlPoints"][0]["position"] == [42.0, 60.0, -30.0]
    assert right["controlPoints"][1]["position"] == [-34.0, -4.0, -18.0]


def test_the_same_line_saved_in_ras_is_the_same_needle(tmp_path: Path) -> None:
    """RAS: +x right, +y anterior. The numbers are those that Slicer shows for a left dorsal entry."""
    points = [{"position": [-42.0, -60.0, -30.0]}, {"position": [-34.0, 4.0, -18.0]}]
    line = {"type": "Line", "coordinateSystem": "RAS", "name": "L", "controlPoints": points}
    (read,) = read_markups(_written(tmp_path / "ras.mrk.json", {"markups": [line]}), SCANNER)
    assert np.array_equal(read.entry.single, [42.0, 60.0, -30.0])
    assert np.array_equal(read.target.single, [34.0, -4.0, -18.0])
    assert read.name == "L"


GOOD_POINTS = [{"position": [1.0, 2.0, 3.0]}, {"position": [4.0, 60.0, 6.0]}]
GOOD = {"type": "Line", "coordinateSystem": "LPS", "controlPoints": GOOD_POINTS}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"type": "Fiducial"}, "not a 'Line'"),
        ({"coordinateUnits": "cm"}, "not mm"),
        ({"coordinateUnits": ["m", "UCUM", "metre"]}, "not mm"),
        ({"coordinateSystem": "IJK"}, "LPS or RAS"),
        ({"coordinateSystem": None}, "LPS or RAS"),
        ({"controlPoints": GOOD_POINTS * 2}, "4 control points"),
        ({"controlPoints": GOOD_POINTS[:1]}, "1 control points"),
        ({"controlPoints": [GOOD_POINTS[0], {"position": [1.0, float("nan"), 0.0]}]}, "finite"),
        ({"controlPoints": [GOOD_POINTS[0], {"position": [1e300, 0.0, 0.0]}]}, "finite"),
        ({"controlPoints": [GOOD_POINTS[0], {"position": "here"}]}, "finite"),
        ({"controlPoints": [GOOD_POINTS[0], {"position": [True, False, True]}]}, "finite"),
        (
            {"controlPoints": [GOOD_POINTS[0], GOOD_POINTS[1] | {"positionStatus": "undefined"}]},
            "never placed",
        ),
        ({"controlPoints": [GOOD_POINTS[0], GOOD_POINTS[0]]}, "shorter than"),
    ],
)
def test_what_is_no_needle_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    path = _written(tmp_path / "drawn.mrk.json", {"markups": [GOOD, GOOD | change]})
    with pytest.raises(UnreadableInput, match=says):
        read_markups(path, SCANNER)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"markups": []}', '{"markups": 3}', "[" * 9999])
def test_a_file_that_is_no_markup_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "drawn.mrk.json"
    path.write_text(text)
    with pytest.raises(UnreadableInput, match="no Slicer markups"):
        read_markups(path, SCANNER)
    with pytest.raises(UnreadableInput):
        read_markups(tmp_path / "absent.mrk.json", SCANNER)
