"""A printed guide must be one closed solid, hold the needle, sit on the patient, and show its side.

The solid is judged from the bytes of its STL file, read here by themselves.
"""

import struct
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion
from toy_plan import SCANNER, bone_surface_y, skin_y, toy_back, toy_needle, toy_plan

from sacroplasty.adapters.plan_export.stl_file import stl_bytes
from sacroplasty.anatomy import Side, Structure
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.geometry import Points, Volume
from sacroplasty.planning import Needle
from sacroplasty.planning.drill_guide import DrillGuide, GuideKind, GuideSettings, build_guides

Array = NDArray[np.float64]
COARSE = GuideSettings(grid_mm=0.6)
BOTH = tuple(GuideKind)


@lru_cache(maxsize=4)
def left_guide(kind: GuideKind) -> DrillGuide:
    (guide,) = build_guides(toy_plan(toy_needle(Side.LEFT)), toy_back(), kind)
    return guide


def triangles(guide: DrillGuide) -> Array:
    """(m, 3, 3) from the file's bytes: 80 bytes of header, a count, 50 bytes per triangle."""
    stl = stl_bytes(guide.mesh)
    (count,) = struct.unpack("<I", stl[80:84])
    assert len(stl) == 84 + 50 * count
    rows = np.frombuffer(stl[84:], np.uint8).reshape(count, 50)
    numbers = np.frombuffer(rows[:, :48].tobytes(), "<f4").reshape(count, 4, 3)
    return numbers[:, 1:].astype(np.float64)


def distances_from_axis(needle: Needle, xyz: Array) -> tuple[Array, Array]:
    """Distance from the axis, and height above the entry against the needle's direction."""
    offset = xyz - needle.entry.single
    height = -offset @ needle.direction
    return np.linalg.norm(offset + height[..., None] * needle.direction, axis=-1), height


def is_inside(points: Array, solid: Array) -> NDArray[np.bool_]:
    """By the winding number: the solid angle of all triangles is 4π from inside (Van Oosterom)."""
    winding = np.empty(len(points))
    for n, point in enumerate(points):
        a, b, c = np.moveaxis(solid - point, 1, 0)
        la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
        above = np.einsum("ij,ij->i", a, np.cross(b, c))
        dots = [np.einsum("ij,ij->i", p, q) for p, q in ((a, b), (b, c), (c, a))]
        below = la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb
        winding[n] = np.arctan2(above, below).sum() / (2 * np.pi)
    return winding > 0.5


@pytest.mark.parametrize("kind", BOTH)
def test_the_solid_is_closed_and_turned_outwards(kind: GuideKind) -> None:
    corners = triangles(left_guide(kind))
    _, names = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    faces = names.reshape(-1, 3)
    assert all(len(set(face)) == 3 for face in faces.tolist()), "a triangle without area"
    edges = [(f[n], f[(n + 1) % 3]) for f in faces.tolist() for n in range(3)]
    assert len(set(edges)) == len(edges), "an edge is walked twice in one direction"
    assert {(b, a) for a, b in edges} == set(edges), "an edge belongs to one triangle only"
    a, b, c = np.moveaxis(corners, 1, 0)
    assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6 > 1000.0
    # One piece with one channel through it: Euler characteristic 2 − 2·1.
    assert faces.max() + 1 - len(edges) // 2 + len(faces) == 0


@pytest.mark.parametrize("kind", BOTH)
def test_the_needle_passes_and_a_thicker_one_does_not(kind: GuideKind) -> None:
    guide = left_guide(kind)
    (planned,), (bore,) = guide.needles, guide.bores_mm
    needle = planned.needle
    assert bore == pytest.approx(needle.gauge.outer_diameter_mm + 0.3)
    # Dense points of every triangle, so that an edge bulging into the channel is seen too.
    shares = np.array([(a, b, 1 - a - b) for a in (0, 0.25, 0.5, 0.75, 1) for b in (0, 0.25, 0.5)])
    shares = shares[shares[:, 2] >= 0]
    surface = np.einsum("sc,mcx->msx", shares, triangles(guide)).reshape(-1, 3)
    off_axis, _ = distances_from_axis(needle, surface)
    radius = needle.gauge.outer_diameter_mm / 2
    assert off_axis.min() > radius, "the needle touches the guide"
    assert off_axis.min() < radius + (0.3 + 0.4) / 2, "a needle 0.7 mm thicker should be held"
    near = (off_axis < bore / 2 + 0.3).sum() / len(off_axis)
    assert near > 0.02, "there is a channel wall at all"


