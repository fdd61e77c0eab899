"""The sacrum as a model: bone, canal, foramina, SI joints, zones, frame, and how far to trust it."""

from sacroplasty.anatomy.bone_masks import BoneMasks, Segmenter
from sacroplasty.anatomy.build_sacrum import build_sacrum
from sacroplasty.anatomy.builtin import BuiltinSegmenter
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
    "BoneMasks",
    "BuiltinSegmenter",
    "Foramen",
    "Level",
    "SacrumModel",
    "Segmenter",
    "Side",
    "Structure",
    "build_sacrum",
    "failures",
    "foramen_structure",
    "ilium_structure",
    "require_trusted",
]
