"""One step of the front on arbitrary bone: tight, walled, half full or set, with no room at all."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.injection.fill_kernels import fill_front

EDGE = 7
OFFSETS = np.array([1, -1, EDGE, -EDGE, EDGE**2, -(EDGE**2)], dtype=np.int64)
INSIDE = np.pad(np.ones((EDGE - 2,) * 3, dtype=bool), 1).ravel()
SET = -2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """What went in and what came of it; everything from `slots` on is a value per cell."""

    delivered: float
    delivered_moment: float
    lost: float
    joined: NDArray[np.int64]
    front: NDArray[np.int64]
    slots: NDArray[np.int64]
    pore: Floats
    room: Floats
    room_before: Floats
    age: Floats
    age_before: Floats
    arrival: Floats
    left_in_hand: float


def step(seed: int, cells_in_front: int) -> Step:
    rng = np.random.default_rng(seed)
    n = EDGE**3
    permeability = 10 ** rng.uniform(-8, -1, (n, 3))
    permeability[(rng.random(n) < 0.2) | ~INSIDE] = 0.0
    pore = np.where(INSIDE, rng.uniform(0.1, 1.0, n), 0.0)
    room = pore * np.where(rng.random(n) < 0.3, 1e-3, 1.0) * rng.random(n)
    kind, slots = rng.random(n), np.full(n, -1, dtype=np.int64)
    full, hard = (kind < 0.2) & INSIDE, (kind > 0.95) & INSIDE
    slots[full], slots[hard] = np.arange(full.sum()), SET
    permeability[hard] = 0.0
    room[full | hard | (rng.random(n) < 0.1)] = 0.0
    walls = np.where(rng.random(n) < 0.3, rng.integers(0, 64, n), 0).astype(np.uint8)
    could = np.flatnonzero((slots == -1) & INSIDE & (permeability[:, 0] > 0))
    front = rng.permutation(could)[:cells_in_front]
    inflow, inflow_age = np.zeros(n), np.zeros(n)
    inflow[front] = 10 ** rng.uniform(-6, 0, front.size)
    inflow_age[front] = inflow[front] * rng.uniform(0, 100, front.size)
    age = np.where(pore > room, rng.uniform(0, 100, n), 0.0)
    room_before, age_before, arrival = room.copy(), age.copy(), np.full(n, np.inf)
    extra, extra_age, joined = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.int64)
    dt = float(10 ** rng.uniform(-2, 2))
    count, lost = fill_front(
        dt, 5.0, front.size, front, inflow, inflow_age, pore, room, age, arrival, joined, extra,
        extra_age, permeability, walls, slots, OFFSETS,
    )  # fmt: skip
    return Step(
        float(inflow.sum()) * dt, float(inflow_age.sum()) * dt, lost, joined[:count], front, slots,
        pore, room, room_before, age, age_before, arrival,
        float(np.abs(extra).sum() + np.abs(extra_age).sum()),
    )  # fmt: skip


@pytest.mark.parametrize("cells_in_front", [1, 2, 30])
def test_no_drop_is_lost_or_gets_older_in_a_step(cells_in_front: int) -> None:
    for seed in range(200):
        s = step(seed, cells_in_front)
        taken = float((s.room_before - s.room).sum())
        assert taken + s.lost == pytest.approx(s.delivered, rel=1e-9)
        assert s.room.min() >= 0.0
        assert s.age.min() >= 0.0
        assert s.age.max() <= 100.0 + 1e-6
        assert s.left_in_hand == 0.0
        if s.lost == 0.0:
            before = float(((s.pore - s.room_before) * s.age_before).sum())
            after = float(((s.pore - s.room) * s.age).sum())
            assert after - before == pytest.approx(s.delivered_moment, rel=1e-7, abs=1e-7)
        else:
            assert s.room[s.front].max() < 1e-12, "nothing is lost while the front has room"


@pytest.mark.parametrize("cells_in_front", [1, 2, 30])
def test_a_cell_that_is_full_has_joined_and_has_its_time(cells_in_front: int) -> None:
    """Else the next needle would find it open, full of set cement."""
    for seed in range(200):
        s = step(seed, cells_in_front)
        filled = np.flatnonzero((s.room == 0.0) & (s.room_before > 0.0))
        assert set(filled) <= set(s.joined)
        assert np.unique(s.joined).size == s.joined.size
        assert (s.slots[s.joined] == 0).all()
        assert np.isfinite(s.arrival[s.joined]).all()
        assert (s.room[s.slots == SET] == s.room_before[s.slots == SET]).all()
