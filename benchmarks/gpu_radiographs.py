"""Radiographs on a GPU against those of the CPU, in two steps that may run on two machines.

``python benchmarks/gpu_radiographs.py write scene.npz`` (here, with this package) writes the
ellipsoid CT, five poses and the CPU's and the closed form's pictures. On the machine with the card,
with Python, NumPy and CuPy only:

``python benchmarks/gpu_radiographs.py run scene.npz src/sacroplasty/fluoroscopy/gpu_kernel.py``

prints one JSON document: milliseconds per picture and errors against both.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np

REPEATS = 50
LOOKED_AT = 4  # the closed form and the CPU's picture are compared on every fourth row and column


def write(path: Path) -> None:
    """The scene, compressed: a few MB."""
    from sacroplasty.bench import BEAMS, bench_pose, ellipsoid_scan
    from sacroplasty.bench.ellipsoids import ellipsoid_paths
    from sacroplasty.fluoroscopy import StackedVolume, project
    from sacroplasty.fluoroscopy.gpu import kernel_geometry
    from sacroplasty.fluoroscopy.stacked import unstacked

    ct = ellipsoid_scan()
    volume = StackedVolume.of_scan(ct)
    poses = [bench_pose(beam, ct.frame) for beam in BEAMS.values()]
    every = np.s_[::LOOKED_AT, ::LOOKED_AT]
    np.savez_compressed(
        path,
        values=unstacked(volume.along(1)),
        geometry=np.stack([kernel_geometry(ct.grid, pose) for pose in poses]),
        names=np.array(list(BEAMS)),
        shape=np.array(poses[0].shape),
        cpu=np.stack([project(volume, pose)[every] for pose in poses]),
        exact=np.stack([ellipsoid_paths(pose)[every] for pose in poses]).astype(np.float32),
    )
    print(path, f"{path.stat().st_size / 2**20:.1f} MiB")


def run(path: Path, kernel_file: Path) -> None:
    """On the GPU."""
    import cupy

    spec = importlib.util.spec_from_file_location("gpu_kernel", kernel_file)
    if spec is None or spec.loader is None:
        sys.exit(f"{kernel_file} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(path) as file:
        scene = {name: file[name] for name in file.files}
    began = time.perf_counter()
    kernel = module.JosephKernel(cupy, scene["values"])
    shape = (int(scene["shape"][0]), int(scene["shape"][1]))
    kernel.project(scene["geometry"][0], shape)
    rows = {"ready_s": time.perf_counter() - began, "views": []}
    for n, name in enumerate(scene["names"].tolist()):
        geometry = scene["geometry"][n]
        picture = kernel.project(geometry, shape)[::LOOKED_AT, ::LOOKED_AT]
        start, stop = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        for _ in range(REPEATS):
            kernel.on_device(geometry, shape)
        stop.record()
        stop.synchronize()
        began = time.perf_counter()
        for _ in range(REPEATS):
            kernel.project(geometry, shape)
        brought = (time.perf_counter() - began) / REPEATS
        peak = float(scene["exact"][n].max())
        off = {
            f"rms_to_{other}_of_peak": float(
                np.sqrt(((picture - scene[other][n]) ** 2).mean()) / peak
            )
            for other in ("cpu", "exact")
        }
        worst = float(np.abs(picture - scene["cpu"][n]).max() / peak)
        rows["views"].append(
            {
                "view": name,
                "ms_on_device": cupy.cuda.get_elapsed_time(start, stop) / REPEATS,
                "ms_with_copy_back": 1e3 * brought,
                "worst_to_cpu_of_peak": worst,
                **off,
            }
        )
    properties = cupy.cuda.runtime.getDeviceProperties(0)
    rows.update(card=properties["name"].decode(), cupy=cupy.__version__, numpy=np.__version__)
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["run"]:
        run(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(__doc__)
