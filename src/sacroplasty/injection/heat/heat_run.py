"""The record of one cure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.findings import Finding
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.injection.heat.flow import HeatBudget

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class RootHeat:
    """Heat where a nerve root or the sac runs: the hottest point of a foramen or of the canal.

    structure, level, side: of the space; the canal has neither level nor side. peak_c and cem43_min
    are the largest found anywhere in it, cement in it included. distance_mm: from the nearest voxel
    that holds cement, 0 where cement is in it. where: the hottest point, or the one nearest to the
    cement where the space lies outside what was solved for.
    """

    structure: Structure
    level: Level | None
    side: Side | None
    peak_c: float
    cem43_min: float
    distance_mm: float
    where: Points

    @property
    def name(self) -> str:
        """As a clinician says it: "S1 left", "canal"."""
        return "canal" if self.level is None else f"{self.level} {self.side}"


@dataclass(frozen=True, eq=False, slots=True)
class HeatCourse:
    """One row per recorded moment, n rows.

    time_s: since the end of the injection. hottest_c: of everything. interface_c: mean over the
    faces between cement and bone. degree: of cure, mean over the cement. roots_c: (n, roots), the
    hottest point of each of `HeatRun.roots`.
    """

    time_s: Floats
    hottest_c: Floats
    interface_c: Floats
    degree: Floats
    roots_c: Floats

    def __post_init__(self) -> None:
        for array in (self.time_s, self.hottest_c, self.interface_c, self.degree, self.roots_c):
            array.setflags(write=False)


@dataclass(frozen=True, eq=False, slots=True)
class HeatRun:
    """What the cure did to the tissue around it; all volumes on one grid.

    peak_c: highest temperature. cem43_min: thermal dose, in minutes at 43 °C. damage: the integral
    Ω. above_s: seconds above `necrosis_temperature_c`. cement: voxels that are mostly cement. bone:
    voxels of bone that are not.
    interface_peak_c and interface_mean_peak_c: largest and mean of the peaks of all faces between
    the two; None where cement touches no bone.
    start_degree: how far the cement had cured at the start, whose heat is not in here.
    """

    peak_c: Volume[np.float32]
    cem43_min: Volume[np.float32]
    damage: Volume[np.float32]
    above_s: Volume[np.float32]
    necrosis_temperature_c: float
    cement: Volume[np.bool_]
    bone: Volume[np.bool_]
    interface_peak_c: float | None
    interface_mean_peak_c: float | None
    roots: tuple[RootHeat, ...]
    course: HeatCourse
    start_degree: float
    end_degree: float
    budget: HeatBudget
    findings: tuple[Finding, ...]

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.peak_c.frame

    def root(self, structure: Structure) -> RootHeat | None:
        """The heat at one foramen or in the canal, or None where the model has none."""
        for found in self.roots:
            if found.structure is structure:
                return found
        return None
