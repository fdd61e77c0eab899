"""Virtual patients: CT, and the anatomy, fracture and cement that made it."""

from sacroplasty.phantom.built_sizes import (
    BuiltSacrum,
    built_sacrum,
    measure_built,
    s1_corridor_mm,
)
from sacroplasty.phantom.dimensions import PatientDimensions, draw_dimensions
from sacroplasty.phantom.fracture_pattern import FracturePattern, FractureZones, Limb
from sacroplasty.phantom.incidental import Incidental
from sacroplasty.phantom.label_scan import render_labels
from sacroplasty.phantom.mri import VirtualMRI, make_virtual_mri
from sacroplasty.phantom.needle_scan import NeedleScan, scan_with_needles
from sacroplasty.phantom.population import (
    draw_fracture,
    draw_incidentals,
    draw_request,
    draw_t_score,
)
from sacroplasty.phantom.request import PatientRequest, VirtualFracture, VirtualPatient
from sacroplasty.phantom.scanner_settings import ReconstructionKernel, ScannerSettings
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.steel_needle import SteelNeedle
from sacroplasty.phantom.unscanned import UnscannedPatient
from sacroplasty.phantom.variants import SacralVariant, draw_shape_variant
from sacroplasty.phantom.virtual_patient import make_virtual_patient, virtual_uid

__all__ = [
    "BuiltSacrum",
    "FracturePattern",
    "FractureZones",
    "Incidental",
    "Limb",
    "NeedleScan",
    "PatientDimensions",
    "PatientRequest",
    "ReconstructionKernel",
    "SacralVariant",
    "ScannerSettings",
    "Sex",
    "SteelNeedle",
    "UnscannedPatient",
    "VirtualFracture",
    "VirtualMRI",
    "VirtualPatient",
    "built_sacrum",
    "draw_dimensions",
    "draw_fracture",
    "draw_incidentals",
    "draw_request",
    "draw_shape_variant",
    "draw_t_score",
    "make_virtual_mri",
    "make_virtual_patient",
    "measure_built",
    "render_labels",
    "s1_corridor_mm",
    "scan_with_needles",
    "virtual_uid",
]
