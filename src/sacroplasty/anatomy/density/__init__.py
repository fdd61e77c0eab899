"""Density of the sacrum: cortex apart from marrow, HU by place, calibration, and what it says."""

from sacroplasty.anatomy.density.calibration import (
    Calibration,
    CalibrationMethod,
    literature_calibration,
)
from sacroplasty.anatomy.density.choice import best_calibration
from sacroplasty.anatomy.density.cortex import BoneKind, marrow_core, split_cortex
from sacroplasty.anatomy.density.measure import MarrowChoice, measure_density
from sacroplasty.anatomy.density.rods import Rod, calibrate_from_rods, find_rods
from sacroplasty.anatomy.density.sacral_density import RegionDensity, SacralDensity
from sacroplasty.anatomy.density.tissues import Tissue, calibrate_from_tissues, read_tissues

__all__ = [
    "BoneKind",
    "Calibration",
    "CalibrationMethod",
    "MarrowChoice",
    "RegionDensity",
    "Rod",
    "SacralDensity",
    "Tissue",
    "best_calibration",
    "calibrate_from_rods",
    "calibrate_from_tissues",
    "find_rods",
    "literature_calibration",
    "marrow_core",
    "measure_density",
    "read_tissues",
    "split_cortex",
]
