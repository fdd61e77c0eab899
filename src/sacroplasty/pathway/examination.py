"""Looking at the patient before anybody plans: sacrum, density, fractures."""

from dataclasses import dataclass

from sacroplasty.anatomy import SacralDensity, SacrumModel
from sacroplasty.findings import Verdict
from sacroplasty.imaging import CTVolume


@dataclass(frozen=True, eq=False, slots=True)
class Examination:
    """What a CT shows of a sacrum."""

    ct: CTVolume
    sacrum: SacrumModel
    density: SacralDensity
    pseudonym: str

    @property
    def verdict(self) -> Verdict:
        """Whether the sacrum may be planned on."""
        return self.sacrum.verdict
