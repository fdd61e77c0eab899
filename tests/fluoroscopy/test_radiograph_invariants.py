"""What must hold of any picture: no ray knows of another, and left stays left."""

import numpy as np
import pytest

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy import (
    attenuation_of_hu,
    expose,
    pixel_points,
    reference_projection,
    to_display,
    window_of,
)
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume
from xray_room import (
    AIR,
    FRAME,
    all_pixels,
    centred_grid,
    pose_along,
    scan_of,
    turned_about,
)

RECIPE = CementRecipe.of_constant_viscosity("test", 100.0, 0.3, 1.5)
OBLIQUE = np.array([0.3, 1.0, 0.25])


def body(xyz: np.ndarray) -> np.ndarray:
    """A smooth, lopsided body: water with two dense blobs, in air."""
    x, y, z = xyz.T
    inside = np.clip(30 - np.sqrt((x / 1.4) ** 2 + y**2 + (z / 1.2) ** 2), 0, 5) / 5
    bone = np.exp(-((x - 12) ** 2 + (y + 6) ** 2 + (z - 8) ** 2) / 80)
    rod = np.exp(-((x + 15) ** 2 + (z + 5) ** 2) / 50)
    return np.asarray(inside * (1050 + 900 * bone + 500 * rod) - 1000)


@pytest.fixture(scope="module")
def ct() -> CTVolume:
    return scan_of(centred_grid((72, 80, 96), (1.0, 1.0, 1.2)), body)


def cement() -> CementField:
    grid = centred_grid((8, 9, 10), (1.0, 1.0, 1.0))
    return CementField(Volume(np.full(grid.shape, 0.8, dtype=np.float32), grid))


@pytest.mark.parametrize("beam", [(0, 1, 0), (1, 0.1, 0), (0.1, 0.2, 1), (0.8, 1, 0.3), (1, -1, 1)])
def test_the_fast_projector_agrees_with_the_exact_one(
    ct: CTVolume, beam: tuple[float, float, float]
) -> None:
    pose = pose_along(np.array(beam))
    mu = Volume(attenuation_of_hu(ct.hu), ct.grid)
    slow = reference_projection(mu, pose, all_pixels(pose.shape)).reshape(pose.shape)
    error = expose(ct, None, pose).line_integrals - slow
    assert np.sqrt((error**2).mean()) < 0.005 * slow.max()
    assert np.abs(error).max() < 0.03 * slow.max()


def test_cement_leaves_every_other_ray_untouched(ct: CTVolume) -> None:
    pose = pose_along(OBLIQUE)
    before = expose(ct, None, pose).line_integrals
    after = expose(ct, cement(), pose, RECIPE).line_integrals
    field = cement().fraction
    reach = np.linalg.norm((np.array(field.grid.shape) + 1) / 2)
    rays = pixel_points(pose, all_pixels(pose.shape)).xyz - pose.source.single
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    misses = np.linalg.norm(np.cross(-pose.source.single, rays), axis=1).reshape(pose.shape) > reach
    np.testing.assert_array_equal(after[misses], before[misses])
    assert (after >= before).all()
    assert misses.any()
    assert after[32, 32] > before[32, 32] + 0.5


def test_the_shadow_of_cement_weighs_what_the_exact_projector_says(ct: CTVolume) -> None:
    from sacroplasty.fluoroscopy import cement_contrast_per_mm

    pose = pose_along(OBLIQUE)
    field = cement().fraction
    mu = Volume(field.values.astype(np.float64) * cement_contrast_per_mm(RECIPE), field.grid)
    slow = reference_projection(mu, pose, all_pixels(pose.shape)).reshape(pose.shape)
    delta = (
        expose(ct, cement(), pose, RECIPE).line_integrals - expose(ct, None, pose).line_integrals
    )
    assert delta.sum() == pytest.approx(slow.sum(), rel=0.01)


