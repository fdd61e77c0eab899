"""What we write comes back as it was, by our own import and by others' programs."""

import shutil
import subprocess
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_export import write_dicom_segmentation, write_slicer_segmentation
from sacroplasty.adapters.label_import import labelled_segmenter
from sacroplasty.adapters.virtual_patient_files import write_dicom_series
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Volume
from sacroplasty.phantom import (
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)

KEPT = sorted(set(Structure) - {Structure.OUTSIDE, Structure.SOFT_TISSUE})


@lru_cache(maxsize=1)
def patient() -> VirtualPatient:
    scanner = ScannerSettings(in_plane_mm=3.0, slice_mm=5.0)
    return make_virtual_patient(PatientRequest(scanner=scanner), 7)


def truth() -> Volume[np.uint8]:
    labels = patient().labels_on_ct
    values = np.where(np.isin(labels.values, KEPT), labels.values, 0).astype(np.uint8)
    return Volume(values, labels.grid)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    write_dicom_series(patient(), folder)
    return folder


def test_a_slicer_segmentation_comes_back_voxel_for_voxel(tmp_path: Path) -> None:
    path = tmp_path / "sacrum.seg.nrrd"
    write_slicer_segmentation(patient().labels_on_ct, path)
    back = labelled_segmenter(path).segment(patient().ct)
    assert (back.labels.on(truth().grid, order=0).values == truth().values).all()
    image = SimpleITK.ReadImage(str(path))
    assert image.GetOrigin() == truth().grid.origin_mm
    assert image.GetMetaData("Segment0_Name") == "sacrum"
    first = path.read_bytes()
    write_slicer_segmentation(patient().labels_on_ct, path)
    assert path.read_bytes() == first


def test_a_dicom_segmentation_comes_back_voxel_for_voxel(series: Path, tmp_path: Path) -> None:
    ct = read_ct(series)
    labels = Volume(truth().values, replace(truth().grid, frame=ct.frame))
    path = tmp_path / "sacrum.dcm"
    write_dicom_segmentation(labels, ct, series, path)
    back = labelled_segmenter(path).segment(ct)
    assert (back.labels.on(labels.grid, order=0).values == labels.values).all()
    (named,) = (f for f in back.findings if f.check == "labels drawn on this series")
    assert named.verdict is Verdict.PASS
    first = path.read_bytes()
    write_dicom_segmentation(labels, ct, series, path)
    assert path.read_bytes() == first


def test_a_dicom_segmentation_keeps_to_the_standard(series: Path, tmp_path: Path) -> None:
    """By dciodvfy, an independent validator; skipped where it is not installed."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is absent: apt-get install dicom3tools")
    path = tmp_path / "sacrum.dcm"
    write_dicom_segmentation(patient().labels_on_ct, read_ct(series), series, path)
    told = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)
    said = (told.stdout + told.stderr).splitlines()
    assert [line for line in said if line.startswith("Error")] == []


def test_every_frame_names_the_slice_that_it_lies_on(series: Path, tmp_path: Path) -> None:
    path = tmp_path / "sacrum.dcm"
    write_dicom_segmentation(patient().labels_on_ct, read_ct(series), series, path)
    seg = pydicom.dcmread(path)
    slices = {h.SOPInstanceUID: h for h in map(pydicom.dcmread, sorted(series.iterdir()))}
    for frame in seg.PerFrameFunctionalGroupsSequence:
        source = frame.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        assert np.allclose(position, slices[source].ImagePositionPatient, atol=1e-4)


def test_labels_in_another_frame_or_of_nothing_are_not_written(
    series: Path, tmp_path: Path
) -> None:
    ct = read_ct(series)
    astray = Volume(truth().values, replace(truth().grid, frame=Frame("9.9")))
    with pytest.raises(FrameMismatch):
        write_dicom_segmentation(astray, ct, series, tmp_path / "s.dcm")
    nothing = Volume(np.zeros_like(truth().values), truth().grid)
    with pytest.raises(BadInput, match="no structure"):
        write_dicom_segmentation(nothing, ct, series, tmp_path / "s.dcm")
    with pytest.raises(BadInput, match="no structure"):
        write_slicer_segmentation(nothing, tmp_path / "s.seg.nrrd")
    with pytest.raises(BadInput, match=r"must end with \.seg\.nrrd"):
        write_slicer_segmentation(truth(), tmp_path / "s.nrrd")
