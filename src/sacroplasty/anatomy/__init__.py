"""The sacrum as a model: bone, canal, foramina, SI joints, zones, frame, and how far to trust it."""

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.build_sacrum import build_sacrum
from sacroplasty.anatomy.builtin import BuiltinSegmenter
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
from sacroplasty.anatomy.sacrum_model import Foramen, SacrumModel
from sacroplasty.anatomy.structures import Level, Side, Structure, foramen_structure

__all__ = [
    "BoneKind",
    "BoneMasks",
    "BuiltinSegmenter",
    "Calibration",
    "CalibrationMethod",
    "Foramen",
    "Level",
    "MarrowChoice",
    "RegionDensity",
    "Rod",
    "SacralDensity",
    "SacrumModel",
    "Segmenter",
    "Side",
    "Structure",
    "Tissue",
    "best_calibration",
    "build_sacrum",
    "calibrate_from_rods",
    "calibrate_from_tissues",
    "find_rods",
    "foramen_structure",
    "literature_calibration",
    "measure_density",
    "read_tissues",
    "split_cortex",
]
