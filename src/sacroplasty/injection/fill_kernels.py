"""The hot loops that fill the front's cells: nothing is lost, and every drop keeps its age."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
Floats = NDArray[np.float64]


@njit(cache=True)
def fill_front(
    dt: float, now: float, m: int, front: Ints, inflow: Floats, inflow_age: Floats, pore: Floats,
    room: Floats, age: Floats, arrival: Floats, joined: Ints, extra: Floats, extra_age: Floats,
    permeability: Floats, walls: Bits, slot_of: Ints, offsets: Ints,
) -> tuple[int, float]:  # fmt: skip
    """Let the front take flow for `dt`.

    A cell that fills early hands its excess to its open neighbours by conductance, in rounds, so
    that the answer does not depend on the order of cells. What has no open neighbour goes to the
    rest of the front in proportion to its room. `extra` and `extra_age` (volume, and volume × age;
    per cell) are all zero before and after; `joined` needs a row for every cell that could fill.
    Returns the number of cells in `joined` (in order of filling) and the volume that found no room
    at all.
    """
    count = 0
    for q in range(m):
        cell = front[q]
        volume = inflow[cell] * dt
        mix_in(cell, volume, inflow_age[cell] * dt, pore, room, age)
        if volume >= room[cell]:
            arrival[cell] = now + room[cell] / inflow[cell]
            extra[cell] = volume - room[cell]
            extra_age[cell] = extra[cell] * age[cell]
            room[cell] = 0.0
            slot_of[cell] = 0  # full from here on; `take_slots` gives the real slot
            joined[count] = cell
            count += 1
        else:
            room[cell] -= volume
    pool, pool_age, done = 0.0, 0.0, 0
    while done < count:
        end = count
        for r in range(done, end):
            left, left_age = hand_on(
                joined[r], extra, extra_age, permeability, walls, room, slot_of, offsets
            )
            pool += left
            pool_age += left_age
        for r in range(done, end):
            for f in range(6):
                cell = joined[r] + offsets[f]
                if slot_of[cell] != -1 or extra[cell] <= 0.0:
                    continue
                if take_extra(cell, extra, extra_age, pore, room, age):
                    arrival[cell] = now + dt
                    slot_of[cell] = 0
                    joined[count] = cell
                    count += 1
        done = end
    return count, share_pool(pool, pool_age, m, front, pore, room, age, slot_of)


@njit(cache=True)
def mix_in(
    cell: int, volume: float, moment: float, pore: Floats, room: Floats, age: Floats
) -> None:
    """Age of a cell's cement after `volume` with `moment` (volume × age) has come to it."""
    have = pore[cell] - room[cell]
    if have + volume > 0.0:
        age[cell] = (have * age[cell] + moment) / (have + volume)


@njit(cache=True)
def take_extra(
    cell: int, extra: Floats, extra_age: Floats, pore: Floats, room: Floats, age: Floats
) -> bool:
    """Put a cell's `extra` into its room; whether that filled it (what is over stays in `extra`)."""
    mix_in(cell, extra[cell], extra_age[cell], pore, room, age)
    taken = min(extra[cell], room[cell])
    full = extra[cell] >= room[cell]
    room[cell] = 0.0 if full else room[cell] - taken
    extra[cell] -= taken
    extra_age[cell] = extra[cell] * age[cell] if full else 0.0
    return bool(full)


@njit(cache=True)
def share_pool(
    pool: float, pool_age: float, m: int, front: Ints, pore: Floats, room: Floats, age: Floats,
    slot_of: Ints,
) -> float:  # fmt: skip
    """Spread a volume over the open front in proportion to its room; returns what found none."""
    if pool <= 0.0:
        return 0.0
    spare = 0.0
    for q in range(m):
        if slot_of[front[q]] == -1:
            spare += room[front[q]]
    share = min(1.0, pool / spare) if spare > 0.0 else 0.0
    for q in range(m):
        cell = front[q]
        if slot_of[cell] == -1:
            volume = share * room[cell]
            mix_in(cell, volume, volume * pool_age / pool, pore, room, age)
            room[cell] -= volume
    return max(0.0, pool - spare)


@njit(cache=True)
def hand_on(
    cell: int, extra: Floats, extra_age: Floats, permeability: Floats, walls: Bits, room: Floats,
    slot_of: Ints, offsets: Ints,
) -> tuple[float, float]:  # fmt: skip
    """Move the excess of a full cell to its open neighbours' `extra`; returns what nobody took."""
    excess, moment = extra[cell], extra_age[cell]
    extra[cell] = 0.0
    extra_age[cell] = 0.0
    total = 0.0
    for f in range(6):
        neighbour = cell + offsets[f]
        if slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            total += _conductance(f, cell, neighbour, permeability, walls)
    if total <= 0.0:
        return excess, moment
    for f in range(6):
        neighbour = cell + offsets[f]
        if slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            share = _conductance(f, cell, neighbour, permeability, walls) / total
            extra[neighbour] += excess * share
            extra_age[neighbour] += moment * share
    return 0.0, 0.0


@njit(cache=True)
def _conductance(f: int, cell: int, neighbour: int, permeability: Floats, walls: Bits) -> float:
    """Harmonic mean of the permeabilities across the face f, 0 through a wall."""
    here, there = permeability[cell, f // 2], permeability[neighbour, f // 2]
    if here <= 0.0 or there <= 0.0 or (walls[cell] >> f) & 1:
        return 0.0
    return float(2.0 * here * there / (here + there))
