"""The front of the volume readers: which format, one sentence for what cannot be read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.volume_files.metaimage_nrrd import read_metaimage_or_nrrd
from sacroplasty.adapters.volume_files.nifti import read_nifti
from sacroplasty.adapters.volume_files.raw_volume import RawVolume
from sacroplasty.errors import BadInput, UnreadableInput
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import place_array

_READERS = {
    ".nii.gz": read_nifti,
    ".nii": read_nifti,
    ".nrrd": read_metaimage_or_nrrd,
    ".nhdr": read_metaimage_or_nrrd,
    ".mha": read_metaimage_or_nrrd,
    ".mhd": read_metaimage_or_nrrd,
}
KNOWN_SUFFIXES = tuple(_READERS)
_MOST_VOXELS = 2**31


@dataclass(frozen=True, eq=False, slots=True)
class VolumeFile:
    """A volume with what the reader had to do to it."""

    volume: Volume[Any]
    notes: tuple[str, ...]


def volume_suffix(path: Path) -> str | None:
    """The known volume suffix that the name ends with (".nii.gz", ".mha"…), or None."""
    name = path.name.lower()
    return next((suffix for suffix in KNOWN_SUFFIXES if name.endswith(suffix)), None)


def read_volume(path: Path, frame: Frame) -> Volume[Any]:
    """The volume in a NIfTI, NRRD or MetaImage file, right-handed in LPS mm, array (k, j, i).

    `frame` is the frame of reference that the caller knows the file to lie in: these formats
    carry none. The file's number type is kept. Voxels may be NaN: who needs numbers checks.
    Raises `UnreadableInput` (missing, unknown, truncated, not 3-D) or `BrokenGeometry` (shear, no
    or contradictory orientation).
    """
    return open_volume_file(path, frame).volume


def open_volume_file(path: Path, frame: Frame) -> VolumeFile:
    """Like `read_volume`, with the reader's notes (a flipped array, a dropped fourth axis)."""
    suffix = volume_suffix(path)
    if suffix is None:
        raise UnreadableInput(
            f"{path.name!r} is not a volume format that is known here; "
            f"known are {', '.join(KNOWN_SUFFIXES)}."
        )
    if not path.is_file():
        raise UnreadableInput(f"There is no file {path.name!r} where it was looked for.")
    if path.stat().st_size == 0:
        raise UnreadableInput(f"{path.name!r} is empty (0 bytes); copy it again.")
    try:
        raw = _squeezed(_READERS[suffix](path, _MOST_VOXELS))
        volume, notes = place_array(raw.values, raw.lps_from_ijk, frame)
    except BadInput as broken:
        raise type(broken)(f"{path.name!r}: {broken}") from None
    return VolumeFile(volume, raw.notes + notes)


def _squeezed(raw: RawVolume) -> RawVolume:
    """The three spatial axes; a fourth of length one is dropped."""
    values, notes = raw.values, raw.notes
    while values.ndim > 3 and values.shape[0] == 1:
        values = values[0]
        notes = (*notes, "dropped a fourth axis of length one")
    if values.ndim != 3:
        raise UnreadableInput(
            f"it has {values.ndim} axes {values.shape[::-1]} and one 3-D volume is needed; "
            "export a single phase."
        )
    if values.dtype.kind not in "iufb":
        raise UnreadableInput(f"its voxels are of type {values.dtype}, not plain numbers.")
    if min(values.shape) < 1:
        raise UnreadableInput(f"it holds no voxels: its shape is {values.shape[::-1]}.")
    native = np.asarray(values, dtype=values.dtype.newbyteorder("="))
    return RawVolume(native, raw.lps_from_ijk, notes)
