"""NIfTI out: the same volume always gives the same bytes, and never half of them."""

import gzip
import io
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.volume_files.raw_volume import LPS_FROM_RAS
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Volume

_SCANNER_COORDINATES = 1
_COMPRESSION = 3  # CT noise hardly shrinks further, and 6 takes three times as long
_NIFTI_TYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")


def write_nifti(volume: Volume[Any], path: Path) -> None:
    """Write `volume` to a .nii or .nii.gz file, axes as they are, affine in NIfTI's RAS mm.

    The number type is kept (a mask becomes uint8). Same volume, same bytes: no time and no name
    goes into the file. It is written under a temporary name in the same folder and renamed.
    NIfTI stores positions as float32: a grid read back may differ by some 1e-5 mm.
    """
    values = volume.values
    if values.dtype == np.bool_:
        values = values.view(np.uint8)
    if values.dtype.str[1:] not in _NIFTI_TYPES:
        raise BadInput(f"NIfTI cannot hold voxels of type {values.dtype}.")
    image = nib.Nifti1Image(values.T, LPS_FROM_RAS @ _lps_from_ijk(volume.grid), dtype=values.dtype)
    image.set_sform(image.affine, code=_SCANNER_COORDINATES)
    image.set_qform(image.affine, code=_SCANNER_COORDINATES)
    image.header.set_xyzt_units("mm", "sec")
    content = image.to_bytes()
    if path.name.lower().endswith(".nii.gz"):
        content = _gzipped(content)
    elif not path.name.lower().endswith(".nii"):
        raise BadInput(f"{path.name!r} must end with .nii or .nii.gz.")
    write_for_a_person(path, content)


def _lps_from_ijk(grid: Grid) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = grid.direction * np.asarray(grid.spacing_mm)
    matrix[:3, 3] = grid.origin_mm
    return matrix


def _gzipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", _COMPRESSION, buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()
