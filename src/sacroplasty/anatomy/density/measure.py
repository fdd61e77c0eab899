"""Density of the sacral marrow per zone, side and segment."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.density.calibration import Calibration, literature_calibration
from sacroplasty.anatomy.density.cortex import marrow_core, split_cortex
from sacroplasty.anatomy.density.judgement import judge_density
from sacroplasty.anatomy.density.lumbar import l5_marrow
from sacroplasty.anatomy.density.sacral_box import box_round, ct_round
from sacroplasty.anatomy.density.sacral_density import RegionDensity, SacralDensity
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Side
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Volume, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume
from sacroplasty.reference import constant

_LEAST_MARGIN_MM, _MOST_MARGIN_MM = 1.5, 3.0
_FEWEST_VOXELS = 30  # the mean of fewer says more about noise than about bone
_VOID_SMOOTHING_MM = 1.5  # a void is a place, not one noisy voxel
_MIDLINE_MM = 1e-6  # a voxel exactly in the midline is of neither side
_ALA = 1


@dataclass(frozen=True, slots=True)
class MarrowChoice:
    """What to measure besides zones and sides, and what to leave out.

    segments: 1 … 5 for S1 … S5 on the model's grid, if somebody knows them. left_out: voxels on
    the same grid that are no ordinary marrow (a fracture, callus, cement).
    contrast: what the record says about contrast medium; None where nobody knows.
    """

    segments: Volume[np.uint8] | None = None
    left_out: Volume[np.bool_] | None = None
    contrast: bool | None = None


def measure_density(
    ct: CTVolume,
    sacrum: SacrumModel,
    calibration: Calibration | None = None,
    choice: MarrowChoice | None = None,
) -> SacralDensity:
    """HU and K2HPO4-equivalent density of the sacral marrow; cortex never counts.

    Marrow is trabecular bone (`split_cortex`) further than 1.5–3 mm, by slice thickness, from
    cortex and any opening. Sides are the patient's own, by the sign of x in the sacral frame. HU
    are read in the CT's own voxels. Without `calibration` the literature line is used, and a
    finding says so. A callus or a cleft in the ala changes its HU: give it as `left_out`.
    Raises `FrameMismatch`, and `BadInput` where a map of `choice` lies on another grid.
    """
    require_same_frame(ct, sacrum)
    choice = choice or MarrowChoice()
    calibration = calibration or literature_calibration()
    part = ct_round(ct, sacrum.labels.grid)
    kinds = split_cortex(part, sacrum)
    margin = float(np.clip(max(ct.grid.spacing_mm), _LEAST_MARGIN_MM, _MOST_MARGIN_MM))
    core = marrow_core(kinds, sacrum, margin)
    if choice.left_out is not None:
        core &= _on_model_grid(choice.left_out, sacrum.labels.grid, "region to leave out") == 0
    absent: dict[str, str] = {}
    regions = tuple(_regions(part, _codes(core, sacrum, choice), calibration, absent))
    l5 = l5_marrow(part, sacrum, margin)
    l5_region = _region(l5, (None, None, "L5"), part.grid.voxel_mm3, calibration, absent)
    voids = _void_fraction(part, sacrum, core, absent)
    findings = judge_density(regions, l5_region, calibration, choice.contrast)
    return SacralDensity(regions, l5_region, voids, calibration, findings, absent)


def _on_model_grid(
    volume: Volume[np.uint8] | Volume[np.bool_], grid: Grid, name: str
) -> NDArray[np.generic]:
    if volume.grid != grid:
        raise BadInput(f"The {name} must lie on the sacrum model's grid; resample it first.")
    return volume.values


@dataclass(frozen=True, eq=False, slots=True)
class _MarrowCodes:
    """Per marrow voxel of the model's grid: zone, side (+1 left, -1 right) and segment, else 0."""

    zone: Volume[np.uint8]
    side: Volume[np.int8]
    segment: Volume[np.uint8]


