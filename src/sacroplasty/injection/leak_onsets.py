"""When and through which gap each simulated leak began, from the arrival times of a run."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Volume
from sacroplasty.injection.injection_run import Timeline
from sacroplasty.leaks import Leak, LeakOnset, LeakPath, LeakReport, LocatedLeaks
from sacroplasty.reference import constant
from sacroplasty.units import mm2_from_m2

Voxel = tuple[int, int, int]
# Bone voxels that are looked at where cement has left it: a gap on voxels runs in steps.
_BONE_VOXELS = 2
_WALLS = {
    Structure.CANAL: LeakPath.CANAL_WALL,
    Structure.SI_JOINT_LEFT: LeakPath.JOINT,
    Structure.SI_JOINT_RIGHT: LeakPath.JOINT,
    Structure.DISC_L5S1: LeakPath.ENDPLATE,
}


@dataclass(frozen=True, eq=False, slots=True)
class Passages:
    """Gaps of the bone on the flow grid, where they are known; None: none was laid out."""

    vein: Volume[np.bool_] | None = None
    tract: Volume[np.bool_] | None = None
    cleft: Volume[np.bool_] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """What the onset is read from: arrival times and permeability (k, j, i), and the labels there.

    needles: names in the order of the timeline's index.
    """

    arrival_s: NDArray[np.float64]
    permeability_mm2: NDArray[np.float64]
    labels: NDArray[np.uint8]
    timeline: Timeline
    needles: tuple[str, ...]
    passages: Passages


def with_onsets(located: LocatedLeaks, course: Course) -> LeakReport:
    """The report, each leak with its onset.

    The onset is the earliest arrival among the voxels of the leak. Where none of them has filled
    (a leak of partly full voxels), it is the earliest arrival next to them: from then on cement
    flowed in. The pressure and the rate are the timeline's at that time.
    """
    leaks = tuple(
        _with_onset(leak, voxels.values, course)
        for leak, voxels in zip(located.report.leaks, located.voxels, strict=True)
    )
    return replace(located.report, leaks=leaks)


def _with_onset(leak: Leak, voxels: NDArray[np.bool_], course: Course) -> Leak:
    first = _first_voxel(voxels, course.arrival_s)
    if first is None:
        return leak
    voxel, time_s = first
    line = course.timeline
    row = max(0, int(np.searchsorted(line.time_s, time_s, side="right")) - 1)
    needle = int(line.needle[row])
    own = line.needle == needle
    opened_s = float(line.time_s[own][0])

    def at_onset(column: NDArray[np.float64]) -> float:
        return float(np.interp(time_s, line.time_s[own], column[own]))

    onset = LeakOnset(
        time_s=time_s,
        tip_pressure_mpa=at_onset(line.tip_pressure_mpa),
        rate_mm3_per_s=at_onset(line.rate_mm3_per_s),
        needle=course.needles[needle],
        path=_path(voxel, opened_s, course),
    )
    return replace(leak, onset=onset)


def _first_voxel(
    voxels: NDArray[np.bool_], arrival_s: NDArray[np.float64]
) -> tuple[Voxel, float] | None:
    """The voxel where the leak began, and when; None where cement has come to none of them."""
    kji = np.argwhere(voxels)
    own = arrival_s[voxels]
    times = own if np.isfinite(own).any() else _beside(voxels, arrival_s)
    if not times.size or not np.isfinite(times).any():
        return None
    first = int(times.argmin())
    k, j, i = kji[first].tolist()
    return (k, j, i), float(times[first])


def _beside(voxels: NDArray[np.bool_], arrival_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earliest arrival (n,) in a voxel that shares a face with each of `voxels`."""
    around = np.pad(arrival_s, 1, constant_values=np.inf)
    kji = np.argwhere(voxels) + 1
    steps = np.concatenate([np.eye(3, dtype=int), -np.eye(3, dtype=int)])
    return np.asarray(np.min([around[tuple((kji + step).T)] for step in steps], axis=0))


def _path(start: Voxel, opened_s: float, course: Course) -> LeakPath | None:
    """The gap: by the way back from the onset, always to the voxel that had cement first.

    Known veins, tracts and clefts are named where the way crosses the surface of the bone. Else
    the structure behind the wall names it; towards soft tissue the wall is a defect where the
    voxel of bone is more permeable than cortex.
    """
    outside, bone = _crossing(start, opened_s, course)
    if outside is None or not bone:
        return None
    crossing = [outside, *bone]
    passages = course.passages
    for mask, path in (
        (passages.tract, LeakPath.NEEDLE_TRACT),
        (passages.cleft, LeakPath.FRACTURE_CLEFT),
        (passages.vein, LeakPath.VEIN),
    ):
        if mask is not None and any(mask.values[voxel] for voxel in crossing):
            return path
    behind = Structure(course.labels[outside])
    if behind.is_foramen:
        return LeakPath.FORAMEN_WALL
    if behind in _WALLS:
        return _WALLS[behind]
    tight = mm2_from_m2(constant("permeability_cortex").high)
    is_cortex = course.permeability_mm2[bone[0]] <= tight
    return LeakPath.INTACT_CORTEX if is_cortex else LeakPath.CORTICAL_DEFECT


def _crossing(start: Voxel, opened_s: float, course: Course) -> tuple[Voxel | None, list[Voxel]]:
    """The last voxel outside the bone on the way back, and the voxels of bone behind it."""
    voxel, seen = start, {start}
    outside: Voxel | None = None
    bone: list[Voxel] = []
    while len(bone) < _BONE_VOXELS:
        if course.labels[voxel] == Structure.SACRUM:
            bone.append(voxel)
        elif not bone:
            outside = voxel
        before = [
            v
            for v in _neighbours(voxel, course.arrival_s.shape)
            if v not in seen and opened_s <= course.arrival_s[v] <= course.arrival_s[voxel]
        ]
        if not before:
            break
        voxel = min(before, key=lambda v: (course.arrival_s[v], v))
        seen.add(voxel)
    return outside, bone


def _neighbours(voxel: Voxel, shape: tuple[int, ...]) -> list[Voxel]:
    found = []
    for axis in range(3):
        for step in (-1, 1):
            moved = list(voxel)
            moved[axis] += step
            if 0 <= moved[axis] < shape[axis]:
                found.append((moved[0], moved[1], moved[2]))
    return found
