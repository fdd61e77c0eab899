"""A synthetic CT of any bone label map: what a scanner would see of someone else's segmentation.

Each bone becomes a signed distance from its surface, interpolated between the slices and smoothed,
so that a map of 3 mm slices has no steps; from the distance follow cortex, crowded struts and
marrow as in a virtual patient. What is labelled and is not bone is muscle; about it lies fat,
then skin, then air.
"""

from collections.abc import Collection
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Volume
from sacroplasty.imaging import AIR_HU, Acquisition, CTVolume
from sacroplasty.phantom.body_solids import FAT, MUSCLE, SKIN
from sacroplasty.phantom.image_chain import blurred, noise_field, whole_hu
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.texture import GRAIN_N, grain_tile
from sacroplasty.phantom.tissue import SUBCORTICAL_HU
from sacroplasty.provenance import digest
from sacroplasty.reference import constant

FloatArray = NDArray[np.float32]
Label = TypeVar("Label", bound=np.integer)

_REACH_MM = 8.0  # distances are known to here on both sides of a surface
_SMOOTHING_MM = 1.0  # of the distance: below a cortex, above the jitter of a hand-drawn line
_GRAIN_MM = 0.8  # a node of the texture tile
_STRUT_DECAY_MM = 2.2
_SHARPEST_MM = 0.5  # half the width over which a surface is spread at least
_TOUCHING_MM = 0.6  # each of two touching bones gives way so far: a joint space
_FAT_RIM_MM, _SKIN_MM = 22.0, 2.5
_BODY_MM = 4.0  # the body's outline is found on a coarse grid
_CLOSING_MM = 60.0  # gaps between labels up to twice this are inside the body
_GRAIN_HU = 75.0


def render_labels(
    labels: Volume[Label], bones: Collection[int], scanner: ScannerSettings, seed: int
) -> CTVolume:
    """A CT (HU) of a label map: values in `bones` become bone, other labels muscle, 0 fat or air.

    The result covers the labels' own box, sampled at `scanner.in_plane_mm` and `scanner.slice_mm`
    along the map's own axes; the field, the tilt and the turn of the scanner are not used. The same
    arguments give the same bytes. Raises `BadInput` where the map holds none of the bones.
    """
    present = [int(b) for b in sorted(bones) if (labels.values == b).any()]
    if not present:
        raise BadInput(
            f"The label map holds none of the bones {sorted(bones)}; name values that occur in it."
        )
    for_texture, for_noise = np.random.default_rng(seed).spawn(2)
    grid = _sampled(labels.grid, scanner)
    hu = _soft_tissue(labels, present, grid)
    grain = _grain(grid, for_texture)
    hu += 0.12 * _GRAIN_HU * grain * (hu > 0.5 * AIR_HU)
    _add_bones(hu, labels, present, grid, grain)
    hu = blurred(hu, grid, scanner)
    hu += noise_field(grid.shape, scanner, for_noise)
    whole = whole_hu(hu)
    return CTVolume(
        whole,
        grid,
        Acquisition(
            source_digest=digest(whole),
            source_format="rendered labels",
            kernel=f"virtual {scanner.kernel.value}",
            manufacturer="sacroplasty virtual scanner",
            slice_thickness_mm=scanner.slice_mm,
        ),
    )


def _sampled(grid: Grid, scanner: ScannerSettings) -> Grid:
    """The same box and axes with the scanner's spacing; outer faces stay within a voxel."""
    spacing = np.array([scanner.in_plane_mm, scanner.in_plane_mm, scanner.slice_mm])
    extent = np.array(grid.shape[::-1]) * grid.spacing_mm
    ni, nj, nk = np.maximum(np.round(extent / spacing), 1).astype(int).tolist()
    first = 0.5 * (spacing - np.asarray(grid.spacing_mm))  # from face to centre
    x, y, z = (np.asarray(grid.origin_mm) + grid.direction @ first).tolist()
    a, b, c = spacing.tolist()
    return Grid((nk, nj, ni), (x, y, z), (a, b, c), grid.direction, grid.frame)


def _add_bones(
    hu: FloatArray, labels: Volume[Label], present: list[int], grid: Grid, grain: FloatArray
) -> None:
    """Lay every bone into `hu`, in place."""
    cortical = constant("cortical_density").value
    thickness = constant("cortex_thickness").value
    marrow = constant("trabecular_density_insufficiency").value
    for bone in present:
        box, part = _box_of(labels, bone, grid)
        own = _distance(labels.values == bone, labels.grid, part)
        others = np.isin(labels.values, [b for b in present if b != bone])
        d = np.maximum(own, _TOUCHING_MM - _distance(others, labels.grid, part))
        half = _half_voxel(d, grid)
        depth = np.minimum(d + thickness, 0.0)
        inside = marrow + SUBCORTICAL_HU * np.exp(depth / _STRUT_DECAY_MM) + _GRAIN_HU * grain[box]
        shell = np.clip(0.5 + (d + thickness) / (2.0 * half), 0.0, 1.0)
        compact = cortical * (0.85 + 0.35 * grain[box])
        cover = np.clip(0.5 - d / (2.0 * half), 0.0, 1.0)
        value = inside * (1.0 - shell) + compact * shell
        hu[box] = hu[box] * (1.0 - cover) + value * cover


