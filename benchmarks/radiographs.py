"""Radiographs: ours beside plastimatch and RTK, one made-up scan, one pose, one run."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK
from clock import Row, median_seconds
from numpy.typing import NDArray

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy import CArmPose, attenuation_of_hu, expose, with_cement
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume

SHAPE, SPACING_MM = (160, 512, 512), (0.9, 0.9, 2.0)
SOURCE_ISOCENTRE_MM, SOURCE_DETECTOR_MM, PIXELS, PIXEL_MM = 700.0, 1020.0, 512, 0.75
PEERS = Path(__file__).parents[1] / "bench-env" / "bin" / "python"
RTK_SCRIPT = Path(__file__).parent / "peers" / "rtk_radiograph.py"


def made_up_scan() -> CTVolume:
    """An elliptic body of water with a denser core, centred on the origin."""
    grid = Grid.axis_aligned(SHAPE, (-229.95, -229.95, -159.0), SPACING_MM, Frame("1.2.3"))
    y, x = np.meshgrid(*(np.arange(512) * 0.9 - 229.95,) * 2, indexing="ij")
    body = np.where((x / 180) ** 2 + (y / 120) ** 2 < 1, 40, -1000)
    body = np.where((x / 60) ** 2 + ((y - 40) / 30) ** 2 < 1, 400, body)
    hu = np.broadcast_to(body.astype(np.int16), SHAPE).copy()
    hu[100:115, 260:300, 320:350] = 900  # off every axis, so that a flipped picture would show
    return CTVolume(hu, grid, Acquisition("benchmark", "made"))


def ap_pose(frame: Frame) -> CArmPose:
    """512 × 512 pixels of 0.75 mm, 1020 mm from the source, 700 mm to the origin."""
    return CArmPose(
        "ap",
        Points(np.array([0.0, -SOURCE_ISOCENTRE_MM, 0.0]), frame),
        Points(np.array([0.0, SOURCE_DETECTOR_MM - SOURCE_ISOCENTRE_MM, 0.0]), frame),
        np.array([1.0, 0.0, 0.0]),
        np.array([0.0, 0.0, -1.0]),
        (PIXELS, PIXELS),
        PIXEL_MM,
    )


def measure() -> list[Row]:
    """Seconds per picture of each engine; ratios are to our whole picture."""
    ct = made_up_scan()
    pose = ap_pose(ct.frame)
    cement = _blob(ct.frame)
    before = expose(ct, None, pose)
    ours = median_seconds(lambda: expose(ct, None, pose))
    added = median_seconds(
        lambda: with_cement(
            before, cement, CementRecipe.of_constant_viscosity("benchmark", 100.0, 0.3, 1.5)
        )
    )
    rows = [
        Row("radiograph 512², CT 512×512×160: ours, C-arm moved", ours, ours),
        Row("… ours, 20 mm of cement added to a kept picture", added, ours),
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows.append(_plastimatch(ct, Path(folder), ours))
        rows.append(_rtk(ct, before.line_integrals, Path(folder), ours))
    return rows


def _blob(frame: Frame) -> CementField:
    fraction = np.full((20, 20, 20), 0.8, dtype=np.float32)
    grid = Grid.axis_aligned(fraction.shape, (20.0, 30.0, 0.0), (1.0, 1.0, 1.0), frame)
    return CementField(Volume(fraction, grid))


def _plastimatch(ct: CTVolume, folder: Path, ours: float) -> Row:
    name = "… plastimatch drr -i exact (its command reads the scan too)"
    if shutil.which("plastimatch") is None:
        return Row(name, None, ours, "absent: apt-get install plastimatch")
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
    seconds = median_seconds(lambda: subprocess.run(command, check=True, capture_output=True))
    version = subprocess.run(
        ["plastimatch", "--version"], capture_output=True, text=True, check=True
    )
    return Row(name, seconds, ours, version.stdout.strip())


def _rtk(ct: CTVolume, ours_picture: NDArray[np.float32], folder: Path, ours: float) -> Row:
    """RTK's axes: x is the patient's left, y head, z from detector to source."""
    name = "… RTK Joseph on the CPU"
    if not PEERS.exists():
        return Row(name, None, ours, "absent: make bench installs it")
    attenuation = attenuation_of_hu(ct.hu).astype(np.float32)
    dx, dy, dz = ct.grid.spacing_mm
    x0, y0, z0 = ct.grid.origin_mm
    np.savez(
        folder / "scan.npz",
        attenuation_per_mm=np.ascontiguousarray(attenuation.transpose(1, 0, 2)[::-1]),
        spacing_mm=np.array([dx, dz, dy]),
        origin_mm=np.array([x0, z0, -(y0 + dy * (SHAPE[1] - 1))]),
        source_isocentre_mm=SOURCE_ISOCENTRE_MM,
        source_detector_mm=SOURCE_DETECTOR_MM,
        pixels=PIXELS,
        pixel_mm=PIXEL_MM,
    )
    subprocess.run([PEERS, RTK_SCRIPT, folder / "scan.npz", folder / "rtk.npz"], check=True)
    with np.load(folder / "rtk.npz") as theirs:
        picture = theirs["line_integrals"][::-1]
        error = float(np.sqrt(np.mean((picture - ours_picture) ** 2)) / picture.max())
        return Row(name, float(theirs["seconds"]), ours, f"RMS difference {error:.0e} of the peak")
