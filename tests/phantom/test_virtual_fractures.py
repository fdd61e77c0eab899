"""Fractures in the published patterns: limbs, zones, sides, mirror image."""

import numpy as np
import pytest
from made_patients import COARSE

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadUsage
from sacroplasty.phantom import (
    FracturePattern,
    FractureZones,
    Limb,
    PatientRequest,
    VirtualPatient,
    draw_fracture,
    make_virtual_patient,
)

SEED = 2


def patient(pattern: FracturePattern, zones: FractureZones | None = None) -> VirtualPatient:
    return make_virtual_patient(PatientRequest(fracture=pattern, zones=zones, scanner=COARSE), SEED)


def zones_crossed(made: VirtualPatient, limb: Limb) -> set[int]:
    """Zones that hold at least 3 % of the limb's voxels."""
    where = made.fracture.clefts.values == limb.value_in_clefts
    shares = np.bincount(made.truth.zones.values[where], minlength=4) / where.sum()
    return {zone for zone in (1, 2, 3) if shares[zone] > 0.03}


@pytest.fixture(scope="module")
def h_shaped() -> VirtualPatient:
    return patient(FracturePattern.H)


def test_an_h_has_three_limbs_and_crosses_all_zones(h_shaped: VirtualPatient) -> None:
    assert h_shaped.fracture.limbs == tuple(Limb)
    assert h_shaped.fracture.zones.numbers == (1, 2, 3)
    assert {2, 3} <= zones_crossed(h_shaped, Limb.HORIZONTAL)
    assert zones_crossed(h_shaped, Limb.LEFT) == {1}


def test_the_horizontal_limb_lies_between_the_s1_and_s2_openings(h_shaped: VirtualPatient) -> None:
    truth = h_shaped.truth
    where = np.argwhere(h_shaped.fracture.clefts.values == Limb.HORIZONTAL.value_in_clefts)
    z = truth.labels.grid.points_at(where).xyz[:, 2]
    mouths = [f.ventral_mouth.single[2] for f in truth.foramina]
    s1, s2 = max(mouths), sorted(mouths)[-3]
    assert s2 < np.median(z) < s1
    assert np.ptp(truth.labels.grid.points_at(where).xyz[:, 0]) > 45.0  # from ala to ala


def test_the_vertical_limbs_of_an_h_reach_below_those_of_a_u(h_shaped: VirtualPatient) -> None:
    u_shaped = patient(FracturePattern.U)

    def lowest(made: VirtualPatient) -> int:
        return int(np.nonzero(made.fracture.clefts.values == 1)[0].min())

    assert lowest(h_shaped) < lowest(u_shaped) - 5


def test_zone_i_ii_is_crossed_from_the_ala_into_the_foramina() -> None:
    made = patient(FracturePattern.LEFT_ALA, FractureZones.I_II)
    assert zones_crossed(made, Limb.LEFT) == {1, 2}


def test_a_right_t_is_the_mirror_image_of_a_left_t() -> None:
    left, right = patient(FracturePattern.LEFT_T), patient(FracturePattern.RIGHT_T)
    assert np.array_equal(left.ct.hu, right.ct.hu[:, :, ::-1])
    assert left.fracture.sides == (Side.LEFT,)
    assert right.fracture.limbs == (Limb.RIGHT, Limb.HORIZONTAL)
    where = np.argwhere(left.fracture.clefts.values == 3)
    x = left.truth.labels.grid.points_at(where).xyz[:, 0]
    assert x.min() < -8.0 < 8.0 < x.max()  # across the midline


def test_zones_are_drawn_in_the_published_proportions() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    drawn = [draw_fracture(rng) for _ in range(n)]
    published = {"I": 0.424, "II": 0.042, "I-II": 0.433, "I-II-III": 0.101}
    for name, share in published.items():
        found = sum(zones.value == name for _, zones in drawn) / n
        assert found == pytest.approx(share, abs=3.0 * np.sqrt(share * (1.0 - share) / n))
    assert all(p.has_horizontal_limb == (z is FractureZones.I_II_III) for p, z in drawn)


def test_an_alar_fracture_cannot_cross_zone_iii() -> None:
    with pytest.raises(BadUsage, match="cannot cross"):
        PatientRequest(zones=FractureZones.I_II_III)