@pytest.mark.parametrize("kind", BOTH)
def test_the_channel_is_open_and_has_a_wall_around_it(kind: GuideKind) -> None:
    """By winding numbers: air on the axis and at the needle's surface, plastic 1 mm beyond."""
    guide = left_guide(kind)
    needle = guide.needles[0].needle
    depth = 0.0 if kind is GuideKind.SKIN else guide.needles[0].bone_entry_depth_mm
    u = np.cross(needle.direction, [0.0, 0.0, 1.0])
    u /= np.linalg.norm(u)
    v = np.cross(needle.direction, u)
    turns = np.linspace(0, 2 * np.pi, 6, endpoint=False)
    rim = np.cos(turns)[:, None] * u + np.sin(turns)[:, None] * v
    solid = triangles(guide)

    def ring(height: float, radius: float) -> Array:
        centre = needle.entry.single - (height - depth) * needle.direction
        return np.asarray(centre + radius * rim)

    radius = needle.gauge.outer_diameter_mm / 2
    bore = guide.bores_mm[0] / 2
    for height in (1.5, 10.0, 19.0):
        assert not is_inside(ring(height, 0.0)[:1], solid).any()
        assert not is_inside(ring(height, radius), solid).any()
        assert is_inside(ring(height, bore + 0.3), solid).all()
        assert is_inside(ring(height, bore + 2.2), solid).all()
    assert not is_inside(ring(10.0, bore + 2.9), solid).any(), "the wall is 2.5 mm"
    assert not is_inside(ring(20.5, bore + 1.0), solid).any(), "the tube ends at 20 mm"


@pytest.mark.parametrize(("kind", "surface"), [("skin", skin_y), ("bone", bone_surface_y)])
def test_the_underside_lies_an_offset_from_the_patient(kind: str, surface: object) -> None:
    """The analytic surface, not the label map: a voxel's stair-step is the tolerance."""
    guide = left_guide(GuideKind(kind))
    xyz = guide.mesh.vertices.xyz
    x = xyz[:, 0]
    beside = x > 47.0 if kind == "bone" else x > 1000.0  # the block of bone ends at 48
    slope = 2 * x / (40.0 if kind == "skin" else 15.0) ** 2
    gap = (xyz[:, 1] - surface(x)) / np.sqrt(1 + slope**2)  # type: ignore[operator]
    assert gap[~beside].min() > -0.3, "the guide cuts into the patient"
    normals = np.zeros_like(xyz)
    np.add.at(normals, guide.mesh.faces.ravel(), np.repeat(guide.mesh.normals, 3, axis=0))
    off_axis, _ = distances_from_axis(guide.needles[0].needle, xyz)
    under = (normals[:, 1] / np.linalg.norm(normals, axis=1) < -0.8) & (off_axis < 13.0) & ~beside
    assert under.sum() > 500
    assert abs(float(np.median(gap[under])) - 0.3) < 0.2
    assert np.percentile(np.abs(gap[under] - 0.3), 95) < 0.6
    assert 4.0 < float(np.median(gap[(normals[:, 1] > 0.9) & ~beside & (gap < 4.7)])) < 4.8, (
        "the plate is 4 mm thick"
    )


def test_a_guide_can_be_lifted_off_under_iliac_spines() -> None:
    """No undercut: nothing of the patient stands above the guide on its way out."""
    sacrum = toy_back(spines=True)
    needle = toy_needle(Side.LEFT, entry=(38.0, 60.0, -30.0), target=(32.0, -4.0, -30.0))
    (guide,) = build_guides(toy_plan(needle), sacrum, GuideKind.BONE, COARSE)
    way_out = -needle.needle.direction
    # Voxels with bone on all sides: a label map's own corners are not sharper than that.
    bone = binary_erosion(sacrum.mask(Structure.ILIUM_LEFT, Structure.SACRUM, Structure.CANAL))
    for lifted_mm in np.arange(0.0, 25.0, 1.0):
        moved = Points(guide.mesh.vertices.xyz + lifted_mm * way_out, SCANNER)
        assert not Volume(bone, sacrum.labels.grid).at(moved, order=0).any(), lifted_mm


