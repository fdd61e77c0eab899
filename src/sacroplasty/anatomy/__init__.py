"""The sacrum as a model: bone, canal, foramina, SI joints, zones, frame, and how far to trust it."""

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.build_sacrum import build_sacrum
from sacroplasty.anatomy.builtin import BuiltinSegmenter
from sacroplasty.anatomy.corridors import AlarCorridor, measure_corridors
from sacroplasty.anatomy.density import (
    BoneKind,
    Calibration,
    CalibrationMethod,
    MarrowChoice,
    RegionDensity,
    Rod,
    SacralDensity,
    Tissue,
    best_calibration,
    calibrate_from_rods,
    calibrate_from_tissues,
    find_rods,
    literature_calibration,
    measure_density,
    read_tissues,
    split_cortex,
)
from sacroplasty.anatomy.endplate import Endplate, find_endplate
from sacroplasty.anatomy.fractures import (
    Fracture,
    FractureCandidate,
    FractureLimb,
    FractureSource,
    MarkedPatient,
    SacralFracturePattern,
    find_fractures,
    fracture_from_mask,
    fracture_from_plane,
    fracture_from_points,
    froc,
    mark_patient,
    suggested_fracture,
)
from sacroplasty.anatomy.landmarks import SacralLandmarks, SegmentPlane, find_landmarks
from sacroplasty.anatomy.mri_reading import MriReading, read_marrow
from sacroplasty.anatomy.oedema import Oedema, OedemaPart, mark_oedema
from sacroplasty.anatomy.presacral import presacral_space
from sacroplasty.anatomy.sacrum_model import Foramen, SacrumModel
from sacroplasty.anatomy.structures import (
    Level,
    Side,
    Structure,
    foramen_structure,
    ilium_structure,
)
from sacroplasty.anatomy.trust import failures, require_trusted

__all__ = [
    "AlarCorridor",
    "BoneKind",
    "BoneMasks",
    "BuiltinSegmenter",
    "Calibration",
    "CalibrationMethod",
    "Endplate",
    "Foramen",
    "Fracture",
    "FractureCandidate",
    "FractureLimb",
    "FractureSource",
    "Level",
    "MarkedPatient",
    "MarrowChoice",
    "MriReading",
    "Oedema",
    "OedemaPart",
    "RegionDensity",
    "Rod",
    "SacralDensity",
    "SacralFracturePattern",
    "SacralLandmarks",
    "SacrumModel",
    "SegmentPlane",
    "Segmenter",
    "Side",
    "Structure",
    "Tissue",
    "best_calibration",
    "build_sacrum",
    "calibrate_from_rods",
    "calibrate_from_tissues",
    "failures",
    "find_endplate",
    "find_fractures",
    "find_landmarks",
    "find_rods",
    "foramen_structure",
    "fracture_from_mask",
    "fracture_from_plane",
    "fracture_from_points",
    "froc",
    "ilium_structure",
    "literature_calibration",
    "mark_oedema",
    "mark_patient",
    "measure_corridors",
    "measure_density",
    "presacral_space",
    "read_marrow",
    "read_tissues",
    "require_trusted",
    "split_cortex",
    "suggested_fracture",
]
