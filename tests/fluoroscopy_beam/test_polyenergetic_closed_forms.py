"""Transmission of slabs against sums done by hand, and the limits of one energy and thin slabs."""

import numpy as np
import pytest
from beam_bench import RECIPE, slabs

from sacroplasty.fluoroscopy import (
    Beam,
    Spectrum,
    absorbed_signal,
    cement_material,
    cortical_bone,
    effective_energy_kev,
    ideal_detector,
    steel,
    water,
)

BEAMS = [Beam(tube_kv=kv).at(1020.0) for kv in (60.0, 80.0, 110.0)]


def signal_of(beam: Spectrum, **thickness_mm: float) -> float:
    found = absorbed_signal(slabs((2, 2), **thickness_mm), beam, ideal_detector())
    return float(found.mean_kev[0, 0])


def by_hand(beam: Spectrum, power: int, **thickness_mm: float) -> float:
    """Σ N η E^power exp(−Σ μ L) of a pixel."""
    made_of = {
        "water_mm": water(),
        "bone_mm": cortical_bone(),
        "cement_mm": cement_material(RECIPE),
        "steel_mm": steel(),
    }
    energy = beam.energy_kev
    stopped = sum(
        made_of[name].attenuation_per_mm(energy) * mm for name, mm in thickness_mm.items()
    )
    kept = beam.photons * ideal_detector().absorbed_share(energy) * np.exp(-stopped)
    return float(0.75**2 * kept @ energy**power)


@pytest.mark.parametrize("beam", BEAMS)
@pytest.mark.parametrize(
    "thickness_mm",
    [
        {"water_mm": 3.0},
        {"water_mm": 213.0, "bone_mm": 17.3},
        {"water_mm": 391.0, "bone_mm": 88.1},
        {"water_mm": 213.0, "bone_mm": 17.3, "cement_mm": 9.0},
        {"water_mm": 213.0, "bone_mm": 17.3, "cement_mm": 9.0, "steel_mm": 1.4},
    ],
)
def test_slabs_of_several_materials_are_the_sum_over_energies(
    beam: Spectrum, thickness_mm: dict[str, float]
) -> None:
    assert signal_of(beam, **thickness_mm) == pytest.approx(
        by_hand(beam, 1, **thickness_mm), rel=5e-4
    )
    found = absorbed_signal(slabs((2, 2), **thickness_mm), beam, ideal_detector())
    quantum = by_hand(beam, 2, **thickness_mm) / by_hand(beam, 1, **thickness_mm)
    assert float(found.quantum_kev[0, 0]) == pytest.approx(quantum, rel=5e-4)


def test_one_energy_is_beer_and_lambert() -> None:
    beam = Spectrum.single(65.0, 1e5)
    open_kev = signal_of(beam)
    mu = float(water().attenuation_per_mm(65.0)), float(cortical_bone().attenuation_per_mm(65.0))
    left = signal_of(beam, water_mm=200.0, bone_mm=30.0)
    assert -np.log(left / open_kev) == pytest.approx(200 * mu[0] + 30 * mu[1], rel=1e-6)


def test_at_one_energy_the_order_and_the_splitting_of_slabs_change_nothing() -> None:
    beam = Spectrum.single(65.0, 1e5)
    whole = slabs((2, 2), water_mm=120.0).at_energy(65.0).line_integrals
    halves = sum(slabs((2, 2), water_mm=60.0).at_energy(65.0).line_integrals for _ in "ab")
    np.testing.assert_allclose(whole, halves, rtol=1e-6)
    both = signal_of(beam, water_mm=60.0) * signal_of(beam, bone_mm=10.0) / signal_of(beam)
    assert signal_of(beam, water_mm=60.0, bone_mm=10.0) == pytest.approx(both, rel=1e-5)


@pytest.mark.parametrize("beam", BEAMS)
def test_many_energies_attenuate_less_than_in_proportion(beam: Spectrum) -> None:
    depths = np.array([0.0, 50.0, 100.0, 200.0, 400.0])
    seen = np.array([-np.log(signal_of(beam, water_mm=mm)) for mm in depths])
    slope = np.diff(seen) / np.diff(depths)
    assert (np.diff(slope) < 0).all()
    # Towards thick slabs only the hardest photons count.
    assert slope[-1] > float(water().attenuation_per_mm(beam.energy_kev.max()))


def test_cement_behind_a_patient_has_less_contrast_than_alone() -> None:
    beam = BEAMS[1]
    contrast = [
        np.log(signal_of(beam, water_mm=mm) / signal_of(beam, water_mm=mm, cement_mm=5.0))
        for mm in (0.0, 100.0, 300.0)
    ]
    assert contrast[0] > contrast[1] > contrast[2] > 0


def test_the_mean_energy_that_is_left_rises_with_every_material() -> None:
    beam = BEAMS[1]
    bare = effective_energy_kev(beam)
    for material in (water(), cortical_bone(), steel(), cement_material(RECIPE)):
        assert effective_energy_kev(beam.through(material, 3.0)) > bare