def test_a_mirrored_patient_gets_the_mirrored_guide() -> None:
    """All but the letter: an L does not become its mirror image but an R."""
    left, right = (
        build_guides(toy_plan(toy_needle(side)), toy_back(), GuideKind.SKIN, COARSE)[0]
        for side in Side
    )
    turned = right.mesh.vertices.xyz * [-1.0, 1.0, 1.0]
    plate = [xyz[xyz[:, 1] < skin_y(xyz[:, 0]) + 3.8] for xyz in (left.mesh.vertices.xyz, turned)]
    for here, there in (plate, plate[::-1]):
        some = here[:: max(1, len(here) // 400)]
        nearest = [np.linalg.norm(there - point, axis=1).min() for point in some]
        assert max(nearest) < 0.6
    assert left.mesh.volume_mm3 == pytest.approx(right.mesh.volume_mm3, rel=0.02)
    assert left.mesh.vertices.xyz[:, 0].min() > 0, "the patient's left is at positive x"


@pytest.mark.parametrize("side", list(Side))
def test_the_letter_is_read_from_behind_with_the_head_up(side: Side) -> None:
    """A picture of the marks as the operator sees them: patient's left on the viewer's left."""
    needle = toy_needle(
        side, entry=(40.0 * side.sign, 60.0, -30.0), target=(40.0 * side.sign, -4.0, -30.0)
    )
    (guide,) = build_guides(toy_plan(needle), toy_back(), GuideKind.SKIN)
    xyz = guide.mesh.vertices.xyz
    height = xyz[:, 1] - skin_y(xyz[:, 0])
    off_axis, _ = distances_from_axis(needle.needle, xyz)
    raised = xyz[(height > 4.75) & (off_axis > 5.0)]
    to_the_right, up = -(raised[:, 0] - 40.0 * side.sign), raised[:, 2] + 30.0
    letter = np.abs(up) < 4.0
    x, y = to_the_right[letter], up[letter]
    assert np.sign(np.median(x)) == -side.sign, "the letter stands lateral"
    x = x - (x.min() + x.max()) / 2

    def ink(low_x: float, high_x: float, low_y: float, high_y: float) -> bool:
        return bool(((x > low_x) & (x < high_x) & (y > low_y) & (y < high_y)).sum() > 5)

    assert ink(-2.7, -1.0, -3, 3), "the stem is on the reader's left"
    assert ink(0.8, 2.7, -3.8, -2.0), "a foot to the reader's right"
    assert ink(0.0, 2.7, 1.0, 3.8) == (side is Side.RIGHT), "only an R has a bowl"
    arrow = up > 5.0
    tip = up[arrow].max()
    head = to_the_right[arrow & (up > tip - 2.5)]
    foot = to_the_right[arrow & (up < tip - 4.5)]
    assert np.ptp(head) > 2 * np.ptp(foot), "the arrow's head is cranial"


def test_near_needles_share_a_guide_and_far_ones_do_not() -> None:
    near = [
        toy_needle(side, entry=(25.0 * side.sign, 60.0, -30.0), target=(28.0 * side.sign, -4, -20))
        for side in Side
    ]
    (shared,) = build_guides(toy_plan(*near), toy_back(), GuideKind.SKIN, COARSE)
    assert [planned.side for planned in shared.needles] == [Side.LEFT, Side.RIGHT]
    faces = shared.mesh.faces
    edges = {frozenset((f[n], f[n - 1])) for f in faces.tolist() for n in range(3)}
    assert len(shared.mesh.vertices) - len(edges) + len(faces) == 2 - 2 * 2, "two channels"
    assert len(build_guides(toy_plan(), toy_back(), GuideKind.SKIN, COARSE)) == 2


def test_a_guide_that_would_not_fit_is_refused() -> None:
    one = toy_plan(toy_needle(Side.LEFT))
    with pytest.raises(BadInput, match="does not reach the skin"):
        build_guides(one, toy_back(skin=False), GuideKind.SKIN)
    deep = toy_plan(toy_needle(Side.LEFT, entry=(40.0, 30.0, -30.0)))
    with pytest.raises(BadInput, match="should meet the surface"):
        build_guides(deep, toy_back(), GuideKind.SKIN)
    with pytest.raises(BadInput, match="no needle"):
        build_guides(
            type(one)((), one.margins, one.findings, (), 1), toy_back(), GuideKind.SKIN, COARSE
        )
    with pytest.raises(BadUsage, match=r"wall of 0\.2 mm"):
        GuideSettings(wall_mm=0.2)


def test_the_file_says_what_it_is_and_is_the_same_every_time() -> None:
    guide = left_guide(GuideKind.SKIN)
    header = stl_bytes(guide.mesh)[:80]
    assert b"LPS mm" in header
    assert b"not a medical device" in header
    assert not header.startswith(b"solid"), "readers would take it for text"
    (again,) = build_guides(toy_plan(toy_needle(Side.LEFT)), toy_back(), GuideKind.SKIN)
    assert stl_bytes(again.mesh) == stl_bytes(guide.mesh)
