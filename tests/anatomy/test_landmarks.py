"""Landmarks, planes, angles and corridors follow from labels and frame."""

import numpy as np
import pytest
from toy_pelvis import DEPTHS, Given, toy_pelvis

from sacroplasty.anatomy import (
    Level,
    SacrumModel,
    Side,
    Structure,
    build_sacrum,
    find_endplate,
    find_landmarks,
    measure_corridors,
    presacral_space,
)
from sacroplasty.geometry import Volume
from sacroplasty.phantom import (
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)


@pytest.fixture(scope="module")
def toy() -> SacrumModel:
    drawn = toy_pelvis()
    return build_sacrum(drawn.ct, Given(drawn.labels))


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    """Coarse CT; its truth is what counts here."""
    return make_virtual_patient(
        PatientRequest(scanner=ScannerSettings(in_plane_mm=3.0, slice_mm=5.0)), seed=2
    )


def test_a_flat_top_is_the_endplate(toy: SacrumModel) -> None:
    """The toy ends at z = 0, level in the scanner."""
    endplate = find_endplate(
        Volume(toy.mask(Structure.SACRUM), toy.labels.grid), toy.scanner_from_sacrum
    )
    assert endplate is not None
    assert endplate.normal[2] > np.cos(np.radians(2.0))
    assert abs(endplate.centre.single[2]) < 1.5
    ventral, dorsal, left, right = endplate.corners.xyz
    assert ventral[1] < dorsal[1]
    assert right[0] < left[0]


def test_the_slope_of_a_virtual_patient_is_the_one_drawn(patient: VirtualPatient) -> None:
    found = find_landmarks(patient.truth).angles_deg["sacral_slope"]
    assert found == pytest.approx(patient.dimensions.sacral_slope, abs=4.0)


def test_segments_follow_each_other_downwards(patient: VirtualPatient) -> None:
    found = find_landmarks(patient.truth)
    assert [plane.segment for plane in found.planes] == ["S1", "S2", "S3", "S4", "S5"]
    to_sacrum = patient.truth.scanner_from_sacrum.inverse
    heights = [to_sacrum(plane.point).single[2] for plane in found.planes]
    heights.append(to_sacrum(found.points["sacral_apex"]).single[2])
    assert heights == sorted(heights, reverse=True)
    for plane in found.planes:
        assert np.linalg.norm(plane.normal) == pytest.approx(1.0)
        assert plane.normal[2] > 0


def test_landmarks_lie_on_their_own_sides(patient: VirtualPatient) -> None:
    points = find_landmarks(patient.truth).points
    for side in Side:
        own = [name for name in points if name.endswith(f"_{side.value}")]
        assert len(own) >= 10
        for name in own:
            x = patient.truth.scanner_from_sacrum.inverse(points[name]).single[0]
            assert x * side.sign > 0, name
    promontory, dorsal = points["promontory"].single, points["S1_endplate_dorsal"].single
    assert promontory[1] < dorsal[1]


def test_corridors_of_a_block_are_its_height_and_depth(toy: SacrumModel) -> None:
    """Above the S1 tunnel the toy holds 35 - 4.5 mm of bone, about 42 mm deep."""
    corridors = {(c.level, c.side): c for c in measure_corridors(toy)}
    assert len(corridors) == 4
    for side in Side:
        s1, s2 = corridors[Level.S1, side], corridors[Level.S2, side]
        assert s1.craniocaudal_mm == pytest.approx(DEPTHS[Level.S1] - 4.5, abs=3.0)
        assert s1.ap_mm == pytest.approx(42.0, abs=5.0)
        assert s2.craniocaudal_mm == pytest.approx(26.0 - 9.0, abs=3.0)
        assert s2.circle_diameter_mm <= s2.craniocaudal_mm + 1.0


def test_both_sides_of_a_symmetric_block_have_the_same_corridors(toy: SacrumModel) -> None:
    found = {(c.level, c.side): c for c in measure_corridors(toy)}
    for level in (Level.S1, Level.S2):
        left, right = found[level, Side.LEFT], found[level, Side.RIGHT]
        assert left.craniocaudal_mm == pytest.approx(right.craniocaudal_mm, abs=1.5)


def test_the_presacral_space_is_soft_and_in_front(toy: SacrumModel) -> None:
    space = presacral_space(toy)
    assert space.any()
    assert (toy.labels.values[space] == Structure.SOFT_TISSUE).all()
    grid = toy.labels.grid
    y = toy.scanner_from_sacrum.inverse(grid.points_at(np.argwhere(space))).xyz[:, 1]
    bone = toy.scanner_from_sacrum.inverse(
        grid.points_at(np.argwhere(toy.mask(Structure.SACRUM)))
    ).xyz[:, 1]
    assert np.median(y) < np.percentile(bone, 10)
