"""The planner on scans of real people, where they are at hand: which ways fit."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.anatomy import BuiltinSegmenter, SacrumModel, Segmenter, build_sacrum
from sacroplasty.bench.cohort import Row
from sacroplasty.bench.landmark_target import landmark_targets
from sacroplasty.errors import SafetyRefusal
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import ApproachOutcome, PlanningSettings, survey_approaches

_EXPERT_MAP = "1-2=sacrum,11-19=ilium_left,21-29=ilium_right"


@dataclass(frozen=True, slots=True)
class RealPlan:
    """One scan: verdict of its anatomy, or the refusal; ways and targets as rows of plain values."""

    name: str
    verdict: str
    ways: tuple[Row, ...] = ()
    targets: tuple[Row, ...] = ()


def measure_real_plans(folder: Path, progress: Callable[[float], None]) -> list[RealPlan]:
    """A row for each scan in the folder that is there; plans accept an anatomy that failed."""
    ct = folder / "ct"
    plans = []
    for number, name in enumerate(("001", "003")):
        path = ct / f"fracsegnet/{name}_ct.nii.gz"
        if path.exists():
            labels = path.with_name(f"{name}_label.nii.gz")
            segmenter = labelled_segmenter(labels, parse_label_mapping(_EXPERT_MAP))
            plans.append(_planned(f"FracSegNet {name}, expert labels", read_ct(path), segmenter))
        progress((number + 1) / 3)
    series = ct / "tcga_ov_09_2043"
    if series.exists():
        plans.append(_planned("TCGA-OV, built-in engine", read_ct(series), BuiltinSegmenter()))
    return plans


def _planned(name: str, ct: CTVolume, segmenter: Segmenter) -> RealPlan:
    try:
        model = build_sacrum(ct, segmenter)
    except SafetyRefusal as refusal:
        return RealPlan(name, f"refused: {refusal}")
    return plan_of_model(name, model, ct)


def plan_of_model(name: str, model: SacrumModel, ct: CTVolume) -> RealPlan:
    """The row of a model that is already there."""
    outcomes = survey_approaches(model, PlanningSettings(accept_anatomy=True), ct=ct)
    return RealPlan(
        name,
        model.verdict.value,
        tuple(_row(outcome) for outcome in outcomes),
        tuple(asdict(target) for target in landmark_targets(model)),
    )


def _row(outcome: ApproachOutcome) -> Row:
    first = outcome.options[0] if outcome.options else None
    return {
        "approach": outcome.approach,
        "side": outcome.side.value,
        "safe_paths": outcome.safe,
        "accepted": first is not None,
        "blocked_by": outcome.blocked_by,
        "breach_share": first.risk.any_breach.share if first else None,
    }
