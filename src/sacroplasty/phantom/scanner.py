"""The CT scanner: slices of finite thickness, then the image chain.

A voxel of a thick slice is the mean of thin ones (partial volume).
"""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Frame, Grid
from sacroplasty.phantom.image_chain import blurred, noise_field, whole_hu
from sacroplasty.phantom.metal_streaks import add_streaks
from sacroplasty.phantom.placement import Placement
from sacroplasty.phantom.render import render
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.shape import Shape

# Centre of the reconstructed box in the template: from above L4 to below the ischia.
FIELD_CENTRE = (0.0, 0.0, -22.0)
_THIN_MM = 1.2  # thicker slices are averaged from thinner ones


def scanner_grid(settings: ScannerSettings, frame: Frame) -> Grid:
    """The reconstructed grid: symmetric about x = 0 of the scanner unless it is shifted."""
    spacing = (settings.in_plane_mm, settings.in_plane_mm, settings.slice_mm)
    ni, nj, nk = (round(f / s) for f, s in zip(settings.field_mm, spacing, strict=True))
    angle = math.radians(settings.gantry_tilt_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    # Turned about x, so that the front edge (−y) rises.
    direction = np.array([[1.0, 0.0, 0.0], [0.0, cos, sin], [0.0, -sin, cos]])
    half = 0.5 * (np.array([ni, nj, nk]) - 1.0) * spacing
    x, y, z = (np.add(FIELD_CENTRE, settings.field_shift_mm) - direction @ half).tolist()
    return Grid((nk, nj, ni), (x, y, z), spacing, direction, frame)


def scan(
    shape: Shape,
    grid: Grid,
    placement: Placement,
    settings: ScannerSettings,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """HU and labels (k, j, i) on `grid`; labels are those of the slice's middle."""
    hu, labels = sharp_slices(shape, grid, placement, settings)
    noise = noise_field(grid.shape, settings, rng)
    add_streaks(hu, grid, rng)
    hu = blurred(hu, grid, settings)
    hu += noise
    return whole_hu(hu), labels


def sharp_slices(
    shape: Shape, grid: Grid, placement: Placement, settings: ScannerSettings
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """HU averaged over the thickness of each slice, before blur and noise, and the middle's labels."""
    parts = 2 * math.floor(0.5 * settings.slice_mm / _THIN_MM) + 1
    thin_mm = settings.slice_mm / parts
    hu = np.zeros(grid.shape, dtype=np.float32)
    labels = np.empty(grid.shape, dtype=np.uint8)
    for part in range(parts):
        shift = (part - parts // 2) * thin_mm
        x, y, z = (np.asarray(grid.origin_mm) + shift * grid.direction[:, 2]).tolist()
        thin = Grid(grid.shape, (x, y, z), grid.spacing_mm, grid.direction, grid.frame)
        piece, piece_labels, _ = render(shape, thin, placement.rotation, placement.centre)
        hu += piece / parts
        if shift == 0.0:
            labels = piece_labels
    return hu, labels