def test_no_cement_is_the_same_picture(ct: CTVolume) -> None:
    pose = pose_along(OBLIQUE)
    nothing = CementField(
        Volume(np.zeros((3, 3, 3), np.float32), centred_grid((3, 3, 3), (1, 1, 1)))
    )
    np.testing.assert_array_equal(
        expose(ct, nothing, pose, RECIPE).line_integrals, expose(ct, None, pose).line_integrals
    )


def test_a_mirrored_patient_gives_the_mirrored_picture(ct: CTVolume) -> None:
    pose = pose_along(np.array([0.0, 1.0, 0.0]))
    mirrored = CTVolume(ct.hu[:, :, ::-1], ct.grid, ct.acquisition)
    np.testing.assert_allclose(
        expose(mirrored, None, pose).line_integrals,
        expose(ct, None, pose).line_integrals[:, ::-1],
        atol=2e-5,
    )


def test_splitting_the_scan_changes_nothing(ct: CTVolume) -> None:
    pose = pose_along(OBLIQUE)
    mu = Volume(attenuation_of_hu(ct.hu), ct.grid)
    pixels = all_pixels(pose.shape)
    lower = mu.cropped((0, 0, 0), (72, 33, 96))
    upper = mu.cropped((0, 33, 0), (72, 80, 96))
    parts = reference_projection(lower, pose, pixels) + reference_projection(upper, pose, pixels)
    np.testing.assert_allclose(parts, reference_projection(mu, pose, pixels), atol=1e-10)


def test_twice_the_attenuation_is_twice_the_integral(ct: CTVolume) -> None:
    pose = pose_along(OBLIQUE)
    water = np.where(ct.hu > -500, 0, AIR).astype(np.int16)
    double = np.where(ct.hu > -500, 1000, AIR).astype(np.int16)
    once = expose(CTVolume(water, ct.grid, ct.acquisition), None, pose).line_integrals
    twice = expose(CTVolume(double, ct.grid, ct.acquisition), None, pose).line_integrals
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-5, atol=1e-6)


def test_turning_the_grid_of_the_scan_changes_only_interpolation(ct: CTVolume) -> None:
    turn = turned_about((0.3, -0.5, 0.8), 0.6)
    oblique = scan_of(centred_grid((110, 110, 110), (1.0, 1.0, 1.0), turn), body)
    for beam in [(0, 1, 0), (1, 0, 0)]:
        pose = pose_along(np.array(beam))
        straight = expose(ct, None, pose).line_integrals
        error = expose(oblique, None, pose).line_integrals - straight
        assert np.sqrt((error**2).mean()) < 0.005 * straight.max()


def test_a_detector_inside_the_patient_sees_only_what_lies_before_it(ct: CTVolume) -> None:
    from sacroplasty.fluoroscopy import CArmPose
    from sacroplasty.geometry import Points

    far = pose_along(np.array([0.0, 1.0, 0.0]), shape=(9, 9))
    near = CArmPose(
        "near", far.source, Points(np.zeros(3), FRAME), far.right, far.down, (9, 9), 1.2
    )
    mu = Volume(attenuation_of_hu(ct.hu), ct.grid)
    slow = reference_projection(mu, near, all_pixels((9, 9))).reshape(9, 9)
    fast = expose(ct, None, near).line_integrals
    np.testing.assert_allclose(fast, slow, atol=0.04 * slow.max())
    assert fast[4, 4] < 0.7 * expose(ct, None, far).line_integrals[4, 4]


def test_cement_does_not_change_the_grey_of_the_bone_beside_it(ct: CTVolume) -> None:
    pose = pose_along(OBLIQUE)
    before, after = expose(ct, None, pose), expose(ct, cement(), pose, RECIPE)
    window = window_of(before)
    same = before.line_integrals == after.line_integrals
    film, screen = to_display(after, window), to_display(after, window, bone_white=False)
    np.testing.assert_array_equal(film[same], to_display(before, window)[same])
    assert film[32, 32] >= to_display(before, window)[32, 32]
    assert np.abs(film.astype(int) + screen - 255).max() <= 1
