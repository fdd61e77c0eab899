"""What verification says of the needles in a scan."""

from dataclasses import dataclass

from sacroplasty.anatomy import Side
from sacroplasty.findings import Finding, Verdict, overall_verdict
from sacroplasty.geometry import Frame
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placed.deviation import Deviation
from sacroplasty.planning.placed.found_needle import FoundNeedle
from sacroplasty.planning.placed.registering import LaidScan
from sacroplasty.planning.trajectory_plan import PlannedNeedle


@dataclass(frozen=True, eq=False, slots=True)
class PlacedNeedle:
    """One needle of the scan, in the frame of the planning CT.

    planned: the planned needle that it is, None where it is none of them or it is not clear which.
    needle: as clearances were asked of it. clearance_mm, absent: see `NeedleMeasurement`; both are
    empty where the needle reaches beyond what was mapped.
    """

    number: int
    side: Side
    planned: PlannedNeedle | None
    found: FoundNeedle
    needle: Needle
    deviation: Deviation | None
    clearance_mm: dict[str, float]
    absent: dict[str, str]

    @property
    def name(self) -> str:
        """The planned needle's name, or the number in the scan."""
        return self.planned.name if self.planned else f"needle {self.number} of the scan"


@dataclass(frozen=True, eq=False, slots=True)
class PlacedReport:
    """Placed needles, planned ones that are missing, other metal, and the checks."""

    laid: LaidScan
    needles: tuple[PlacedNeedle, ...]
    missing: tuple[PlannedNeedle, ...]
    other_metal: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def frame(self) -> Frame:
        """The frame of the planning CT."""
        return self.laid.planning_from_scan.to

    @property
    def verdict(self) -> Verdict:
        """Whether the needles lie as planned."""
        return overall_verdict(self.findings)
