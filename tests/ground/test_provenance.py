"""A digest follows content, not identity; numbers report themselves."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.provenance import digest, note_number, recording_numbers


@dataclass(frozen=True)
class _Choice:
    rate: float
    name: str


def test_equal_content_has_equal_digest_and_any_change_changes_it() -> None:
    array = np.arange(6.0).reshape(2, 3)
    assert digest(array, _Choice(1.0, "a")) == digest(array.copy(), _Choice(1.0, "a"))
    assert digest(array) != digest(array.reshape(3, 2))
    assert digest(array) != digest(array.astype(np.float32))
    assert digest(_Choice(1.0, "a")) != digest(_Choice(1.0, "b"))
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_neighbouring_texts_do_not_run_together() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest(["a"], "b") != digest(["a", "b"])


def test_numbers_are_recorded_inside_the_block_and_handed_outwards() -> None:
    with recording_numbers() as outer:
        note_number("first")
        with recording_numbers() as inner:
            note_number("second")
        assert inner == {"second"}
    note_number("third")
    assert outer == {"first", "second"}
