"""What the operator mixes. Version 1: a Newtonian cement of constant viscosity."""

from dataclasses import dataclass

from sacroplasty.errors import BadInput


@dataclass(frozen=True, slots=True)
class CementRecipe:
    """A PMMA cement as injected.

    viscosity_pa_s: effective viscosity in the pores, constant in time (version 1).
    barium_sulfate_mass_fraction: radiopacifier by mass of the set cement.
    density_g_per_ml: of the mixed cement.
    """

    name: str
    viscosity_pa_s: float
    barium_sulfate_mass_fraction: float
    density_g_per_ml: float

    def __post_init__(self) -> None:
        if not 0 < self.viscosity_pa_s <= 1e5:
            raise BadInput(
                f"Cement {self.name!r}: viscosity {self.viscosity_pa_s} Pa·s is not in 0–100000."
            )
        if not 0 <= self.barium_sulfate_mass_fraction < 0.6:
            raise BadInput(
                f"Cement {self.name!r}: barium sulfate fraction "
                f"{self.barium_sulfate_mass_fraction} is not in 0–0.6."
            )
        if not 0.9 <= self.density_g_per_ml <= 2.5:
            raise BadInput(
                f"Cement {self.name!r}: density {self.density_g_per_ml} g/mL is not in 0.9–2.5."
            )
