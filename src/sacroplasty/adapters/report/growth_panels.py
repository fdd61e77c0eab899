"""The three cuts through a needle's tip in which cement is seen to grow, as plain RGB pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.adapters.report.bone_view import BoneStudio, front_plane
from sacroplasty.adapters.report.growth_state import Growing
from sacroplasty.adapters.report.lettering import Marks, write_marks
from sacroplasty.adapters.report.outlines import depth_in_shaft_mm
from sacroplasty.adapters.report.palette import CEMENT, LEAK, NEEDLE, Ink
from sacroplasty.adapters.report.picture import SCALE_BAR_MM
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.slices import window_hu
from sacroplasty.geometry import Points
from sacroplasty.imaging import (
    AIR_HU,
    ViewPlane,
    axial_plane,
    coronal_plane,
    edge_letters,
    reslice,
    sagittal_plane,
)
from sacroplasty.planning import PlannedNeedle

RGB = NDArray[np.uint8]

# A panel is square and this many pixels wide; 128 mm hold a sacrum with both alae.
PANEL_PIXELS = 320
_PIXEL_MM = 0.4
# How much of what lies under it a colour hides.
_CEMENT_VEIL, _SHAFT_VEIL = 0.62, 0.45
# A leak is ringed on cuts that pass it this near.
_MARKED_WITHIN_MM, _RING_MM = 6.0, 7.0
_CUTS = (("axial", axial_plane), ("coronal", coronal_plane), ("sagittal", sagittal_plane))


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """A cut as it looks without cement (RGB), and the plane it lies on."""

    name: str
    plane: ViewPlane
    bare: RGB

    def with_cement(self, growing: Growing) -> RGB:
        """The cut with cement over it where the saturation exceeds one half; letters on top."""
        picture = self.bare.copy()
        inside = reslice(growing.saturation, self.plane) > 0.5
        leaked = inside & (reslice(growing.leaked, self.plane, order=0) > 0)
        for ink, where in ((CEMENT, inside), (LEAK, leaked)):
            _veil(picture, where, ink, _CEMENT_VEIL)
            _veil(picture, _rim(where), ink, 1.0)
        near = [
            p for p in growing.places if abs(float(self.plane.behind_mm(p)[0])) < _MARKED_WITHIN_MM
        ]
        return _marked(picture, self.plane, self.name, near)


class FrontView:
    """The bones from the front, drawn once; cement is drawn anew where it can be seen."""

    def __init__(self, scene: Scene) -> None:
        self._studio = BoneStudio.of(scene)
        self._plane = front_plane(scene, PANEL_PIXELS)
        self._window = self._studio.window_on(self._plane)
        self._bare = self._studio.pixels(self._plane)

    def with_cement(self, growing: Growing) -> RGB:
        """The view with this cement; letters on top."""
        self._studio.show_cement(growing.saturation)
        picture = self._bare.copy()
        picture[self._window] = self._studio.pixels(self._plane, *self._window)
        return _marked(picture, self._plane, "3-D, from the front", growing.places)


def tip_panels(scene: Scene, planned: PlannedNeedle) -> list[Panel]:
    """Axial, coronal and sagittal through the tip, hung as a radiologist does.

    Axial and coronal hold both alae: they are centred on the sacrum, the sagittal one on the tip.
    """
    low, high = (corner.single for corner in scene.sacrum_box)
    tip = planned.needle.tip
    centred = tip.single.copy()
    centred[0] = (low[0] + high[0]) / 2
    size = (PANEL_PIXELS * _PIXEL_MM,) * 2
    panels = []
    for name, hang in _CUTS:
        centre = tip if name == "sagittal" else Points(centred, tip.frame)
        plane = hang(centre, size, _PIXEL_MM)
        panels.append(
            Panel(f"{name}, {planned.side} {planned.level} tip", plane, _bare(scene, plane))
        )
    return panels


def _marked(picture: RGB, plane: ViewPlane, name: str, rings: Sequence[Points]) -> RGB:
    """Letters on the edges, the name, a bar of 20 mm, and a ring around each of some places."""
    places = [plane.row_column(place)[0] for place in rings]
    marks = Marks(
        edge_letters(plane),
        name,
        bar_pixels=round(SCALE_BAR_MM / plane.pixel_mm),
        ring_pixels=round(_RING_MM / plane.pixel_mm),
        rings=tuple((float(row), float(column)) for row, column in places),
    )
    return write_marks(picture, marks, LEAK)


def _bare(scene: Scene, plane: ViewPlane) -> RGB:
    grey = window_hu(reslice(scene.ct, plane, outside=AIR_HU))
    picture = np.repeat(grey[..., None], 3, axis=2)
    for ink, mask in scene.masks.items():
        _veil(picture, _rim(reslice(mask, plane) > 0.5), ink, 0.9)
    for planned in scene.needles:
        depth = depth_in_shaft_mm(planned.needle, plane.points).reshape(plane.shape)
        _veil(picture, depth > 0, NEEDLE, _SHAFT_VEIL)
        _veil(picture, _rim(depth > 0), NEEDLE, 0.9)
    return picture


def _rim(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(inside & ~ndimage.binary_erosion(inside, border_value=1))


def _veil(picture: RGB, where: NDArray[np.bool_], ink: Ink, share: float) -> None:
    colour = 255.0 * np.array(ink.rgb)
    picture[where] = np.round((1 - share) * picture[where] + share * colour).astype(np.uint8)
