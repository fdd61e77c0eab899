"""Each variant shows the anatomical fact that defines it, and is otherwise a sacrum."""

from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Side, Structure
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    SacralVariant,
    ScannerSettings,
    VirtualPatient,
    draw_shape_variant,
    make_virtual_patient,
)
from sacroplasty.phantom.built_sizes import BuiltSacrum, measure_built, s1_corridor_mm
from sacroplasty.phantom.dimensions import draw_dimensions
from sacroplasty.phantom.sacrum_solid import DISC_REMNANT_U
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.shape import build_shape

CASTELLVI_MM = 19.0  # a transverse process taller than this is transitional
NEAR = ScannerSettings(in_plane_mm=3.0, slice_mm=2.3, field_mm=(100.0, 100.0, 100.0))
O_DRISCOLL_RATIO = 1.37  # upper to lower depth of a square S1 body


@lru_cache(maxsize=6)
def patient(
    variant: SacralVariant, fracture: FracturePattern = FracturePattern.NONE
) -> VirtualPatient:
    request = PatientRequest(variant=variant, fracture=fracture, scanner=NEAR)
    return make_virtual_patient(request, 1)


@lru_cache(maxsize=8)
def bone_alone(variant: SacralVariant, seed: int = 5) -> BuiltSacrum:
    rng = np.random.default_rng(seed)
    sizes = draw_dimensions(Sex.FEMALE, 78, rng)
    return BuiltSacrum.of(*build_shape(sizes, seed, rng, (False, False), variant))


