"""The odds of a plan: a thousand injections of 5 mL into one ala of a virtual patient.

``python benchmarks/odds.py 100`` measures fewer and says how long each takes.
"""

import os
import resource
import sys
import time
from multiprocessing import active_children
from pathlib import Path

from clock import Row

from sacroplasty.anatomy import Side
from sacroplasty.cement import recipe
from sacroplasty.injection import QUICK, InjectionSettings, OddsCase, OddsSettings, leak_odds
from sacroplasty.phantom import draw_request, make_virtual_patient
from sacroplasty.planning import PlanningSettings, plan_trajectories

MEMBERS, MILLILITRES, LIMIT_S, LIMIT_GB = 1000, 5.0, 180.0, 2.0
_SEED = 1


def measure(members: int = MEMBERS) -> list[Row]:
    """Wall seconds on all cores, set-up of the worker processes included."""
    workers = os.cpu_count() or 1
    case = virtual_case()
    held = [_resident_gb("self")]

    def look(_done: float) -> None:
        """Peaks in the accounts of a child hold its parent's, so memory is looked at as it is."""
        workers_gb = sum(_resident_gb(str(child.pid)) for child in active_children())
        held.append(_resident_gb("self") + workers_gb)

    start = time.perf_counter()
    leak_odds(case, OddsSettings(members=members), workers=workers, progress=look)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    gigabytes = max(held)
    each = (used.ru_utime + used.ru_stime) / members
    note = f"{gigabytes:.1f} GB of {LIMIT_GB:g}; {each:.2f} CPU s a member"
    title = f"odds of 5 mL into one ala, {members} members, 1 mm, {workers} processes: ours"
    return [
        Row(title, seconds, seconds, note),
        Row("… what is allowed", LIMIT_S * members / MEMBERS, seconds),
    ]


def _resident_gb(process: str) -> float:
    """Memory of a process now."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e9


def virtual_case(millilitres: float = MILLILITRES) -> OddsCase:
    """A virtual patient with one needle into the left ala, planned on his true anatomy."""
    patient = make_virtual_patient(draw_request(_SEED), _SEED)
    settings = PlanningSettings(sides=(Side.LEFT,), cement_ml_per_needle=millilitres)
    plan = plan_trajectories(patient.ct, patient.truth, settings)
    return OddsCase(
        patient.ct, patient.truth, plan, recipe("medium viscosity"),
        InjectionSettings(accuracy=QUICK),
    )  # fmt: skip


if __name__ == "__main__":
    for row in measure(int(sys.argv[1])):
        print(row.name, row.seconds, row.ratio, row.note)
