"""The one way in for a CT, whatever it is stored in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.dicom_series import read_dicom_ct
from sacroplasty.adapters.volume_files import open_volume_file, volume_suffix
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import (
    AIR_HU,
    Acquisition,
    CTVolume,
    ReadOptions,
    in_patient_order,
    require_hounsfield_like,
)
from sacroplasty.provenance import digest

__all__ = ["ReadOptions", "read_ct"]

_MOST_HU = 32767
_UNPLACED = Frame("not-yet-known")


def read_ct(path: Path, options: ReadOptions | None = None) -> CTVolume:
    """A CT from a DICOM folder, zip or file, or from a NIfTI, NRRD or MetaImage volume.

    Array axes are ordered towards left, posterior, superior (an oblique scan stays oblique).
    Raises `UnreadableInput` (no CT, damaged, not Hounsfield units), `AmbiguousSeries` (lists the
    choices), `BrokenGeometry` (tilt, gaps, shear, duplicates; names the repair), `MixedPatients`
    and `BadUsage` (a choice that does not exist). A volume file carries no frame of reference:
    its frame is named after its content.
    """
    options = options or ReadOptions()
    if path.is_dir() or volume_suffix(path) is None:
        return read_dicom_ct(path, options)
    if options != ReadOptions():
        raise BadUsage(
            "--series, --acquisition, --repair-tilt and --repair-gaps apply to DICOM input; "
            f"{path.name!r} is a single volume."
        )
    return _from_volume_file(path)


def _from_volume_file(path: Path) -> CTVolume:
    file = open_volume_file(path, _UNPLACED)
    volume = file.volume
    hu = _whole_hounsfield(volume.values, path.name)
    notes = (*file.notes, *require_hounsfield_like(hu))
    if min(volume.grid.shape) < 3:
        raise UnreadableInput(
            f"{path.name!r} is {volume.grid.shape} voxels: too few slices to be a volume."
        )
    grid = volume.grid
    source = digest(hu, grid.origin_mm, grid.spacing_mm, grid.direction)
    named = replace(grid, frame=Frame(f"file:{source[:32]}"))
    ordered = in_patient_order(Volume(hu, named))
    acquisition = Acquisition(
        source_digest=source, source_format=(volume_suffix(path) or "").lstrip("."), notes=notes
    )
    return CTVolume(np.ascontiguousarray(ordered.values), ordered.grid, acquisition)


def _whole_hounsfield(values: NDArray[Any], name: str) -> NDArray[np.int16]:
    """Any number type as int16 HU; nothing is thinner than air."""
    if values.dtype.kind == "f" and (bad := int(np.count_nonzero(~np.isfinite(values)))):
        raise UnreadableInput(
            f"{name!r}: {bad:,} of {values.size:,} voxels are not finite numbers (NaN); replace "
            f"them by {AIR_HU} HU if they are background, or export the CT again."
        )
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    return np.clip(rounded, AIR_HU, _MOST_HU).astype(np.int16)
