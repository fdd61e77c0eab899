"""Cement and tissue as a medium for heat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput

Floats = NDArray[np.float64]

_OPEN = (False,) * 6


@dataclass(frozen=True, eq=False, slots=True)
class HeatMedium:
    """Volume averages on a grid of cubes, all (k, j, i).

    capacity_j_per_ml_k: ρc. conductivity_w_per_m_k: k. perfusion_w_per_m3_k: w_b ρ_b c_b.
    heat_j_per_ml: s ρ_c H, released by a millilitre of the voxel on the cement's way from α = 0 to
    1; 0 where there is no cement. insulated: whether no heat crosses a face of the box, in the
    order low k, high k, low j, high j, low i, high i (a plane of symmetry is one); beyond the other
    faces lies a layer of voxels at the temperature of the body.
    """

    capacity_j_per_ml_k: Floats
    conductivity_w_per_m_k: Floats
    perfusion_w_per_m3_k: Floats
    heat_j_per_ml: Floats
    spacing_mm: float
    insulated: tuple[bool, bool, bool, bool, bool, bool] = _OPEN

    def __post_init__(self) -> None:
        shape = self.capacity_j_per_ml_k.shape
        if not 0 < self.spacing_mm < np.inf:
            raise BadInput(f"A heat grid needs a positive spacing; got {self.spacing_mm} mm.")
        for name, least in (
            ("capacity_j_per_ml_k", "positive"),
            ("conductivity_w_per_m_k", "positive"),
            ("perfusion_w_per_m3_k", "not negative"),
            ("heat_j_per_ml", "not negative"),
        ):
            values = getattr(self, name)
            if values.shape != shape or values.ndim != 3:
                raise BadInput(f"{name} has shape {values.shape}, the heat grid {shape}.")
            low = values.min()
            if not np.isfinite(values).all() or low < 0 or (least == "positive" and low == 0):
                raise BadInput(f"{name} of a heat medium must be finite and {least}; got {low:g}.")
            sealed = values.view()
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)

    @property
    def links(self) -> tuple[Floats, Floats, Floats]:
        """Conductance per volume k/h² of the faces across k, j, i, in mW/(mm³ K).

        Between two cells the harmonic mean, which is exact for layers; beyond an open face of the
        box lies one more voxel of the same tissue, at the temperature of the body.
        """
        return self._across(0), self._across(1), self._across(2)

    def _across(self, axis: int) -> Floats:
        k = np.moveaxis(self.conductivity_w_per_m_k, axis, 0)
        faces = np.empty((k.shape[0] + 1, *k.shape[1:]))
        faces[1:-1] = 2.0 * k[1:] * k[:-1] / (k[1:] + k[:-1])
        closed_low, closed_high = self.insulated[2 * axis : 2 * axis + 2]
        faces[0] = 0.0 if closed_low else k[0]
        faces[-1] = 0.0 if closed_high else k[-1]
        return np.ascontiguousarray(np.moveaxis(faces, 0, axis)) / self.spacing_mm**2

    @property
    def longest_step_s(self) -> float:
        """The step beyond which explicit conduction overshoots: min ρc / (Σ g + w)."""
        total = self.perfusion_w_per_m3_k * 1e-6
        for axis, faces in enumerate(self.links):
            ahead = np.moveaxis(faces, axis, 0)
            total = total + np.moveaxis(ahead[1:] + ahead[:-1], 0, axis)
        with np.errstate(divide="ignore"):
            return float(np.min(self.capacity_j_per_ml_k / total))
