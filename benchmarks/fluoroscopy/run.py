"""Time radiographs beside plastimatch in one run, on one made-up scan; prints ratios.

``python benchmarks/fluoroscopy/run.py``. Figures of one run on one machine may be compared with
each other, not with another run's.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy import CArmPose, expose, with_cement
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume

SHAPE, SPACING_MM = (160, 512, 512), (0.9, 0.9, 2.0)
REPEATS = 5


def made_up_scan() -> CTVolume:
    """An elliptic body of water with a denser core, centred on the origin."""
    grid = Grid.axis_aligned(SHAPE, (-229.95, -229.95, -159.0), SPACING_MM, Frame("1.2.3"))
    y, x = np.meshgrid(*(np.arange(512) * 0.9 - 229.95,) * 2, indexing="ij")
    body = np.where((x / 180) ** 2 + (y / 120) ** 2 < 1, 40, -1000)
    body = np.where((x / 60) ** 2 + ((y - 40) / 30) ** 2 < 1, 400, body)
    hu = np.broadcast_to(body.astype(np.int16), SHAPE).copy()
    return CTVolume(hu, grid, Acquisition("benchmark", "made"))


def ap_pose(frame: Frame) -> CArmPose:
    """512 × 512 pixels of 0.75 mm, 1020 mm from the source, 700 mm to the origin."""
    return CArmPose(
        "ap",
        Points(np.array([0.0, -700.0, 0.0]), frame),
        Points(np.array([0.0, 320.0, 0.0]), frame),
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 0.0, -1.0]),
        (512, 512),
        0.75,
    )


def median_seconds(work: Callable[[], object]) -> float:
    """Median of some repeats, after one that compiles."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def plastimatch_seconds(ct: CTVolume, folder: Path) -> float | None:
    """The whole command, reading the scan included, or None where it is absent."""
    if shutil.which("plastimatch") is None:
        return None
    image = SimpleITK.GetImageFromArray(ct.hu)
    image.SetSpacing(ct.grid.spacing_mm)
    image.SetOrigin(ct.grid.origin_mm)
    scan = folder / "ct.mha"
    SimpleITK.WriteImage(image, str(scan))
    command = [
        *("plastimatch", "drr", "-t", "raw", "-i", "exact", "-P", "preprocess"),
        *("--sad", "700", "--sid", "1020", "-r", "512 512", "-z", "384 384", "-c", "255.5 255.5"),
        *("-o", "0 0 0", "-n", "0 -1 0", "--vup", "0 0 1", "-O", str(folder / "drr"), str(scan)),
    ]
    return median_seconds(lambda: subprocess.run(command, check=True, capture_output=True))


def main() -> None:
    """Print one line per engine: seconds and ratio to ours."""
    ct = made_up_scan()
    pose = ap_pose(ct.frame)
    fraction = np.full((20, 20, 20), 0.8, dtype=np.float32)
    blob = Grid.axis_aligned(fraction.shape, (20.0, 30.0, 0.0), (1.0, 1.0, 1.0), ct.frame)
    cement = CementField(Volume(fraction, blob))
    recipe = CementRecipe("benchmark", 100.0, 0.3, 1.5)
    before = expose(ct, None, pose)
    ours = median_seconds(lambda: expose(ct, None, pose))
    with tempfile.TemporaryDirectory() as folder:
        theirs = plastimatch_seconds(ct, Path(folder))
    rows = [
        ("whole picture", ours),
        ("cement on a kept picture", median_seconds(lambda: with_cement(before, cement, recipe))),
        ("plastimatch drr, exact (reads the scan)", theirs),
    ]
    for name, seconds in rows:
        text = "absent" if seconds is None else f"{seconds:8.4f} s   {seconds / ours:7.3f} × ours"
        print(f"{name:42s}{text}")


if __name__ == "__main__":
    main()
