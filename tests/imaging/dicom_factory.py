"""Small DICOM series with a known truth, written with pydicom; each option is one way to be hostile."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
)

ROOT = "1.2.826.0.1.3680043.10.9999"
AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
PATIENT_NAME = "Musterfrau^Erika"


@dataclass
class Series:
    """A CT series: HU (n, rows, columns), and where slice n's first voxel lies."""

    hu: NDArray[np.int16]
    row: tuple[float, float, float] = AXIAL[0]
    column: tuple[float, float, float] = AXIAL[1]
    first_mm: tuple[float, float, float] = (-20.0, -30.0, 100.0)
    step_mm: tuple[float, float, float] | None = None  # between slices; along the normal if None
    spacing_mm: float = 2.0
    pixel_mm: tuple[float, float] = (1.0, 1.5)  # between rows, between columns
    uid: str = f"{ROOT}.1"
    frame_uid: str = f"{ROOT}.9"
    tags: dict[str, Any] = field(default_factory=dict)

    def position(self, n: int) -> NDArray[np.float64]:
        step = np.cross(self.row, self.column) * self.spacing_mm
        if self.step_mm is not None:
            step = np.asarray(self.step_mm)
        return np.asarray(self.first_mm) + n * step

    def slice(self, n: int, **tags: Any) -> FileDataset:
        """Slice n as a dataset; `tags` override any attribute, None deletes it."""
        dataset = _empty(CTImageStorage, f"{self.uid}.{n + 1}")
        _describe(dataset, self.uid, self.frame_uid)
        dataset.InstanceNumber = n + 1
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.AcquisitionNumber = 1
        dataset.ImagePositionPatient = [round(float(x), 6) for x in self.position(n)]
        dataset.ImageOrientationPatient = [round(float(x), 9) for x in (*self.row, *self.column)]
        dataset.PixelSpacing = list(self.pixel_mm)
        dataset.SliceThickness = "5"  # deliberately not the distance between slices
        dataset.RescaleSlope, dataset.RescaleIntercept = "1", "-1024"
        for keyword, value in {**self.tags, **tags}.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        slope, intercept = float(dataset.RescaleSlope), float(dataset.RescaleIntercept)
        _put_pixels(dataset, np.rint((self.hu[n] - intercept) / slope).astype(np.int16))
        return dataset

    def write(self, folder: Path, *, skip: tuple[int, ...] = (), **tags: Any) -> Path:
        """All slices but `skip` into `folder`, one file each."""
        for n in range(len(self.hu)):
            if n not in skip:
                save(self.slice(n, **tags), folder / f"{self.uid[-3:]}-{n:03d}")
        return folder

    def enhanced(self) -> FileDataset:
        """The whole series as one Enhanced CT object; every second frame out of order."""
        dataset = _empty(EnhancedCTImageStorage, f"{self.uid}.77")
        _describe(dataset, self.uid, self.frame_uid)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        measures, value = Dataset(), Dataset()
        measures.PixelSpacing = list(self.pixel_mm)
        value.RescaleSlope, value.RescaleIntercept, value.RescaleType = "1", "-1024", "HU"
        shared = Dataset()
        shared.PixelMeasuresSequence = Sequence([measures])
        shared.PixelValueTransformationSequence = Sequence([value])
        dataset.SharedFunctionalGroupsSequence = Sequence([shared])
        order = [*range(0, len(self.hu), 2), *range(1, len(self.hu), 2)]
        dataset.PerFrameFunctionalGroupsSequence = Sequence([self._frame(n) for n in order])
        _put_pixels(dataset, (self.hu[order] + 1024).astype(np.int16))
        dataset.NumberOfFrames = len(self.hu)
        return dataset

    def _frame(self, n: int) -> Dataset:
        place, turn, content, frame = Dataset(), Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [float(x) for x in self.position(n)]
        turn.ImageOrientationPatient = [*self.row, *self.column]
        content.FrameAcquisitionNumber = 1
        frame.PlanePositionSequence = Sequence([place])
        frame.PlaneOrientationSequence = Sequence([turn])
        frame.FrameContentSequence = Sequence([content])
        return frame


def save(dataset: Dataset, file: Path) -> Path:
    """Write one object whatever its name, in its own byte order."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file


def big_endian(dataset: FileDataset) -> FileDataset:
    """The same object in the retired big-endian transfer syntax."""
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    stored = np.frombuffer(dataset.PixelData, "<i2")
    dataset.PixelData = stored.astype(">i2").tobytes()
    return dataset


def noise(shape: tuple[int, int, int] = (8, 12, 10), seed: int = 1) -> NDArray[np.int16]:
    """HU-like voxels, all different in practice, so that any mix-up shows."""
    return np.random.default_rng(seed).integers(-1000, 1500, shape).astype(np.int16)


def _empty(sop_class: str, uid: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = pydicom.uid.UID(sop_class)
    meta.MediaStorageSOPInstanceUID = pydicom.uid.UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uid
    return dataset


def _describe(dataset: Dataset, series: str, frame: str) -> None:
    dataset.PatientID, dataset.PatientName = "P-4711", PATIENT_NAME
    dataset.PatientBirthDate = "19480229"
    dataset.Modality, dataset.Manufacturer = "CT", "Factory"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{ROOT}.5", series
    dataset.FrameOfReferenceUID, dataset.SeriesNumber = frame, 1
    dataset.SeriesDescription, dataset.ConvolutionKernel = "Pelvis bone", "B60"
    dataset.PatientPosition = "HFS"


def _put_pixels(dataset: Dataset, stored: NDArray[np.int16]) -> None:
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 1
    dataset.PixelData = stored.astype("<i2").tobytes()
