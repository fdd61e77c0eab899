"""The ground truth: the `SacrumModel` that a perfect segmenter would find."""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, find_objects

from sacroplasty.anatomy import Foramen, SacrumModel, foramen_structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.phantom.body_solids import CENTRE_Y
from sacroplasty.phantom.landmarks import Mouths, canal_line, foramen_mouths, sacral_axes
from sacroplasty.phantom.placement import Placement
from sacroplasty.phantom.render import render
from sacroplasty.phantom.sacral_curve import S, SacralCurve
from sacroplasty.phantom.sacral_profiles import ZONE_LATERAL, ZONE_MEDIAL
from sacroplasty.phantom.shape import Shape
from sacroplasty.phantom.solids import profile_at, table_at
from sacroplasty.phantom.tissue import SACRUM, warped_x

WORKING_MM = 1.0
HALF_WIDTH_MM = 92.0
_BELOW_APEX_MM, _ABOVE_ENDPLATE_MM, _BEFORE_MM, _BEHIND_SKIN_MM = 22.0, 48.0, 34.0, 14.0

ENGINE = "ground truth"


def build_truth(
    shape: Shape,
    curve: SacralCurve,
    placement: Placement,
    frame: Frame,
    working_mm: float = WORKING_MM,
    half_width_mm: float = HALF_WIDTH_MM,
) -> tuple[SacrumModel, Volume[np.uint8]]:
    """The model and the clefts (0, 1 left, 2 right, 3 horizontal) on its working grid."""
    grid = _working_grid(shape, curve, placement, frame, working_mm, half_width_mm)
    _, labels, clefts = render(shape, grid, placement.rotation, placement.centre, labels_only=True)
    steps = np.ascontiguousarray((np.eye(3) * working_mm) @ placement.rotation)
    corner = (np.asarray(grid.origin_mm) - placement.centre) @ placement.rotation
    zones = _denis_zones(shape, labels, corner, steps)
    rotation, origin = sacral_axes(shape, curve)
    model = SacrumModel(
        labels=Volume(labels, grid),
        zones=Volume(zones, grid),
        scanner_from_sacrum=Rigid(
            placement.rotation @ rotation,
            placement.to_scanner(origin[None])[0],
            to=frame,
            source=frame.attached("sacrum"),
        ),
        foramina=tuple(
            _foramen(mouths, labels, placement, frame, working_mm)
            for mouths in foramen_mouths(shape, curve)
        ),
        canal=Points(placement.to_scanner(canal_line(shape, curve)), frame),
        absent={},
        findings=(Finding("ground truth", Verdict.PASS, "Made by the generator, not found."),),
        engine=ENGINE,
    )
    return model, Volume(clefts, grid)


def _working_grid(
    shape: Shape,
    curve: SacralCurve,
    placement: Placement,
    frame: Frame,
    working_mm: float,
    half_width_mm: float,
) -> Grid:
    """Around the sacrum and out through the skin of the back; symmetric about the scanner's x = 0."""
    apex_y, apex_z = curve.point(shape.length, 0.0)
    front = min(shape.promontory_y, apex_y) - _BEFORE_MM
    back = CENTRE_Y + shape.skin_half_depth + _BEHIND_SKIN_MM
    half = half_width_mm + abs(float(placement.centre[0]))
    turned = abs(float(placement.rotation[1, 0])) * half  # a turned patient needs a deeper box
    low = (front - turned + placement.centre[1], apex_z - _BELOW_APEX_MM + placement.centre[2])
    high = (back + turned + placement.centre[1], _ABOVE_ENDPLATE_MM + placement.centre[2])
    ni = 2 * round(half / working_mm) + 1
    nj, nk = (round((b - a) / working_mm) for a, b in zip(low, high, strict=True))
    x = -0.5 * (ni - 1) * working_mm
    return Grid.axis_aligned(
        (nk, nj, ni), (x, float(low[0]), float(low[1])), (working_mm,) * 3, frame
    )


@njit(cache=True, error_model="numpy")
def _denis_zones(
    shape: Shape, labels: NDArray[np.uint8], corner: NDArray[np.float64], steps: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """1 lateral to the foramina, 2 between their borders, 3 medial; 0 outside the sacral bone."""
    zones = np.zeros(labels.shape, np.uint8)
    nk, nj, ni = labels.shape
    for k in range(nk):
        for j in range(nj):
            for i in range(ni):
                if labels[k, j, i] != SACRUM:
                    continue
                x = corner[0] + k * steps[2, 0] + j * steps[1, 0] + i * steps[0, 0]
                y = corner[1] + k * steps[2, 1] + j * steps[1, 1] + i * steps[0, 1]
                z = corner[2] + k * steps[2, 2] + j * steps[1, 2] + i * steps[0, 2]
                ax = abs(warped_x(shape, x, y, z))
                u = table_at(shape.tables, S, y, z) / shape.length
                if ax > profile_at(shape.profiles, ZONE_LATERAL, u):
                    zones[k, j, i] = 1
                elif ax > profile_at(shape.profiles, ZONE_MEDIAL, u):
                    zones[k, j, i] = 2
                else:
                    zones[k, j, i] = 3
    return zones


def _foramen(
    mouths: Mouths,
    labels: NDArray[np.uint8],
    placement: Placement,
    frame: Frame,
    working_mm: float,
) -> Foramen:
    ventral = placement.to_scanner(mouths.ventral[None])
    dorsal = placement.to_scanner(mouths.dorsal[None])
    return Foramen(
        level=mouths.level,
        side=mouths.side,
        centre=Points(0.5 * (ventral + dorsal), frame),
        radius_mm=_ventral_radius(
            labels == foramen_structure(mouths.level, mouths.side), working_mm
        ),
        ventral_mouth=Points(ventral, frame),
        dorsal_mouth=Points(dorsal, frame),
    )


def _ventral_radius(inside: NDArray[np.bool_], working_mm: float) -> float:
    """Radius of the largest ball in the front half of a foramen, along y of the scanner."""
    box = find_objects(inside.astype(np.uint8))[0]
    local = np.pad(inside[box], 1)
    depth = distance_transform_edt(local) * working_mm - 0.5 * working_mm
    return float(depth[:, : local.shape[1] // 2].max())
