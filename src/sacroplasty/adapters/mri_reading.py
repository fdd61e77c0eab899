"""The one way in for an MRI, whatever it is stored in."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from sacroplasty.adapters.dicom_series import read_dicom_mr
from sacroplasty.adapters.volume_files import open_volume_file, volume_suffix
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import Acquisition, MRVolume, ReadOptions, in_patient_order, whole_signal
from sacroplasty.provenance import digest

__all__ = ["read_mri"]

_UNPLACED = Frame("not-yet-known")


def read_mri(path: Path, options: ReadOptions | None = None) -> MRVolume:
    """An MRI (STIR, T2) from a DICOM folder, zip or file, or a NIfTI, NRRD or MetaImage volume.

    As strict about geometry as `read_ct`: no gaps, no shear, one series, one patient; errors as
    there. Signal beyond 16 bits or in fractions is scaled as a whole, and noted. A volume file
    carries no frame of reference: its frame is named after its content.
    """
    options = options or ReadOptions()
    if path.is_dir() or volume_suffix(path) is None:
        return read_dicom_mr(path, options)
    if options != ReadOptions():
        raise BadUsage(
            f"A series or acquisition is chosen in DICOM input; {path.name!r} is a single volume."
        )
    file = open_volume_file(path, _UNPLACED)
    try:
        signal, notes = whole_signal(file.volume.values)
    except UnreadableInput as broken:
        raise UnreadableInput(f"{path.name!r}: {broken}") from None
    grid = file.volume.grid
    source = digest(signal, grid.origin_mm, grid.spacing_mm, grid.direction)
    named = replace(grid, frame=Frame(f"file:{source[:32]}"))
    ordered = in_patient_order(Volume(signal, named))
    acquisition = Acquisition(
        source_digest=source,
        source_format=(volume_suffix(path) or "").lstrip("."),
        notes=(*file.notes, *notes),
    )
    return MRVolume(np.ascontiguousarray(ordered.values), ordered.grid, acquisition)
