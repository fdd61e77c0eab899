"""CT in: the volume that everything downstream trusts.

A reader (an adapter) turns files into `SliceHeader` values and pixels; every decision is made here, on
values that name no file format and no patient.
"""

from sacroplasty.imaging.array_placement import place_array
from sacroplasty.imaging.ct_volume import AIR_HU, Acquisition, CTVolume
from sacroplasty.imaging.hounsfield import hounsfield, require_hounsfield_like
from sacroplasty.imaging.patient_order import in_patient_order
from sacroplasty.imaging.read_options import ReadOptions
from sacroplasty.imaging.registration import Registered, carried, register_rigid
from sacroplasty.imaging.reslice import (
    EdgeLetters,
    ViewPlane,
    axial_plane,
    coronal_plane,
    direction_letters,
    edge_letters,
    reslice,
    sagittal_plane,
)
from sacroplasty.imaging.series_choice import choose_stack
from sacroplasty.imaging.series_sorting import SliceStack, sort_into_stacks
from sacroplasty.imaging.slice_header import SliceHeader
from sacroplasty.imaging.stack_geometry import StackGeometry, lay_out
from sacroplasty.imaging.stack_repair import StraightStack, require_repairable, straighten

__all__ = [
    "AIR_HU",
    "Acquisition",
    "CTVolume",
    "EdgeLetters",
    "ReadOptions",
    "Registered",
    "SliceHeader",
    "SliceStack",
    "StackGeometry",
    "StraightStack",
    "ViewPlane",
    "axial_plane",
    "carried",
    "choose_stack",
    "coronal_plane",
    "direction_letters",
    "edge_letters",
    "hounsfield",
    "in_patient_order",
    "lay_out",
    "place_array",
    "register_rigid",
    "require_hounsfield_like",
    "require_repairable",
    "reslice",
    "sagittal_plane",
    "sort_into_stacks",
    "straighten",
]
