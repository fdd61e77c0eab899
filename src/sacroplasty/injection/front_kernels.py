"""The hot loops of the front model, on flat arrays.

Cells are numbered in array order on a grid that is padded by one layer of zero permeability, so
that every cell has six neighbours at fixed offsets. A filled cell has a slot (its row in `cells`);
`slot_of` is −1 for all others. `links` holds K_face · h / μ (mm³/s/MPa) to the six neighbours.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@njit(cache=True)
def link(permeability: Floats, a: int, b: int, h_over_mu: float) -> float:
    """Conductance between two cells: harmonic mean of their permeabilities × h / μ."""
    ka, kb = permeability[a], permeability[b]
    if ka <= 0.0 or kb <= 0.0:
        return 0.0
    return 2.0 * ka * kb / (ka + kb) * h_over_mu


@njit(cache=True)
def join(
    cell: int, n: int, cells: Ints, slot_of: Ints, links: Floats, permeability: Floats,
    offsets: Ints, h_over_mu: float,
) -> int:  # fmt: skip
    """Give a filled cell the next slot; returns the new number of filled cells."""
    cells[n] = cell
    slot_of[cell] = n
    for f in range(6):
        links[n, f] = link(permeability, cell, cell + offsets[f], h_over_mu)
    return n + 1


@njit(cache=True)
def solve_pressure(
    n: int, cells: Ints, slot_of: Ints, links: Floats, offsets: Ints, source: Floats,
    pressure: Floats, rtol: float, max_iterations: int,
) -> int:  # fmt: skip
    """Jacobi-preconditioned conjugate gradients for Σ_f link (p − p_neighbour) = source.

    Unknowns are the filled cells; p = 0 at every unfilled neighbour. `pressure` (n,) is the start
    and the result. Returns the number of iterations, or −1 where it did not converge.
    """
    diagonal = np.empty(n)
    for s in range(n):
        total = 0.0
        for f in range(6):
            total += links[s, f]
        diagonal[s] = total if total > 0.0 else 1.0
    residual, direction, image = np.empty(n), np.empty(n), np.empty(n)
    rho, target = 0.0, 0.0
    for s in range(n):
        residual[s] = source[s] - _row(s, pressure, diagonal, cells, slot_of, links, offsets)
        direction[s] = residual[s] / diagonal[s]
        rho += residual[s] * direction[s]
        target += source[s] * source[s] / diagonal[s]
    target *= rtol * rtol
    for iteration in range(max_iterations):
        if rho <= target:
            return iteration
        curvature = 0.0
        for s in range(n):
            image[s] = _row(s, direction, diagonal, cells, slot_of, links, offsets)
            curvature += direction[s] * image[s]
        step = rho / curvature
        rho_next = 0.0
        for s in range(n):
            pressure[s] += step * direction[s]
            residual[s] -= step * image[s]
            rho_next += residual[s] * residual[s] / diagonal[s]
        for s in range(n):
            direction[s] = residual[s] / diagonal[s] + rho_next / rho * direction[s]
        rho = rho_next
    return -1


@njit(cache=True)
def _row(
    s: int, x: Floats, diagonal: Floats, cells: Ints, slot_of: Ints, links: Floats, offsets: Ints
) -> float:
    total = diagonal[s] * x[s]
    for f in range(6):
        neighbour = slot_of[cells[s] + offsets[f]]
        if neighbour >= 0:
            total -= links[s, f] * x[neighbour]
    return total


@njit(cache=True)
def front_inflow(
    n: int, cells: Ints, slot_of: Ints, links: Floats, offsets: Ints, pressure: Floats,
    inflow: Floats, front: Ints,
) -> int:  # fmt: skip
    """Add the flow (mm³/s) of every filled cell into its unfilled neighbours.

    `inflow` (per cell) starts as the direct feed of the needle, 0 elsewhere, and `front` (capacity)
    is filled with the cells that take flow, in a fixed order. Returns their number.
    """
    m = 0
    for s in range(n):
        for f in range(6):
            neighbour = cells[s] + offsets[f]
            if slot_of[neighbour] < 0 and links[s, f] > 0.0 and pressure[s] > 0.0:
                if inflow[neighbour] == 0.0:
                    front[m] = neighbour
                    m += 1
                inflow[neighbour] += links[s, f] * pressure[s]
    return m


@njit(cache=True)
def fill_front(
    dt: float, now: float, m: int, front: Ints, inflow: Floats, room: Floats, arrival: Floats,
    joined: Ints, extra: Floats, permeability: Floats, slot_of: Ints, offsets: Ints,
) -> tuple[int, float]:  # fmt: skip
    """Let the front take flow for `dt`; nothing is lost.

    A cell that fills early hands its excess to its open neighbours by conductance, in rounds, so
    that the answer does not depend on the order of cells. What has no open neighbour goes to the
    rest of the front in proportion to its room. `extra` (per cell) is all zero before and after;
    `joined` needs a row for every cell that could fill. Returns the number of cells in `joined`
    (in order of filling) and the volume that found no room at all.
    """
    count, pool = 0, 0.0
    for q in range(m):
        cell = front[q]
        volume = inflow[cell] * dt
        if volume >= room[cell]:
            arrival[cell] = now + room[cell] / inflow[cell]
            extra[cell] = volume - room[cell]
            room[cell] = 0.0
            slot_of[cell] = 0  # full from here on; `join` gives the real slot
            joined[count] = cell
            count += 1
        else:
            room[cell] -= volume
    done = 0
    while done < count:
        end = count
        for r in range(done, end):
            pool += hand_on(joined[r], extra, permeability, room, slot_of, offsets)
        for r in range(done, end):
            for f in range(6):
                cell = joined[r] + offsets[f]
                if slot_of[cell] == -1 and extra[cell] > 0.0 and take_extra(cell, extra, room):
                    arrival[cell] = now + dt
                    slot_of[cell] = 0
                    joined[count] = cell
                    count += 1
        done = end
    return count, share_pool(pool, m, front, room, slot_of)


@njit(cache=True)
def take_extra(cell: int, extra: Floats, room: Floats) -> bool:
    """Put a cell's `extra` into its room; whether that filled it (what is over stays in `extra`)."""
    taken = min(extra[cell], room[cell])
    full = extra[cell] >= room[cell]
    room[cell] = 0.0 if full else room[cell] - taken
    extra[cell] -= taken
    return bool(full)


@njit(cache=True)
def share_pool(pool: float, m: int, front: Ints, room: Floats, slot_of: Ints) -> float:
    """Spread a volume over the open front in proportion to its room; returns what found none."""
    spare = 0.0
    for q in range(m):
        if slot_of[front[q]] == -1:
            spare += room[front[q]]
    share = min(1.0, pool / spare) if spare > 0.0 else 0.0
    for q in range(m):
        if slot_of[front[q]] == -1:
            room[front[q]] -= share * room[front[q]]
    return max(0.0, pool - spare)


@njit(cache=True)
def hand_on(
    cell: int, extra: Floats, permeability: Floats, room: Floats, slot_of: Ints, offsets: Ints
) -> float:
    """Move the excess of a full cell to its open neighbours' `extra`; returns what nobody took."""
    excess = extra[cell]
    extra[cell] = 0.0
    total = 0.0
    for f in range(6):
        neighbour = cell + offsets[f]
        if slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            total += link(permeability, cell, neighbour, 1.0)
    if total <= 0.0:
        return excess
    for f in range(6):
        neighbour = cell + offsets[f]
        if slot_of[neighbour] == -1 and room[neighbour] > 0.0:
            extra[neighbour] += excess * link(permeability, cell, neighbour, 1.0) / total
    return 0.0
