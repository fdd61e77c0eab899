"""Where a fracture is looked for, and how much speaks for it there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.fractures.plates import Normals, find_plates
from sacroplasty.anatomy.fractures.sacral_view import SacralView

_UP_AND_DOWN, _SIDEWAYS = 0, 2  # array axes that a limb's normal follows
# A cleft has bone to both sides of it: at least this much for the dip, this for the band, mm.
_DIP_INSIDE_MM, _BAND_INSIDE_MM = 3, 5
_USUAL_PERCENTILE = 75.0  # of the patient's own bone: what texture and noise reach
_LEAST_DIP, _LEAST_BAND, _BAND_WEIGHT = 1.0, 0.3, 1.5  # in units of the usual
_MOST, _AGAINST = 3.0, -0.5
_BEHIND_CANAL_MM = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class LimbSearch:
    """One direction of limbs: the normals asked, and the array axis that they are nearest to."""

    normals: Normals
    axis: int


def _turned(first: NDArray[np.float64], second: NDArray[np.float64]) -> Normals:
    """Unit normals at two angles (deg) from (1, 0, 0): turned towards y, then towards z."""
    a, b = np.deg2rad(np.array(np.meshgrid(first, second)).reshape(2, -1))
    return np.stack([np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)], axis=1)


# Alar fractures run about parallel to the SI joint; transverse ones follow the sacral curve.
VERTICAL = LimbSearch(
    _turned(np.array([-45.0, -22.5, 0.0, 22.5, 45.0]), np.array([-30.0, 0.0, 30.0])), _SIDEWAYS
)
HORIZONTAL = LimbSearch(
    _turned(np.array([-40.0, -20.0, 0.0, 20.0, 40.0]), np.array([-20.0, 0.0, 20.0]))[:, [2, 1, 0]],
    _UP_AND_DOWN,
)


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """`values` (k, j, i): how fracture-like, about 0 in usual bone; `allowed`: where it counts."""

    values: NDArray[np.float32]
    allowed: NDArray[np.bool_]


def gather_evidence(view: SacralView, unusual: NDArray[np.float32], search: LimbSearch) -> Evidence:
    """Dips and bands across the search's normals, in units of what the patient's bone usually has.

    Dividing by the patient's own usual value lets one threshold serve thin and thick slices, quiet
    and noisy scans, and dense and porous bone.
    """
    plates = find_plates(unusual, view.bone, search.normals)
    inside = _has_bone_beside(view.bone, search.axis, _DIP_INSIDE_MM) & (plates.dip > -900.0)
    deeper = _has_bone_beside(view.bone, search.axis, _BAND_INSIDE_MM) & (plates.band > -900.0)
    dip = _against_usual(plates.dip, inside) - _LEAST_DIP
    band = _against_usual(plates.band, deeper & inside) - _LEAST_BAND
    values = np.clip(dip, _AGAINST, _MOST)
    values += np.where(deeper, _BAND_WEIGHT * np.clip(band, _AGAINST, _MOST), 0.0)
    return Evidence(values.astype(np.float32), inside & ~dorsal_arch(view))


def dorsal_arch(view: SacralView) -> NDArray[np.bool_]:
    """Laminae and crest: zones II and III behind the front of the canal.

    Thin bone between two cortices, with facet remnants and the hiatus: nothing to be told there.
    """
    rows = np.asarray(view.canal.any(axis=(1, 2)))
    if not rows.any():
        return np.zeros(view.bone.shape, bool)
    at = np.flatnonzero(rows)
    front = np.asarray(view.canal.any(axis=2))[at].argmax(axis=1)
    all_rows = np.interp(np.arange(len(rows)), at, front)
    j = np.arange(view.bone.shape[1])
    behind = j[None, :] > all_rows[:, None] + _BEHIND_CANAL_MM
    return np.asarray(behind[:, :, None] & (view.zones >= 2))


def _has_bone_beside(bone: NDArray[np.bool_], axis: int, reach: int) -> NDArray[np.bool_]:
    size = [1, 1, 1]
    size[axis] = 2 * reach + 1
    return np.asarray(ndimage.binary_erosion(bone, np.ones(size, bool)))


def _against_usual(values: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float32]:
    seen = values[where & (values > 0.0)]
    usual = float(np.percentile(seen, _USUAL_PERCENTILE)) if len(seen) else 1.0
    return values / np.float32(max(usual, 1.0))
