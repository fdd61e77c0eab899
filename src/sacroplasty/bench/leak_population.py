"""Leaks over a population of virtual patients: what the published series counted.

Each patient is scanned, and everything that is injected rests on that scan: the anatomy that the
engine finds, the planner's needles, and the fracture as a reader would draw it. Aperture, veins and
permeability are drawn from the priors; the ones that the patient was made with are never asked.
The same is run on the patient's true anatomy, to see what segmenting costs, and with a thick
cement beside a thin one, under the same chances.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from sacroplasty.anatomy import BuiltinSegmenter, SacrumModel, build_sacrum, fracture_from_mask
from sacroplasty.cement import recipe
from sacroplasty.errors import SacroplastyError
from sacroplasty.geometry import Volume
from sacroplasty.injection import (
    QUICK,
    InjectionRun,
    InjectionSettings,
    OddsCase,
    OddsSettings,
    OddsStudy,
)
from sacroplasty.phantom import (
    FracturePattern,
    VirtualPatient,
    draw_request,
    make_virtual_patient,
)
from sacroplasty.planning import PlanningSettings, TrajectoryPlan, plan_trajectories
from sacroplasty.units import ml_from_mm3

MEMBERS = 24
THIN, THICK = "low viscosity", "high viscosity"
# What a reader of radiographs or CT sees of a leak begins somewhere above this much, mL.
SIZES_ML = (0.01, 0.05)
_PLANNING = PlanningSettings(draws=500)


@dataclass(frozen=True, slots=True)
class LeakArm:
    """One anatomy and one cement: members with a leak, by site and by the way the cement took.

    any_leak, neural, by_size: members, the last with more than so many mL outside the sacrum;
    leaked_ml: all cement outside it, of all members.
    """

    anatomy: str
    cement: str
    members: int
    any_leak: int
    neural: int
    leaked_ml: float
    by_site: dict[str, int] = field(default_factory=dict)
    by_path: dict[str, int] = field(default_factory=dict)
    by_size: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeakPatient:
    """A patient of the population; refused: the sentence where no needle was planned."""

    seed: int
    fracture: str
    refused: str | None
    needles: int = 0
    planned_ml: float = 0.0
    arms: tuple[LeakArm, ...] = ()


def measure_leaks(seed: int) -> LeakPatient:
    """The population's patient of a seed with a fracture: `draw_request`, until one is broken."""
    request, tries = draw_request(seed), 0
    while request.fracture is FracturePattern.NONE:
        tries += 1
        request = draw_request(seed + 100_000 * tries)
    patient = make_virtual_patient(request, seed)
    case = LeakPatient(seed, request.fracture.value, None)
    try:
        found = build_sacrum(patient.ct, BuiltinSegmenter())
        drawn = fracture_from_mask(_clefts(patient), found)
        plan = plan_trajectories(patient.ct, found, _PLANNING, drawn)
        arms = (
            _arm("found", found, patient, plan, THIN),
            _arm("found", found, patient, plan, THICK),
            _arm("true", patient.truth, patient, plan, THIN),
        )
    except SacroplastyError as refusal:
        return replace(case, refused=str(refusal))
    planned_ml = sum(planned.cement_ml for planned in plan.needles)
    return replace(case, needles=len(plan.needles), planned_ml=planned_ml, arms=arms)


def _clefts(patient: VirtualPatient) -> Volume[np.uint8]:
    return patient.fracture.clefts


def _arm(
    anatomy: str, sacrum: SacrumModel, patient: VirtualPatient, plan: TrajectoryPlan, cement: str
) -> LeakArm:
    study = OddsStudy(
        OddsCase(
            patient.ct, sacrum, plan, recipe(cement), InjectionSettings(accuracy=QUICK),
            fracture_from_mask(_clefts(patient), sacrum),
        ),
        OddsSettings(members=MEMBERS, seed=patient.seed),
    )  # fmt: skip
    runs = [run for member in range(MEMBERS) if (run := study.run(member)) is not None]
    leaked_ml = [ml_from_mm3(sum(leak.volume_mm3 for leak in run.leaks.leaks)) for run in runs]
    sites, paths = Counter[str](), Counter[str]()
    for run in runs:
        sites.update({leak.site.value for leak in run.leaks.leaks})
        paths.update(_paths(run))
    return LeakArm(
        anatomy,
        cement,
        len(runs),
        any_leak=sum(bool(run.leaks.leaks) for run in runs),
        neural=sum(_is_neural(run) for run in runs),
        leaked_ml=sum(leaked_ml),
        by_site=dict(sites),
        by_path=dict(paths),
        by_size={f"{size:g}": sum(ml > size for ml in leaked_ml) for size in SIZES_ML},
    )


def _paths(run: InjectionRun) -> set[str]:
    onsets = [leak.onset for leak in run.leaks.leaks if leak.onset is not None]
    return {onset.path.value for onset in onsets if onset.path is not None}


def _is_neural(run: InjectionRun) -> bool:
    return any(leak.neural_contact.value == "encroaches" for leak in run.leaks.leaks)
