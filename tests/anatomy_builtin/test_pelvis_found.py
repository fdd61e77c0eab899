"""The pelvis is found where it was put: turned, in a large field, beside what looks like bone."""

import numpy as np
import pytest

from sacroplasty.anatomy import Side, Structure
from sacroplasty.anatomy.builtin.agreement import mirror_distance_mm, template_residual_mm
from sacroplasty.anatomy.builtin.checks import MOST_RESIDUAL_MM, MOST_UNLIKE_MM
from sacroplasty.anatomy.builtin.coarse_bone import coarse_bone_map
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import HEADER_ORIENTATION, PelvisPose, find_pose
from sacroplasty.anatomy.builtin.template import pelvis_template
from sacroplasty.anatomy.builtin.template_place import TemplatePlace
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume

_FRAME = Frame("1.2.3")
_SPACING = (2.0, 2.0, 3.0)
_SIZE = (200, 160, 130)  # 400 x 320 x 390 mm
_CENTRE = np.array([15.0, -40.0, 900.0])
_LANDMARKS = np.array([(0, -12, 21), (60, 30, 0), (-60, 30, 0), (110, -50, 10), (-110, -50, 10.0)])


def _turned(pitch: float, roll: float, yaw: float) -> np.ndarray:
    (cp, cr, cy), (sp, sr, sy) = (f(np.deg2rad([pitch, roll, yaw])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    about_z = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def _bone_points() -> np.ndarray:
    t = pelvis_template()
    return np.concatenate([t.wings[Side.LEFT][0], t.wings[Side.RIGHT][0], t.spine[0]])


def _scan(rotation: np.ndarray, background: float = 40.0, blob_mm: float = 0.0) -> CTVolume:
    """Beads of bone at the template's points, laid at `_CENTRE`; a blob as bright as contrast."""
    origin = _CENTRE - np.array(_SIZE) * _SPACING / 2 + (20.0, -10.0, 30.0)
    grid = Grid.axis_aligned(_SIZE[::-1], tuple(origin), _SPACING, _FRAME)
    hu = np.full(grid.shape, background, dtype=np.float32)
    z, y, x = (
        o + s * np.arange(n)
        for o, s, n in zip(origin[::-1], _SPACING[::-1], grid.shape, strict=True)
    )
    for point in _bone_points() @ rotation.T + _CENTRE:
        k, j, i = (np.abs(a - c) < 4.0 for a, c in zip((z, y, x), point[::-1], strict=True))
        hu[np.ix_(k, j, i)] = 350.0
    if blob_mm:
        middle = rotation @ (0.0, -70.0, -60.0) + _CENTRE
        away = (
            (z[:, None, None] - middle[2]) ** 2
            + (y[None, :, None] - middle[1]) ** 2
            + (x[None, None, :] - middle[0]) ** 2
        )
        hu[away < blob_mm**2] = 900.0
    return CTVolume(hu.astype(np.int16), grid, Acquisition("0" * 64, "made up"))


def _error_mm(pose: PelvisPose, rotation: np.ndarray) -> float:
    expected = _LANDMARKS @ rotation.T + _CENTRE
    found = pose.scale * _LANDMARKS @ pose.rotation.T + pose.origin_mm
    return float(np.linalg.norm(found - expected, axis=1).max())


@pytest.mark.parametrize(
    "angles",
    [(0, 0, 0), (8, 0, 15), (-12, 6, -15), (10, -10, 25), (-20, 0, 0)],
    ids=str,
)
def test_a_pelvis_is_found_where_it_was_laid(angles: tuple[float, float, float]) -> None:
    rotation = _turned(*angles)
    pose = find_pose(coarse_bone_map(_scan(rotation).volume))
    assert pose.orientation == HEADER_ORIENTATION
    assert _error_mm(pose, rotation) < 5.0


def test_masked_background_changes_nothing() -> None:
    rotation = _turned(5, 0, 10)
    soft, none = (
        find_pose(coarse_bone_map(_scan(rotation, background).volume)) for background in (40, -1000)
    )
    np.testing.assert_array_equal(soft.origin_mm, none.origin_mm)
    np.testing.assert_array_equal(soft.rotation, none.rotation)


def test_a_bladder_full_of_contrast_does_not_move_the_pelvis() -> None:
    rotation = _turned(0, 0, 8)
    pose = find_pose(coarse_bone_map(_scan(rotation, blob_mm=45.0).volume))
    assert pose.orientation == HEADER_ORIENTATION
    assert _error_mm(pose, rotation) < 6.0


def test_a_pelvis_stored_upside_down_is_called_so() -> None:
    right = _scan(_turned(0, 0, 0))
    flipped = CTVolume(right.hu[::-1].copy(), right.grid, right.acquisition)
    assert find_pose(coarse_bone_map(flipped.volume)).orientation == "upside down"


def test_a_mirrored_pelvis_lies_at_the_mirrored_place() -> None:
    rotation = _turned(6, 4, 12)
    ct = _scan(rotation)
    mirrored = CTVolume(ct.hu[:, :, ::-1].copy(), ct.grid, ct.acquisition)
    one, other = (find_pose(coarse_bone_map(scan.volume)) for scan in (ct, mirrored))
    middle = ct.grid.points_at((np.array(ct.grid.shape) - 1) / 2).single[0]
    here = one.scale * _LANDMARKS @ one.rotation.T + one.origin_mm
    there = other.scale * (_LANDMARKS * (-1, 1, 1)) @ other.rotation.T + other.origin_mm
    there[:, 0] = 2 * middle - there[:, 0]
    assert np.abs(here - there).max() < 4.0


def test_the_bone_map_keeps_a_thin_wing_and_drops_a_bladder() -> None:
    hu = np.full((60, 80, 80), 40, dtype=np.int16)
    k, j, i = np.indices(hu.shape) * 2.0
    hu[np.sqrt((k - 60) ** 2 + (j - 50) ** 2 + (i - 50) ** 2) < 40] = 900
    hu[(np.abs(i - 130) < 3) & (j > 20) & (j < 140)] = 400
    grid = Grid.axis_aligned(hu.shape, (0.0, 0.0, 0.0), (2.0, 2.0, 2.0), _FRAME)
    bone = coarse_bone_map(Volume(hu, grid))
    bladder = bone.at(Points(np.array([[50.0, 50.0, 60.0]]), _FRAME))
    wing = bone.at(Points(np.array([[130.0, 80.0, 60.0]]), _FRAME))
    assert wing[0] > 0.5
    assert bladder[0] < 0.25 * wing[0]


def test_wings_of_the_template_mirror_each_other() -> None:
    wings = pelvis_template().wings
    np.testing.assert_array_equal(wings[Side.LEFT][0] * (-1.0, 1.0, 1.0), wings[Side.RIGHT][0])
    assert (wings[Side.LEFT][0][:, 0] > 0).all()


@pytest.fixture(scope="module")
def placed() -> tuple[TemplatePlace, np.ndarray]:
    """The template's own place, and labels of beads at its points."""
    pose = PelvisPose(np.eye(3), _CENTRE, 1.0, 1.0, HEADER_ORIENTATION)
    axes = PelvisAxes.around(pose, _FRAME)
    ct = _scan(np.eye(3))
    place = TemplatePlace(ct, Volume(np.zeros(axes.grid.shape, np.float32), axes.grid), axes, pose)
    labels = np.zeros(axes.grid.shape, dtype=np.uint8)
    t = pelvis_template()
    for points, bone in (
        (t.wings[Side.LEFT][0], Structure.ILIUM_LEFT),
        (t.wings[Side.RIGHT][0], Structure.ILIUM_RIGHT),
        (t.spine[0], Structure.SACRUM),
    ):
        for k, j, i in place.indices(points):
            labels[k - 2 : k + 3, j - 2 : j + 3, i - 2 : i + 3] = bone
    return place, labels


def test_bones_at_their_places_leave_no_residual(placed: tuple[TemplatePlace, np.ndarray]) -> None:
    place, labels = placed
    assert template_residual_mm(place, Volume(labels, place.axes.grid)) < 0.5


def test_bones_shifted_or_missing_are_told(placed: tuple[TemplatePlace, np.ndarray]) -> None:
    place, labels = placed
    shifted = np.roll(labels, 24, axis=0)  # 30 mm up
    assert template_residual_mm(place, Volume(shifted, place.axes.grid)) > MOST_RESIDUAL_MM
    no_left = np.where(labels == Structure.ILIUM_LEFT, 0, labels).astype(np.uint8)
    assert template_residual_mm(place, Volume(no_left, place.axes.grid)) == np.inf


def test_halves_are_compared_in_the_midplane(placed: tuple[TemplatePlace, np.ndarray]) -> None:
    place, labels = placed
    same = mirror_distance_mm(Volume(labels, place.axes.grid))
    assert same["ilia"] < 0.5
    assert same["sacrum"] < 0.5
    tilted = labels.copy()
    left = labels == Structure.ILIUM_LEFT
    tilted[left] = 0
    tilted[np.roll(left, 32, axis=0)] = Structure.ILIUM_LEFT  # 40 mm up
    assert mirror_distance_mm(Volume(tilted, place.axes.grid))["ilia"] > MOST_UNLIKE_MM
