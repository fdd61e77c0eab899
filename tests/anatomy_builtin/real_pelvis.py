"""Real scans as `CTVolume`, and overlap with reference masks."""

from pathlib import Path

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume


def read(path: Path) -> SimpleITK.Image:
    """A NIfTI file, or a folder of DICOM slices, with axes along LPS."""
    if path.is_dir():
        folder = next(path.rglob("*.dcm")).parent
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
        return SimpleITK.DICOMOrient(reader.Execute(), "LPS")
    return SimpleITK.DICOMOrient(SimpleITK.ReadImage(str(path)), "LPS")


def ct_of(image: SimpleITK.Image) -> CTVolume:
    """An LPS image as a CT."""
    hu = np.clip(SimpleITK.GetArrayFromImage(image), -1024, 32767).astype(np.int16)
    grid = Grid.axis_aligned(hu.shape, image.GetOrigin(), image.GetSpacing(), Frame("1.2.3"))
    return CTVolume(hu, grid, Acquisition("0" * 64, "test"))


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Overlap of two masks, 0 to 1."""
    return float(2 * (a & b).sum() / max(int(a.sum() + b.sum()), 1))
