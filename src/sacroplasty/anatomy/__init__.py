"""The sacrum as a model: bone, canal, foramina, SI joints, zones, frame, and how far to trust it."""

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.build_sacrum import build_sacrum
from sacroplasty.anatomy.builtin import BuiltinSegmenter
from sacroplasty.anatomy.corridors import AlarCorridor, measure_corridors
from sacroplasty.anatomy.endplate import Endplate, find_endplate
from sacroplasty.anatomy.landmarks import SacralLandmarks, SegmentPlane, find_landmarks
from sacroplasty.anatomy.presacral import presacral_space
from sacroplasty.anatomy.sacrum_model import Foramen, SacrumModel
from sacroplasty.anatomy.structures import Level, Side, Structure, foramen_structure

__all__ = [
    "AlarCorridor",
    "BoneMasks",
    "BuiltinSegmenter",
    "Endplate",
    "Foramen",
    "Level",
    "SacralLandmarks",
    "SacrumModel",
    "SegmentPlane",
    "Segmenter",
    "Side",
    "Structure",
    "build_sacrum",
    "find_endplate",
    "find_landmarks",
    "foramen_structure",
    "measure_corridors",
    "presacral_space",
]
