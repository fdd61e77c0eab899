"""Looking at the patient before anybody plans: sacrum, density, fractures."""

from dataclasses import dataclass

from sacroplasty.anatomy import Fracture, MriReading, SacralDensity, SacrumModel
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume


@dataclass(frozen=True, eq=False, slots=True)
class Examination:
    """What is seen of a sacrum: `fracture` None where none is known, `marrow` None without an MRI."""

    ct: CTVolume
    sacrum: SacrumModel
    density: SacralDensity
    fracture: Fracture | None
    marrow: MriReading | None
    pseudonym: str

    @property
    def verdict(self) -> Verdict:
        """Whether the sacrum may be planned on."""
        return self.sacrum.verdict
