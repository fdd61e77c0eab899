"""Virtual patients: CT, and the anatomy, fracture and cement that made it."""

from sacroplasty.phantom.dimensions import PatientDimensions, draw_dimensions
from sacroplasty.phantom.mri import VirtualMRI, make_virtual_mri
from sacroplasty.phantom.request import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualFracture,
    VirtualPatient,
)
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.virtual_patient import make_virtual_patient, virtual_uid

__all__ = [
    "FracturePattern",
    "PatientDimensions",
    "PatientRequest",
    "ScannerSettings",
    "Sex",
    "VirtualFracture",
    "VirtualMRI",
    "VirtualPatient",
    "draw_dimensions",
    "make_virtual_mri",
    "make_virtual_patient",
    "virtual_uid",
]
