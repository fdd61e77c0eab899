"""Volumes in files (NIfTI, NRRD, MetaImage): read strictly, written to the same bytes every time."""

from sacroplasty.adapters.volume_files.reading import (
    KNOWN_SUFFIXES,
    VolumeFile,
    open_volume_file,
    read_volume,
    volume_suffix,
)
from sacroplasty.adapters.volume_files.writing import write_nifti

__all__ = [
    "KNOWN_SUFFIXES",
    "VolumeFile",
    "open_volume_file",
    "read_volume",
    "volume_suffix",
    "write_nifti",
]
