"""Other makers' radiographs of the same scan from the same pose, each in its own process."""

import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.bench.ellipsoids import ELLIPSOIDS
from sacroplasty.fluoroscopy import CArmPose, attenuation_of_hu
from sacroplasty.imaging import CTVolume
from sacroplasty.reference import constant

REPEATS = 1  # after one that warms up; the slowest peers take a minute each
TIMEOUT_S = 900
# Script in benchmarks/peers, name, package whose version is told.
_SCRIPTS = {
    "rtk.py": ("RTK, Joseph", "itk-rtk"),
    "itk_raycast.py": ("ITK ray caster", "itk"),
    "gvxr_peer.py": ("gVirtualXray, software OpenGL, meshes", "gvxr"),
    "nanodrr_peer.py": ("nanodrr", "nanodrr"),
    "diffdrr_peer.py": ("DiffDRR", "diffdrr"),
}


@dataclass(frozen=True, eq=False, slots=True)
class PeerPicture:
    """What a peer made: `line_integrals` like ours, or None and the reason in `settings`.

    seconds, cpu_seconds: per picture, median. peak_mb: its process's own, the scan included.
    """

    name: str
    settings: str
    line_integrals: NDArray[np.float64] | None = None
    seconds: float = float("nan")
    cpu_seconds: float = float("nan")
    peak_mb: float = float("nan")


def peer_pictures(ct: CTVolume, pose: CArmPose, folder: Path | None) -> list[PeerPicture]:
    """Of every peer; `folder` holds their scripts, with their environment in `../../bench-env`."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        pictures = [_plastimatch(ct, pose, here)]
        if folder is None:
            missing = "not asked: name the folder of the peers' scripts (--peers benchmarks/peers)"
            return pictures + [PeerPicture(name, missing) for name, _ in _SCRIPTS.values()]
        _write_scene(ct, pose, here / "scene.npz")
        for script, (name, package) in _SCRIPTS.items():
            pictures.append(_run(folder.resolve() / script, name, package, here))
        return pictures


def _write_scene(ct: CTVolume, pose: CArmPose, path: Path) -> None:
    np.savez(
        path,
        attenuation_per_mm=attenuation_of_hu(ct.hu).astype(np.float32),
        spacing_mm=ct.grid.spacing_mm,
        origin_mm=ct.grid.origin_mm,
        source=pose.source.single,
        detector=pose.detector_centre.single,
        right=pose.right,
        down=pose.down,
        rows=pose.shape[0],
        columns=pose.shape[1],
        pixel_mm=pose.pixel_mm,
        ellipsoids=ELLIPSOIDS,
        water_per_mm=constant("radiograph_water_attenuation").value,
        repeats=REPEATS,
    )


def _run(script: Path, name: str, package: str, here: Path) -> PeerPicture:
    python = script.parents[2] / "bench-env" / "bin" / "python"
    if not python.exists():
        return PeerPicture(name, "absent: `make bench` makes bench-env and installs it")
    made = here / f"{script.stem}.npz"
    command = [python, script, here / "scene.npz", made]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=TIMEOUT_S)
        version = subprocess.run(
            [python, "-c", f"from importlib.metadata import version; print(version({package!r}))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    except subprocess.TimeoutExpired:
        return PeerPicture(name, f"gave up after {TIMEOUT_S} s")
    except subprocess.CalledProcessError as failed:
        said = (failed.stderr or "").strip().splitlines() or ["no word"]
        return PeerPicture(name, f"does not run here: {said[-1][:160]}")
    with np.load(made) as file:
        return PeerPicture(
            f"{name} {version}",
            str(file["settings"]).strip(),
            file["line_integrals"].astype(np.float64),
            float(file["seconds"]),
            float(file["cpu_seconds"]),
            float(file["peak_mb"]),
        )


def _plastimatch(ct: CTVolume, pose: CArmPose, folder: Path) -> PeerPicture:
    """`plastimatch drr`, exact. Only its command can be timed, reading included; its pictures are in
    its own unit, so one factor is fitted."""
    if shutil.which("plastimatch") is None:
        return PeerPicture("plastimatch", "absent: apt-get install plastimatch")
    picture, seconds = plastimatch_picture(ct, pose, folder, REPEATS)
    told = subprocess.run(["plastimatch", "--version"], capture_output=True, text=True, check=True)
    return PeerPicture(
        told.stdout.strip().replace(" version", ""),
        "drr -i exact -P preprocess; time of the whole command, which reads the scan too",
        picture,
        seconds,
    )


def plastimatch_picture(
    ct: CTVolume, pose: CArmPose, folder: Path, repeats: int = 1
) -> tuple[NDArray[np.float64], float]:
    """Its picture, seen as ours is, in its own unit; and the median seconds of the command."""
    image = SimpleITK.GetImageFromArray(ct.hu)
    image.SetSpacing(ct.grid.spacing_mm)
    image.SetOrigin(ct.grid.origin_mm)
    image.SetDirection(ct.grid.direction.ravel().tolist())
    scan = folder / "ct.mha"
    SimpleITK.WriteImage(image, str(scan))
    rows, columns = pose.shape
    beam = pose.detector_centre.single - pose.source.single
    distance = float(np.linalg.norm(beam))
    along = beam / distance
    # It hangs pictures as seen from the source; ours may be seen from the detector.
    mirrored = bool(np.cross(pose.right, pose.down) @ along < 0)
    command = [
        *("plastimatch", "drr", "-t", "raw", "-i", "exact", "-P", "preprocess"),
        *("--sad", repr(distance), "--sid", repr(distance), "-r", f"{rows} {columns}"),
        *("-z", f"{rows * pose.pixel_mm!r} {columns * pose.pixel_mm!r}"),
        *("-c", f"{(rows - 1) / 2!r} {(columns - 1) / 2!r}"),
        *("-o", _numbers(pose.detector_centre.single)),
        *("-n", _numbers(-along), "--vup", _numbers(-pose.down)),
        *("-O", str(folder / "drr"), str(scan)),
    ]
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    (written,) = folder.glob("drr*.raw")
    picture = np.fromfile(written, dtype=np.float32).reshape(rows, columns).astype(np.float64)
    written.unlink()
    return picture[:, ::-1] if mirrored else picture, float(np.median(times))


def _numbers(xyz: NDArray[np.float64]) -> str:
    return " ".join(repr(float(x)) for x in xyz)