def in_sacrum(patient: VirtualPatient, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Positions (n, 3) of a mask's voxels in the sacral frame."""
    truth = patient.truth
    return truth.scanner_from_sacrum.inverse(truth.labels.grid.points_at(np.argwhere(mask))).xyz


def test_a_dysmorphic_s1_corridor_is_narrow() -> None:
    narrower = [
        s1_corridor_mm(bone_alone(SacralVariant.TYPICAL, seed))
        - s1_corridor_mm(bone_alone(SacralVariant.DYSMORPHIC, seed))
        for seed in (5, 6, 7)
    ]
    assert min(narrower) > 2.0
    assert np.mean(narrower) > 4.0


def test_a_dysmorphic_ala_is_steep_and_carries_a_mammillary_process() -> None:
    typical = bone_alone(SacralVariant.TYPICAL).bone
    other = bone_alone(SacralVariant.DYSMORPHIC).bone
    gained = (other.field < -1.0) & (typical.field > 1.0)
    pieces, found = ndimage.label(gained)
    sizes = np.bincount(pieces.ravel())[1:]
    assert (sizes > 12).sum() >= 2  # one knob a side
    assert found >= 2
    lost = (typical.field < -1.0) & (other.field > 1.0)
    at = np.argwhere(lost)
    bone = np.argwhere(typical.field < 0.0)
    assert np.abs(other.origin[0] + other.spacing_mm * at[:, 2]).mean() > 25.0  # the ala …
    assert at[:, 0].mean() > bone[:, 0].mean()  # … from above
    assert at[:, 1].mean() < bone[:, 1].mean()  # … and from the front


def test_dysmorphic_s1_foramina_are_larger_and_not_round() -> None:
    sizes = [
        measure_built(bone_alone(v)) for v in (SacralVariant.TYPICAL, SacralVariant.DYSMORPHIC)
    ]
    width, height = "s1_ventral_foramen_width", "s1_ventral_foramen_height"
    assert sizes[1][width] > sizes[0][width] + 2.0
    assert sizes[1][width] / sizes[1][height] > 1.15 > sizes[0][width] / sizes[0][height]


def test_a_lumbarised_s1_has_a_disc_below_it_and_a_square_body() -> None:
    built = bone_alone(SacralVariant.TYPICAL), bone_alone(SacralVariant.LUMBARISED_S1)
    ratios = [_endplate_depth(s) / _body_depth(s, 0.25) for s in built]
    assert ratios[0] > O_DRISCOLL_RATIO > ratios[1]
    typical, other = (_gap_across(sacrum) for sacrum in built)
    assert typical == 0.0
    assert 20.0 < other < built[1].shape.body_half_width * 2.0  # the wings stay fused
    bone = built[1].bone.field < 0.0
    whole, _ = ndimage.label(bone)
    assert np.bincount(whole.ravel())[1:].max() > 0.99 * bone.sum()


def _gap_across(sacrum: BuiltSacrum) -> float:
    """Width (mm) of what is no bone about the middle of the S1–S2 junction, left to right."""
    depth = _body_depth(sacrum, DISC_REMNANT_U)
    y, z = sacrum.curve.point(DISC_REMNANT_U * sacrum.shape.length, 0.5 * depth)
    x = np.arange(-45.0, 45.1, 0.25)
    points = np.column_stack([x, np.full(len(x), y), np.full(len(x), z)])
    index = ((points - sacrum.bone.origin) / sacrum.bone.spacing_mm)[:, ::-1].T
    free = ndimage.map_coordinates(sacrum.bone.field, index, order=1) >= 0.0
    runs, _ = ndimage.label(free)
    middle = runs[len(x) // 2]
    return 0.25 * float((runs == middle).sum()) if middle else 0.0


def _endplate_depth(sacrum: BuiltSacrum) -> float:
    """Depth (mm) of the S1 body, 3 mm below its endplate."""
    back = np.array([0.0, sacrum.shape.slope_cos, sacrum.shape.slope_sin])
    up = np.array([0.0, -back[2], back[1]])
    points = np.arange(-30.0, 30.0, 0.25)[:, None] * back - 3.0 * up
    index = ((points - sacrum.bone.origin) / sacrum.bone.spacing_mm)[:, ::-1].T
    inside = ndimage.map_coordinates(sacrum.bone.field, index, order=1) < 0.0
    outside = np.nonzero(~inside)[0]
    middle = len(inside) // 2
    return 0.25 * float(outside[outside > middle].min() - outside[outside < middle].max())


def _body_depth(sacrum: BuiltSacrum, u: float) -> float:
    """Depth (mm) of the body in the midline, at a share of the ventral line."""
    v = np.arange(-5.0, 45.0, 0.25)
    yz = np.array([sacrum.curve.point(u * sacrum.shape.length, one) for one in v])
    points = np.column_stack([np.zeros(len(v)), yz])
    index = ((points - sacrum.bone.origin) / sacrum.bone.spacing_mm)[:, ::-1].T
    inside = ndimage.map_coordinates(sacrum.bone.field, index, order=1) < 0.0
    first = int(np.argmax(inside))
    return 0.25 * float(np.argmin(inside[first:]))


@pytest.mark.parametrize(
    ("variant", "joined"),
    [
        (SacralVariant.TYPICAL, ()),
        (SacralVariant.SACRALISED_L5, (Side.LEFT, Side.RIGHT)),
        (SacralVariant.SACRALISED_L5_RIGHT, (Side.RIGHT,)),
    ],
)
def test_a_sacralised_l5_is_joined_with_the_ala_of_its_side(
    variant: SacralVariant, joined: tuple[Side, ...]
) -> None:
    truth = patient(variant).truth
    l5, sacrum = truth.mask(Structure.L5), truth.mask(Structure.SACRUM)
    touching = l5 & ndimage.binary_dilation(sacrum)
    x = truth.labels.grid.points_at(np.argwhere(touching)).xyz[:, 0]
    wing = in_sacrum(patient(variant), l5)
    for side in Side:
        lateral = (side.sign * x > 27.0).sum()
        tip = wing[side.sign * wing[:, 0] > 30.0]
        if side in joined:
            assert lateral > 60
            assert np.ptp(tip[:, 2]) > CASTELLVI_MM
        else:
            assert lateral == 0
            assert np.ptp(tip[:, 2]) < CASTELLVI_MM


def test_the_mirror_image_of_a_right_sided_variant_is_a_left_sided_one() -> None:
    left = patient(SacralVariant.SACRALISED_L5_LEFT, FracturePattern.LEFT_ALA)
    right = patient(SacralVariant.SACRALISED_L5_RIGHT, FracturePattern.RIGHT_ALA)
    assert (right.ct.hu == left.ct.hu[:, :, ::-1]).all()


def test_variants_are_drawn_as_often_as_the_table_says() -> None:
    rng = np.random.default_rng(3)
    drawn = [draw_shape_variant(rng) for _ in range(4000)]
    share = {variant: drawn.count(variant) / 4000 for variant in SacralVariant}
    assert share[SacralVariant.DYSMORPHIC] == pytest.approx(0.30, abs=0.03)
    assert share[SacralVariant.LUMBARISED_S1] == pytest.approx(0.04, abs=0.012)
    one_sided = share[SacralVariant.SACRALISED_L5_LEFT] + share[SacralVariant.SACRALISED_L5_RIGHT]
    assert one_sided + share[SacralVariant.SACRALISED_L5] == pytest.approx(0.08, abs=0.017)
