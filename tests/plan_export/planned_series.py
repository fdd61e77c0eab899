"""A small DICOM series of a virtual patient with a plan in it, and the validator."""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from toy_plan import toy_needle, toy_plan

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.virtual_patient_files import write_dicom_series
from sacroplasty.anatomy import Side
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom import (
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)
from sacroplasty.planning import TrajectoryPlan


@lru_cache(maxsize=1)
def patient() -> VirtualPatient:
    scanner = ScannerSettings(in_plane_mm=3.0, slice_mm=5.0)
    return make_virtual_patient(PatientRequest(scanner=scanner), 7)


def write_series(folder: Path) -> CTVolume:
    """The patient's CT as DICOM in `folder`, and as our own reader reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_dicom_series(patient(), folder)
    return read_ct(folder)


def plan_in(ct: CTVolume) -> TrajectoryPlan:
    """Needles left and right of the scan's middle, oblique in all directions, one of them 13 G."""
    middle = ct.grid.corners.xyz.mean(axis=0)
    needles = []
    for side, gauge in ((Side.LEFT, 11), (Side.RIGHT, 13)):
        entry = middle + np.array([38.0 * side.sign, 45.0, -14.0])
        target = middle + np.array([30.0 * side.sign, -12.0, 9.0])
        needles.append(
            toy_needle(
                side, entry=entry.tolist(), target=target.tolist(), frame=ct.frame, gauge=gauge
            )
        )
    return toy_plan(*needles)


def errors_told_of(path: Path) -> list[str]:
    """What dciodvfy, an independent validator, calls an error; skips where it is absent."""
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is absent: apt-get install dicom3tools")
    told = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False)
    said = (told.stdout + told.stderr).splitlines()
    assert said, "the validator says at least which object it looked at"
    return [line for line in said if line.startswith("Error")]
