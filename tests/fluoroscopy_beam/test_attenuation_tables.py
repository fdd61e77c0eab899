"""What the tables of attenuation say, between their rows, at edges, and of mixtures."""

import numpy as np
import pytest
from beam_bench import RECIPE

from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy import (
    Material,
    bone_hu,
    cement_attenuation_per_mm,
    cement_material,
    cortical_bone,
    scan_energy_kev,
    steel,
    water,
)
from sacroplasty.reference import constant, xray_table


@pytest.mark.parametrize(
    ("material", "energy_kev", "cm2_per_g"),
    [
        ("water", 60.0, 0.2059),
        ("cortical_bone", 40.0, 0.6655),
        ("iron", 80.0, 0.5952),
        ("pmma", 30.0, 0.3032),
    ],
)
def test_at_a_row_the_table_says_what_nist_says(
    material: str, energy_kev: float, cm2_per_g: float
) -> None:
    assert float(xray_table(material).at(energy_kev)) == pytest.approx(cm2_per_g, rel=1e-12)


def test_between_rows_it_is_a_power_law() -> None:
    table = xray_table("water")
    middle = float(table.at(np.sqrt(60.0 * 80.0)))
    assert middle == pytest.approx(np.sqrt(0.2059 * 0.1837), rel=1e-12)


def test_bariums_k_edge_is_a_step_up_by_five_at_37_kev() -> None:
    below, above = xray_table("barium").at(np.array([37.43, 37.45]))
    assert above / below == pytest.approx(5.3, abs=0.1)
    at_edge = float(xray_table("barium").at(37.4406))
    assert at_edge == pytest.approx(29.19, rel=1e-6)


def test_the_edge_shows_in_cement_and_not_in_bone() -> None:
    around = np.array([37.0, 38.0])
    cement = cement_material(RECIPE).attenuation_per_mm(around)
    bone = cortical_bone().attenuation_per_mm(around)
    assert cement[1] > 3.0 * cement[0]
    assert bone[1] < bone[0]


def test_the_mixture_rule_agrees_with_the_mono_energetic_cement() -> None:
    energy = 70.0
    both = cement_material(RECIPE).attenuation_per_mm(energy), cement_attenuation_per_mm(RECIPE)
    assert float(both[0]) == pytest.approx(both[1], rel=0.01)


def test_beyond_the_table_is_refused_and_an_unknown_material_too() -> None:
    with pytest.raises(BadInput, match="15 to 150 keV"):
        xray_table("water").at(200.0)
    with pytest.raises(BadUsage, match="cortical_bone"):
        xray_table("cheese")
    with pytest.raises(BadInput, match="add up to"):
        Material("half", 1.0, (("water", 0.5),))


def test_steel_and_water_are_those_of_the_streak_model() -> None:
    for energy in (50, 60, 80, 100):
        per_cm = 10.0 * float(steel().attenuation_per_mm(float(energy)))
        assert per_cm == pytest.approx(constant(f"steel_attenuation_{energy}kev").value, rel=0.005)
        per_cm = 10.0 * float(water().attenuation_per_mm(float(energy)))
        assert per_cm == pytest.approx(constant(f"water_attenuation_{energy}kev").value, rel=0.005)


def test_the_scan_was_made_at_about_71_kev_and_solid_bone_reads_about_1600_hu() -> None:
    energy = scan_energy_kev()
    per_mm = float(water().attenuation_per_mm(energy))
    assert per_mm == pytest.approx(constant("radiograph_water_attenuation").value, rel=1e-9)
    assert 65.0 < energy < 75.0
    assert 1400.0 < bone_hu() < 1700.0
