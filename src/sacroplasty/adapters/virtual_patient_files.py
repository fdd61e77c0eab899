"""A virtual patient on disk: DICOM series, NIfTI volumes and the truth as JSON."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.anatomy import Structure
from sacroplasty.errors import CaseConflict
from sacroplasty.phantom import Sex, VirtualPatient, virtual_uid
from sacroplasty.provenance import software_version

_RESCALE_INTERCEPT = -1024
_DATE, _TIME = "20000101", "120000"  # a fixed moment: the files must not depend on a clock


def write_virtual_patient(patient: VirtualPatient, folder: Path) -> None:
    """Write dicom/, ct.nii.gz, labels.nii.gz (truth on the CT grid) and truth.json into `folder`.

    The same patient gives the same bytes. Raises `CaseConflict` where the folder cannot be written.
    """
    series = folder / "dicom"
    try:
        series.mkdir(parents=True, exist_ok=True)
        write_dicom_series(patient, series)
        (folder / "truth.json").write_text(
            json.dumps(truth_document(patient), indent=2) + "\n", encoding="utf-8"
        )
    except OSError as problem:
        raise CaseConflict(
            f"The virtual patient cannot be written into {folder.name!r} ({problem.strerror}); "
            "choose another folder."
        ) from None
    write_nifti(patient.ct.volume, folder / "ct.nii.gz")
    write_nifti(patient.labels_on_ct, folder / "labels.nii.gz")


def write_dicom_series(patient: VirtualPatient, folder: Path) -> None:
    """One CT Image Storage object per slice, caudal to cranial, named by its position."""
    for k in range(patient.ct.grid.shape[0]):
        _slice(patient, k).save_as(folder / f"ct_{k + 1:04d}.dcm", enforce_file_format=True)


def truth_document(patient: VirtualPatient) -> dict[str, Any]:
    """Request, drawn sizes, frame, foramina and canal (LPS mm), label values: plain JSON."""
    truth = patient.truth
    return {
        "seed": patient.seed,
        "request": patient.request.document(),
        "fracture": patient.fracture.pattern.value,
        "dimensions": dataclasses.asdict(patient.dimensions),
        "labels": {s.label: int(s) for s in Structure},
        "frame_of_reference_uid": patient.ct.frame.uid,
        "scanner_from_sacrum": {
            "rotation": truth.scanner_from_sacrum.rotation.tolist(),
            "translation_mm": truth.scanner_from_sacrum.translation.tolist(),
        },
        "foramina": [
            {
                "level": f.level.value,
                "side": f.side.value,
                "center_lps_mm": f.centre.single.tolist(),
                "radius_mm": f.radius_mm,
                "ventral_mouth_lps_mm": f.ventral_mouth.single.tolist(),
                "dorsal_mouth_lps_mm": f.dorsal_mouth.single.tolist(),
            }
            for f in truth.foramina
        ],
        "canal_lps_mm": truth.canal.xyz.tolist(),
        "software_version": software_version(),
    }


def _slice(patient: VirtualPatient, k: int) -> FileDataset:
    ct, request, seed = patient.ct, patient.request, patient.seed
    instance = UID(virtual_uid(request, seed, f"slice {k}"))
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = instance
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    image.SOPClassUID = CTImageStorage
    image.SOPInstanceUID = instance
    _describe_patient(image, patient)
    _describe_series(image, patient)
    corner = ct.grid.points_at([[k, 0, 0]]).single  # type: ignore[arg-type]
    image.InstanceNumber = k + 1
    image.ImagePositionPatient = [f"{c:.6f}" for c in corner]
    image.SliceLocation = f"{corner[2]:.6f}"
    image.Rows, image.Columns = ct.grid.shape[1:]
    image.PixelSpacing = [f"{ct.grid.spacing_mm[1]:.6f}", f"{ct.grid.spacing_mm[0]:.6f}"]
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, 16, 15
    image.PixelRepresentation = 0
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = _RESCALE_INTERCEPT, 1, "HU"
    image.WindowCenter, image.WindowWidth = 400, 1800
    stored = ct.hu[k].astype("<i4") - _RESCALE_INTERCEPT
    image.PixelData = stored.astype("<u2").tobytes()
    return image


def _describe_patient(image: Dataset, patient: VirtualPatient) -> None:
    name = f"VIRTUAL-{patient.seed}"
    image.SpecificCharacterSet = "ISO_IR 192"
    image.PatientID, image.PatientName = name, f"VIRTUAL^{patient.seed}"
    image.PatientBirthDate = ""
    image.PatientSex = "F" if patient.request.sex is Sex.FEMALE else "M"
    image.PatientAge = f"{patient.request.age_years:03d}Y"
    image.PatientIdentityRemoved = "YES"
    image.DeidentificationMethod = "computer-generated, no person"


def _describe_series(image: Dataset, patient: VirtualPatient) -> None:
    ct = patient.ct
    image.StudyInstanceUID = virtual_uid(patient.request, patient.seed, "study")
    image.SeriesInstanceUID = ct.acquisition.series_uid
    image.FrameOfReferenceUID = ct.frame.uid
    image.PositionReferenceIndicator = ""
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = _DATE
    image.StudyTime = image.SeriesTime = image.AcquisitionTime = image.ContentTime = _TIME
    image.StudyID, image.SeriesNumber, image.AcquisitionNumber = "1", 1, 1
    image.AccessionNumber = image.ReferringPhysicianName = ""
    image.Modality = "CT"
    image.Manufacturer = ct.acquisition.manufacturer
    image.ManufacturerModelName = "virtual patient"
    image.SoftwareVersions = software_version()
    image.StudyDescription = "Virtual pelvis"
    image.SeriesDescription = f"Virtual patient, fracture: {patient.fracture.pattern.value}"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.BurnedInAnnotation = "NO"
    image.BodyPartExamined = "PELVIS"
    image.PatientPosition = ct.acquisition.patient_position
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.SliceThickness = f"{patient.request.scanner.slice_mm:.6f}"
    image.SpacingBetweenSlices = f"{ct.grid.spacing_mm[2]:.6f}"
    image.KVP = f"{ct.acquisition.kvp:.0f}"
    image.ConvolutionKernel = ct.acquisition.kernel
