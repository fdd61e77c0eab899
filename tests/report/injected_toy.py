"""The toy rehearsal as an injection: with cement where a test wants it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from toy_rehearsal import toy_rehearsal

from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import CementField
from sacroplasty.geometry import Volume
from sacroplasty.injection import Deed, InjectionSettings, StopCause, StopEvent, Wall
from sacroplasty.leaks import Leak, LeakOnset, LeakPath, LeakSite, NeuralContact
from sacroplasty.pathway import CaseInjection


def toy_injection(pseudonym: str = "TOY-1", *, leaks: tuple[Leak, ...] = ()) -> CaseInjection:
    """Both needles have injected; nobody asked for heat or odds."""
    case = toy_rehearsal(pseudonym, leaks=leaks)
    return CaseInjection(
        examination=case.examination,
        plan=case.plan,
        recipe=case.recipe,
        settings=InjectionSettings(),
        run=case.run,
        heat=None,
        odds=None,
        numbers_used=("margin_neural", "needle_outer_diameter_11g"),
    )


def with_cement_in(case: CaseInjection, inside: NDArray[np.bool_]) -> CaseInjection:
    """The same injection with its cement in these voxels alone, there from the first moment on."""
    grid = case.run.arrival_time_s.grid
    arrival = Volume(np.where(inside, 1.0, np.inf).astype(np.float32), grid)
    cement = CementField(Volume(np.where(inside, 0.8, 0.0).astype(np.float32), grid))
    return replace(case, run=replace(case.run, arrival_time_s=arrival, cement=cement))


def ball(case: CaseInjection, centre_lps_mm: tuple[float, float, float]) -> NDArray[np.bool_]:
    """Voxels within 7 mm of a point."""
    grid = case.run.arrival_time_s.grid
    xyz = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).xyz
    near = np.linalg.norm(xyz - centre_lps_mm, axis=1) <= 7.0
    return np.asarray(near.reshape(grid.shape))


def dated_leak() -> Leak:
    """A leak into the right S1 foramen that began after 90 s, through the second needle."""
    onset = LeakOnset(90.0, 0.035, 50.0, "right S1", LeakPath.FORAMEN_WALL)
    return Leak(
        LeakSite.FORAMEN, Side.RIGHT, Level.S1, 120.0, 6.5, NeuralContact.ENCROACHES, 1.0, onset
    )


def stop_event() -> StopEvent:
    """The operator stopped the second needle near the right S1 foramen."""
    wall = Wall(LeakSite.FORAMEN, Side.RIGHT, Level.S1)
    return StopEvent(88.0, 1, StopCause.WALL, 1.9, 2.0, wall, (), Deed.STOPPED, 0.0, 0.05)
