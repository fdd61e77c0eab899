"""How fast, how right and how large: our own pictures of the ellipsoid pelvis."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numba import get_num_threads, set_num_threads
from numpy.typing import NDArray

from sacroplasty.bench.ellipsoids import ellipsoid_paths
from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy import CArmPose, LiveFluoroscopy
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import Needle, NeedleGauge
from sacroplasty.reference import constant

# Beams of the views, LPS: names only, no anatomy in an ellipsoid pelvis.
BEAMS = {
    "AP": (0.0, 1.0, 0.0),
    "lateral": (1.0, 0.0, 0.0),
    "outlet": (0.0, 1.0, 0.7),
    "inlet": (0.0, 1.0, -1.2),
    "oblique 30°": (0.5, 0.87, 0.3),
}
SOURCE_MM, BEHIND_MM, PIXELS, PIXEL_MM = 700.0, 320.0, 512, 0.75
REPEATS = 9
_STEPS = 2 * REPEATS + 2  # each is seen once: timed twice, warmed up, and one before
_RECIPE = CementRecipe.of_constant_viscosity("benchmark", 100.0, 0.3, 1.5)


@dataclass(frozen=True, slots=True)
class Timing:
    """Median wall and process seconds of something done again and again."""

    name: str
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, eq=False, slots=True)
class FluoroscopyCase:
    """Ours. errors: RMS over peak against the closed form, per view; ap: its line integrals."""

    threads: int
    moved: tuple[Timing, ...]
    coarse: Timing
    cement: Timing
    needle: Timing
    first: Timing
    errors: dict[str, float]
    kept_mb: float
    peak_mb: float | None
    ap: NDArray[np.float64]

    @property
    def slowest(self) -> Timing:
        """The view that takes the longest."""
        return max(self.moved, key=lambda timing: timing.wall_s)


def bench_pose(
    beam: tuple[float, float, float], frame: Frame, centre: NDArray[np.float64] | None = None
) -> CArmPose:
    """512 × 512 pixels of 0.75 mm, source 700 mm before the isocentre, detector 320 mm behind."""
    middle = np.zeros(3) if centre is None else centre
    way = np.asarray(beam) / np.linalg.norm(beam)
    head = np.array([0.0, 0.0, 1.0]) if abs(way[2]) < 0.9 else np.array([0.0, -1.0, 0.0])
    right = np.cross(way, head)
    right /= np.linalg.norm(right)
    return CArmPose(
        "bench",
        Points(middle - SOURCE_MM * way, frame),
        Points(middle + BEHIND_MM * way, frame),
        right,
        np.cross(way, right),
        (PIXELS, PIXELS),
        PIXEL_MM,
    )


def measure_fluoroscopy(ct: CTVolume) -> FluoroscopyCase:
    """Everything that is ours, in this process."""
    live = LiveFluoroscopy(ct, _RECIPE)
    _forget_peak()
    before = _resident_mb("VmRSS")
    first = _timed("every stack made", live.prepare, repeats=1)
    poses = {name: bench_pose(beam, ct.frame) for name, beam in BEAMS.items()}
    per_mm = constant("radiograph_water_attenuation").value / 1000.0
    moved, errors, ap = [], {}, np.zeros(0)
    for name, pose in poses.items():
        moved.append(_timed(name, partial(live.move_to, pose)))
        exact = ellipsoid_paths(pose) * per_mm
        error = live.picture.line_integrals - exact
        errors[name] = float(np.sqrt((error**2).mean()) / exact.max())
        if name == "AP":
            ap = live.picture.line_integrals.astype(np.float64)
    coarse = _timed("coarse", lambda: next(live.moving_to(poses["lateral"])))
    live.move_to(poses["AP"])
    cement, needle = _growing(live, ct.frame), _advancing(live, ct.frame)
    peak = _resident_mb("VmHWM")
    return FluoroscopyCase(
        get_num_threads(),
        tuple(moved),
        coarse,
        cement,
        needle,
        first,
        errors,
        live.kept_bytes / 2**20,
        None if peak is None or before is None else peak - before,
        ap,
    )


def _growing(live: LiveFluoroscopy, frame: Frame) -> Timing:
    """A ball of cement up to 20 mm across, growing in a field of 100 × 80 × 80 mm."""
    grid = Grid.axis_aligned((80, 80, 100), (-10.0, 0.0, -25.0), (1.0, 1.0, 1.0), frame)
    k, j, i = (np.arange(n) - n / 2 for n in grid.shape)
    away = np.sqrt(k[:, None, None] ** 2 + j[:, None] ** 2 + i**2)
    radii = iter(np.linspace(5.0, 10.0, _STEPS))

    def grown() -> CementField:
        fraction = 0.8 * np.clip(next(radii) - away, 0.0, 1.0)
        return CementField(Volume(fraction.astype(np.float32), grid))

    fields = iter([grown() for _ in range(_STEPS)])
    live.see_cement(next(fields))
    return _timed("cement", lambda: live.see_cement(next(fields)))


def _advancing(live: LiveFluoroscopy, frame: Frame) -> Timing:
    """An 11 G needle of 100 mm, one step further each time."""
    steps = iter(
        Needle(
            Points.at([40.0, 110.0 - n, 20.0], frame),
            Points.at([30.0, 12.0 - n, 15.0], frame),
            NeedleGauge.of(11),
        )
        for n in range(_STEPS)
    )
    return _timed("needle", lambda: live.see_needles([next(steps)]))


def _timed(name: str, work: Callable[[], object], repeats: int = REPEATS) -> Timing:
    """Medians: wall with all threads after one warm-up, process time with one thread.

    What can be done once only is done once, and its process time counts all threads.
    """
    if repeats == 1:
        began = time.perf_counter(), time.process_time()
        work()
        return Timing(name, time.perf_counter() - began[0], time.process_time() - began[1])
    work()
    wall = [_seconds(work, time.perf_counter) for _ in range(repeats)]
    threads = get_num_threads()
    set_num_threads(1)
    cpu = [_seconds(work, time.process_time) for _ in range(repeats)]
    set_num_threads(threads)
    return Timing(name, float(np.median(wall)), float(np.median(cpu)))


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began


def _forget_peak() -> None:
    """Linux: let the high-water mark of this process start anew."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


def _resident_mb(field: str) -> float | None:
    """VmRSS or VmHWM of this process; None where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text(encoding="ascii").splitlines():
        if line.startswith(field):
            return float(line.split()[1]) / 1024
    return None
