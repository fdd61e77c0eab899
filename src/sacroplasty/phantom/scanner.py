"""The CT scanner: slices of finite thickness, then the image chain.

A voxel of a thick slice is the mean of thin ones (partial volume).
"""

import math

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Frame, Grid
from sacroplasty.phantom.image_chain import blurred, noise_field, whole_hu
from sacroplasty.phantom.placement import Placement
from sacroplasty.phantom.render import render
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.shape import Shape

# Centre of the reconstructed box in the template: from above L4 to below the ischia.
FIELD_CENTRE = (0.0, 0.0, -22.0)
_THIN_MM = 1.2  # thicker slices are averaged from thinner ones


def scanner_grid(settings: ScannerSettings, frame: Frame) -> Grid:
    """The reconstructed grid, symmetric about x = 0 of the scanner."""
    spacing = (settings.in_plane_mm, settings.in_plane_mm, settings.slice_mm)
    ni, nj, nk = (round(f / s) for f, s in zip(settings.field_mm, spacing, strict=True))
    x, y, z = (
        c - 0.5 * (n - 1) * s for c, n, s in zip(FIELD_CENTRE, (ni, nj, nk), spacing, strict=True)
    )
    return Grid.axis_aligned((nk, nj, ni), (x, y, z), spacing, frame)


def scan(
    shape: Shape,
    grid: Grid,
    placement: Placement,
    settings: ScannerSettings,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """HU and labels (k, j, i) on `grid`; labels are those of the slice's middle."""
    parts = 2 * math.floor(0.5 * settings.slice_mm / _THIN_MM) + 1
    thin_mm = settings.slice_mm / parts
    hu = np.zeros(grid.shape, dtype=np.float32)
    labels = np.empty(grid.shape, dtype=np.uint8)
    for part in range(parts):
        shift = (part - parts // 2) * thin_mm
        x, y, z = grid.origin_mm
        thin = Grid.axis_aligned(grid.shape, (x, y, z + shift), grid.spacing_mm, grid.frame)
        piece, piece_labels, _ = render(shape, thin, placement.rotation, placement.centre)
        hu += piece / parts
        if shift == 0.0:
            labels = piece_labels
    hu = blurred(hu, grid, settings)
    hu += noise_field(grid.shape, settings, rng)
    return whole_hu(hu), labels