def _half_voxel(d: FloatArray, grid: Grid) -> FloatArray:
    """Half a voxel's width across the surface, mm: a thick slice blurs what lies along it."""
    slopes = np.gradient(d, *grid.spacing_kji_mm)
    width = sum(np.abs(g) * s for g, s in zip(slopes, grid.spacing_kji_mm, strict=True))
    return np.maximum(0.5 * width, _SHARPEST_MM).astype(np.float32)


def _box_of(
    labels: Volume[Label], bone: int, grid: Grid
) -> tuple[tuple[slice, slice, slice], Grid]:
    """Where in `grid` a bone lies, with a margin: slices and sub-grid."""
    found = ndimage.find_objects((labels.values == bone).astype(np.uint8))[0]
    ratio = np.asarray(labels.grid.spacing_kji_mm) / grid.spacing_kji_mm
    margin = np.ceil(_REACH_MM / np.asarray(grid.spacing_kji_mm))
    low = np.floor([f.start for f in found] * ratio) - margin
    high = np.ceil([f.stop for f in found] * ratio) + margin
    start = np.maximum(low, 0).astype(int).tolist()
    stop = np.minimum(high, grid.shape).astype(int).tolist()
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    return (box[0], box[1], box[2]), grid.cropped(tuple(start), tuple(stop))


def _distance(mask: NDArray[np.bool_], grid: Grid, on: Grid) -> FloatArray:
    """Signed distance (mm, negative inside, held within ±_REACH_MM) of a mask, sampled on `on`.

    Distances are linear between slices, masks are not: this is shape-based interpolation.
    """
    corners = grid.kji_at(on.corners)
    margin = np.ceil(2.0 * _REACH_MM / np.asarray(grid.spacing_kji_mm))
    start = np.maximum(np.floor(corners.min(axis=0)) - margin, 0).astype(int).tolist()
    stop = np.minimum(np.ceil(corners.max(axis=0)) + margin + 1, grid.shape).astype(int).tolist()
    local = mask[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
    if not local.any():
        return np.full(on.shape, _REACH_MM, np.float32)
    spacing = grid.spacing_kji_mm
    out = ndimage.distance_transform_edt(~local, spacing).astype(np.float32)
    out -= ndimage.distance_transform_edt(local, spacing).astype(np.float32)
    np.clip(out, -_REACH_MM, _REACH_MM, out=out)
    sigma = [max(_SMOOTHING_MM, 0.5 * s) / s for s in spacing]
    ndimage.gaussian_filter(out, sigma, output=out, mode="nearest", truncate=3.0)
    cropped = grid.cropped(tuple(start), tuple(stop))
    return Volume(out, cropped).on(on, order=1, outside=_REACH_MM).values


def _soft_tissue(labels: Volume[Label], bones: list[int], grid: Grid) -> FloatArray:
    """Muscle where a label that is no bone lies, fat and skin about all labels, air beyond (HU)."""
    beyond = _beyond_skin(labels, grid)
    hu = np.where(beyond < 0.0, np.float32(FAT), np.float32(AIR_HU))
    hu[(beyond < 0.0) & (beyond > -_SKIN_MM)] = SKIN
    muscle = (labels.values > 0) & ~np.isin(labels.values, bones)
    if muscle.any():
        hu[_distance(muscle, labels.grid, grid) < 0.0] = MUSCLE
    return hu


def _beyond_skin(labels: Volume[Label], grid: Grid) -> FloatArray:
    """Signed distance from the skin: all labels, their gaps closed, and a rim of fat."""
    step = [max(1, round(_BODY_MM / s)) for s in labels.grid.spacing_kji_mm]
    every = (slice(None, None, step[0]), slice(None, None, step[1]), slice(None, None, step[2]))
    coarse = labels.values[every] > 0
    spacing = np.asarray(labels.grid.spacing_kji_mm) * step
    pad = np.ceil(2.0 * _CLOSING_MM / spacing).astype(int)
    widths = [(int(n), int(n)) for n in pad]
    padded = np.pad(np.pad(coarse, [widths[0], (0, 0), (0, 0)], mode="edge"), [(0, 0), *widths[1:]])
    wide = ndimage.distance_transform_edt(~padded, spacing) < _CLOSING_MM
    wide = np.stack([ndimage.binary_fill_holes(layer) for layer in wide])  # an empty belly
    depth = ndimage.distance_transform_edt(wide, spacing)
    inner = tuple(slice(n, n + size) for n, size in zip(pad, coarse.shape, strict=True))
    beyond = (_CLOSING_MM - _FAT_RIM_MM - depth[inner]).astype(np.float32)
    di, dj, dk = (labels.grid.spacing_mm[a] * step[2 - a] for a in range(3))
    thinned = Grid(
        coarse.shape, labels.grid.origin_mm, (di, dj, dk), labels.grid.direction, labels.grid.frame
    )
    # The last coarse voxels may stop short of the box: what lies beyond them is air at its faces.
    return Volume(beyond, thinned).on(grid, order=1, outside=_REACH_MM).values


def _grain(grid: Grid, rng: np.random.Generator) -> FloatArray:
    """The texture tile (−1…1) laid over a grid, so that its grain has a size in mm."""
    tile = grain_tile(rng)
    nodes = [
        (np.floor(np.arange(n) * s / _GRAIN_MM).astype(int)) % GRAIN_N
        for n, s in zip(grid.shape, grid.spacing_kji_mm, strict=True)
    ]
    return tile[np.ix_(*nodes)]
