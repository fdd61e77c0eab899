"""The density of one sacrum: what was measured, where, and what may be said about it."""

from dataclasses import dataclass

from sacroplasty.anatomy.density.calibration import Calibration
from sacroplasty.anatomy.structures import Side
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding


@dataclass(frozen=True, slots=True)
class RegionDensity:
    """Marrow of one region, in the CT's own voxels (so the SD holds the scan's noise).

    zone: Denis zone 1–3, segment: "S1" … "S5" or "L5"; None means all of them. density is the
    K2HPO4 equivalent of the mean, uncertainty one SD of the calibration at that mean.
    """

    zone: int | None
    side: Side | None
    segment: str | None
    voxels: int
    volume_ml: float
    mean_hu: float
    sd_hu: float
    median_hu: float
    density_mg_cm3: float
    uncertainty_mg_cm3: float

    def __post_init__(self) -> None:
        if self.voxels < 1 or self.volume_ml <= 0:
            raise BadInput("A region without a voxel has no density; it belongs into `absent`.")


@dataclass(frozen=True, eq=False, slots=True)
class SacralDensity:
    """Trabecular density of a sacrum.

    regions: the whole marrow first, then zones, sides and segments. l5: marrow of L5's body, or
    None. void_fraction: share of each ala's marrow that reads as fat. absent: what could not be
    measured, with the reason.
    """

    regions: tuple[RegionDensity, ...]
    l5: RegionDensity | None
    void_fraction: dict[Side, float]
    calibration: Calibration
    findings: tuple[Finding, ...]
    absent: dict[str, str]

    def region(
        self, zone: int | None = None, side: Side | None = None, segment: str | None = None
    ) -> RegionDensity | None:
        """The region of these, None where it is absent; no argument gives the whole marrow."""
        for found in self.regions:
            if (found.zone, found.side, found.segment) == (zone, side, segment):
                return found
        return None
