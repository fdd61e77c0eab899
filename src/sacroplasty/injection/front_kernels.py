"""The hot loops of the front model, on flat arrays: who flows into whom.

Cells are numbered in array order on a grid that is padded by one layer of zero permeability, so
that every cell has six neighbours at fixed offsets. A filled cell has a slot (its row in `cells`);
`slot_of` is −1 for all others. By slot: `beside` holds the slots of the six neighbours (−1 where
not filled), `links` the conductances to them, h × harmonic mean of K/μ (mm³/s/MPa), in which an
unfilled neighbour is given the viscosity of the cement that enters it. Pressures count
from that of the enclosed `marrow`: ahead of the front it is 0 in `enclosed` cells, −`marrow` in all
others. Faces f = 0…5 are +i, −i,
+j, −j, +k, −k; `permeability` (cells, 3) is that along i, j, k, so that a face takes column f // 2;
bit f of `walls` (cells) closes a face.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.injection.pore_rheology import consistency, viscosity, yield_part

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@njit(cache=True)
def take_slots(
    n: int, count: int, joined: Ints, cells: Ints, slot_of: Ints, beside: Ints, viscosities: Floats,
    offsets: Ints, first_viscosity: float,
) -> int:  # fmt: skip
    """Give the cells that have just filled the next slots; returns the new number of slots.

    A new cell starts with the mean viscosity of its filled neighbours.
    """
    for q in range(count):
        cells[n + q] = joined[q]
        slot_of[joined[q]] = n + q
    for s in range(n, n + count):
        total, known = 0.0, 0
        for f in range(6):
            other = slot_of[cells[s] + offsets[f]]
            beside[s, f] = max(other, -1)
            if other >= 0:
                beside[other, f + 1 - 2 * (f % 2)] = s
                if other < n:
                    total += viscosities[other]
                    known += 1
        viscosities[s] = total / known if known > 0 else first_viscosity
    return n + count


@njit(cache=True)
def relink(
    n: int, cells: Ints, beside: Ints, links: Floats, viscosities: Floats, permeability: Floats,
    walls: Bits, offsets: Ints, h: float, surface: Ints,
) -> int:  # fmt: skip
    """Conductances of all filled cells from permeability and viscosity.

    Lists in `surface` the slots with a face to a cell that is not filled, in order, and returns
    their number; where there is none, nothing flows.
    """
    m = 0
    for s in range(n):
        cell = cells[s]
        is_open = False
        for f in range(6):
            nb = beside[s, f]
            if nb >= s:
                continue  # the face belongs to the later slot, which sets both sides of it
            k = permeability[cell, f // 2]
            there = permeability[cell + offsets[f], f // 2]
            link = 0.0
            if k > 0.0 and there > 0.0 and (walls[cell] >> f) & 1 == 0:
                own = k / viscosities[s]
                other = there / (viscosities[nb] if nb >= 0 else viscosities[s])
                link = 2.0 * own * other / (own + other) * h
            links[s, f] = link
            if nb >= 0:
                links[nb, f + 1 - 2 * (f % 2)] = link
            else:
                is_open = is_open or link > 0.0
        if is_open:
            surface[m] = s
            m += 1
    return m


@njit(cache=True)
def thin_and_age(
    n: int, cells: Ints, beside: Ints, links: Floats, pressure: Floats, viscosities: Floats,
    entry_age: Floats, now_aged: float, shear_per_speed: Floats, law: Floats, h: float,
    offsets: Ints, enclosed: Bools, marrow: float,
) -> tuple[float, float]:  # fmt: skip
    """Viscosity of every filled cell from its age and from the flow through its faces.

    |u|² sums, over the axes, the mean square of the flow through the two faces, so that a cell that
    feeds both sides is not taken for one at rest. Returns the relative change of the viscosity and
    the share of the yield stress, both weighted with the power u² μ/K that the cell dissipates.
    """
    power, changed, yielding = 0.0, 0.0, 0.0
    for s in range(n):
        square = 0.0
        loss = 0.0
        for f in range(6):
            nb = beside[s, f]
            if nb >= 0:
                drop = pressure[s] - pressure[nb]
            else:
                drop = pressure[s] + (0.0 if enclosed[cells[s] + offsets[f]] else marrow)
            flow = links[s, f] * drop
            square += 0.5 * flow * flow
            loss += flow * drop
        shear = math.sqrt(square) / (h * h) * shear_per_speed[cells[s]]
        k = consistency(entry_age[cells[s]] + now_aged, law)
        mu = viscosity(k, shear, law)
        power += abs(loss)
        changed += abs(loss) * abs(mu / viscosities[s] - 1.0)
        yielding += abs(loss) * yield_part(k, shear, mu, law) / mu
        viscosities[s] = mu
    if power <= 0.0:
        return 0.0, 0.0
    return changed / power, yielding / power


@njit(cache=True)
def front_inflow(
    surface: Ints, cells: Ints, slot_of: Ints, links: Floats, offsets: Ints, pressure: Floats,
    entry_age: Floats, now_aged: float, yield_resistance: Floats, law: Floats, inflow: Floats,
    inflow_age: Floats, front: Ints, enclosed: Bools, marrow: float,
) -> int:  # fmt: skip
    """Add the flow (mm³/s) of every filled cell of the `surface` (slots) into unfilled neighbours.

    `inflow` and `inflow_age` (flow × age; per cell) start as the direct feed of the needle, 0
    elsewhere, and `front` (capacity) is filled with the cells that take flow, in a fixed order. A
    face stays closed while its pressure drop is below what the yield stress holds over the two
    half cells, k y × `yield_resistance` (cells, 3). Returns the number of front cells.
    """
    m = 0
    for s in surface:
        cell = cells[s]
        holds = 0.0
        if law[3] > 0.0:
            holds = consistency(entry_age[cell] + now_aged, law) * law[3]
        for f in range(6):
            neighbour = cell + offsets[f]
            if slot_of[neighbour] >= 0 or links[s, f] <= 0.0:
                continue
            a = f // 2
            least = 0.5 * holds * (yield_resistance[cell, a] + yield_resistance[neighbour, a])
            drop = pressure[s] + (0.0 if enclosed[neighbour] else marrow)
            if drop > least:
                if inflow[neighbour] == 0.0:
                    front[m] = neighbour
                    m += 1
                inflow[neighbour] += links[s, f] * drop
                inflow_age[neighbour] += links[s, f] * drop * entry_age[cell]
    return m


@njit(cache=True)
def carry_age(
    dt: float, n: int, order: Ints, cells: Ints, beside: Ints, links: Floats, pressure: Floats,
    feed: Floats, feed_age: float, pore: Floats, entry_age: Floats,
) -> None:  # fmt: skip
    """Carry the age through the filled cells for `dt`: implicit upwind, in one sweep.

    `order` lists the slots by falling pressure, so that a cell comes after all that feed it:
    a = (V a_old + dt Σ q_in a_up) / (V + dt Σ q_in). Conservative and stable for every dt.
    `feed` (by slot) is the needle's own flow, of the age `feed_age`.
    """
    for r in range(n):
        s = order[r]
        volume = pore[cells[s]] + dt * feed[s]
        moment = pore[cells[s]] * entry_age[cells[s]] + dt * feed[s] * feed_age
        for f in range(6):
            nb = beside[s, f]
            if nb >= 0 and pressure[nb] > pressure[s]:
                flow = dt * links[s, f] * (pressure[nb] - pressure[s])
                volume += flow
                moment += flow * entry_age[cells[nb]]
        entry_age[cells[s]] = moment / volume
