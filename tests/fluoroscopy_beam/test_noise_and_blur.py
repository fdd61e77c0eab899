"""Noise that a dose gives, and blur that keeps what it spreads."""

from dataclasses import replace

import numba
import numpy as np
import pytest
from beam_bench import pose_of, slabs

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import (
    Beam,
    Collimation,
    DetectorSettings,
    Spectrum,
    absorbed_signal,
    expected_frame,
    fluoroscopic_frame,
    ideal_detector,
    penumbra_mm,
)
from sacroplasty.fluoroscopy.blur import broad_blur, narrow_blur


def moments_of(frame_seed: int, mas: float, detector: DetectorSettings) -> tuple[float, float]:
    paths = slabs(water_mm=220.0, bone_mm=15.0, shape=(256, 256))
    frame = fluoroscopic_frame(paths, Beam(mas=mas), detector, np.random.default_rng(frame_seed))
    return float(frame.signal_kev.mean()), float(frame.signal_kev.var())


def test_mean_and_variance_are_those_of_the_compound_process() -> None:
    paths = slabs(water_mm=220.0, bone_mm=15.0, shape=(256, 256))
    for mas in (0.02, 0.5):
        beam = Beam(mas=mas)
        absorbed = absorbed_signal(paths, beam.at_detector(paths.pose), ideal_detector())
        mean, variance = moments_of(1, mas, ideal_detector())
        expected = float(absorbed.mean_kev[0, 0])
        assert mean == pytest.approx(expected, rel=4 * np.sqrt(variance) / 256 / expected)
        assert variance == pytest.approx(expected * float(absorbed.quantum_kev[0, 0]), rel=0.03)


def test_a_compound_draw_photon_by_photon_has_the_same_moments() -> None:
    rng = np.random.default_rng(3)
    beam = Spectrum(np.array([40.0, 60.0, 90.0]), np.array([30.0, 50.0, 10.0]))
    paths = slabs(shape=(2, 2))
    absorbed = absorbed_signal(paths, beam, ideal_detector())
    stopped = ideal_detector().absorbed_share(beam.energy_kev)
    counts = rng.poisson(0.75**2 * beam.photons * stopped, size=(200_000, 3))
    energy = counts @ beam.energy_kev
    assert energy.mean() == pytest.approx(float(absorbed.mean_kev[0, 0]), rel=0.01)
    second = float(absorbed.mean_kev[0, 0] * absorbed.quantum_kev[0, 0])
    assert energy.var() == pytest.approx(second, rel=0.02)


def test_four_times_the_dose_halves_the_relative_noise() -> None:
    ratio = [
        np.sqrt(v) / m for m, v in (moments_of(2, mas, ideal_detector()) for mas in (0.1, 0.4))
    ]
    assert ratio[0] / ratio[1] == pytest.approx(2.0, rel=0.02)


def test_electronic_noise_adds_its_own_variance_whatever_the_dose() -> None:
    noisy = replace(ideal_detector(), electronic_quanta=10.0)
    for mas in (0.01, 0.1):
        added = moments_of(4, mas, noisy)[1] - moments_of(5, mas, ideal_detector())[1]
        assert added == pytest.approx(600.0**2, rel=0.2)


def test_the_same_seed_is_the_same_picture_to_the_bit_and_another_is_not() -> None:
    paths, detector = slabs(water_mm=200.0), DetectorSettings()
    frames = [
        fluoroscopic_frame(paths, Beam(), detector, np.random.default_rng(seed)).signal_kev
        for seed in (7, 7, 8)
    ]
    assert frames[0].tobytes() == frames[1].tobytes()
    assert not np.array_equal(frames[0], frames[2])


def test_the_number_of_threads_changes_no_bit() -> None:
    paths, most = slabs(water_mm=200.0, cement_mm=1.0), numba.config.NUMBA_NUM_THREADS
    pictures = []
    for threads in (1, most):
        numba.set_num_threads(threads)
        frame = fluoroscopic_frame(paths, Beam(), DetectorSettings(), np.random.default_rng(7))
        pictures.append(frame.signal_kev.tobytes())
    numba.set_num_threads(most)
    assert pictures[0] == pictures[1]


def test_light_smooths_noise_and_ties_neighbours_together() -> None:
    detector = replace(ideal_detector(), light_mm=0.5)
    paths = slabs(water_mm=200.0, shape=(256, 256))
    frame = fluoroscopic_frame(paths, Beam(), detector, np.random.default_rng(1)).signal_kev
    off = frame - frame.mean()
    tied = float((off[:, 1:] * off[:, :-1]).mean() / off.var())
    assert tied > 0.4
    white = fluoroscopic_frame(paths, Beam(), ideal_detector(), np.random.default_rng(1)).signal_kev
    assert off.var() < 0.5 * white.var()