def _codes(core: NDArray[np.bool_], sacrum: SacrumModel, choice: MarrowChoice) -> _MarrowCodes:
    grid = sacrum.labels.grid
    zone = np.where(core, sacrum.zones.values, 0).astype(np.uint8)
    side = np.zeros(grid.shape, dtype=np.int8)
    segment = np.zeros(grid.shape, dtype=np.uint8)
    at = np.argwhere(core)
    x = sacrum.scanner_from_sacrum.inverse(grid.points_at(at)).xyz[:, 0]
    side[core] = np.where(np.abs(x) < _MIDLINE_MM, 0, np.sign(x))
    if choice.segments is not None:
        given = _on_model_grid(choice.segments, grid, "segment map")
        segment[core] = given[core]
    return _MarrowCodes(Volume(zone, grid), Volume(side, grid), Volume(segment, grid))


def _regions(
    ct: CTVolume, codes: _MarrowCodes, calibration: Calibration, absent: dict[str, str]
) -> Iterator[RegionDensity]:
    zone, side, segment = (
        v.on(ct.grid, order=0).values for v in (codes.zone, codes.side, codes.segment)
    )
    for wanted in _wanted(bool(codes.segment.values.any())):
        here = zone > 0 if wanted[0] is None else zone == wanted[0]
        if wanted[1] is not None:
            here = here & (side == wanted[1].sign)
        if wanted[2] is not None:
            here = here & (segment == int(wanted[2][1]))
        found = _region(ct.hu[here], wanted, ct.grid.voxel_mm3, calibration, absent)
        if found is not None:
            yield found


Place = tuple[int | None, Side | None, str | None]


def _wanted(with_segments: bool) -> Iterator[Place]:
    yield None, None, None
    for side in Side:
        yield None, side, None
    for zone in (1, 2, 3):
        yield zone, None, None
        for side in Side:
            yield zone, side, None
    if with_segments:
        for level in range(1, 6):
            yield None, None, f"S{level}"
            for side in Side:
                yield None, side, f"S{level}"
                yield _ALA, side, f"S{level}"


def _region(
    hu: NDArray[np.int16],
    place: Place,
    voxel_mm3: float,
    calibration: Calibration,
    absent: dict[str, str],
) -> RegionDensity | None:
    if len(hu) < _FEWEST_VOXELS:
        name = " ".join(
            str(word) for word in (place[2], place[0] and f"zone {place[0]}", place[1]) if word
        )
        absent[name or "sacral marrow"] = (
            f"only {len(hu)} voxels of marrow clear of cortex (at least {_FEWEST_VOXELS})"
        )
        return None
    mean = float(hu.mean(dtype=np.float64))
    return RegionDensity(
        *place,
        voxels=len(hu),
        volume_ml=len(hu) * voxel_mm3 / 1000.0,
        mean_hu=mean,
        sd_hu=float(hu.std(dtype=np.float64)),
        median_hu=float(np.median(hu)),
        density_mg_cm3=calibration.density_mg_cm3(mean),
        uncertainty_mg_cm3=calibration.uncertainty_mg_cm3(mean),
    )


def _void_fraction(
    ct: CTVolume, sacrum: SacrumModel, core: NDArray[np.bool_], absent: dict[str, str]
) -> dict[Side, float]:
    """Share of each ala's marrow below the HU of a void, after averaging over some 3 mm.

    Averages are taken within the marrow only (both the HU and the mask are smoothed), so cortex
    and fat outside the bone cannot make or hide a void.
    """
    start, stop = box_round(core, margin=5)
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    grid = sacrum.labels.grid.cropped(start, stop)
    hu = ct.volume.on(grid, order=1, outside=AIR_HU).values
    inside = core[box].astype(np.float32)
    sigma = _VOID_SMOOTHING_MM / grid.spacing_mm[0]
    total = ndimage.gaussian_filter(hu * inside, sigma)
    share = ndimage.gaussian_filter(inside, sigma)
    below = total < constant("alar_void_hu").value * share
    at = np.argwhere(core[box] & (sacrum.zones.values[box] == _ALA))
    x = sacrum.scanner_from_sacrum.inverse(grid.points_at(at)).xyz[:, 0]
    found: dict[Side, float] = {}
    for side in Side:
        own = at[x * side.sign > 0]
        if len(own) < _FEWEST_VOXELS:
            absent[f"void fraction {side.value}"] = "there is no alar marrow clear of cortex"
            continue
        found[side] = float(below[tuple(own.T)].mean())
    return found
