"""What the operator mixes."""

import math
from dataclasses import dataclass
from typing import Self

from sacroplasty.cement.cure import CureKinetics
from sacroplasty.cement.cure_sets import usual_kinetics
from sacroplasty.cement.handling import HandlingTimes
from sacroplasty.cement.rheology import Rheology
from sacroplasty.errors import BadInput
from sacroplasty.reference import constant


@dataclass(frozen=True, slots=True)
class CementRecipe:
    """A PMMA cement: how it flows, how long it can be used, how it cures, and what it holds.

    barium_sulfate_mass_fraction: radiopacifier by mass of the set cement.
    powder_to_liquid_g_per_ml: grams of powder on a millilitre of monomer.
    density_g_per_ml: of the mixed cement.
    viscosity_window_pa_s: effective viscosity at 1/s between which it is injected (low, high).
    source_note: where its numbers come from, in a sentence.
    """

    name: str
    rheology: Rheology
    handling: HandlingTimes
    cure: CureKinetics
    barium_sulfate_mass_fraction: float
    powder_to_liquid_g_per_ml: float
    density_g_per_ml: float
    viscosity_window_pa_s: tuple[float, float]
    source_note: str

    def __post_init__(self) -> None:
        if not 0 <= self.barium_sulfate_mass_fraction < 0.6:
            raise BadInput(
                f"Cement {self.name!r}: barium sulfate fraction "
                f"{self.barium_sulfate_mass_fraction} is not in 0–0.6."
            )
        if not 0.9 <= self.density_g_per_ml <= 2.5:
            raise BadInput(
                f"Cement {self.name!r}: density {self.density_g_per_ml} g/mL is not in 0.9–2.5."
            )
        if not 0.5 <= self.powder_to_liquid_g_per_ml <= 5.0:
            raise BadInput(
                f"Cement {self.name!r}: {self.powder_to_liquid_g_per_ml} g of powder on a "
                "millilitre of liquid is not in 0.5–5."
            )
        thin, thick = self.viscosity_window_pa_s
        if not 0 < thin < thick <= self.rheology.most_viscosity_pa_s:
            raise BadInput(
                f"Cement {self.name!r}: an injection window of {thin}–{thick} Pa·s is not a range "
                f"below {self.rheology.most_viscosity_pa_s} Pa·s."
            )

    @property
    def nominal_viscosity_pa_s(self) -> float:
        """Effective viscosity at 1/s when it is usually injected, at the reference temperature.

        One number for a cement that is taken as Newtonian and of constant viscosity.
        """
        return float(self.rheology.viscosity_pa_s(1.0, self.usual_wait_s))

    @property
    def usual_wait_s(self) -> float:
        """Seconds from the start of mixing to the first drop in a room of the reference temperature."""
        return self.usual_wait_at(self.rheology.reference_temperature_c)

    def usual_wait_at(self, room_temperature_c: float) -> float:
        """The same in another room: mixed and drawn up, dough, and within its viscosity window.

        The latest of the three. A warm room brings the last two sooner, not the first.
        """
        law = self.rheology
        start = float(law.viscosity_pa_s(1.0, 0.0))
        thin = self.viscosity_window_pa_s[0]
        in_window_s = law.ageing_time_s * math.log(thin / start) if thin > start else 0.0
        aged_s = max(self.handling.doughing_s, in_window_s)
        ready_s = aged_s / float(law.ageing_rate(room_temperature_c))
        return max(ready_s, constant("cement_usual_wait").value)

    @classmethod
    def of_constant_viscosity(
        cls, name: str, viscosity_pa_s: float,
        barium_sulfate_mass_fraction: float, density_g_per_ml: float,
    ) -> Self:  # fmt: skip
        """A Newtonian cement that never thickens: what closed forms are written for."""
        most = constant("cement_viscosity_cured").value
        if not 0 < viscosity_pa_s <= most:
            raise BadInput(
                f"Cement {name!r}: viscosity {viscosity_pa_s} Pa·s is not in 0–{most:g}."
            )
        return cls(
            name=name,
            rheology=Rheology(
                consistency_pa_s_n=viscosity_pa_s,
                ageing_time_s=math.inf,
                exponent=1.0,
                yield_stress_pa=0.0,
                most_viscosity_pa_s=most,
                activation_energy_j_per_mol=0.0,
                reference_temperature_c=constant("cement_reference_temperature").value,
            ),
            handling=HandlingTimes(0.0, math.inf, math.inf),
            cure=usual_kinetics(),
            barium_sulfate_mass_fraction=barium_sulfate_mass_fraction,
            powder_to_liquid_g_per_ml=constant("cement_powder_to_liquid").value,
            density_g_per_ml=density_g_per_ml,
            viscosity_window_pa_s=(0.5 * viscosity_pa_s, min(2.0 * viscosity_pa_s, most)),
            source_note="Made up: a Newtonian fluid for closed forms.",
        )
