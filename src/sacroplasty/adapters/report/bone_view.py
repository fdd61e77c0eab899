"""The 3-D pictures: translucent bone with canals, needles and cement, from four sides."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.adapters.report.palette import CEMENT, CONTEXT, FORAMINA
from sacroplasty.adapters.report.picture import Letters, Picture, frame_svg
from sacroplasty.adapters.report.raycast import CEMENT as CEMENT_LAYER
from sacroplasty.adapters.report.raycast import cast_rays
from sacroplasty.adapters.report.scene import Scene, first_and_last
from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.imaging import ViewPlane, edge_letters

Kji = tuple[int, int, int]

_IVORY, _BONE_GREY, _STEEL = (0.93, 0.87, 0.74), (0.66, 0.69, 0.73), (0.86, 0.88, 0.90)
_TOP, _BOTTOM = (0.10, 0.12, 0.15), (0.04, 0.05, 0.06)
# A coarser grid saves time, a finer one shows only the steps of the label map.
_VOXEL_MM = 0.9
_SMOOTHING_VOXELS = 1.1
_MARGIN_MM = 14.0
_PIXELS = 620
_NOWHERE_MM = 1.0e3
# How far around the cement its distance is worked out; rays walk the rest in short steps.
_REACH_VOXELS = 8
_NEURAL = (Structure.CANAL, *FORAMINA.structures)


@dataclass(frozen=True, slots=True)
class _Camera:
    """A view by name: `away` and `up` in the sacral frame (+x left, +y dorsal, +z cranial)."""

    name: str
    says: str
    away: tuple[float, float, float]
    up: tuple[float, float, float]


_BEHIND = _Camera(
    "From behind", "The patient's left is on the viewer's left.", (0, -1, 0), (0, 0, 1)
)
_OBLIQUE = _Camera("From behind, above and left", "Oblique view.", (-0.55, -0.68, -0.48), (0, 0, 1))
_FRONT = _Camera(
    "From the front", "The patient's left is on the viewer's right.", (0, 1, 0), (0, 0, 1)
)
_ABOVE = _Camera(
    "From above", "Onto the S1 endplate; dorsal is at the bottom.", (0, 0, -1), (0, -1, 0)
)


def bone_views(scene: Scene) -> list[Picture]:
    """Four renderings of the sacrum with everything that was planned and injected."""
    studio = BoneStudio.of(scene)
    if scene.cement is not None:
        studio.show_cement(scene.cement)
    return [_picture(studio, camera) for camera in (_BEHIND, _OBLIQUE, _FRONT, _ABOVE)]


@dataclass(frozen=True, eq=False, slots=True)
class BoneStudio:
    """Bones and needles set up once, so that cement can be shown in many states of its growth.

    fields: (4, nk, nj, ni) signed distances in mm on `grid`, in the order that `cast_rays` wants;
    only the last of them, the cement's, changes, and only inside `box` (start, stop), which holds
    the scene's cement with room around it; None where the scene has none.
    """

    scene: Scene
    grid: Grid
    fields: NDArray[np.float32]
    box: tuple[Kji, Kji] | None

    @classmethod
    def of(cls, scene: Scene) -> "BoneStudio":
        """The bones of a scene, without its cement yet."""
        grid, source = _grid(scene), scene.sacrum.labels.grid
        shown = [scene.sacrum.mask(*s) for s in ((Structure.SACRUM,), CONTEXT, _NEURAL)]
        bones = [_surface(mask, source, grid) for mask in shown]
        nothing = np.full(grid.shape, _NOWHERE_MM, dtype=np.float32)
        return cls(scene, grid, np.stack([*bones, nothing]), _cement_box(scene, grid))

    def show_cement(self, saturation: Volume[np.float32]) -> None:
        """Put cement in, in place of what was shown before: where the saturation exceeds one half.

        Only cement that lies where the scene's own does is shown. Distances are exact in `box`;
        farther away rays walk in short steps.
        """
        if self.box is None:
            return
        start, stop = self.box
        inside = saturation.on(self.grid.cropped(start, stop), order=1).values > 0.5
        field = self.fields[CEMENT_LAYER]
        field[:] = 0.5 * _REACH_VOXELS * _VOXEL_MM
        field[self._here] = signed_distance_mm(inside, _VOXEL_MM)

    @property
    def _here(self) -> tuple[slice, ...]:
        assert self.box is not None
        return tuple(slice(a, b) for a, b in zip(*self.box, strict=True))

    def window_on(self, plane: ViewPlane) -> tuple[slice, slice]:
        """The rows and columns of a picture that cement can be seen in."""
        if self.box is None:
            return slice(0, 0), slice(0, 0)
        corners = self.grid.cropped(*self.box).corners
        places = plane.row_column(corners)
        low = np.maximum(np.floor(places.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(places.max(axis=0)).astype(int) + 1, plane.shape)
        return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))

    def pixels(
        self, plane: ViewPlane, rows: slice = slice(None), columns: slice = slice(None)
    ) -> NDArray[np.uint8]:
        """What is seen on a plane, RGB; of the whole of it, or of a window."""
        shade = np.linspace(0.0, 1.0, plane.shape[0])[:, None, None]
        picture = np.array(_TOP) * (1 - shade) + np.array(_BOTTOM) * shade
        picture = np.repeat(picture, plane.shape[1], axis=1)[rows, columns].copy()
        origin = np.asarray(self.grid.origin_mm)
        colours = np.array([_IVORY, _BONE_GREY, FORAMINA.rgb, CEMENT.rgb, _STEEL])
        lamp = -plane.away - 0.55 * plane.right - 0.75 * plane.down
        first = plane.points.xyz.reshape(*plane.shape, 3)[rows.start or 0, columns.start or 0]
        cast_rays(
            self.fields,
            _VOXEL_MM,
            _needle_rows(self.scene, origin),
            colours,
            first - 600.0 * plane.away - origin,
            plane.right * plane.pixel_mm,
            plane.down * plane.pixel_mm,
            lamp / np.linalg.norm(lamp),
            picture,
        )
        return np.round(np.clip(picture, 0.0, 1.0) ** (1 / 1.15) * 255).astype(np.uint8)


def front_plane(scene: Scene, pixels: int) -> ViewPlane:
    """A square picture from the front of so many pixels: patient's left on the viewer's right."""
    return _plane(scene, _FRONT, pixels)


def _cement_box(scene: Scene, grid: Grid) -> tuple[Kji, Kji] | None:
    """Start and stop on the grid around the scene's cement; None where there is none to see."""
    if scene.cement is None:
        return None
    inside = scene.cement.on(grid, order=1).values > 0
    if not inside.any():
        return None
    low, high = first_and_last(inside)
    start = [max(0, a - _REACH_VOXELS) for a in low]
    stop = [min(n, b + 1 + _REACH_VOXELS) for n, b in zip(grid.shape, high, strict=True)]
    return (start[0], start[1], start[2]), (stop[0], stop[1], stop[2])


