"""Fractures of the sacrum: given by the user, or suggested by a detector on CT."""

from sacroplasty.anatomy.fractures.assemble import (
    confirm_fracture,
    fracture_of,
    suggested_fracture,
)
from sacroplasty.anatomy.fractures.find_fractures import WORKING_POINT, find_fractures
from sacroplasty.anatomy.fractures.fracture import (
    Fracture,
    FractureCandidate,
    FractureSource,
    SacralFracturePattern,
)
from sacroplasty.anatomy.fractures.froc import Froc, MarkedPatient, froc, mark_patient
from sacroplasty.anatomy.fractures.given import (
    fracture_from_mask,
    fracture_from_plane,
    fracture_from_points,
)
from sacroplasty.anatomy.fractures.limb import FractureLimb, limb_at

__all__ = [
    "WORKING_POINT",
    "Fracture",
    "FractureCandidate",
    "FractureLimb",
    "FractureSource",
    "Froc",
    "MarkedPatient",
    "SacralFracturePattern",
    "confirm_fracture",
    "find_fractures",
    "fracture_from_mask",
    "fracture_from_plane",
    "fracture_from_points",
    "fracture_of",
    "froc",
    "limb_at",
    "mark_patient",
    "suggested_fracture",
]
