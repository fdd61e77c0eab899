"""Each variant shows the anatomical fact that defines it, and is otherwise a sacrum."""

from functools import lru_cache

import numpy as np
import pytest
from made_patients import COARSE
from scipy import ndimage

from sacroplasty.anatomy import Level, Side, Structure, foramen_structure
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    SacralVariant,
    VirtualPatient,
    draw_shape_variant,
    make_virtual_patient,
)
from sacroplasty.phantom.bare_sacrum import BareSacrum, bare_sacrum
from sacroplasty.phantom.built_sizes import s1_corridor_mm
from sacroplasty.phantom.dimensions import draw_dimensions
from sacroplasty.phantom.sex import Sex
from sacroplasty.phantom.shape import build_shape

CASTELLVI_MM = 19.0  # a transverse process taller than this is transitional
O_DRISCOLL_RATIO = 1.37  # upper to lower depth of a square S1 body


@lru_cache(maxsize=3)
def patient(
    variant: SacralVariant, fracture: FracturePattern = FracturePattern.NONE
) -> VirtualPatient:
    request = PatientRequest(variant=variant, fracture=fracture, scanner=COARSE)
    return make_virtual_patient(request, 1)


@lru_cache(maxsize=8)
def bone_alone(variant: SacralVariant, seed: int = 5) -> BareSacrum:
    rng = np.random.default_rng(seed)
    sizes = draw_dimensions(Sex.FEMALE, 78, rng)
    return bare_sacrum(*build_shape(sizes, seed, rng, (False, False), variant), 1.0)


def in_sacrum(patient: VirtualPatient, mask: np.ndarray) -> np.ndarray:
    """Positions (n, 3) of a mask's voxels in the sacral frame."""
    truth = patient.truth
    return truth.scanner_from_sacrum.inverse(truth.labels.grid.points_at(np.argwhere(mask))).xyz


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_a_dysmorphic_s1_corridor_is_narrow(seed: int) -> None:
    typical = s1_corridor_mm(bone_alone(SacralVariant.TYPICAL, seed))
    dysmorphic = s1_corridor_mm(bone_alone(SacralVariant.DYSMORPHIC, seed))
    assert dysmorphic < typical - 2.0


def test_a_dysmorphic_ala_is_steep_and_carries_a_mammillary_process() -> None:
    typical, other = bone_alone(SacralVariant.TYPICAL), bone_alone(SacralVariant.DYSMORPHIC)
    gained = (other.field < -1.0) & (typical.field > 1.0)
    pieces, found = ndimage.label(gained)
    sizes = np.bincount(pieces.ravel())[1:]
    assert (sizes > 40).sum() >= 2  # one knob a side
    assert found >= 2
    lost = (typical.field < -1.0) & (other.field > 1.0)
    at = np.argwhere(lost)
    bone = np.argwhere(typical.field < 0.0)
    assert np.abs(other.origin[0] + at[:, 2]).mean() > 25.0  # the ala …
    assert at[:, 0].mean() > bone[:, 0].mean()  # … from above
    assert at[:, 1].mean() < bone[:, 1].mean()  # … and from the front


def test_dysmorphic_s1_foramina_are_larger_and_round() -> None:
    typical, other = patient(SacralVariant.TYPICAL), patient(SacralVariant.DYSMORPHIC)
    for side in Side:
        radii = [p.truth.foramen(Level.S1, side).radius_mm for p in (typical, other)]
        assert radii[1] > radii[0] + 0.5
        area = [p.truth.mask(foramen_structure(Level.S1, side)).sum() for p in (typical, other)]
        assert area[1] > 1.1 * area[0]


def test_a_lumbarised_s1_has_a_disc_below_it_and_a_square_body() -> None:
    typical, other = bone_alone(SacralVariant.TYPICAL), bone_alone(SacralVariant.LUMBARISED_S1)
    ratios = []
    for sacrum in (typical, other):
        middle = sacrum.field[:, :, round(-sacrum.origin[0])]
        ratios.append(_depth_ratio(middle < 0.0))
    assert ratios[0] > O_DRISCOLL_RATIO > ratios[1]
    gap = (typical.field < -0.5) & (other.field > 0.5)
    pieces, _ = ndimage.label(gap)
    largest = np.argwhere(pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:]))
    assert np.ptp(largest[:, 2]) > 20  # as wide as a body
    assert np.abs(other.origin[0] + largest[:, 2]).max() < 30.0  # the wings stay fused
    whole, _ = ndimage.label(other.field < 0.0)
    assert np.bincount(whole.ravel())[1:].max() > 0.99 * (other.field < 0.0).sum()


def _depth_ratio(middle: np.ndarray) -> float:
    """Upper to lower depth (in mm) of S1 in a midsagittal slice (z, y), seen along its own axis."""
    turned = ndimage.rotate(middle.astype(float), 52.0, order=1) > 0.5  # the ventral line upright
    runs = []
    for row in turned:
        where = np.nonzero(row)[0]
        first = where[0] if where.size else 0
        stop = np.nonzero(~row[first:])[0]
        runs.append(stop[0] if where.size and stop.size else 0)
    depths = np.array([r for r in runs if r > 3])
    top = depths[-14:].max()
    return float(top / max(np.median(depths[-32:-27]), 1.0))


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