def _grid(scene: Scene) -> Grid:
    low, high = scene.sacrum_box
    around = Points(np.stack([low.single, high.single]), low.frame)
    return scene.sacrum.labels.grid.aligned_box(around, _MARGIN_MM, _VOXEL_MM)


def _surface(mask: NDArray[np.bool_], source: Grid, grid: Grid) -> NDArray[np.float32]:
    share = Volume(mask.astype(np.float32), source).on(grid, order=1).values
    return signed_distance_mm(share > 0.5, _VOXEL_MM)


def signed_distance_mm(inside: NDArray[np.bool_], spacing_mm: float) -> NDArray[np.float32]:
    """Distance to the surface of a mask (float32, mm), negative inside, lightly smoothed."""
    if not inside.any():
        return np.full(inside.shape, _NOWHERE_MM, dtype=np.float32)
    outward = ndimage.distance_transform_edt(~inside).astype(np.float32)
    inward = ndimage.distance_transform_edt(inside).astype(np.float32)
    smooth = ndimage.gaussian_filter(outward - inward, _SMOOTHING_VOXELS)
    return np.asarray(smooth * spacing_mm, dtype=np.float32)


def _picture(studio: BoneStudio, camera: _Camera) -> Picture:
    plane = _plane(studio.scene, camera, _PIXELS)
    pixels = studio.pixels(plane)
    alt = _alt(studio.scene, camera)
    svg = frame_svg(pixels, plane.pixel_mm, Letters.of(edge_letters(plane)), Markup(""), alt)
    return Picture(svg, camera.name, camera.says, alt)


def _plane(scene: Scene, camera: _Camera, pixels: int) -> ViewPlane:
    low, high = (corner.single for corner in scene.sacrum_box)
    turn = scene.sacrum.scanner_from_sacrum.turn
    right = np.cross(camera.away, camera.up)
    down = np.cross(camera.away, right)
    edge = float(max(high - low)) + 2 * _MARGIN_MM
    centre = Points((low + high) / 2, scene.ct.frame)
    size = (edge, edge)
    return ViewPlane.spanning(centre, turn(right), turn(down), size, edge / pixels)


def _needle_rows(scene: Scene, origin: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = [
        [
            *(planned.needle.entry.single - origin),
            *(planned.needle.tip.single - origin),
            planned.needle.gauge.outer_diameter_mm / 2,
        ]
        for planned in scene.needles
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def _alt(scene: Scene, camera: _Camera) -> str:
    shown = f"{len(scene.needles)} needles" + (" and cement" if scene.cement is not None else "")
    return f"Rendering of the sacrum, {camera.name.lower()}, with foraminal canals, {shown}."
