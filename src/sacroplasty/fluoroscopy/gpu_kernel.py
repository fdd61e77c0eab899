"""Joseph's sum, one GPU thread per ray. Needs numpy and the CuPy that it is handed, nothing else.

The same interpolation as `joseph`: along the axis on which a ray crosses the most slices the value
is read bilinearly in each slice between source and pixel, zero outside, and the sum is multiplied
by the length between slices. Positions start in double precision and go on in single.
"""

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = (32, 8)

# geometry: source, first pixel, step down, step right (voxel indices k, j, i), spacing (mm k, j, i).
CUDA = r"""
extern "C" __global__ void joseph(const unsigned short* values, const int* shape,
                                  const double* geometry, float* picture, int rows, int columns)
{
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    int row = blockIdx.y * blockDim.y + threadIdx.y;
    if (row >= rows || column >= columns) return;
    const double *source = geometry, *first = geometry + 3, *down = geometry + 6;
    const double *right = geometry + 9, *spacing = geometry + 12;
    double ray[3], squares = 0.0;
    int p = 0;
    for (int axis = 0; axis < 3; ++axis) {
        ray[axis] = first[axis] + row * down[axis] + column * right[axis] - source[axis];
        squares += ray[axis] * spacing[axis] * ray[axis] * spacing[axis];
        if (fabs(ray[axis]) > fabs(ray[p])) p = axis;
    }
    int a = (p + 1) % 3, b = (p + 2) % 3;
    long long steps[3] = {(long long)shape[1] * shape[2], shape[2], 1};
    double end = source[p] + ray[p];
    int begin = max(0, (int)ceil(fmin(source[p], end)));
    int stop = min(shape[p], (int)floor(fmax(source[p], end)) + 1);
    double t = (begin - source[p]) / ray[p];
    float x0 = (float)(source[a] + t * ray[a]), y0 = (float)(source[b] + t * ray[b]);
    float dx = (float)(ray[a] / ray[p]), dy = (float)(ray[b] / ray[p]);
    float total = 0.0f;
    for (int n = begin; n < stop; ++n) {
        float x = x0 + (n - begin) * dx, y = y0 + (n - begin) * dy;
        int ix = (int)floorf(x), iy = (int)floorf(y);
        if (ix < -1 || iy < -1 || ix >= shape[a] || iy >= shape[b]) continue;
        float fx = x - ix, fy = y - iy;
        const unsigned short* slice = values + n * steps[p];
        bool left = ix >= 0, more = ix + 1 < shape[a], upper = iy >= 0, lower = iy + 1 < shape[b];
        long long at = ix * steps[a] + iy * steps[b];
        float v00 = left && upper ? slice[at] : 0.0f;
        float v10 = more && upper ? slice[at + steps[a]] : 0.0f;
        float v01 = left && lower ? slice[at + steps[b]] : 0.0f;
        float v11 = more && lower ? slice[at + steps[a] + steps[b]] : 0.0f;
        total += (v00 * (1 - fx) + v10 * fx) * (1 - fy) + (v01 * (1 - fx) + v11 * fx) * fy;
    }
    picture[row * columns + column] = total * (float)(sqrt(squares) / fabs(ray[p]));
}
"""


class JosephKernel:
    """A volume on the GPU, ready for any pose."""

    def __init__(self, cupy: ModuleType, values: NDArray[np.uint16]) -> None:
        """values (k, j, i), copied to the device once."""
        self._cupy: Any = cupy
        self._values = self._cupy.asarray(np.ascontiguousarray(values, dtype=np.uint16))
        self._shape = self._cupy.asarray(np.array(values.shape, dtype=np.int32))
        self._kernel = self._cupy.RawKernel(CUDA, "joseph")

    def on_device(self, geometry: NDArray[np.float64], shape: tuple[int, int]) -> Any:
        """The picture (rows, columns) float32, left on the device; geometry (15,) as in `CUDA`."""
        rows, columns = shape
        picture = self._cupy.empty(shape, dtype=np.float32)
        grid = (-(-columns // _BLOCK[0]), -(-rows // _BLOCK[1]))
        numbers = self._cupy.asarray(np.asarray(geometry, dtype=np.float64))
        self._kernel(
            grid,
            _BLOCK,
            (self._values, self._shape, numbers, picture, np.int32(rows), np.int32(columns)),
        )
        return picture

    def project(self, geometry: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float32]:
        """The same, brought back."""
        return np.asarray(self._cupy.asnumpy(self.on_device(geometry, shape)), dtype=np.float32)
