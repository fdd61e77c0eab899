"""How strongly elements and tissues stop X-rays: `xray_attenuation.csv`, after NIST.

Columns: material, energy_kev, cm2_per_g, source, status, note. The rows are those of the NIST
tables between 15 and 150 keV. At an absorption edge the energy stands twice, first with the value
below, then with the value above.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.reference.citations import citation
from sacroplasty.reference.constants import Status


@dataclass(frozen=True, eq=False, slots=True)
class AttenuationTable:
    """μ/ρ (cm²/g) of one material at tabulated energies (keV), ascending; edges stand twice."""

    material: str
    energy_kev: NDArray[np.float64]
    cm2_per_g: NDArray[np.float64]

    def __post_init__(self) -> None:
        energy = np.array(self.energy_kev, dtype=np.float64)
        if len(energy) < 2 or (np.diff(energy) < 0).any() or not (self.cm2_per_g > 0).all():
            raise BadInput(f"The attenuation table of {self.material!r} is not in order of energy.")
        for name in ("energy_kev", "cm2_per_g"):
            sealed = np.array(getattr(self, name), dtype=np.float64)
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)

    def at(self, energy_kev: NDArray[np.generic] | float) -> NDArray[np.float64]:
        """μ/ρ in cm²/g, any shape, by straight lines between rows on a log-log plot.

        Photoelectric absorption is nearly a power law of energy between edges, so this is what
        NIST recommends. At an edge itself the value above it holds. Raises `BadInput` beyond the
        table.
        """
        asked = np.asarray(energy_kev, dtype=np.float64)
        low, high = self.energy_kev[0], self.energy_kev[-1]
        if not ((asked >= low) & (asked <= high)).all():
            raise BadInput(
                f"X-ray attenuation of {self.material!r} is tabulated from {low:g} to {high:g} keV; "
                f"asked for {asked.min():g}–{asked.max():g} keV."
            )
        # `np.interp` asks for rising knots: the value below an edge moves down by one bit.
        knots = self.energy_kev.copy()
        below_edge = np.flatnonzero(np.diff(knots) == 0)
        knots[below_edge] = np.nextafter(knots[below_edge], 0.0)
        logs = np.interp(np.log(asked), np.log(knots), np.log(self.cm2_per_g))
        return np.asarray(np.exp(logs))


@lru_cache(maxsize=1)
def _tables() -> dict[str, AttenuationTable]:
    rows: dict[str, list[tuple[float, float]]] = {}
    table = files("sacroplasty.reference").joinpath("xray_attenuation.csv")
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            citation(row["source"])
            if row["status"] not in list(Status):
                raise BadInput(f"xray_attenuation.csv: status {row['status']!r} is unknown.")
            rows.setdefault(row["material"], []).append(
                (float(row["energy_kev"]), float(row["cm2_per_g"]))
            )
    return {name: AttenuationTable(name, *np.array(points).T) for name, points in rows.items()}


def xray_table(material: str) -> AttenuationTable:
    """The table of one material; raises `BadUsage` listing the known ones."""
    if material not in _tables():
        raise BadUsage(
            f"There is no attenuation table of {material!r}; known are {', '.join(_tables())}."
        )
    return _tables()[material]
