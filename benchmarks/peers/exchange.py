"""What every peer is given and what it gives back; imported by the scripts beside it.

Given: attenuation in 1/mm (k, j, i) with LPS axes, spacing and origin (x, y, z) in mm, source,
detector centre, right and down (LPS), rows, columns and the pixel's edge. Back: line integrals,
seconds of the repeats' median, peak memory and the settings in words.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scene:
    """One scan and one pose."""

    attenuation_per_mm: NDArray[np.float32]
    spacing_mm: NDArray[np.float64]
    origin_mm: NDArray[np.float64]
    source: NDArray[np.float64]
    detector: NDArray[np.float64]
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    rows: int
    columns: int
    pixel_mm: float
    ellipsoids: NDArray[np.float64]
    water_per_mm: float
    repeats: int

    @property
    def beam(self) -> NDArray[np.float64]:
        """Unit vector from source to detector centre."""
        way = self.detector - self.source
        return way / np.linalg.norm(way)

    @property
    def distance_mm(self) -> float:
        """Source to detector centre."""
        return float(np.linalg.norm(self.detector - self.source))


def read_scene() -> Scene:
    """From the file named first on the command line."""
    with np.load(sys.argv[1]) as file:
        return Scene(
            *(file[name] for name in ("attenuation_per_mm", "spacing_mm", "origin_mm")),
            *(file[name] for name in ("source", "detector", "right", "down")),
            *(int(file[name]) for name in ("rows", "columns")),
            float(file["pixel_mm"]),
            file["ellipsoids"],
            float(file["water_per_mm"]),
            int(file["repeats"]),
        )


def report(render: Callable[[], NDArray[np.floating]], repeats: int, settings: str) -> None:
    """Render once to warm up, then time; write to the file named second on the command line."""
    picture = render()
    wall, cpu = [], []
    for _ in range(repeats):
        began = time.perf_counter(), time.process_time()
        picture = render()
        wall.append(time.perf_counter() - began[0])
        cpu.append(time.process_time() - began[1])
    np.savez(
        sys.argv[2],
        line_integrals=np.asarray(picture, dtype=np.float32),
        seconds=np.median(wall),
        cpu_seconds=np.median(cpu),
        peak_mb=peak_mb(),
        settings=settings,
    )


def peak_mb() -> float:
    """High-water mark of this process alone; what its parent held before does not count."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
