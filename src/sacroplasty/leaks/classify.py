"""Which compartment holds cement that is not in the sacrum.

**The surface band.** Cement and labels live on voxels, so a plug that fills the bone to its last
voxel spills over the surface of the label map by up to one voxel, all round. That rim is no leak.
Cement outside counts as a leak only from a *seed* on: a voxel with cement whose centre is farther
than √3 voxels (the coarser of the two grids) from the nearest voxel of sacrum, which a rim cannot
reach. Outside cement within that same distance of a seed belongs to the leak; all other cement
outside is counted as inside, with the zone of the bone that it lies on. So a leak that spreads
less than about 1.5 mm beyond the bone on 1 mm grids is not seen: a finer grid sees more.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.cement import CementField
from sacroplasty.geometry import Rigid
from sacroplasty.leaks.cement_on_labels import CementOnLabels, place_cement
from sacroplasty.leaks.compartments import Compartment, compartment_of, describe_leak, neural_gap_mm
from sacroplasty.leaks.leak import Leak, LeakReport, LeakSite

_ZONES = (1, 2, 3)
# A seed must hold this share of a label voxel; a trace left by resampling is none.
_SEED_SHARE = 0.02
# Leaks below half a coarse voxel are noise and counted as inside; from four on, confidence is 1.
_LEAST_VOXELS = 0.5


def classify_leaks(cement: CementField, sacrum: SacrumModel) -> LeakReport:
    """All cement outside the sacrum by compartment, and where the rest is.

    The field may lie on any grid of the sacrum's frame; inside plus all leaks is its volume to
    rounding. Soft tissue is presacral or posterior by the sacral frame: ventral or dorsal of the
    nearest bone. One `Leak` per compartment, side and level, largest first. Raises `FrameMismatch`
    for a field of another patient.
    """
    placed = place_cement(cement, sacrum)
    bone = placed.labels == Structure.SACRUM
    to_bone_mm, nearest = ndimage.distance_transform_edt(
        ~bone, sampling=placed.grid.spacing_kji_mm, return_indices=True
    )
    outside = _leaked(placed, bone, to_bone_mm)
    total = float(placed.cement_mm3.sum())
    leaks = _leaks(placed, outside, nearest, sacrum.scanner_from_sacrum)
    left = _left_mm3(placed, sacrum.scanner_from_sacrum)
    leaked = sum(leak.volume_mm3 for leak in leaks)
    return LeakReport(
        leaks=leaks,
        total_mm3=total,
        inside_bone_mm3=total - leaked,
        left_mm3=left,
        right_mm3=total - left,
        by_zone_mm3=_by_zone(placed, outside),
    )


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
) -> tuple[Leak, ...]:
    """One leak per compartment, largest first."""
    found: dict[Compartment, NDArray[np.bool_]] = {}
    for structure in np.unique(placed.labels[outside]).tolist():
        here = outside & (placed.labels == structure)
        for compartment, mask in compartment_of(
            Structure(structure), here, placed, nearest, scanner_from_sacrum
        ):
            found[compartment] = found.get(compartment, np.zeros_like(mask)) | mask
    gap_mm = neural_gap_mm(placed)
    leaks = [describe_leak(where, mask, placed, gap_mm) for where, mask in found.items()]
    order = list(LeakSite)
    return tuple(
        sorted(leaks, key=lambda x: (-x.volume_mm3, order.index(x.site), str(x.level), str(x.side)))
    )


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
