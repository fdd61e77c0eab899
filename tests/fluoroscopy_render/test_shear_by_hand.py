"""The shear against plain sums: the same arithmetic, written so that nobody can doubt it."""

import numpy as np
import pytest
from numba import get_num_threads, njit, set_num_threads
from numpy.typing import NDArray

from sacroplasty.fluoroscopy import StackedVolume, project
from sacroplasty.fluoroscopy.lanes import LANES, add_between, transpose_block
from sacroplasty.fluoroscopy.shear import shear
from xray_room import patient, pose_along


@njit
def turn(rows, column, turned, start):  # type: ignore[no-untyped-def]
    transpose_block(rows, column, turned, start)


@njit
def add(target, at, steps, index, share):  # type: ignore[no-untyped-def]
    add_between(target, at, steps, index, share)


def test_a_turned_block_is_the_transposed_block() -> None:
    rows = np.arange(LANES * 24, dtype=np.float32).reshape(LANES, 24)
    turned = np.full(3 * LANES * LANES, -1.0, dtype=np.float32)
    turn(rows, 5, turned, LANES)
    np.testing.assert_array_equal(turned[LANES : LANES + 64].reshape(LANES, LANES), rows[:, 5:13].T)
    assert (turned[:LANES] == -1).all()
    assert (turned[LANES + 64 :] == -1).all()


def test_between_two_columns_the_share_decides() -> None:
    steps = np.concatenate([np.full(LANES, 2.0), np.full(LANES, 6.0)]).astype(np.float32)
    target = np.arange(3 * LANES, dtype=np.float32)
    add(target, LANES, steps, 0, np.float32(0.25))
    np.testing.assert_array_equal(target[LANES : 2 * LANES], np.arange(8, 16) + 3.0)
    np.testing.assert_array_equal(target[:LANES], np.arange(8))


def plainly(
    values: NDArray[np.uint16],
    source: NDArray[np.float64],
    plane: float,
    sampling: NDArray[np.float64],
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    """∑ over slices of a bilinear read, as the module's docstring writes it; zero outside."""
    total = np.zeros(shape)
    v = sampling[0] + sampling[1] * np.arange(shape[0])[:, None]
    u = sampling[2] + sampling[3] * np.arange(shape[1])[None, :]
    for p in range(values.shape[1]):
        scale = (p - source[1]) / (plane - source[1])
        b, a = source[0] + (v - source[0]) * scale, source[2] + (u - source[2]) * scale
        for db in (0, 1):
            for da in (0, 1):
                ib, ia = np.floor(b).astype(int) + db, np.floor(a).astype(int) + da
                weight = (1 - np.abs(b - ib)) * (1 - np.abs(a - ia))
                inside = (ib >= 0) & (ib < len(values)) & (ia >= 0) & (ia < values.shape[2])
                read = values[
                    np.clip(ib, 0, len(values) - 1), p, np.clip(ia, 0, len(values[0, 0]) - 1)
                ]
                total += np.where(inside, weight * read, 0.0)
    return total


@pytest.mark.parametrize(
    "sampling", [(-3.0, 0.6, -2.0, 0.7), (4.2, 0.3, 7.7, 0.45), (0, 1.3, 0, 1.1)]
)
@pytest.mark.parametrize("source_p", [-90.0, 150.0])
def test_the_shear_is_the_sum_of_bilinear_reads(
    sampling: tuple[float, float, float, float], source_p: float
) -> None:
    rng = np.random.default_rng(3)
    inner = rng.integers(0, 4000, (19, 23, 31)) * (rng.random((19, 23, 31)) < 0.6)
    inner[:, 5:9] = 0
    values = np.pad(inner, ((1, 1), (0, 0), (1, 1))).astype(np.uint16)
    met = values > 0
    last = np.where(met.any(axis=2), values.shape[2] - 1 - met[:, :, ::-1].argmax(axis=2), -1)
    first = np.where(met.any(axis=2), met.argmax(axis=2), values.shape[2])
    source, steps = np.array([9.0, source_p, 17.0]), np.array(sampling)
    shape = (37, 45)
    fast = shear(values, first.astype(np.int32), last.astype(np.int32), source, 11.0, steps, shape)
    slow = plainly(values, source, 11.0, steps, shape)
    np.testing.assert_allclose(fast, slow, atol=2e-5 * slow.max())


def test_the_number_of_threads_changes_no_bit() -> None:
    scan, pose = StackedVolume.of_scan(patient()), pose_along((0.2, 1.0, 0.3))
    threads = get_num_threads()
    together = project(scan, pose)
    try:
        set_num_threads(1)
        alone = project(scan, pose)
    finally:
        set_num_threads(threads)
    np.testing.assert_array_equal(together, alone)
