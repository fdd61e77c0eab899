"""The hot loops of heat: conduction, cure within a cell, and what the tissue remembers.

Temperatures are on a grid that is padded by one layer at the temperature of the body, so that
every cell has six neighbours. Units: mW, mm, mJ, K; a conductivity in W/(m K) is mW/(mm K), a heat
capacity in J/(mL K) is mJ/(mm³ K). Link coefficients are conductances per volume, k/h², in
mW/(mm³ K).
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

# A part of a step moves the cure by at most this share of what it has done and of what it has left.
_CURE_SHARE = 0.1
_LEAST_LEFT = 1e-6
# Cement that has vitrified is asked again after this share of a step whether it has got warmer.
_WAIT_SHARE = 0.1
_ZERO_C_IN_K = 273.15


@njit(cache=True)
def conduct(
    now: Floats, after: Floats, links_k: Singles, links_j: Singles, links_i: Singles,
    capacity: Singles, perfusion: Singles, body_c: float, dt: float,
) -> float:  # fmt: skip
    """One explicit step of conduction and perfusion: `after` from `now`, both padded.

    ρc (T' − T)/dt = Σ g (T_n − T) − w (T − T_body). Returns Σ w (T − T_body), mW/mm³ summed over
    cells: what the blood takes.
    """
    nk, nj, ni = capacity.shape
    taken = 0.0
    for k in range(nk):
        for j in range(nj):
            for i in range(ni):
                t = now[k + 1, j + 1, i + 1]
                along_k = links_k[k + 1, j, i] * (now[k + 2, j + 1, i + 1] - t)
                along_k += links_k[k, j, i] * (now[k, j + 1, i + 1] - t)
                along_j = links_j[k, j + 1, i] * (now[k + 1, j + 2, i + 1] - t)
                along_j += links_j[k, j, i] * (now[k + 1, j, i + 1] - t)
                along_i = links_i[k, j, i + 1] * (now[k + 1, j + 1, i + 2] - t)
                along_i += links_i[k, j, i] * (now[k + 1, j + 1, i] - t)
                blood = perfusion[k, j, i] * (t - body_c)
                taken += blood
                power = along_i + along_j + along_k - blood
                after[k + 1, j + 1, i + 1] = t + dt * power / capacity[k, j, i]
    return taken


@njit(cache=True)
def boundary_loss(
    now: Floats, links_k: Singles, links_j: Singles, links_i: Singles, body_c: float
) -> float:
    """Σ g (T − T_body) over the faces of the box, mW/mm³ summed over cells: what leaves it."""
    nk, nj, ni = now.shape[0] - 2, now.shape[1] - 2, now.shape[2] - 2
    lost = 0.0
    for j in range(nj):
        for i in range(ni):
            lost += links_k[0, j, i] * (now[1, j + 1, i + 1] - body_c)
            lost += links_k[nk, j, i] * (now[nk, j + 1, i + 1] - body_c)
    for k in range(nk):
        for i in range(ni):
            lost += links_j[k, 0, i] * (now[k + 1, 1, i + 1] - body_c)
            lost += links_j[k, nj, i] * (now[k + 1, nj, i + 1] - body_c)
        for j in range(nj):
            lost += links_i[k, j, 0] * (now[k + 1, j + 1, 1] - body_c)
            lost += links_i[k, j, ni] * (now[k + 1, j + 1, ni] - body_c)
    return lost


@njit(cache=True)
def cure_left(degree: float, celsius: float, law: Floats) -> float:
    """α_max(T) − α, or 0 beyond it; `law` is (K₀, E/R, m, n, 1/T_g), 1/T_g = 0: no vitrification."""
    most = 1.0
    if law[4] > 0.0:
        most = min(1.0, (celsius + _ZERO_C_IN_K) * law[4])
    return max(0.0, most - degree)


@njit(cache=True)
def cure_speed(degree: float, left: float, celsius: float, law: Floats) -> float:
    """dα/dt of one cell."""
    arrhenius = law[0] * math.exp(-law[1] / (celsius + _ZERO_C_IN_K))
    return arrhenius * degree ** law[2] * left ** law[3]


@njit(cache=True)
def cure_cell(
    degree: float, first_c: float, last_c: float, rise: float, law: Floats, dt: float
) -> float:
    """α after a step in which conduction alone would bring the cell from `first_c` to `last_c`.

    The cell warms itself: T(t) = first + (last − first) t/dt + ΔT (α − α₀) with ΔT = `rise`, so
    that α is the only unknown. Midpoint rule in parts that shorten as the cure runs away, which
    makes it second order and stable at its peak; the heat released, ρ_c H s (α − α₀), is exact.
    """
    start, done = degree, 0.0
    while done < dt * (1.0 - 1e-12):
        celsius = first_c + (last_c - first_c) * done / dt + rise * (degree - start)
        left = cure_left(degree, celsius, law)
        if left <= 0.0:
            done += _WAIT_SHARE * dt
            continue
        speed = cure_speed(degree, left, celsius, law)
        part = min(dt - done, _CURE_SHARE * min(degree, max(left, _LEAST_LEFT)) / speed)
        middle = degree + 0.5 * part * speed
        celsius = first_c + (last_c - first_c) * (done + 0.5 * part) / dt
        celsius += rise * (middle - start)
        left = cure_left(middle, celsius, law)
        degree = min(1.0, degree + part * cure_speed(middle, left, celsius, law))
        done += part
    return degree


@njit(cache=True)
def cure_cells(
    now: Floats, after: Floats, cells: Ints, degree: Floats, rise: Floats, law: Floats, dt: float
) -> None:
    """Cure and warm all cement; `cells` index the flat padded grid.

    `rise` (n,) is the adiabatic rise of each cell, s ρ_c H / C, in K.
    """
    before, then = now.ravel(), after.ravel()
    for n in range(cells.size):
        c = cells[n]
        cured = cure_cell(degree[n], before[c], then[c], rise[n], law, dt)
        then[c] += rise[n] * (cured - degree[n])
        degree[n] = cured


@njit(cache=True)
def remember(
    now: Floats, after: Floats, peak: Floats, dose: Floats, damage: Floats, above: Floats,
    laws: Floats, dt: float,
) -> None:  # fmt: skip
    """Peak, CEM43 (min), damage integral and seconds above a limit, from a step's mean temperature.

    `laws` is (dose reference, log₂ factors above and below, floor, ln damage rate, activation
    temperature, limit).
    """
    nk, nj, ni = peak.shape
    floor = min(laws[3], laws[6])
    for k in range(nk):
        for j in range(nj):
            for i in range(ni):
                t = after[k + 1, j + 1, i + 1]
                if t > peak[k, j, i]:
                    peak[k, j, i] = t
                t = 0.5 * (t + now[k + 1, j + 1, i + 1])
                if t < floor:
                    continue
                if t >= laws[3]:
                    factor = laws[1] if t >= laws[0] else laws[2]
                    dose[k, j, i] += dt / 60.0 * 2.0 ** (factor * (laws[0] - t))
                damage[k, j, i] += dt * math.exp(laws[4] - laws[5] / (t + _ZERO_C_IN_K))
                if t >= laws[6]:
                    above[k, j, i] += dt


@njit(cache=True)
def face_peaks(after: Floats, pairs: Ints, weights: Floats, peaks: Floats) -> float:
    """Raise `peaks` (n,) to the temperature of the faces between pairs (n, 2); their mean now.

    `weights` (n,) is the share of the first cell: k₁/(k₁ + k₂), for which flux is continuous.
    """
    flat = after.ravel()
    total = 0.0
    for n in range(weights.size):
        t = weights[n] * flat[pairs[n, 0]] + (1.0 - weights[n]) * flat[pairs[n, 1]]
        total += t
        if t > peaks[n]:
            peaks[n] = t
    return total / max(weights.size, 1)
