"""The marrow of a closed bone: one pressure, held up by what the cortex lets out.

Cement that fills bone drives the same volume of marrow out of it, through a nearly tight cortex and
its few openings. Inside the bone marrow is 10²–10⁴ times thinner than cement, so that its pressure
is nearly even there; over the cortex it is not. One number stands for it, P: every drop of cement
that enters enclosed bone pushes a drop of marrow out,

    Q_enclosed = G P,    G = Σ_exits h K_face / μ_marrow,

with the sum over all faces between enclosed bone and what drains freely, while neither side is full
of cement. At the front the cement meets P in enclosed bone and 0 outside, so an opening draws it
the more, the larger P is beside the cement's own pressure: thin cement in a tight bone leaks,
thick cement does not, and only K_cortex μ_cement / μ_marrow matters. Checked against a whole-grid
two-phase model in `tests/injection/test_enclosed_marrow.py`, in which this ratio is alone, too.

Pressures in the cement are counted from P. With p₀, the solution where all of the front meets
marrow, and z, what a unit of P takes off because some faces drain (c_d: A z = c_d), the cement has
p₀ − P z; the flow into enclosed bone is F₀ − P D with F₀ = Σ c_e p₀ and D = Σ c_e z over the faces
c_e that lead there, and P = F₀ / (G + D). Until cement reaches an opening z is 0, and the flow is
that of a drained bone to the bit.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.reference import constant
from sacroplasty.units import mpa_s_from_pa_s

Ints = NDArray[np.int64]
Bits = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# A cubic millimetre in ten years under a hand's pressure; mm³/s/MPa.
_LEAST_CONDUCTANCE = 1e-9


class EnclosedMarrow:
    """Where marrow is enclosed, and the ways out of there, on the flow's padded flat grid.

    inside: (cells,). permeability_mm2: (cells, 3) along i, j, k; walls, offsets and the voxel edge
    h as the flow has them.
    """

    def __init__(
        self, medium: BoneMedium, permeability_mm2: Floats, walls: Bits, offsets: Ints, h: float
    ) -> None:
        self.inside = np.pad(medium.enclosed.values, 1).ravel()
        viscosity = mpa_s_from_pa_s(constant("marrow_viscosity").value)
        self._path, self._conductance = _exits(
            np.flatnonzero(self.inside),
            self.inside,
            permeability_mm2,
            walls,
            offsets,
            h / viscosity,
        )
        # A grid that holds none of the bone's surface cuts the marrow off from its ways out.
        self.exists = self._conductance.size > 0

    def exit_conductance(self, slot_of: Ints) -> float:
        """G in mm³/s/MPa: the ways out that no cell full of cement blocks (`slot_of` −1: not full).

        Never 0: marrow whose last way out is blocked holds the cement back at any pressure.
        """
        return max(_LEAST_CONDUCTANCE, _open_conductance(self._path, self._conductance, slot_of))


@njit(cache=True)
def _exits(
    cells: Ints, inside: Bools, permeability: Floats, walls: Bits, offsets: Ints, per_mm: float
) -> tuple[Ints, Floats]:
    """Faces from enclosed cells to others, with their conductance.

    The path (n, 3) is the cell behind, from which the marrow comes (the inner one again where none
    is enclosed there), the inner and the outer cell.
    """
    path = np.empty((6 * cells.size, 3), dtype=np.int64)
    conductance = np.empty(6 * cells.size)
    m = 0
    for cell in cells:
        for f in range(6):
            other = cell + offsets[f]
            here, there = permeability[cell, f // 2], permeability[other, f // 2]
            if inside[other] or here <= 0.0 or there <= 0.0 or (walls[cell] >> f) & 1:
                continue
            behind = cell - offsets[f]
            path[m, 0] = behind if inside[behind] else cell
            path[m, 1], path[m, 2] = cell, other
            conductance[m] = 2.0 * here * there / (here + there) * per_mm
            m += 1
    return path[:m].copy(), conductance[:m].copy()


@njit(cache=True)
def _open_conductance(path: Ints, conductance: Floats, slot_of: Ints) -> float:
    total = 0.0
    for m in range(conductance.size):
        if slot_of[path[m, 0]] == -1 and slot_of[path[m, 1]] == -1 and slot_of[path[m, 2]] == -1:
            total += conductance[m]
    return total


@njit(cache=True)
def sort_links_ahead(
    surface: Ints, cells: Ints, beside: Ints, links: Floats, offsets: Ints, inside: Bools,
    enclosed: Floats, away: Floats,
) -> None:  # fmt: skip
    """Add every slot's conductance to cells ahead to `enclosed` or to `away` (n,), by where they lie."""
    for s in surface:
        for f in range(6):
            if beside[s, f] >= 0:
                continue
            if inside[cells[s] + offsets[f]]:
                enclosed[s] += links[s, f]
            else:
                away[s] += links[s, f]
