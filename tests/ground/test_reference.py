"""A number without unit, range, source or status is refused."""

from pathlib import Path

import pytest

from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.provenance import recording_numbers
from sacroplasty.reference import Status, all_constants, citation, constant
from sacroplasty.reference.constants import load_table, parse_row

GOOD = {
    "name": "margin",
    "value": "3",
    "unit": "mm",
    "low": "2",
    "high": "5",
    "source": "project_default",
    "status": "unverified",
    "note": "",
}


@pytest.mark.parametrize("column", ["name", "value", "unit", "low", "high", "source", "status"])
def test_a_row_with_an_empty_column_is_refused(column: str) -> None:
    with pytest.raises(BadInput):
        parse_row(GOOD | {column: ""}, "a table")


@pytest.mark.parametrize(
    ("column", "value"),
    [("value", "6"), ("value", "nan"), ("high", "inf"), ("low", "4"), ("status", "sure")],
)
def test_a_row_that_contradicts_itself_is_refused(column: str, value: str) -> None:
    with pytest.raises(BadInput):
        parse_row(GOOD | {column: value}, "a table")


def test_a_row_that_cites_nothing_known_or_stands_twice_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "t_constants.csv"
    header = ",".join(GOOD)
    table.write_text(f"{header}\n{','.join(GOOD.values())}\n{','.join(GOOD.values())}\n")
    with pytest.raises(BadInput, match="twice"):
        load_table(table)
    table.write_text(f"{header}\n{','.join((GOOD | {'source': 'nobody'}).values())}\n")
    with pytest.raises(BadInput, match="nobody"):
        load_table(table)


def test_every_shipped_row_is_whole_and_its_source_is_known() -> None:
    assert len(all_constants()) > 20
    for row in all_constants().values():
        assert citation(row.source).text
        assert row.status in Status


def test_a_look_up_reports_itself_and_an_unknown_name_is_refused() -> None:
    with recording_numbers() as used:
        assert constant("margin_neural").unit == "mm"
    assert used == {"margin_neural"}
    with pytest.raises(BadUsage, match="no_such_number"):
        constant("no_such_number")
