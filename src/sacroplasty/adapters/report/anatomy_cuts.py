"""The pictures of a sacrum before anybody plans: its openings, and where each check looked."""

import numpy as np
from markupsafe import Markup

from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import limb_phrase, side_phrase
from sacroplasty.adapters.report.slices import PIXEL_MM, cut_picture, midline_cut
from sacroplasty.anatomy import Foramen, Fracture, FractureLimb, Level
from sacroplasty.findings import Finding
from sacroplasty.geometry import Points
from sacroplasty.imaging import ViewPlane, axial_plane

_LEVEL_SIZE_MM = (90.0, 130.0)
_CHECK_SIZE_MM = (90.0, 110.0)
_CORONAL_SIZE_MM = (140.0, 150.0)


def anatomy_cuts(scene: Scene) -> list[Picture]:
    """The midline, the plane of the foramina from the front, and one cut through each pair."""
    levels = [(level, _at_level(scene, level)) for level in Level]
    pairs = [_pair_cut(scene, level, foramina) for level, foramina in levels if foramina]
    return [midline_cut(scene), *_coronal(scene), *pairs]


def check_picture(scene: Scene, finding: Finding) -> Picture | None:
    """The axial cut where a check looked, with a cross there; None where it has no one place."""
    if finding.where_lps_mm is None:
        return None
    where = Points.at(finding.where_lps_mm, scene.ct.frame)
    plane = axial_plane(where, _CHECK_SIZE_MM, PIXEL_MM)
    return cut_picture(
        scene, plane, finding.check.replace("_", " ").capitalize(), finding.says, mark=_cross(plane)
    )


def fracture_cuts(scene: Scene, fracture: Fracture) -> list[Picture]:
    """Two cuts through the middle of each limb: along the sacrum, and across it."""
    return [
        picture
        for number, limb in enumerate(fracture.limbs, start=1)
        for picture in _limb_cuts(scene, limb, f"Limb {number}, {limb_phrase(limb)}")
    ]


def _limb_cuts(scene: Scene, limb: FractureLimb, title: str) -> list[Picture]:
    left, dorsal, cranial = scene.sacrum.scanner_from_sacrum.rotation.T
    centre = Points(limb.cleft.xyz.mean(axis=0), scene.ct.frame)
    planes = (
        ("oblique coronal", ViewPlane.spanning(centre, left, -cranial, _CHECK_SIZE_MM, PIXEL_MM)),
        ("oblique axial", ViewPlane.spanning(centre, left, dorsal, _CHECK_SIZE_MM, PIXEL_MM)),
    )
    return [cut_picture(scene, plane, f"{title}, {name}", "") for name, plane in planes]


def _cross(plane: ViewPlane) -> Markup:
    y, x = (edge * plane.pixel_mm / 2 for edge in plane.shape)
    return Markup('<path class="cross" d="M{} {}h-6M{} {}h6M{} {}v-6M{} {}v6"/>').format(
        *(f"{v:.1f}" for v in (x - 3, y, x + 3, y, x, y - 3, x, y + 3))
    )


def _at_level(scene: Scene, level: Level) -> list[Foramen]:
    return [f for f in scene.sacrum.foramina if f.level is level]


def _pair_cut(scene: Scene, level: Level, foramina: list[Foramen]) -> Picture:
    """A cut that holds the dorsal and ventral mouths of one level, tilted as the foramina are."""
    left = scene.sacrum.scanner_from_sacrum.rotation[:, 0]
    through = np.mean([f.dorsal_mouth.single - f.ventral_mouth.single for f in foramina], axis=0)
    down = through - (through @ left) * left
    centre = np.mean([f.centre.single for f in foramina], axis=0)
    if len(foramina) == 1:  # the midline stays in the middle of the picture
        offset = (centre - scene.sacrum.scanner_from_sacrum.translation) @ left
        centre = centre - offset * left
    plane = ViewPlane.spanning(Points(centre, scene.ct.frame), left, down, _LEVEL_SIZE_MM, PIXEL_MM)
    caption = "; ".join(
        f"{side_phrase(f.side)} {level}: radius {f.radius_mm:.1f} mm" for f in foramina
    )
    return cut_picture(scene, plane, f"Through the {level} foramina", f"{caption}.")


def _coronal(scene: Scene) -> list[Picture]:
    """Along the sacrum's own axes through the middle of its foramina, seen from the front."""
    if not scene.sacrum.foramina:
        return []
    left, _, cranial = scene.sacrum.scanner_from_sacrum.rotation.T
    centre = np.mean([f.centre.single for f in scene.sacrum.foramina], axis=0)
    plane = ViewPlane.spanning(
        Points(centre, scene.ct.frame), left, -cranial, _CORONAL_SIZE_MM, PIXEL_MM
    )
    caption = "Along the S1–S2 axis of the sacrum, seen from the front."
    return [cut_picture(scene, plane, "Oblique coronal through the foramina", caption)]
