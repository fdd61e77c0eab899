"""The sacral canal where solid bone was filled across it: the dark sheet behind the bodies.

Below S2 the canal is narrower than the gaps of a thin cortex, so that filling marrow fills the
canal too. It is found again as the cheapest smooth surface through dark gaps along y, and what is
dark and hangs together with that surface is opened. What lies in it (nerve roots, fluid, fat) is
darker than red marrow and much darker than the dorsal wall of the bodies.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.dark_gap import gap_and_bone, sampled_lines
from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.surface_search import cheapest_surface
from sacroplasty.geometry import Volume

_STRIP_MM = 5.0  # the sheet is searched this far on both sides of the midplane
_LENGTH_MM = 120.0
_BEHIND_MM = 95.0  # the hiatus of a level sacrum lies this far dorsal of the L5/S1 disc
_FLANK_MM = 7  # half of the deepest canal below S1
_STEP_MM = 1.0
_SLOPE = 0.05
_BONE_WEIGHT = 0.4  # walls beside a narrow canal must not drive the sheet out of the sacrum
_CLEAR_VALLEY = 0.4
_OPEN_HU = 60.0  # nerve roots and fluid stay below, red marrow mostly above
_REACH_MM = 7.0  # how far the opening spreads from the sheet
_HALF_WIDTH_MM, _HALF_DEPTH_MM = 15.0, 6.0
# Behind the body of S1 the canal is deeper than a gap: (low, high) from the middle of the disc along
# the endplate and along its normal.
_BEHIND_S1_MM, _BELOW_DISC_MM, _HALF_WIDTH_S1_MM = (20.0, 38.0), (-22.0, 4.0), 13.0


def open_canal(ct: Volume[np.float32], axes: PelvisAxes, plane: DiscPlane) -> NDArray[np.bool_]:
    """Dark voxels of the canal below the L5/S1 disc, (nk, nj, ni)."""
    rows = _window(axes.z_mm, plane.z_mm - _LENGTH_MM, plane.z_mm)
    strip = _window(axes.x_mm, -_STRIP_MM, _STRIP_MM)
    n = _FLANK_MM
    y = np.arange(plane.y_mm + 5.0 - n, plane.y_mm + _BEHIND_MM + n + 0.5, _STEP_MM)
    k, i = np.meshgrid(
        np.arange(rows.start, rows.stop), np.arange(strip.start, strip.stop), indexing="ij"
    )
    j = ((y - axes.y_mm[0]) / axes.step_mm)[None, None]
    lines = sampled_lines(
        ct.values, (k[..., None].astype(float), j, i[..., None].astype(float)), order=1
    )
    valley, bone = gap_and_bone(lines, n)
    found = cheapest_surface(
        np.ascontiguousarray(_BONE_WEIGHT * bone - valley, dtype=np.float32), _SLOPE
    )
    clear = np.take_along_axis(valley, np.rint(found).astype(int)[..., None], axis=2)[..., 0]
    sheet = y[n] + _STEP_MM * found
    soft = ct.values < _OPEN_HU
    below = _spread(sheet, clear > _CLEAR_VALLEY, soft, axes, (rows, strip))
    return below | _behind_s1(soft, axes, plane)


def _behind_s1(soft: NDArray[np.bool_], axes: PelvisAxes, plane: DiscPlane) -> NDArray[np.bool_]:
    """What is soft behind the body of S1, without single voxels of dark marrow."""
    turn = np.deg2rad(plane.tilt_deg)
    y, z = axes.y_mm[None, :] - plane.y_mm, axes.z_mm[:, None] - plane.z_mm
    along, up = np.cos(turn) * y + np.sin(turn) * z, np.cos(turn) * z - np.sin(turn) * y
    behind = (along > _BEHIND_S1_MM[0]) & (along < _BEHIND_S1_MM[1])
    behind &= (up > _BELOW_DISC_MM[0]) & (up < _BELOW_DISC_MM[1])
    wide = _window(axes.x_mm, -_HALF_WIDTH_S1_MM, _HALF_WIDTH_S1_MM)
    opened = np.zeros_like(soft)
    opened[..., wide] = ndimage.binary_opening(soft[..., wide] & behind[..., None])
    return opened


def _spread(
    sheet: NDArray[np.float64],
    clear: NDArray[np.bool_],
    soft: NDArray[np.bool_],
    axes: PelvisAxes,
    window: tuple[slice, slice],
) -> NDArray[np.bool_]:
    """What is soft and hangs together with the clear part of the sheet, near to it."""
    rows, strip = window
    wide = _window(axes.x_mm, -_HALF_WIDTH_MM, _HALF_WIDTH_MM)
    middle = np.median(sheet, axis=1)
    near = np.abs(axes.y_mm[None, :] - middle[:, None]) <= _HALF_DEPTH_MM
    room = soft[rows, :, wide] & near[:, :, None]
    seeds = np.zeros_like(room)
    k, i = np.nonzero(clear)
    j = np.rint((sheet[k, i] - axes.y_mm[0]) / axes.step_mm).astype(int)
    seeds[k, j, i + strip.start - wide.start] = True
    grown = ndimage.binary_dilation(
        seeds & room, iterations=round(_REACH_MM / axes.step_mm), mask=room
    )
    opened = np.zeros_like(soft)
    opened[rows, :, wide] = grown
    return opened


def _window(centres: NDArray[np.float64], low: float, high: float) -> slice:
    first, last = np.searchsorted(centres, [low, high])
    return slice(int(first), int(last))
