"""Observers against what they are defined by: how far apart the answers lie, over their spread."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import Observer, anatomical_noise, detectability
from sacroplasty.fluoroscopy.observer import NO_ANATOMY, AnatomicalNoise, eye, frequencies
from sacroplasty.fluoroscopy.visibility import smallest_ml

PIXEL_MM = 0.75
ANATOMY = AnatomicalNoise(2e-5, 3.0)


def disc(radius: float = 5.0, height: float = 0.05, edge: int = 64) -> NDArray[np.float64]:
    off = np.arange(edge) - edge / 2
    return np.asarray(height * (np.hypot(off[:, None], off[None, :]) <= radius))


def noise_of(
    anatomy: AnatomicalNoise, variance: float, rng: np.random.Generator, edge: int = 64
) -> NDArray[np.float64]:
    spectrum = variance + anatomy.at(frequencies((edge, edge)))
    white = np.fft.fft2(rng.standard_normal((edge, edge)))
    return np.asarray(np.fft.ifft2(white * np.sqrt(spectrum)).real)


def test_in_white_noise_the_matched_filter_counts_every_pixel() -> None:
    shadow = disc()
    expected = np.sqrt((shadow**2).sum() / 0.04)
    found = detectability(shadow, 0.04, NO_ANATOMY, Observer.PREWHITENING, PIXEL_MM)
    assert found == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("observer", list(Observer))
def test_detectability_follows_contrast_and_falls_with_noise_and_anatomy(
    observer: Observer,
) -> None:
    one = detectability(disc(), 0.01, ANATOMY, observer, PIXEL_MM)
    assert detectability(2 * disc(), 0.01, ANATOMY, observer, PIXEL_MM) == pytest.approx(2 * one)
    assert detectability(disc(), 0.04, ANATOMY, observer, PIXEL_MM) < one
    assert detectability(disc(), 0.01, NO_ANATOMY, observer, PIXEL_MM) > one
    assert detectability(0 * disc(), 0.01, ANATOMY, observer, PIXEL_MM) == 0.0


@pytest.mark.parametrize("anatomy", [NO_ANATOMY, ANATOMY])
@pytest.mark.parametrize("radius", [1.5, 5.0, 12.0])
def test_no_eye_does_better_than_the_prewhitening_observer(
    anatomy: AnatomicalNoise, radius: float
) -> None:
    ideal, human = (
        detectability(disc(radius), 1e-3, anatomy, o, PIXEL_MM)
        for o in (Observer.PREWHITENING, Observer.EYE)
    )
    assert 0 < human <= ideal


@pytest.mark.parametrize("observer", list(Observer))
def test_answers_to_drawn_noise_lie_that_far_apart(observer: Observer) -> None:
    rng = np.random.default_rng(11)
    shadow, variance = disc(), 2e-3
    f = frequencies(shadow.shape)
    spectrum = variance + ANATOMY.at(f)
    weight = 1.0 / spectrum if observer is Observer.PREWHITENING else eye(f, PIXEL_MM) ** 2
    template = np.fft.ifft2(np.fft.fft2(shadow) * weight).real
    answers = [float((template * noise_of(ANATOMY, variance, rng)).sum()) for _ in range(1500)]
    apart = float((template * shadow).sum()) / np.std(answers)
    expected = detectability(shadow, variance, ANATOMY, observer, PIXEL_MM)
    assert apart == pytest.approx(expected, rel=0.06)


def test_the_eye_sees_best_at_its_best_frequency() -> None:
    f = np.linspace(0.0, 0.5, 5001)
    response = eye(f, PIXEL_MM)
    assert response[0] == 0.0
    assert response.max() == pytest.approx(1.0, abs=1e-6)
    cycles_per_degree = f[response.argmax()] / PIXEL_MM * 1000.0 * np.deg2rad(1.0)
    assert cycles_per_degree == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize("slope", [2.0, 3.0])
def test_the_power_law_of_drawn_anatomy_is_found_again(slope: float) -> None:
    rng = np.random.default_rng(4)
    anatomy = AnatomicalNoise(1e-4, slope)
    found = [anatomical_noise(noise_of(anatomy, 0.0, rng, 128)[:64, :64]) for _ in range(12)]
    assert np.mean([f.slope for f in found]) == pytest.approx(slope, abs=0.35)
    at = np.array([0.1])
    level = np.exp(np.mean([np.log(f.at(at)[0]) for f in found]))
    assert level == pytest.approx(float(anatomy.at(at)[0]), rel=0.3)


def test_a_plane_is_no_anatomy() -> None:
    rows, columns = np.indices((64, 64))
    assert anatomical_noise(3.0 + 0.01 * rows - 0.02 * columns).at(np.array([0.1]))[0] < 1e-12


def test_the_smallest_volume_is_where_the_curve_crosses() -> None:
    volumes = [0.01, 0.1, 1.0]
    assert smallest_ml(volumes, [1.0, 10.0, 100.0], 4.0) == pytest.approx(0.04)
    assert smallest_ml(volumes, [5.0, 10.0, 100.0], 4.0) == 0.01
    assert smallest_ml(volumes, [0.0, 0.0, 5.0], 4.0) == 1.0
    assert smallest_ml(volumes, [0.1, 1.0, 2.0], 4.0) is None


def test_noise_without_variance_is_refused() -> None:
    with pytest.raises(BadInput, match="variance"):
        detectability(disc(), 0.0, NO_ANATOMY, Observer.EYE, PIXEL_MM)
