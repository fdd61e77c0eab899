"""Bright marrow of the sacrum on an MRI that lies on the CT: where oedema may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Side, Structure
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Volume
from sacroplasty.reference import constant

_EDGE_MM = 2.0  # cortex and its blur
_FLUID_EDGE_MM = 5.0  # a slice of 4 mm smears fluid of canal, foramen or joint into the bone
_SMOOTHING_MM = 1.5
_QUIET_SHARE = 0.4  # the darker part of the marrow is taken as sound, even in a bilateral fracture
_SPREADS = 4.0
_ZONES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class OedemaPart:
    """One connected bright region: its own side, the Denis zones it touches, its size.

    brightness: mean signal over that of sound marrow; volume in mL.
    """

    side: Side
    zones: tuple[int, ...]
    volume_ml: float
    brightness: float


@dataclass(frozen=True, eq=False, slots=True)
class Oedema:
    """A suggestion: bright marrow on the model's grid, and its parts, the largest first."""

    mask: Volume[np.bool_]
    parts: tuple[OedemaPart, ...]
    findings: tuple[Finding, ...]

    def volume_ml(self, side: Side) -> float:
        """Bright marrow of one side."""
        return sum(part.volume_ml for part in self.parts if part.side is side)


def mark_oedema(mri_on_ct: Volume[np.generic], sacrum: SacrumModel) -> Oedema:
    """Marrow that is bright on a STIR or fat-suppressed T2 image, as a suggestion.

    `mri_on_ct` is the MRI carried onto the model's grid (`imaging.carried`), 0 where it does not
    reach. Sound marrow is the darker 40 % of the patient's own sacral marrow, so that a bilateral
    fracture needs no sound side; bright is above its median by a published-nowhere factor (row
    ``oedema_brightness``) and by four of its spreads. Marrow within 5 mm of canal, foramina,
    joints and disc is left out: thick slices smear their fluid into it. Coil brightness is not
    corrected; the factor is far above it. Regions below ``oedema_least_volume`` are dropped.

    Never a diagnosis: tumour, infection and a recent injection are bright too. Raises `BadInput`
    where the MRI lies on another grid, or shows less than half of the marrow.
    """
    if mri_on_ct.grid != sacrum.labels.grid:
        raise BadInput("The MRI must be carried onto the sacrum model's grid first.")
    marrow = _marrow(sacrum)
    signal = mri_on_ct.values.astype(np.float32)
    seen = marrow & (signal > 0)
    if np.count_nonzero(seen) < 0.5 * np.count_nonzero(marrow) or not marrow.any():
        raise BadInput("The MRI shows less than half of the sacral marrow: nothing is marked.")
    smooth = _smoothed_within(signal, seen, mri_on_ct.grid.spacing_kji_mm)
    limit, sound = _limit(smooth[seen])
    bright = seen & (smooth > limit)
    parts, mask = _parts(bright, smooth / sound, sacrum)
    return Oedema(Volume(mask, sacrum.labels.grid), parts, (_finding(parts),))


def _marrow(sacrum: SacrumModel) -> NDArray[np.bool_]:
    spacing = sacrum.labels.grid.spacing_kji_mm
    fluid = [
        s for s in Structure
        if s.is_foramen
        or s in {Structure.CANAL, Structure.DISC_L5S1, Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT}
    ]  # fmt: skip
    deep = ndimage.distance_transform_edt(sacrum.mask(Structure.SACRUM), sampling=spacing)
    away = ndimage.distance_transform_edt(~sacrum.mask(*fluid), sampling=spacing)
    return np.asarray((deep > _EDGE_MM) & (away > _FLUID_EDGE_MM))


def _smoothed_within(
    signal: NDArray[np.float32], where: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Averaged inside `where` only, so nothing shines in from outside."""
    sigmas = [_SMOOTHING_MM / step for step in spacing]
    weight = where.astype(np.float32)
    total = ndimage.gaussian_filter(signal * weight, sigmas)
    share = ndimage.gaussian_filter(weight, sigmas)
    return np.where(where, total / np.maximum(share, 1e-3), 0.0).astype(np.float32)


def _limit(signal: NDArray[np.float32]) -> tuple[float, float]:
    """What is bright, and what sound marrow reads."""
    sound = signal[signal <= np.quantile(signal, _QUIET_SHARE)]
    median = float(np.median(sound))
    spread = 1.4826 * float(np.median(np.abs(sound - median)))
    return max(constant("oedema_brightness").value * median, median + _SPREADS * spread), median


def _parts(
    bright: NDArray[np.bool_], relative: NDArray[np.float32], sacrum: SacrumModel
) -> tuple[tuple[OedemaPart, ...], NDArray[np.bool_]]:
    """Connected regions of some size; each is of the side that holds most of it."""
    grid = sacrum.labels.grid
    least = constant("oedema_least_volume").value
    regions, count = ndimage.label(bright)
    mask = np.zeros_like(bright)
    found = []
    for number, box in enumerate(ndimage.find_objects(regions, count), start=1):
        own = regions[box] == number
        ml = np.count_nonzero(own) * grid.voxel_mm3 / 1000.0
        if ml < least:
            continue
        start = np.array([part.start for part in box])
        at = np.argwhere(own) + start
        x = sacrum.scanner_from_sacrum.inverse(grid.points_at(at)).xyz[:, 0]
        zones = sacrum.zones.values[box][own]
        touched = tuple(z for z in _ZONES if np.count_nonzero(zones == z) > 0.05 * len(zones))
        side = Side.LEFT if np.median(x) >= 0 else Side.RIGHT
        found.append(OedemaPart(side, touched, float(ml), float(relative[box][own].mean())))
        mask[box] |= own
    return tuple(sorted(found, key=lambda part: -part.volume_ml)), mask


def _finding(parts: tuple[OedemaPart, ...]) -> Finding:
    check = "bright marrow on MRI"
    if not parts:
        return Finding(
            check,
            Verdict.NOT_CHECKED,
            "No marrow stands out on this MRI; that excludes no fracture. A reader must look.",
        )
    total = sum(part.volume_ml for part in parts)
    sides = " and ".join(side.value for side in Side if any(p.side is side for p in parts))
    return Finding(
        check,
        Verdict.NOT_CHECKED,
        f"Suggested oedema on the {sides}, {total:.0f} mL: a suggestion that a reader must confirm; "
        "tumour, infection and injection are bright too.",
        f"{total:.1f} mL",
    )
