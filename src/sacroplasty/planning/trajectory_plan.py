"""The plan: needles with measured clearances and risks, what else was possible, and the verdict."""

from dataclasses import dataclass

from sacroplasty.anatomy import Level, Side
from sacroplasty.findings import Finding, Verdict, overall_verdict
from sacroplasty.planning.guidance import NeedleGuidance
from sacroplasty.planning.needle import Needle
from sacroplasty.planning.placement_risk import PlacementRisk
from sacroplasty.planning.settings import Margins


@dataclass(frozen=True, eq=False, slots=True)
class PlannedNeedle:
    """One needle of a plan.

    clearance_mm: surface-to-surface distance from the shaft (radius included) to each structure,
    and from the tip to ``anterior_cortex``; negative is a breach. A structure that the model
    lacks, or that the approach crosses on purpose, is not a key.
    bone_entry_depth_mm: from `needle.entry` to the cortex where the needle enters bone.
    risk: of the needle as a hand sets it. guidance: how to set it.
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
    risk: PlacementRisk
    guidance: NeedleGuidance
    reason: str


@dataclass(frozen=True, eq=False, slots=True)
class ApproachOutcome:
    """What one approach offered on one side.

    considered and safe: paths measured, and those that keep every margin. options: the Pareto
    set's members worth a name, best first, each with its reason; empty where none is safe.
    blocked_by: where none is safe, what stands in the way of the best path, in one sentence.
    """

    side: Side
    approach: str
    level: Level
    considered: int
    safe: int
    options: tuple[PlannedNeedle, ...]
    blocked_by: str | None


@dataclass(frozen=True, eq=False, slots=True)
class TrajectoryPlan:
    """All needles of one session, what the checks say of them, and what else was possible.

    seed: of the placement errors behind every `risk`.
    """

    needles: tuple[PlannedNeedle, ...]
    margins: Margins
    findings: tuple[Finding, ...]
    outcomes: tuple[ApproachOutcome, ...]
    seed: int

    @property
    def verdict(self) -> Verdict:
        """Whether every needle keeps every margin."""
        return overall_verdict(self.findings)
