"""Line integrals against formulas: one voxel, slabs, a sphere, the cone's magnification."""

import numpy as np
import pytest

from sacroplasty.fluoroscopy import (
    attenuation_of_hu,
    expose,
    pixel_points,
    project_points,
    reference_projection,
)
from sacroplasty.geometry import Points, Volume
from sacroplasty.reference import constant
from xray_room import AIR, all_pixels, centred_grid, pose_along, scan_of

BEAMS = [(0, 1, 0), (1, 0, 0), (0, 0, 1), (0.3, 1, 0.2), (-1, 0.4, -0.3), (0.2, -0.3, 1)]


def water() -> float:
    return constant("radiograph_water_attenuation").value


@pytest.mark.parametrize("beam", BEAMS[:3])
def test_one_voxel_and_one_ray_is_mu_times_edge(beam: tuple[float, float, float]) -> None:
    grid = centred_grid((5, 5, 5), (2.0, 3.0, 4.0))
    ct = scan_of(grid, lambda xyz: np.where(np.abs(xyz).max(axis=1) < 0.5, 500.0, AIR))
    pose = pose_along(np.array(beam), shape=(65, 65), pixel_mm=1.0)
    edge = float(np.abs(np.array(beam)) @ np.array(grid.spacing_mm))
    expected = 1.5 * water() * edge
    mu = Volume(attenuation_of_hu(ct.hu), grid)
    assert reference_projection(mu, pose, np.array([[32, 32]]))[0] == pytest.approx(expected)
    assert expose(ct, None, pose).line_integrals[32, 32] == pytest.approx(expected, rel=2e-2)


@pytest.mark.parametrize("beam", [(0, 1, 0), (0.3, 1, 0.2), (0.7, 1, -0.5)])
def test_a_slab_is_mu_times_its_thickness_over_the_cosine(
    beam: tuple[float, float, float],
) -> None:
    grid = centred_grid((90, 40, 90), (3.0, 1.0, 3.0))
    ct = scan_of(grid, lambda xyz: np.where(np.abs(xyz[:, 1]) < 10, 0.0, AIR))
    pose = pose_along(np.array(beam), shape=(33, 33))
    rays = pixel_points(pose, all_pixels(pose.shape)).xyz - pose.source.single
    cosine = np.abs(rays[:, 1]) / np.linalg.norm(rays, axis=1)
    expected = (water() * 20.0 / cosine).reshape(pose.shape)
    mu = Volume(attenuation_of_hu(ct.hu), grid)
    slow = reference_projection(mu, pose, all_pixels(pose.shape)).reshape(pose.shape)
    np.testing.assert_allclose(slow, expected, rtol=1e-9)
    np.testing.assert_allclose(expose(ct, None, pose).line_integrals, expected, rtol=2e-5)


def test_a_sphere_is_mu_times_its_chord() -> None:
    radius = 30.0
    grid = centred_grid((100, 100, 100), (0.8, 0.8, 0.8))

    def ball(xyz: np.ndarray) -> np.ndarray:
        # A voxel on the surface is partly filled, as a scanner would see it.
        inside = np.clip((radius - np.linalg.norm(xyz, axis=1)) / 0.8 + 0.5, 0, 1)
        return np.asarray(inside * 1000 - 1000)

    ct = scan_of(grid, ball)
    for beam in BEAMS:
        pose = pose_along(np.array(beam))
        ends = pixel_points(pose, all_pixels(pose.shape)).xyz
        rays = ends - pose.source.single
        rays /= np.linalg.norm(rays, axis=1)[:, None]
        miss = np.linalg.norm(np.cross(-pose.source.single, rays), axis=1)
        chord = 2 * np.sqrt(np.maximum(radius**2 - miss**2, 0)).reshape(pose.shape)
        error = expose(ct, None, pose).line_integrals - water() * chord
        assert np.sqrt((error**2).mean()) < 0.008 * water() * 2 * radius
        assert abs(error.sum()) < 0.006 * (water() * chord).sum()


def test_a_cone_beam_magnifies_by_detector_over_object_distance() -> None:
    pose = pose_along(np.array([0.0, 1.0, 0.0]), pixel_mm=0.5, shape=(101, 101))
    left = Points(np.array([[10.0, 0.0, 0.0], [10.0, 100.0, 0.0]]), pose.frame)
    row_column = project_points(pose, left)
    assert row_column[0] == pytest.approx([50.0, 50.0 + 10 * (1000 / 600) / 0.5])
    assert row_column[1] == pytest.approx([50.0, 50.0 + 10 * (1000 / 700) / 0.5])


def test_pixels_and_points_are_inverse() -> None:
    pose = pose_along(np.array([0.3, 1.0, -0.2]))
    pixels = np.array([[0.0, 0.0], [10.5, 60.25], [64.0, 3.0]])
    ends = pixel_points(pose, pixels)
    halfway = Points((ends.xyz + pose.source.single) / 2, pose.frame)
    np.testing.assert_allclose(project_points(pose, halfway), pixels, atol=1e-9)
