"""Putting slices on a straight, even grid: as they are, or after a repair that was asked for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import BrokenGeometry
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.imaging.ct_volume import AIR_HU
from sacroplasty.imaging.read_options import ReadOptions
from sacroplasty.imaging.stack_geometry import StackGeometry

_WIDEST_FILLED_GAP_MM = 10.0  # a sacral foramen fits into more: filling it would invent anatomy
_WIDEST_STEP_MM = 10.0  # slices further apart show no foramen twice
_STEEPEST_TILT_DEG = 35.0  # gantries tilt to 30°; more is another kind of damage
_NAMED_GAPS = 4
_ROUNDING_MM = 0.01


@dataclass(frozen=True, eq=False, slots=True)
class StraightStack:
    """Hounsfield units on a straight grid, and what was done to get there."""

    volume: Volume[np.int16]
    repairs: tuple[str, ...]


def require_repairable(geometry: StackGeometry, options: ReadOptions) -> None:
    """Refuse a tilt or a gap that the user did not allow to be repaired; says the option that would."""
    if geometry.is_tilted:
        _judge_tilt(geometry, options)
    if geometry.step_mm > _WIDEST_STEP_MM:
        raise BrokenGeometry(
            f"Neighbouring slices are {_steps(geometry)} mm apart{_doubles(geometry)}; beyond "
            f"{_WIDEST_STEP_MM:.0f} mm they are no volume. Find the missing slices."
        )
    if not geometry.is_even:
        _judge_gaps(geometry, options)


def straighten(hu: NDArray[np.int16], geometry: StackGeometry, frame: Frame) -> StraightStack:
    """Slices (n, rows, columns) in the order of `geometry.places` on a straight grid.

    Untouched when the stack is even and straight. A tilt is undone by shifting each slice within
    its own plane (linear interpolation), so no slice is mixed with its neighbour; the grid keeps
    the slices' own oblique axes. A gap is filled by linear interpolation between its neighbours.
    """
    repairs: list[str] = []
    along, origin = geometry.along_mm, geometry.origins_mm[0]
    if geometry.is_tilted:
        hu, shift_mm = _sheared_back(hu, geometry)
        origin = origin + geometry.axes[:, :2] @ shift_mm
        repairs.append(f"sheared back a gantry tilt of {geometry.tilt_deg:.1f}°")
    step = float((along[-1] - along[0]) / (len(along) - 1))
    if not geometry.is_even:
        hu, step = _evened(hu, geometry)
        widest = max((width for _, width in geometry.gaps), default=0.0)
        repairs.append(
            f"resampled {len(along)} unevenly spaced slices to {len(hu)} that are {step:.3f} mm "
            f"apart (widest gap {widest:.1f} mm)"
        )
    spacing = (float(geometry.pixel_mm[0]), float(geometry.pixel_mm[1]), step)
    grid = Grid(hu.shape, tuple(origin.tolist()), spacing, geometry.axes, frame)
    return StraightStack(Volume(hu, grid), tuple(repairs))


def _judge_tilt(geometry: StackGeometry, options: ReadOptions) -> None:
    found = f"The stack is sheared by a gantry tilt of {geometry.tilt_deg:.1f}°"
    if geometry.tilt_deg > _STEEPEST_TILT_DEG:
        raise BrokenGeometry(
            f"{found}, more than a gantry can tilt ({_STEEPEST_TILT_DEG:.0f}°); "
            "export the series again."
        )
    if not options.repair_tilt:
        raise BrokenGeometry(f"{found}; allow shearing it back with --repair-tilt.")


def _judge_gaps(geometry: StackGeometry, options: ReadOptions) -> None:
    gaps = geometry.gaps
    if gaps:
        places = ", ".join(f"{w:.1f} mm after {at:.1f} mm" for at, w in gaps[:_NAMED_GAPS])
        more = f" and {len(gaps) - _NAMED_GAPS} more" if len(gaps) > _NAMED_GAPS else ""
        missing = sum(max(1, round(w / geometry.step_mm) - 1) for _, w in gaps)
        found = (
            f"About {missing} slice(s) are missing in {len(gaps)} gap(s): {places}{more} along the "
            f"stack, where neighbours are {geometry.step_mm:.2f} mm apart{_doubles(geometry)}"
        )
    else:
        found = f"Slices are unevenly spaced, {_steps(geometry)} mm apart{_doubles(geometry)}"
    widest = float(np.diff(geometry.along_mm).max())
    if widest > _WIDEST_FILLED_GAP_MM + _ROUNDING_MM:
        raise BrokenGeometry(
            f"{found}. A gap of {widest:.1f} mm is too wide to fill (limit "
            f"{_WIDEST_FILLED_GAP_MM:.0f} mm); find the missing slices."
        )
    if not options.repair_gaps:
        raise BrokenGeometry(
            f"{found}. Find the missing slices, or allow interpolation with --repair-gaps."
        )


def _steps(geometry: StackGeometry) -> str:
    steps = np.diff(geometry.along_mm)
    return f"{steps.min():.2f}–{steps.max():.2f}"


def _doubles(geometry: StackGeometry) -> str:
    doubled = sum(len(place) > 1 for place in geometry.places)
    return f", and {doubled} place(s) hold duplicate slices" if doubled else ""


def _sheared_back(
    hu: NDArray[np.int16], geometry: StackGeometry
) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Slices on one common canvas, and the (i, j) shift in mm of the canvas against slice 0."""
    travelled = geometry.along_mm - geometry.along_mm[0]
    shift = travelled[:, None] * geometry.drift_mm / geometry.pixel_mm  # pixels along (i, j)
    low = np.floor(shift.min(axis=0) + 1e-6).astype(int)
    extra = np.ceil(shift.max(axis=0) - 1e-6).astype(int) - low
    count, rows, columns = hu.shape
    canvas = np.full((count, rows + extra[1], columns + extra[0]), AIR_HU, dtype=np.int16)
    for k in range(count):
        placed = np.full(canvas.shape[1:], float(AIR_HU))
        placed[:rows, :columns] = hu[k]
        move = (shift[k] - low)[::-1]
        moved = ndimage.shift(placed, move, order=1, mode="constant", cval=float(AIR_HU))
        canvas[k] = np.rint(moved).astype(np.int16)
    return canvas, low * geometry.pixel_mm


def _evened(hu: NDArray[np.int16], geometry: StackGeometry) -> tuple[NDArray[np.int16], float]:
    """Linear interpolation onto an even ladder whose step divides the whole travel."""
    travel = geometry.along_mm[-1] - geometry.along_mm[0]
    count = round(travel / geometry.step_mm) + 1
    wanted = np.linspace(0.0, travel, count)
    have = geometry.along_mm - geometry.along_mm[0]
    above = np.clip(np.searchsorted(have, wanted, side="left"), 1, len(have) - 1)
    weight = (wanted - have[above - 1]) / (have[above] - have[above - 1])
    even = np.empty((count, *hu.shape[1:]), dtype=np.int16)
    for k, (top, w) in enumerate(zip(above, weight, strict=True)):
        even[k] = np.rint((1 - w) * hu[top - 1] + w * hu[top]).astype(np.int16)
    return even, float(travel / (count - 1))