def test_the_half_shadow_is_the_focal_spot_times_magnification_less_one() -> None:
    assert penumbra_mm(0.6, 1.0) == 0.0
    assert penumbra_mm(0.6, 2.0) == pytest.approx(0.6)
    # An edge 700 mm from a spot of 1 mm, detector at 1020 mm: rays from both ends of the spot.
    ends = [-spot * (1020.0 - 700.0) / 700.0 for spot in (-0.5, 0.5)]
    assert penumbra_mm(1.0, 1020.0 / 700.0) == pytest.approx(abs(ends[1] - ends[0]))


@pytest.mark.parametrize("sd_pixels", [0.1, 0.5, 1.7])
def test_a_narrow_blur_spreads_a_point_by_its_standard_deviation(sd_pixels: float) -> None:
    point = np.zeros((65, 65), dtype=np.float32)
    point[32, 32] = 1.0
    seen = narrow_blur(point, sd_pixels).astype(np.float64)
    off = np.arange(65) - 32.0
    assert seen.sum() == pytest.approx(1.0, rel=1e-6)
    assert float(off**2 @ seen.sum(axis=1)) == pytest.approx(sd_pixels**2, rel=1e-4)
    assert np.array_equal(narrow_blur(point, 0.0), point)


@pytest.mark.parametrize("sd_pixels", [8.0, 20.0])
def test_a_broad_blur_is_nearly_gaussian_and_keeps_the_sum(sd_pixels: float) -> None:
    point = np.zeros((257, 257), dtype=np.float32)
    point[128, 128] = 1.0
    line = broad_blur(point, sd_pixels).astype(np.float64).sum(axis=1)
    off = np.arange(257) - 128.0
    assert line.sum() == pytest.approx(1.0, rel=1e-5)
    assert np.sqrt(off**2 @ line) == pytest.approx(sd_pixels, rel=0.03)
    gauss = np.exp(-0.5 * (off / sd_pixels) ** 2) / np.sqrt(2 * np.pi) / sd_pixels
    assert np.abs(line - gauss).max() < 0.06 * gauss.max()


def test_scatter_adds_its_ratio_and_glare_adds_nothing() -> None:
    paths = slabs(water_mm=200.0)
    half = replace(paths, bone_mm=np.tile(np.linspace(0, 40, 64, dtype=np.float32), (64, 1)))
    primary = expected_frame(half, Beam(), ideal_detector()).mean_kev.sum(dtype=np.float64)
    scattering = replace(ideal_detector(), scatter_to_primary=0.7)
    glaring = replace(ideal_detector(), glare_share=0.3)
    with_scatter = expected_frame(half, Beam(), scattering).mean_kev.sum(dtype=np.float64)
    with_glare = expected_frame(half, Beam(), glaring).mean_kev.sum(dtype=np.float64)
    assert with_scatter == pytest.approx(1.7 * primary, rel=1e-4)
    assert with_glare == pytest.approx(primary, rel=1e-4)


def test_scatter_dilutes_contrast_by_the_primary_part() -> None:
    bare, cement = slabs(water_mm=200.0), slabs(water_mm=200.0, cement_mm=3.0)
    contrast = []
    for ratio in (0.0, 1.0):
        detector = replace(ideal_detector(), scatter_to_primary=ratio, scatter_mm=5000.0)
        before = expected_frame(bare, Beam(), detector).mean_kev[32, 32]
        # A small cement: the scatter stays that of the patient.
        image = bare.cement_mm.copy()
        image[31:34, 31:34] = cement.cement_mm[31:34, 31:34]
        after = expected_frame(replace(bare, cement_mm=image), Beam(), detector).mean_kev[32, 32]
        contrast.append(float(1.0 - after / before))
    assert contrast[1] == pytest.approx(0.5 * contrast[0], rel=0.02)


def test_shutters_leave_scatter_only_behind_them_and_less_of_it() -> None:
    detector = replace(ideal_detector(), scatter_to_primary=0.6, scatter_mm=10.0)
    paths = slabs(water_mm=200.0)
    wide = expected_frame(paths, Beam(), detector)
    narrow = expected_frame(paths, Beam(), detector, Collimation(half_columns_mm=9.0))
    assert 0 < narrow.mean_kev[32, 1] < 0.1 * wide.mean_kev[32, 1]
    assert narrow.mean_kev[32, 32] < wide.mean_kev[32, 32]
    open_part = Collimation(iris_mm=9.0).open_part(pose_of())
    assert open_part.sum() * 0.75**2 == pytest.approx(np.pi * 81.0, rel=0.03)


def test_closed_shutters_and_negative_settings_are_refused() -> None:
    with pytest.raises(BadInput, match="closed shutters"):
        Collimation(iris_mm=0.0)
    with pytest.raises(BadInput, match="scatter_to_primary"):
        DetectorSettings(scatter_to_primary=float("nan"))
    with pytest.raises(BadInput, match="glare_share"):
        DetectorSettings(glare_share=1.0)
