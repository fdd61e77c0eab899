"""What a virtual patient writes, read back by independent software."""

import hashlib
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
import SimpleITK
from made_patients import made

from sacroplasty.adapters.virtual_patient_files import write_virtual_patient
from sacroplasty.phantom import VirtualPatient, make_virtual_patient


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    return made()


def test_dicom_series_read_by_simpleitk_is_the_ct(patient: VirtualPatient, tmp_path: Path) -> None:
    write_virtual_patient(patient, tmp_path)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path / "dicom")))
    image = reader.Execute()
    assert np.array_equal(SimpleITK.GetArrayFromImage(image), patient.ct.hu)
    assert np.allclose(image.GetOrigin(), patient.ct.grid.origin_mm, atol=1e-5)
    assert np.allclose(image.GetSpacing(), patient.ct.grid.spacing_mm, atol=1e-5)
    first = pydicom.dcmread(tmp_path / "dicom" / "ct_0001.dcm")
    assert first.FrameOfReferenceUID == patient.ct.frame.uid
    assert first.PatientID == "VIRTUAL-1"
    assert first.PatientPosition == "HFS"
    assert pydicom.uid.UID(first.SOPInstanceUID).is_valid


def test_the_nifti_volumes_lie_where_the_dicom_lies(
    patient: VirtualPatient, tmp_path: Path
) -> None:
    write_virtual_patient(patient, tmp_path)
    ct = nib.load(tmp_path / "ct.nii.gz")
    labels = nib.load(tmp_path / "labels.nii.gz")
    assert np.array_equal(np.asarray(ct.dataobj).T, patient.ct.hu)
    assert np.array_equal(np.asarray(labels.dataobj).T, patient.labels_on_ct.values)
    corner_ras = ct.affine[:3, 3]
    assert np.allclose(corner_ras * [-1, -1, 1], patient.ct.grid.origin_mm, atol=1e-3)


def test_the_same_seed_made_twice_writes_the_same_bytes(
    patient: VirtualPatient, tmp_path: Path
) -> None:
    digests = []
    again = make_virtual_patient(patient.request, patient.seed)
    for name, made_patient in (("one", patient), ("two", again)):
        write_virtual_patient(made_patient, tmp_path / name)
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        digests.append([hashlib.sha256(p.read_bytes()).hexdigest() for p in files])
    assert digests[0] == digests[1]
    document = json.loads((tmp_path / "one" / "truth.json").read_text())
    assert document["seed"] == 1
    assert len(document["foramina"]) == 8
    assert document["labels"]["foramen_S1_left"] == 11
