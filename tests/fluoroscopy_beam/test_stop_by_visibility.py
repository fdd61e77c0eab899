"""Stopping at what the C-arm shows, on the virtual patient that is rehearsed elsewhere.

A needle is set beside the S1 foramen, too near, as a hand might. Cement runs into the foramen.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sacroplasty.adapters.case_folder import read_planned_patient
from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import recipe
from sacroplasty.compose import InjectionRequest, StopRequest
from sacroplasty.compose.injection_requests import injection_settings
from sacroplasty.geometry import Points
from sacroplasty.injection import InjectionRun, StopCause, inject
from sacroplasty.leaks import LeakSite
from sacroplasty.pathway import PlannedPatient, watching
from sacroplasty.planning import Needle, Planned, TrajectoryPlan
from sacroplasty.units import mm3_from_ml

MEDIUM = recipe("medium viscosity")
BESIDE_MM = 2.5  # from the foramen's wall to the tip


@pytest.fixture(scope="module")
def patient(rehearsed: tuple[Path, dict[str, Any]]) -> PlannedPatient:
    """Only read."""
    return read_planned_patient(rehearsed[0])


def beside_the_foramen(patient: PlannedPatient, side: Side) -> TrajectoryPlan:
    """3 mL through the side's own needle, its tip lateral of the ventral half of the S1 foramen."""
    sacrum = patient.examination.sacrum
    hole = next(f for f in sacrum.foramina if (f.level, f.side) == (Level.S1, side))
    own = next(n for n in patient.plan.needles if n.side is side)
    middle = 0.5 * (hole.centre.single + hole.ventral_mouth.single)
    tip = middle + (hole.radius_mm + BESIDE_MM) * side.sign * np.array([1.0, 0.0, 0.0])
    needle = Needle(own.needle.entry, Points(tip, own.needle.frame), own.needle.gauge)
    return replace(patient.plan, needles=(replace(own, needle=needle, cement_ml=3.0),))


def watched(patient: PlannedPatient, plan: TrajectoryPlan, *views: str) -> InjectionRun:
    """Injected by somebody who looks at these views and does nothing else."""
    seen = patient.examination
    stop = StopRequest(usual=False, reaction_s=0.0, visible_in=views)
    settings = injection_settings(InjectionRequest(MEDIUM.name, stop=stop), MEDIUM)
    settings = watching(settings, Planned(seen.ct, seen.sacrum, plan), MEDIUM)
    return inject(seen.ct, seen.sacrum, plan, MEDIUM, settings, fracture=seen.fracture)


@pytest.mark.parametrize("side", list(Side))
def test_the_outlet_stops_a_foraminal_leak_early_and_the_lateral_never(
    patient: PlannedPatient, side: Side
) -> None:
    """What is taught: the outlet looks down the foramina, in the lateral the ala covers them."""
    plan = beside_the_foramen(patient, side)
    outlet, lateral = (watched(patient, plan, view) for view in ("outlet", "lateral"))
    (event,) = outlet.stop_events
    assert (event.cause, event.views) == (StopCause.SEEN_LEAK, ("outlet",))
    assert in_the_foramen(outlet, side) < mm3_from_ml(0.3)
    assert lateral.stop_events == ()
    assert lateral.injected_mm3[0] == pytest.approx(mm3_from_ml(3.0))
    assert in_the_foramen(lateral, side) > 3.0 * in_the_foramen(outlet, side)


def in_the_foramen(run: InjectionRun, side: Side) -> float:
    """mm³ in the S1 foramen of the needle's side; there must be none in any other."""
    leaks = [leak for leak in run.leaks.leaks if leak.site is LeakSite.FORAMEN]
    assert {(leak.side, leak.level) for leak in leaks} == {(side, Level.S1)}
    return sum(leak.volume_mm3 for leak in leaks)


def test_who_watches_every_view_of_a_clean_injection_is_not_stopped(
    patient: PlannedPatient,
) -> None:
    run = watched(patient, patient.plan, "ap", "lateral", "inlet", "outlet")
    assert run.stop_events == ()
    wanted = [mm3_from_ml(needle.cement_ml) for needle in patient.plan.needles]
    assert run.injected_mm3 == pytest.approx(wanted)
    assert run.leaks.leaks == ()
