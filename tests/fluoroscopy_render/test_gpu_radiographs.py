"""The optional GPU: absent it says so; its kernel, run ray by ray on a stand-in, is Joseph's sum."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sacroplasty.errors import EngineMissing
from sacroplasty.fluoroscopy import StackedVolume
from sacroplasty.fluoroscopy.gpu import GpuProjector, kernel_geometry
from sacroplasty.fluoroscopy.gpu_kernel import CUDA
from sacroplasty.fluoroscopy.joseph import joseph_projection
from sacroplasty.fluoroscopy.stacked import unstacked
from xray_room import patient, pose_along, turned_about

# CUDA's words in C++, and a loop over all threads instead of a card.
SHIM = """
#include <cmath>
#include <algorithm>
using std::max; using std::min;
struct Where { int x, y; };
static Where blockIdx, threadIdx, blockDim = {1, 1};
#define __global__
"""
LOOP = """
extern "C" void all_threads(const unsigned short* values, const int* shape, const double* geometry,
                            float* picture, int rows, int columns)
{
    for (blockIdx.y = 0; blockIdx.y < rows; ++blockIdx.y)
        for (blockIdx.x = 0; blockIdx.x < columns; ++blockIdx.x)
            joseph(values, shape, geometry, picture, rows, columns);
}
"""


def gpu_is_here() -> bool:
    try:
        GpuProjector(StackedVolume.of_scan(patient()))
    except EngineMissing:
        return False
    return True


@pytest.mark.skipif(gpu_is_here(), reason="a GPU is here")
def test_without_a_gpu_the_way_out_is_named() -> None:
    with pytest.raises(EngineMissing, match="render on the CPU") as refused:
        GpuProjector(StackedVolume.of_scan(patient()))
    assert refused.value.exit_code == 4


@pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ to build the stand-in with")
@pytest.mark.parametrize("turn", [None, turned_about((0.3, -0.5, 0.8), 0.6)])
def test_the_kernel_is_josephs_sum(tmp_path: Path, turn: np.ndarray | None) -> None:
    (tmp_path / "kernel.cpp").write_text(SHIM + CUDA + LOOP, encoding="ascii")
    library = tmp_path / "kernel.so"
    subprocess.run(
        ["g++", "-O1", "-shared", "-fPIC", "-o", library, tmp_path / "kernel.cpp"], check=True
    )
    run = ctypes.CDLL(str(library)).all_threads
    ct = patient(turn)
    values = np.ascontiguousarray(unstacked(StackedVolume.of_scan(ct).along(1)))
    shape = np.array(values.shape, dtype=np.int32)
    for beam in [(0, 1, 0), (1, 0.1, 0), (0.1, 0.2, 1), (-0.8, 1, 0.3)]:
        pose = pose_along(beam, shape=(40, 48), pixel_mm=2.5)
        geometry = kernel_geometry(ct.grid, pose)
        picture = np.zeros(pose.shape, dtype=np.float32)
        pointers = [
            ctypes.c_void_p(array.ctypes.data) for array in (values, shape, geometry, picture)
        ]
        run(*pointers, *map(ctypes.c_int, pose.shape))
        slow = joseph_projection(values, ct.grid, pose, (0, 40, 0, 48))
        np.testing.assert_allclose(picture, slow, atol=2e-5 * slow.max())
