"""Which compartment holds cement that is not in the sacrum.

**The surface band.** Cement and labels live on voxels, so a plug that fills the bone to its last
voxel spills over the surface of the label map by up to one voxel, all round. That rim is no leak.
Cement outside counts as a leak only from a *seed* on: a voxel with cement whose centre is farther
than √3 voxels (the coarser of the two grids) from the nearest voxel of sacrum, which a rim cannot
reach. Outside cement within that same distance of a seed belongs to the leak; all other cement
outside is counted as inside, with the zone of the bone that it lies on. So a leak that spreads
less than about 1.5 mm beyond the bone on 1 mm grids is not seen: a finer grid sees more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import CementField
from sacroplasty.geometry import Rigid, Volume, require_same_frame
from sacroplasty.leaks.cement_on_labels import CementOnLabels, place_cement, voxels_under
from sacroplasty.leaks.compartments import (
    Compartment,
    compartment_of,
    describe_leak,
    neural_gap_mm,
    passage_pieces,
)
from sacroplasty.leaks.leak import Leak, LeakReport, LeakSite

_ZONES = (1, 2, 3)
# A seed must hold this share of a label voxel; a trace left by resampling is none.
_SEED_SHARE = 0.02
# Leaks below half a coarse voxel are noise and counted as inside; from four on, confidence is 1.
_LEAST_VOXELS = 0.5


Mask = Volume[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class LocatedLeaks:
    """A report, and for each of its leaks the voxels of the cement field that belong to it."""

    report: LeakReport
    voxels: tuple[Mask, ...]


def classify_leaks(
    cement: CementField,
    sacrum: SacrumModel,
    *,
    vein: Mask | None = None,
    tract: Mask | None = None,
) -> LeakReport:
    """All cement outside the sacrum by compartment, and where the rest is.

    The field may lie on any grid of the sacrum's frame; inside plus all leaks is its volume to
    rounding. Soft tissue is presacral or posterior by the sacral frame: ventral or dorsal of the
    nearest bone. vein and tract, on any grid: where veins and needle tracts are known, as in a
    simulation; leaked cement in them is named after them, wherever they run. On a real CT they are
    not known (None), and the same cement counts to the compartment that it lies in. One `Leak` per
    compartment, side and level, largest first. Raises `FrameMismatch` for a field of another
    patient.
    """
    return locate_leaks(cement, sacrum, vein=vein, tract=tract).report


def locate_leaks(
    cement: CementField,
    sacrum: SacrumModel,
    *,
    vein: Mask | None = None,
    tract: Mask | None = None,
) -> LocatedLeaks:
    """The same, with the voxels of each leak on the cement's own grid.

    A voxel of cement that straddles the edge of a leak belongs to it where at least half of it
    does.
    """
    placed = place_cement(cement, sacrum)
    bone = placed.labels == Structure.SACRUM
    to_bone_mm, nearest = ndimage.distance_transform_edt(
        ~bone, sampling=placed.grid.spacing_kji_mm, return_indices=True
    )
    outside = _leaked(placed, bone, to_bone_mm)
    total = float(placed.cement_mm3.sum())
    passages = [
        (site, _on_labels(mask, placed))
        for site, mask in ((LeakSite.NEEDLE_TRACT, tract), (LeakSite.VEIN, vein))
        if mask is not None
    ]
    found = _leaks(placed, outside, nearest, sacrum.scanner_from_sacrum, passages)
    leaks = tuple(leak for leak, _ in found)
    left = _left_mm3(placed, sacrum.scanner_from_sacrum)
    leaked = sum(leak.volume_mm3 for leak in leaks)
    report = LeakReport(
        leaks=leaks,
        total_mm3=total,
        inside_bone_mm3=total - leaked,
        left_mm3=left,
        right_mm3=total - left,
        by_zone_mm3=_by_zone(placed, outside),
    )
    return LocatedLeaks(report, voxels_under(cement, placed, [mask for _, mask in found]))


def _on_labels(mask: Mask, placed: CementOnLabels) -> NDArray[np.bool_]:
    require_same_frame(mask, placed.grid)
    return mask.on(placed.grid, order=0).values


def _leaked(
    placed: CementOnLabels, bone: NDArray[np.bool_], to_bone_mm: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Voxels of leaked cement: seeds, and the outside cement within the band around them."""
    band = np.sqrt(3.0) * placed.coarse_mm * (1.0 + 1e-6)
    wet = (placed.cement_mm3 > 0) & ~bone
    seeds = wet & (to_bone_mm > band)
    seeds &= placed.cement_mm3 > _SEED_SHARE * placed.grid.voxel_mm3
    if not seeds.any():
        return seeds
    near = ndimage.distance_transform_edt(~seeds, sampling=placed.grid.spacing_kji_mm) <= band
    leaked = wet & (near | (to_bone_mm > band))
    return _without_specks(placed, leaked)


