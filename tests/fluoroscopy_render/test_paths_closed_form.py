"""Paths through things whose integral is known, on straight and oblique grids."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.fluoroscopy import (
    CArmPose,
    StackedVolume,
    pixel_points,
    project,
    reference_projection,
)
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.imaging import CTVolume
from xray_room import all_pixels, centred_grid, filled, patient, pose_along, turned_about

BEAMS = [(0, 1, 0), (1, 0, 0), (0, 0, 1), (0, 1, -0.7), (-1, 0.4, -0.3), (0.2, -0.3, 1)]
PEAK, SIGMA_MM, CENTRE = 40000.0, 8.0, np.array([6.0, -4.0, 3.0])
TURNS = [None, turned_about((0.3, -0.5, 0.8), 0.6)]


def bell(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(PEAK * np.exp(-((xyz - CENTRE) ** 2).sum(axis=1) / (2 * SIGMA_MM**2)))


def bell_integral(pose: CArmPose) -> NDArray[np.float64]:
    """PEAK · √(2π) σ · exp(−d²/2σ²), d the distance of the ray from the centre."""
    rays = pixel_points(pose, all_pixels(pose.shape)).xyz - pose.source.single
    rays /= np.linalg.norm(rays, axis=1)[:, None]
    d2 = (np.cross(CENTRE - pose.source.single, rays) ** 2).sum(axis=1)
    found = PEAK * np.sqrt(2 * np.pi) * SIGMA_MM * np.exp(-d2 / (2 * SIGMA_MM**2))
    return np.asarray(found.reshape(pose.shape))


def bell_volume(spacing_mm: float, turn: NDArray[np.float64] | None) -> StackedVolume:
    n = int(96 / spacing_mm)
    grid = centred_grid((n, n + 3, n - 2), (spacing_mm,) * 3, turn)
    return StackedVolume(Volume(np.rint(filled(grid, bell)).astype(np.uint16), grid))


@pytest.mark.parametrize("turn", TURNS, ids=["straight", "oblique"])
@pytest.mark.parametrize("beam", BEAMS)
def test_a_bell_of_density_is_its_own_integral(
    beam: tuple[float, float, float], turn: NDArray[np.float64] | None
) -> None:
    pose = pose_along(beam, shape=(64, 64), pixel_mm=2.0)
    error = project(bell_volume(1.5, turn), pose) - bell_integral(pose)
    # Linear interpolation flattens a bell by h²/8 of its second derivative: 0.9 % at 1.5 mm.
    assert np.abs(error).max() < 0.01 * bell_integral(pose).max()


@pytest.mark.parametrize("turn", TURNS, ids=["straight", "oblique"])
def test_half_the_voxel_is_a_quarter_of_the_error(turn: NDArray[np.float64] | None) -> None:
    pose = pose_along((0.2, 1.0, 0.4), shape=(72, 72), pixel_mm=1.2)
    exact = bell_integral(pose)
    errors = [
        np.sqrt(((project(bell_volume(h, turn), pose) - exact) ** 2).mean()) for h in (3.0, 1.5)
    ]
    assert 1.7 < np.log2(errors[0] / errors[1]) < 2.4


@pytest.mark.parametrize("beam", BEAMS)
def test_the_fast_projector_agrees_with_the_exact_one_to_half_a_percent(
    beam: tuple[float, float, float],
) -> None:
    ct, pose = patient(TURNS[1]), pose_along(beam, shape=(64, 64), pixel_mm=2.0)
    milliwater = np.where(ct.hu > -950, ct.hu + 1000.0, 0.0)
    slow = reference_projection(Volume(milliwater, ct.grid), pose, all_pixels(pose.shape))
    error = project(StackedVolume.of_scan(ct), pose) - slow.reshape(pose.shape)
    assert np.sqrt((error**2).mean()) < 0.005 * slow.max()


def test_bone_and_water_add_up_to_the_patient() -> None:
    grid, pose = centred_grid((40, 44, 48), (2.0, 2.0, 2.0)), pose_along((0.3, 1.0, -0.2))
    rng = np.random.default_rng(5)
    water, bone = (rng.integers(0, 3000, grid.shape).astype(np.uint16) for _ in range(2))
    parts = [project(StackedVolume(Volume(v, grid)), pose) for v in (water, bone)]
    whole = project(StackedVolume(Volume(water + bone, grid)), pose)
    np.testing.assert_allclose(parts[0] + parts[1], whole, rtol=2e-6, atol=1e-6 * whole.max())


@pytest.mark.parametrize("beam", BEAMS)
def test_the_mirrored_patient_casts_the_mirrored_shadow(beam: tuple[float, float, float]) -> None:
    ct, pose = patient(), pose_along(beam, shape=(80, 64))
    flip = np.array([-1.0, 1.0, 1.0])
    seen_mirrored = CArmPose(
        "mirrored",
        Points(pose.source.xyz * flip, pose.frame),
        Points(pose.detector_centre.xyz * flip, pose.frame),
        pose.right * flip,
        pose.down * flip,
        pose.shape,
        pose.pixel_mm,
    )
    mirrored = CTVolume(ct.hu[:, :, ::-1], ct.grid, ct.acquisition)
    straight = project(StackedVolume.of_scan(ct), pose)
    assert np.abs(straight - straight[:, ::-1]).max() > 0.1 * straight.max()
    np.testing.assert_allclose(
        project(StackedVolume.of_scan(mirrored), seen_mirrored),
        straight,
        atol=1e-3 * straight.max(),
    )


def test_every_stack_of_a_scan_holds_the_same_voxels() -> None:
    scan = StackedVolume.of_scan(patient())
    scan.prepare()
    total = {int(scan.along(axis).values.sum(dtype=np.int64)) for axis in (0, 1, 2)}
    assert len(total) == 1
    assert scan.kept_bytes > 3 * 2 * 72 * 80 * 96


def test_a_coarser_scan_weighs_the_same() -> None:
    grid = centred_grid((40, 42, 44), (2.0, 2.0, 2.0))
    pose = pose_along((0.1, 1.0, 0.2), shape=(48, 48), pixel_mm=3.0)
    fine = StackedVolume(Volume(np.rint(filled(grid, bell)).astype(np.uint16), grid))
    coarse = fine.coarser()
    assert coarse.grid.shape == (20, 21, 22)
    assert project(coarse, pose).sum() == pytest.approx(project(fine, pose).sum(), rel=5e-3)


def test_what_is_no_count_or_another_patient_is_refused() -> None:
    grid = centred_grid((8, 8, 8), (1.0, 1.0, 1.0))
    with pytest.raises(BadInput, match="uint16"):
        StackedVolume(Volume(np.zeros(grid.shape, np.float32), grid))
    elsewhere = centred_grid((8, 8, 8), (1.0, 1.0, 1.0))
    other = type(elsewhere)(
        elsewhere.shape, elsewhere.origin_mm, elsewhere.spacing_mm, np.eye(3), Frame("9.9")
    )
    with pytest.raises(FrameMismatch):
        project(
            StackedVolume(Volume(np.zeros(other.shape, np.uint16), other)), pose_along((0, 1, 0))
        )
