"""Reading a DICOM series: our strict reader beside SimpleITK, which checks less."""

import tempfile
from pathlib import Path

import SimpleITK
from clock import Row, median_seconds

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.virtual_patient_files import write_dicom_series
from sacroplasty.phantom import PatientRequest, ScannerSettings, make_virtual_patient


def measure() -> list[Row]:
    """Seconds to read one virtual patient of 3 mm slices."""
    request = PatientRequest(scanner=ScannerSettings(slice_mm=3.0))
    patient = make_virtual_patient(request, seed=1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dicom_series(patient, folder)
        ours = median_seconds(lambda: read_ct(folder))
        theirs = median_seconds(lambda: _simpleitk(folder))
    slices = patient.ct.grid.shape[0]
    return [
        Row(f"DICOM series of {slices} slices: ours, all checks", ours, ours),
        Row("… SimpleITK ImageSeriesReader, no checks", theirs, ours),
    ]


def _simpleitk(folder: Path) -> SimpleITK.Image:
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()
