"""NIfTI: the affine that the header vouches for, or a refusal."""

import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from sacroplasty.adapters.volume_files.raw_volume import (
    LPS_FROM_RAS,
    RawVolume,
    refuse_too_many_voxels,
)
from sacroplasty.errors import BrokenGeometry, UnreadableInput

_UNREADABLE = (ImageFileError, HeaderDataError, EOFError, OSError, zlib.error, ValueError)
_FORMS_MAY_DIFFER_VOXELS = 0.1


def read_nifti(path: Path, most_voxels: int) -> RawVolume:
    """The array and its matrix; sform before qform, and both must agree where both are vouched for."""
    try:
        image = nib.load(path)
        header = image.header
        shape = tuple(int(n) for n in image.shape)
    except _UNREADABLE as problem:
        raise UnreadableInput(f"it is not a NIfTI file ({_first_line(problem)}).") from None
    if not isinstance(image, nib.Nifti1Image):
        raise UnreadableInput("it is not a NIfTI file; its header is of another format.")
    refuse_too_many_voxels(shape, most_voxels)
    ras_from_ijk = _vouched_affine(header, shape)
    try:
        values = np.asanyarray(image.dataobj)
    except (*_UNREADABLE, MemoryError) as problem:
        raise UnreadableInput(
            f"its voxels end too early or are damaged ({_first_line(problem)}); copy it again."
        ) from None
    return RawVolume(values.T, LPS_FROM_RAS @ ras_from_ijk)


def _vouched_affine(header: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """RAS from (i, j, k, 1), mm, from whichever form has a code."""
    if (unit := header.get_xyzt_units()[0]) not in ("mm", "unknown"):
        raise BrokenGeometry(f"it counts in {unit}, not mm; convert it first.")
    try:
        sform, sform_code = header.get_sform(coded=True)
        qform, qform_code = header.get_qform(coded=True)
    except HeaderDataError as problem:
        raise BrokenGeometry(f"its qform is invalid ({_first_line(problem)}).") from None
    if not sform_code and not qform_code:
        raise BrokenGeometry(
            "it has neither an sform nor a qform code, so nobody vouches for where its voxels lie "
            "in the patient; export it again with its orientation."
        )
    if sform_code and qform_code:
        _require_forms_agree(np.asarray(sform), np.asarray(qform), shape)
    return np.asarray(sform if sform_code else qform, dtype=np.float64)


def _require_forms_agree(
    sform: NDArray[np.float64], qform: NDArray[np.float64], shape: tuple[int, ...]
) -> None:
    """Raises `BrokenGeometry` where the two forms put a corner voxel in two places."""
    if not (np.isfinite(sform).all() and np.isfinite(qform).all()):
        raise BrokenGeometry("its affine has an entry that is not a finite number.")
    if _is_sheared(sform):
        return  # the caller refuses a shear in its own words
    last = np.asarray((*shape, 1, 1)[:3]) - 1
    bits = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1)
    corners = np.vstack([bits * last[:, None], np.ones((1, 8))])
    apart = np.linalg.norm(((sform - qform) @ corners)[:3], axis=0).max()
    voxel = np.linalg.norm(sform[:3, :3], axis=0).min()
    if apart > _FORMS_MAY_DIFFER_VOXELS * voxel:
        raise BrokenGeometry(
            f"its sform and qform disagree by {apart:.1f} mm, so where the voxels lie in the "
            "patient is unknown; export it again, or remove the form that is wrong."
        )


def _is_sheared(affine: NDArray[np.float64]) -> bool:
    steps = affine[:3, :3]
    lengths = np.linalg.norm(steps, axis=0)
    if lengths.min() <= 0:
        return True
    axes = steps / lengths
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() > 1e-3)


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:160]
