"""What one member of a study came to."""

from dataclasses import dataclass, replace

import numpy as np

from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.geometry import Grid
from sacroplasty.injection.injection_run import InjectionRun
from sacroplasty.injection.injection_session import InjectionSession
from sacroplasty.injection.odds.odds_case import OddsCase, OddsSettings, common_grid
from sacroplasty.injection.odds.scenario import Scenario, draw_scenario
from sacroplasty.injection.patient_bone import PatientBone, prepare_bone
from sacroplasty.injection.wall_gaps import WallGaps
from sacroplasty.leaks import Leak, LeakSite, NeuralContact
from sacroplasty.units import ml_from_mm3


@dataclass(frozen=True, slots=True)
class Site:
    """A leak site with its level and side, where it has them."""

    site: LeakSite
    level: Level | None = None
    side: Side | None = None

    @property
    def label(self) -> str:
        """Such as 'foramen S1 left'."""
        parts = (self.site.value.replace("_", " "), self.level, self.side)
        return " ".join(str(part) for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class MemberLeak:
    """One leak of a member.

    onset_ml: delivered in total when it began; needle and needle_ml: which needle was open then
    (its place in the plan), and what that one had delivered. neural: cement in a foramen or in the
    canal, by whatever way it came.
    """

    where: Site
    volume_ml: float
    onset_ml: float
    needle: int
    needle_ml: float
    neural: bool


@dataclass(frozen=True, eq=False, slots=True)
class MemberRow:
    """A member in short; `OddsStudy.run` gives the whole of it again.

    delivered_ml: by each needle of the plan. tips_in_bone: whether each tip lay in the sacrum.
    reached: packed bits, one a voxel of the flow grid (k, j, i), set where half the pores filled.
    """

    member: int
    delivered_ml: tuple[float, ...]
    tips_in_bone: tuple[bool, ...]
    peak_tip_mpa: float
    peak_syringe_mpa: float
    leaks: tuple[MemberLeak, ...]
    numbers: dict[str, float]
    reached: bytes

    @property
    def leaked_ml(self) -> float:
        """All cement outside the sacrum."""
        return sum(leak.volume_ml for leak in self.leaks)

    @property
    def neural(self) -> bool:
        """Whether cement came into a foramen or the canal."""
        return any(leak.neural for leak in self.leaks)


class OddsStudy:
    """A case that is ready to be injected many times over: its bone is prepared once.

    grid: the flow grid; the case's own unless plans are to be compared (`common_grid`).
    """

    def __init__(self, case: OddsCase, settings: OddsSettings, grid: Grid | None = None) -> None:
        self.case, self.settings = case, settings
        self.grid = grid or common_grid(case)
        self._bone: PatientBone = prepare_bone(
            case.ct, case.sacrum, self.grid, fracture=case.fracture, laws=case.injection.laws
        )
        self._walls = WallGaps(case.sacrum, self.grid)

    def scenario(self, member: int) -> Scenario:
        """What is drawn for a member."""
        return draw_scenario(self.case, self.settings, member)

    def run(self, member: int) -> InjectionRun | None:
        """A member's whole injection, the same bytes at every call; None if no tip was in reach.

        A needle whose tip lies where no cement can go (in air, or out of the scan) is left out.
        """
        return self._injected(self.scenario(member))

    def row(self, member: int) -> MemberRow:
        """The same in short."""
        scenario = self.scenario(member)
        run = self._injected(scenario)
        return _row(member, scenario, run, self._usable(scenario), self._in_bone(scenario))

    def _injected(self, scenario: Scenario) -> InjectionRun | None:
        needles = tuple(scenario.needles[n] for n in self._usable(scenario))
        if not needles:
            return None
        bone = self._bone.with_needles([planned.needle for planned in needles])
        plan = replace(self.case.plan, needles=needles)
        session = InjectionSession(
            bone.medium(scenario.bone), self.case.sacrum, plan, scenario.recipe,
            scenario.injection, self._walls,
        )  # fmt: skip
        for n in range(len(needles)):
            session.start(n)
            session.run(lambda _: None)
        return session.finish()

    def _usable(self, scenario: Scenario) -> list[int]:
        """Needles whose tip lies in something that takes cement."""
        found = []
        for n, planned in enumerate(scenario.needles):
            tip = planned.needle.tip
            if self.grid.contains(tip).all():
                kji = np.rint(self.grid.kji_at(tip)[0]).astype(int)
                if self._bone.tissues.porosity[tuple(kji)] > 0:
                    found.append(n)
        return found

    def _in_bone(self, scenario: Scenario) -> tuple[bool, ...]:
        labels = self.case.sacrum.labels
        return tuple(
            bool(labels.grid.contains(p.needle.tip).all())
            and int(labels.at(p.needle.tip, order=0)[0]) == Structure.SACRUM
            for p in scenario.needles
        )


def _row(
    member: int, scenario: Scenario, run: InjectionRun | None, usable: list[int],
    in_bone: tuple[bool, ...],
) -> MemberRow:  # fmt: skip
    delivered = [0.0] * len(scenario.needles)
    if run is None:
        return MemberRow(member, tuple(delivered), in_bone, 0.0, 0.0, (), scenario.numbers, b"")
    for n, volume in zip(usable, run.injected_mm3, strict=True):
        delivered[n] = ml_from_mm3(volume)
    line = run.timeline
    half = 0.5 * run.porosity.values
    filled = (run.cement.fraction.values > 0) & (run.cement.fraction.values >= half)
    return MemberRow(
        member=member,
        delivered_ml=tuple(delivered),
        tips_in_bone=in_bone,
        peak_tip_mpa=float(line.tip_pressure_mpa.max(initial=0.0)),
        peak_syringe_mpa=float(line.syringe_pressure_mpa.max(initial=0.0)),
        leaks=tuple(_leak(leak, run, usable) for leak in run.leaks.leaks),
        numbers=scenario.numbers,
        reached=np.packbits(filled.ravel()).tobytes(),
    )


def _leak(leak: Leak, run: InjectionRun, usable: list[int]) -> MemberLeak:
    """A leak without a date (a trace beside the front) is taken to have begun at the end."""
    line = run.timeline
    end_s = float(line.time_s[-1])
    time_s = end_s if leak.onset is None else min(leak.onset.time_s, end_s)
    row = max(0, int(np.searchsorted(line.time_s, time_s, side="right")) - 1)
    needle = int(line.needle[row])
    own = line.needle == needle
    total = float(np.interp(time_s, line.time_s[own], line.volume_mm3[own]))
    before = sum(run.injected_mm3[:needle])
    return MemberLeak(
        where=Site(leak.site, leak.level, leak.side),
        volume_ml=ml_from_mm3(leak.volume_mm3),
        onset_ml=ml_from_mm3(total),
        needle=usable[needle],
        needle_ml=ml_from_mm3(max(0.0, total - before)),
        neural=leak.neural_contact is NeuralContact.ENCROACHES,
    )
