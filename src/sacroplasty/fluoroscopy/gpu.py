"""The optional GPU: the same paths from the same poses, if CuPy and an NVIDIA card are there.

Nothing of this package needs it. It is asked for by name, and says so clearly when it is absent.
"""

import importlib
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import EngineMissing
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.gpu_kernel import JosephKernel
from sacroplasty.fluoroscopy.project import require_in_beam
from sacroplasty.fluoroscopy.rays import pixel_points
from sacroplasty.fluoroscopy.stacked import StackedVolume, unstacked
from sacroplasty.geometry import Grid, require_same_frame

_HOW = (
    "Install CuPy for your CUDA (pip install cupy-cuda13x, say) on a machine with an NVIDIA card, "
    "or render on the CPU, which needs nothing."
)


class GpuProjector:
    """`project`, on the GPU. Raises `EngineMissing` when it is made where none can be used."""

    def __init__(self, volume: StackedVolume) -> None:
        self._grid = volume.grid
        self._kernel = JosephKernel(_cupy(), unstacked(volume.along(1)))

    def project(self, pose: CArmPose) -> NDArray[np.float32]:
        """∫ value dl in (the volume's unit × mm), (rows, columns); what `project` gives."""
        require_same_frame(self._grid, pose)
        require_in_beam(self._grid, pose)
        return self._kernel.project(kernel_geometry(self._grid, pose), pose.shape)


def kernel_geometry(grid: Grid, pose: CArmPose) -> NDArray[np.float64]:
    """A pose in the numbers of the kernel, (15,): see `gpu_kernel.CUDA`."""
    at = grid.kji_at(pixel_points(pose, np.array([[0, 0], [1, 0], [0, 1]])))
    parts = (grid.kji_at(pose.source)[0], at[0], at[1] - at[0], at[2] - at[0])
    return np.concatenate([*parts, grid.spacing_kji_mm])


def _cupy() -> ModuleType:
    try:
        cupy = importlib.import_module("cupy")
        devices = int(cupy.cuda.runtime.getDeviceCount())
    except ImportError as missing:
        raise EngineMissing(f"The GPU renderer needs CuPy, which is not here. {_HOW}") from missing
    except Exception as failed:  # CuPy raises its own classes where driver or card is absent
        raise EngineMissing(f"CuPy is here but finds no usable GPU ({failed}). {_HOW}") from failed
    if devices < 1:
        raise EngineMissing(f"CuPy is here but there is no GPU. {_HOW}")
    return cupy
