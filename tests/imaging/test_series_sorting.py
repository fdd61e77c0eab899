"""The decisions of the reader are pure: they depend on what the slices say, not on their order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sacroplasty.errors import AmbiguousSeries, BrokenGeometry
from sacroplasty.geometry import Frame
from sacroplasty.imaging import (
    ReadOptions,
    SliceHeader,
    choose_stack,
    lay_out,
    require_repairable,
    sort_into_stacks,
    straighten,
)

POSITIONS = st.lists(st.integers(0, 400), min_size=3, max_size=30, unique=True)


def header(n: int, z: float, **facts: object) -> SliceHeader:
    plain: dict[str, object] = {
        "key": (n, 0),
        "uid": f"1.{n}",
        "series_uid": "1.2",
        "frame_uid": "1.9",
        "position_mm": (0.0, 0.0, z),
        "row": (1.0, 0.0, 0.0),
        "column": (0.0, 1.0, 0.0),
        "pixel_spacing_mm": (1.0, 1.0),
        "rows": 4,
        "columns": 5,
    }
    return SliceHeader(**{**plain, **facts})  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.permutations(list(range(9))), st.floats(0.3, 5.0))
def test_any_order_of_headers_gives_the_same_volume(order: list[int], step: float) -> None:
    slices = [header(n, n * step) for n in range(9)]
    pixels = np.arange(9 * 4 * 5, dtype=np.int16).reshape(9, 4, 5)
    stacks, _ = sort_into_stacks(slices[n] for n in order)
    stack, notes = choose_stack(stacks, ReadOptions())
    geometry = lay_out(stack)
    require_repairable(geometry, ReadOptions())
    read = pixels[[place[0].key[0] for place in geometry.places]]
    volume = straighten(read, geometry, Frame("1.9")).volume
    assert np.array_equal(volume.values, pixels)
    assert volume.grid.spacing_mm[2] == pytest.approx(step)
    assert notes == ()


@settings(max_examples=100, deadline=None)
@given(POSITIONS)
def test_an_uneven_ladder_is_never_read_unless_repair_was_asked_for(places: list[int]) -> None:
    """The oracle is arithmetic on the positions themselves."""
    steps = np.diff(sorted(places))
    stacks, _ = sort_into_stacks(header(n, float(z)) for n, z in enumerate(places))
    geometry = lay_out(stacks[0])
    if (steps == steps[0]).all() and steps[0] <= 10:
        require_repairable(geometry, ReadOptions())
        return
    if steps.max() > 1.5 * np.median(steps) or np.median(steps) > 10:
        with pytest.raises(BrokenGeometry):
            require_repairable(geometry, ReadOptions())


def test_slices_ascend_along_their_normal_even_when_they_were_taken_downwards() -> None:
    stacks, _ = sort_into_stacks(header(n, 100.0 - n) for n in range(5))
    geometry = lay_out(stacks[0])
    assert geometry.along_mm.tolist() == [96, 97, 98, 99, 100]
    assert np.linalg.det(geometry.axes) == pytest.approx(1)


def test_orientations_apart_by_a_tenth_of_a_degree_are_two_stacks() -> None:
    turn = np.radians(0.1)
    other = (
        (float(np.cos(turn)), float(np.sin(turn)), 0.0),
        (-float(np.sin(turn)), float(np.cos(turn)), 0.0),
    )
    slices = [header(n, float(n)) for n in range(4)]
    slices += [header(n + 4, float(n), row=other[0], column=other[1]) for n in range(4)]
    stacks, _ = sort_into_stacks(slices)
    assert len(stacks) == 2
    with pytest.raises(AmbiguousSeries):
        choose_stack(stacks, ReadOptions())


def test_a_different_matrix_or_pixel_size_is_another_stack() -> None:
    for facts in ({"rows": 8}, {"pixel_spacing_mm": (1.0, 1.01)}, {"frame_uid": "1.8"}):
        slices = [header(n, float(n), **(facts if n % 2 else {})) for n in range(8)]
        assert len(sort_into_stacks(slices)[0]) == 2


def test_rows_and_columns_of_pixel_spacing_are_not_swapped() -> None:
    stacks, _ = sort_into_stacks(header(n, float(n), pixel_spacing_mm=(0.5, 0.8)) for n in range(3))
    straight = straighten(np.zeros((3, 4, 5), np.int16), lay_out(stacks[0]), Frame("1.9"))
    assert straight.volume.grid.spacing_mm == (0.8, 0.5, 1.0)