def _without_specks(placed: CementOnLabels, leaked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Drop connected leaks that are too small to be told from noise."""
    labelled, n = ndimage.label(leaked, structure=np.ones((3, 3, 3)))
    sizes = ndimage.sum_labels(placed.cement_mm3, labelled, np.arange(n + 1))
    sizes[0] = 0.0
    return np.asarray((sizes >= _LEAST_VOXELS * placed.coarse_mm**3)[labelled])


def _leaks(
    placed: CementOnLabels,
    outside: NDArray[np.bool_],
    nearest: NDArray[np.int32],
    scanner_from_sacrum: Rigid,
    passages: list[tuple[LeakSite, NDArray[np.bool_]]],
) -> list[tuple[Leak, NDArray[np.bool_]]]:
    """One leak per compartment with its voxels, largest first."""
    pieces: list[tuple[Compartment, NDArray[np.bool_]]] = []
    rest = outside.copy()
    least_mm3 = _LEAST_VOXELS * placed.coarse_mm**3
    for site, passage in passages:
        inside = rest & passage
        for compartment, mask in passage_pieces(site, inside, placed, scanner_from_sacrum):
            if placed.cement_mm3[mask].sum() >= least_mm3:
                pieces.append((compartment, mask))
                rest &= ~mask
    for structure in np.unique(placed.labels[rest]).tolist():
        here = rest & (placed.labels == structure)
        pieces += compartment_of(Structure(structure), here, placed, nearest, scanner_from_sacrum)
    found: dict[Compartment, NDArray[np.bool_]] = {}
    for compartment, mask in pieces:
        found[compartment] = found.get(compartment, np.zeros_like(mask)) | mask
    gap_mm = neural_gap_mm(placed)
    leaks = [(describe_leak(where, mask, placed, gap_mm), mask) for where, mask in found.items()]
    return sorted(leaks, key=lambda x: _order(x[0]))


def _order(leak: Leak) -> tuple[float, int, str, str]:
    return -leak.volume_mm3, list(LeakSite).index(leak.site), str(leak.level), str(leak.side)


def _left_mm3(placed: CementOnLabels, scanner_from_sacrum: Rigid) -> float:
    """Cement on the patient's left of the sacral midline plane; the plane itself goes half and half."""
    kji = np.argwhere(placed.cement_mm3 > 0)
    x = scanner_from_sacrum.inverse(placed.grid.points_at(kji)).xyz[:, 0]
    share = np.where(np.abs(x) < 1e-9, 0.5, (x > 0).astype(np.float64))
    return float(share @ placed.cement_mm3[tuple(kji.T)])


def _by_zone(placed: CementOnLabels, outside: NDArray[np.bool_]) -> dict[int, float]:
    """Cement that is not leaked by Denis zone; the rim takes the zone of the nearest bone."""
    volumes = dict.fromkeys(_ZONES, 0.0)
    if not (placed.zones > 0).any():
        return volumes
    nearest = ndimage.distance_transform_edt(
        placed.zones == 0,
        sampling=placed.grid.spacing_kji_mm,
        return_distances=False,
        return_indices=True,
    )
    zones = placed.zones[tuple(nearest)]
    inside = np.where(outside, 0.0, placed.cement_mm3)
    return {zone: float(inside[zones == zone].sum()) for zone in volumes}
