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
from sacroplasty.anatomy.landmarks import SacralLandmarks, SegmentPlane, find_landmarks
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
    "Level",
    "MarrowChoice",
    "RegionDensity",
    "Rod",
    "SacralDensity",
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
    "find_landmarks",
    "find_rods",
    "foramen_structure",
    "ilium_structure",
    "literature_calibration",
    "measure_corridors",
    "measure_density",
    "presacral_space",
    "read_tissues",
    "require_trusted",
    "split_cortex",
]
