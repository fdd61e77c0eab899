"""One draw of what a CT cannot tell about a patient's bone."""

import math
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.reference import constant

# Draws of one generator are read in this order, and a new number goes to the end: so an old seed
# keeps the old numbers.
_SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class BoneDraw:
    """What is uncertain in the bone; each field may be replaced on its own (`dataclasses.replace`).

    permeability_factor: F on the law of permeability, for the whole bone.
    noise_seed: of the variation from place to place with `noise_sigma` (of ln K), which loses its
    correlation over `noise_length_mm`; None for none.
    cleft_aperture_mm: hydraulic aperture b of every fracture cleft; 0 closes the clefts.
    vein_seed: of the network of veins; None for none. vein_radius_mm: its median radius;
    vein_density_factor: on the densities of the reference table.
    tract_gap_mm: between a needle's shaft and the bone; 0 seals the tract.
    loose_tissue_factor: on the permeability of fat, foramina, canal, joints and disc.
    cortex_factor: on that of intact cortex and endplates.
    """

    permeability_factor: float
    noise_seed: int | None
    noise_sigma: float
    noise_length_mm: float
    cleft_aperture_mm: float
    vein_seed: int | None
    vein_radius_mm: float
    vein_density_factor: float
    tract_gap_mm: float
    loose_tissue_factor: float
    cortex_factor: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name.endswith("_seed"):
                continue
            if not (math.isfinite(value) and value >= 0):
                raise BadInput(
                    f"The bone's {field.name} must be a number of at least 0; got {value}."
                )
        for name in ("permeability_factor", "noise_length_mm", "vein_radius_mm"):
            if getattr(self, name) == 0:
                raise BadInput(f"The bone's {name} must be more than 0.")

    @classmethod
    def median(cls) -> Self:
        """Every number at its median; no variation from place to place and no veins.

        Where veins run is chance: there is no median network, so a single run has none, and only
        a set of draws tells how often cement finds one.
        """
        return cls(
            permeability_factor=constant("permeability_factor").value,
            noise_seed=None,
            noise_sigma=constant("permeability_noise_sigma").value,
            noise_length_mm=constant("permeability_noise_length").value,
            cleft_aperture_mm=constant("cleft_aperture").value,
            vein_seed=None,
            vein_radius_mm=constant("vein_radius").value,
            vein_density_factor=1.0,
            tract_gap_mm=constant("tract_gap").value,
            loose_tissue_factor=1.0,
            cortex_factor=1.0,
        )

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """All of it drawn: lognormal about the medians, the noise's length even over its range."""
        middle = cls.median()

        def spread(median: float, sigma_row: str) -> float:
            return float(median * np.exp(constant(sigma_row).value * rng.standard_normal()))

        length = constant("permeability_noise_length")
        return cls(
            permeability_factor=spread(middle.permeability_factor, "permeability_factor_sigma"),
            noise_seed=int(rng.integers(_SEEDS)),
            noise_sigma=middle.noise_sigma,
            noise_length_mm=float(rng.uniform(length.low, length.high)),
            cleft_aperture_mm=_within(
                spread(middle.cleft_aperture_mm, "cleft_aperture_sigma"), "cleft_aperture"
            ),
            vein_seed=int(rng.integers(_SEEDS)),
            vein_radius_mm=middle.vein_radius_mm,
            vein_density_factor=spread(1.0, "vein_density_sigma"),
            tract_gap_mm=_within(spread(middle.tract_gap_mm, "tract_gap_sigma"), "tract_gap"),
            loose_tissue_factor=spread(1.0, "loose_tissue_sigma"),
            cortex_factor=spread(1.0, "cortex_sigma"),
        )


def _within(value: float, row: str) -> float:
    """Cut to the plausible range of a row."""
    number = constant(row)
    return min(max(value, number.low), number.high)
