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

    A cell that fills early hands its excess to its neighbours by conductance, in rounds, so that
    the answer does not depend on the order of cells. Where the way ahead is tighter than the way it
    came, part of it pushes the pressure up instead and goes to the rest of the front in proportion
    to its inflow, as long as that has room: else a cell whose only open neighbour is nearly tight
    would press all of its excess through there.
    `extra` and `extra_age` (volume, and volume × age; per cell) are all zero before and after;
    `joined` needs a row for every cell that could fill.
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
    holds_back = front_has_room(m, front, joined[:count], extra, room, slot_of)
    while done < count:
        end = count
        for r in range(done, end):
            left, left_age = hand_on(
                joined[r], extra, extra_age, permeability, walls, room, slot_of, offsets,
                holds_back,
            )  # fmt: skip
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
    lost = share_pool(pool, pool_age, m, front, inflow, pore, room, age, slot_of)
    return join_full(count, now + dt, m, front, room, arrival, joined, slot_of), lost


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
def front_has_room(
    m: int, front: Ints, full: Ints, extra: Floats, room: Floats, slot_of: Ints
) -> bool:
    """Whether the open front could take the excess of the cells that are full."""
    excess, spare = 0.0, 0.0
    for cell in full:
        excess += extra[cell]
    for q in range(m):
        if slot_of[front[q]] == -1:
            spare += room[front[q]]
    return spare > excess


@njit(cache=True)
def share_pool(
    pool: float, pool_age: float, m: int, front: Ints, inflow: Floats, pore: Floats, room: Floats,
    age: Floats, slot_of: Ints,
) -> float:  # fmt: skip
    """Spread a volume over the open front; returns what found no room.

    In proportion to the inflow, and what that would overfill in proportion to the room.
    """
    if pool <= 0.0:
        return 0.0
    flow, spare = 0.0, 0.0
    for q in range(m):
        if slot_of[front[q]] == -1:
            flow += inflow[front[q]]
            spare += room[front[q]]
    by_flow = pool / flow if flow > 0.0 else 0.0
    left = pool
    for q in range(m):
        cell = front[q]
        if slot_of[cell] == -1:
            left -= min(by_flow * inflow[cell], room[cell])
    by_room = 0.0
    if left > 0.0 and spare > pool - left:
        by_room = min(1.0, left / (spare - (pool - left)))
    for q in range(m):
        cell = front[q]
        if slot_of[cell] == -1:
            volume = min(by_flow * inflow[cell], room[cell])
            volume = min(volume + by_room * (room[cell] - volume), room[cell])
            mix_in(cell, volume, volume * pool_age / pool, pore, room, age)
            room[cell] -= volume
    return max(0.0, pool - spare)


@njit(cache=True)
def join_full(
    count: int, now: float, m: int, front: Ints, room: Floats, arrival: Floats, joined: Ints,
    slot_of: Ints,
) -> int:  # fmt: skip
    """Let the cells that the pool has filled join: left open, they would not set with the rest."""
    for q in range(m):
        cell = front[q]
        if slot_of[cell] == -1 and room[cell] <= 0.0:
            arrival[cell] = now
            slot_of[cell] = 0
            joined[count] = cell
            count += 1
    return count


@njit(cache=True)
def hand_on(
    cell: int, extra: Floats, extra_age: Floats, permeability: Floats, walls: Bits, room: Floats,
    slot_of: Ints, offsets: Ints, holds_back: bool,
) -> tuple[float, float]:  # fmt: skip
    """Move the excess of a full cell to its open neighbours' `extra`; returns what nobody took.

    holds_back: if they conduct less than the full ones, they take only that share of it.
    """
    excess, moment = extra[cell], extra_age[cell]
    extra[cell] = 0.0
    extra_age[cell] = 0.0
    ahead, behind = 0.0, 0.0
    for f in range(6):
        neighbour = cell + offsets[f]
        way = _conductance(f, cell, neighbour, permeability, walls)
        if slot_of[neighbour] >= 0:
            behind += way
        elif slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            ahead += way
    if ahead <= 0.0:
        return excess, moment
    passes = min(1.0, ahead / behind) if holds_back and behind > 0.0 else 1.0
    for f in range(6):
        neighbour = cell + offsets[f]
        if slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            share = passes * _conductance(f, cell, neighbour, permeability, walls) / ahead
            extra[neighbour] += excess * share
            extra_age[neighbour] += moment * share
    return excess * (1.0 - passes), moment * (1.0 - passes)


@njit(cache=True)
def _conductance(f: int, cell: int, neighbour: int, permeability: Floats, walls: Bits) -> float:
    """Harmonic mean of the permeabilities across the face f, 0 through a wall."""
    here, there = permeability[cell, f // 2], permeability[neighbour, f // 2]
    if here <= 0.0 or there <= 0.0 or (walls[cell] >> f) & 1:
        return 0.0
    return float(2.0 * here * there / (here + there))
