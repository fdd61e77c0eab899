"""Placing an array in the patient: the one door from a file's matrix to a right-handed grid."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BrokenGeometry
from sacroplasty.geometry import Frame, Grid, Volume

# A file's axes may be off a right angle by rounding. What matters is how far a voxel would move.
_TOLERATED_SHIFT_VOXELS = 0.1

Scalar = TypeVar("Scalar", bound=np.generic)


def place_array(
    values: NDArray[Scalar], lps_from_ijk: NDArray[np.float64], frame: Frame
) -> tuple[Volume[Scalar], tuple[str, ...]]:
    """A right-handed volume from an array (k, j, i) and its 4×4 matrix, and notes on what was done.

    `lps_from_ijk` takes the homogeneous index (i, j, k, 1) to LPS mm. A left-handed array is
    flipped along k, once; every voxel keeps its place in the patient. Raises `BrokenGeometry` for
    a matrix that is not finite, flat or sheared by more than a tenth of a voxel at any corner.
    """
    if not np.isfinite(lps_from_ijk).all():
        raise BrokenGeometry(
            "The file's affine has an entry that is not a finite number; export it again."
        )
    notes: tuple[str, ...] = ()
    steps, origin = lps_from_ijk[:3, :3], lps_from_ijk[:3, 3]
    if np.linalg.det(steps) < 0:
        origin = origin + steps[:, 2] * (values.shape[0] - 1)
        steps = steps * np.array([1.0, 1.0, -1.0])
        values = values[::-1]
        notes = ("flipped the left-handed voxel array along its slices; no voxel moved",)
    spacing = np.linalg.norm(steps, axis=0)
    if spacing.min() <= 0 or abs(np.linalg.det(steps)) < 1e-6 * np.prod(spacing):
        raise BrokenGeometry("The file's affine is flat: two of its voxel axes coincide.")
    direction = _right_angled(steps / spacing, spacing, values.shape)
    grid = Grid(values.shape, tuple(origin), tuple(spacing), direction, frame)
    return Volume(values, grid), notes


def _right_angled(
    axes: NDArray[np.float64], spacing: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """The rotation nearest to `axes`, or `BrokenGeometry` if it would move a voxel."""
    left, _, right = np.linalg.svd(axes)
    rotation = np.asarray(left @ right)
    extent_mm = spacing * (np.asarray(shape[::-1]) - 1)
    signs = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1)
    moved = np.linalg.norm((axes - rotation) @ (signs * extent_mm[:, None]), axis=0).max()
    if moved > _TOLERATED_SHIFT_VOXELS * spacing.min():
        worst = np.abs(axes.T @ axes - np.eye(3)).max()
        raise BrokenGeometry(
            f"The file's affine is sheared: two voxel axes are {np.degrees(np.arcsin(worst)):.1f}° "
            "off a right angle (a gantry tilt that was never corrected). Start from the DICOM "
            "series with --repair-tilt, or resample the volume to a straight grid."
        )
    exact = np.allclose(axes, rotation, atol=1e-12, rtol=0)
    return axes if exact else rotation
