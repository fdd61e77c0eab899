"""The plan: needles with measured clearances and the verdict on them."""

from dataclasses import dataclass

from sacroplasty.anatomy import Level, Side
from sacroplasty.findings import Finding, Verdict, overall_verdict
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.settings import Margins


@dataclass(frozen=True, eq=False, slots=True)
class PlannedNeedle:
    """One needle of a plan.

    clearance_mm: surface-to-surface distance from the shaft (radius included) to ``foramina``,
    ``canal``, ``si_joint``, and from the tip to ``anterior_cortex``; negative is a breach.
    A structure that the model lacks is not a key.
    bone_entry_depth_mm: from `needle.entry` to the dorsal cortex, along the needle.
    reason: one sentence that says why this path.
    """

    name: str
    side: Side
    approach: str
    level: Level
    needle: Needle
    cement_ml: float
    clearance_mm: dict[str, float]
    bone_entry_depth_mm: float
    reason: str


@dataclass(frozen=True, eq=False, slots=True)
class TrajectoryPlan:
    """All needles of one session, and what the checks say of them."""

    needles: tuple[PlannedNeedle, ...]
    margins: Margins
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether every needle keeps every margin."""
        return overall_verdict(self.findings)
