"""Virtual patients: CT, and the anatomy, fracture and cement that made it."""

from sacroplasty.phantom.dimensions import PatientDimensions, draw_dimensions
from sacroplasty.phantom.request import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualFracture,
    VirtualPatient,
)
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.variants import SacralVariant, draw_shape_variant
from sacroplasty.phantom.virtual_patient import make_virtual_patient, virtual_uid

__all__ = [
    "FracturePattern",
    "PatientDimensions",
    "PatientRequest",
    "SacralVariant",
    "ScannerSettings",
    "Sex",
    "VirtualFracture",
    "VirtualPatient",
    "draw_dimensions",
    "draw_shape_variant",
    "make_virtual_patient",
    "virtual_uid",
]
