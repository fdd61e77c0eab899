"""Fractures that the user gives: a mask, a plane or points, clipped to the sacrum."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, spatial

from sacroplasty.anatomy.fractures.assemble import fracture_of
from sacroplasty.anatomy.fractures.fracture import Fracture, FractureSource
from sacroplasty.anatomy.fractures.limb import FractureLimb, limb_at
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, Volume, require_same_frame

# A cleft may have been segmented as a gap in the sacrum: it counts up to this far outside.
_OUTSIDE_MM = 2.0
_LEAST_POINTS, _CURVED_FROM = 3, 8
# A cleft drawn 5 mm thick through a whole ala holds less than a tenth of the bone.
_MOST_OF_BONE = 0.25
_FLAT_MM = 1.0  # points that spread less than this across their line are a line


def fracture_from_mask(mask: Volume[np.uint8], sacrum: SacrumModel) -> Fracture:
    """Every label value other than 0 of `mask`, on any grid of the scan, is one limb.

    Raises `FrameMismatch` for another scan's mask, `BadInput` for an empty one, one that does not
    touch the sacrum, and one that covers a quarter of it: that is a bone, not a cleft.
    """
    require_same_frame(mask, sacrum)
    values = [v for v in np.unique(mask.values).tolist() if v != 0]
    if not values:
        raise BadInput("The fracture mask is empty; draw the cleft, or leave the fracture out.")
    allowed = _near_sacrum(sacrum)
    limbs: list[FractureLimb] = []
    for value in values:
        cut = _on_working_grid(mask, value, sacrum) & allowed
        _require_cleft(cut, value, sacrum)
        limbs += _limbs(cut, sacrum)
    return _required(limbs, sacrum, "mask")


def fracture_from_plane(
    point: Points, normal: NDArray[np.float64], sacrum: SacrumModel
) -> Fracture:
    """A flat cleft through the sacrum: one `point` (LPS mm) and a normal (3,), any length."""
    require_same_frame(point, sacrum)
    normal = np.asarray(normal, dtype=np.float64).reshape(3)
    length = float(np.linalg.norm(normal))
    if not np.isfinite(length) or length == 0.0:
        raise BadInput(f"The fracture plane needs a normal other than zero; got {normal.tolist()}.")
    grid = sacrum.labels.grid
    kji = np.argwhere(_near_sacrum(sacrum))
    away = (grid.points_at(kji).xyz - point.single) @ (normal / length)
    cut = np.zeros(grid.shape, bool)
    cut[tuple(kji[np.abs(away) <= 0.5 * max(grid.spacing_mm)].T)] = True
    return _required(list(_limbs(cut, sacrum)), sacrum, "plane")


def fracture_from_points(points: Points, sacrum: SacrumModel) -> Fracture:
    """The surface through a polyline or a set of points (n, 3), LPS mm, as far as they reach.

    Three points give a plane; from eight on, the surface may bend (a quadratic height over the
    plane of least squares). Raises `BadInput` for points on one line: they hold no surface.
    """
    require_same_frame(points, sacrum)
    centre = points.xyz.mean(axis=0)
    axes = _plane_axes(points, centre)
    flat = (points.xyz - centre) @ axes.T
    heights = np.linalg.lstsq(_terms(flat[:, :2], len(points)), flat[:, 2], rcond=None)[0]
    grid = sacrum.labels.grid
    kji = np.argwhere(_near_sacrum(sacrum))
    own = (grid.points_at(kji).xyz - centre) @ axes.T
    away = own[:, 2] - _terms(own[:, :2], len(points)) @ heights
    hull = spatial.Delaunay(flat[:, :2])
    near = (np.abs(away) <= 0.5 * max(grid.spacing_mm)) & (hull.find_simplex(own[:, :2]) >= 0)
    cut = np.zeros(grid.shape, bool)
    cut[tuple(kji[near].T)] = True
    return _required(list(_limbs(cut, sacrum)), sacrum, "point set")


def _plane_axes(points: Points, centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows: two axes in the plane of least squares, and its normal."""
    if len(points) < _LEAST_POINTS:
        raise BadInput(f"A fracture surface needs 3 points or more; got {len(points)}.")
    _, spread, axes = np.linalg.svd(points.xyz - centre, full_matrices=True)
    spread = spread / np.sqrt(len(points))
    if spread[1] < _FLAT_MM:
        raise BadInput(
            f"The fracture points lie on one line (within {spread[1]:.1f} mm); add points on "
            "another slice."
        )
    return np.asarray(axes)


def _terms(flat: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Terms of the height over the plane: linear, or quadratic where enough points are given."""
    u, v = flat.T
    linear = [np.ones_like(u), u, v]
    return np.stack(linear if count < _CURVED_FROM else [*linear, u * u, u * v, v * v], axis=1)


def _near_sacrum(sacrum: SacrumModel) -> NDArray[np.bool_]:
    bone = sacrum.mask(Structure.SACRUM)
    steps = max(round(_OUTSIDE_MM / min(sacrum.labels.grid.spacing_mm)), 1)
    near = ndimage.binary_closing(np.pad(bone, steps), iterations=steps)
    return np.asarray(bone | near[(slice(steps, -steps),) * 3])


def _on_working_grid(mask: Volume[np.uint8], value: int, sacrum: SacrumModel) -> NDArray[np.bool_]:
    """Both ways round, so that neither a thin sheet on a fine grid nor a coarse one gets holes."""
    grid = sacrum.labels.grid
    own = mask.values == value
    found = Volume(own.astype(np.uint8), mask.grid).on(grid, order=0).values > 0
    points = mask.grid.points_at(np.argwhere(own))
    kji = np.rint(grid.kji_at(points)[grid.contains(points)]).astype(int)
    kji = np.clip(kji, 0, np.asarray(grid.shape) - 1)
    found[tuple(kji.T)] = True
    return found


def _require_cleft(cut: NDArray[np.bool_], value: int, sacrum: SacrumModel) -> None:
    share = np.count_nonzero(cut) / np.count_nonzero(sacrum.mask(Structure.SACRUM))
    if share > _MOST_OF_BONE:
        raise BadInput(
            f"Label {value} of the fracture mask covers {share:.0%} of the sacrum, at most "
            f"{_MOST_OF_BONE:.0%} can be a cleft: it looks like a map of bones; draw the cleft."
        )


def _limbs(cut: NDArray[np.bool_], sacrum: SacrumModel) -> Iterator[FractureLimb]:
    if cut.any():
        yield limb_at(sacrum.labels.grid.points_at(np.argwhere(cut)), sacrum)


def _required(limbs: list[FractureLimb], sacrum: SacrumModel, what: str) -> Fracture:
    if not limbs:
        raise BadInput(
            f"The fracture {what} does not touch the sacrum; check that it belongs to this scan "
            "and is given in LPS millimetres."
        )
    return fracture_of(limbs, sacrum, FractureSource.USER)
