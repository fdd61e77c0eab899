"""From CT numbers to millimetres of water, bone, cement and steel on every ray."""

import numpy as np
import pytest
from beam_bench import FRAME, RECIPE, pose_of, slabs

from sacroplasty.cement import CementField
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy import (
    MaterialPaths,
    StackedPatient,
    bone_hu,
    bone_share,
    cement_attenuation_per_mm,
    cement_material,
    cortical_bone,
    expose,
    needle_path_mm,
    paths_with_cement,
    paths_with_needle,
    patient_paths,
    scan_energy_kev,
    water,
    water_share,
)
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import Needle, NeedleGauge

SHAPE = (30, 40, 50)
GRID = Grid.axis_aligned(SHAPE, (-49.0, -39.0, -29.0), (2.0, 2.0, 2.0), FRAME)


def patient() -> CTVolume:
    """Fat, muscle, marrow, cortex and enamel-hard bone in layers and a lump on the left."""
    hu = np.full(SHAPE, -1000, dtype=np.int16)
    hu[:, 4:36, 5:45] = -90
    hu[:, 8:32, 8:42] = 45
    hu[8:22, 14:26, 15:35] = 250
    hu[8:22, 14:16, 15:35] = 1300
    hu[12:18, 20:24, 36:41] = 2400
    return CTVolume(hu, GRID, Acquisition("bench", "made"))


def test_the_split_is_continuous_and_keeps_mu_at_the_scans_energy() -> None:
    hu = np.linspace(-1000.0, 3071.0, 4001)
    energy = scan_energy_kev()
    mu = water_share(hu) * float(water().attenuation_per_mm(energy))
    mu = mu + bone_share(hu) * float(cortical_bone().attenuation_per_mm(energy))
    expected = float(water().attenuation_per_mm(energy)) * (1.0 + hu / 1000.0)
    np.testing.assert_allclose(mu, expected, rtol=1e-9, atol=1e-12)
    assert (np.diff(bone_share(hu)) >= 0).all()
    assert np.abs(np.diff(water_share(hu))).max() < 2e-3
    assert bone_share(np.array([-80.0, 40.0, bone_hu()])).tolist() == [0.0, 0.0, pytest.approx(1.0)]


def test_at_the_scans_energy_the_paths_give_the_picture_of_expose() -> None:
    ct, pose = patient(), pose_of((48, 48), 3.0)
    paths = patient_paths(StackedPatient.of(ct), pose)
    again = paths.at_energy(scan_energy_kev()).line_integrals
    np.testing.assert_allclose(again, expose(ct, None, pose).line_integrals, rtol=2e-5, atol=1e-6)
    assert paths.bone_mm.max() > 5.0
    assert not paths.steel_mm.any()


def test_bone_paths_are_the_projection_of_the_bone_share() -> None:
    pose = pose_of((48, 48), 3.0)
    ct = patient()
    paths = patient_paths(StackedPatient.of(ct), pose)
    # The ray through the middle runs along j.
    column = ct.hu[14:16, :, 24:26].astype(float)
    along = float((bone_share(column).mean(axis=(0, 2)) * 2.0).sum())
    middle = paths.bone_mm[23:25, 23:25].mean()
    assert float(middle) == pytest.approx(along, rel=0.03)


def test_the_hardest_number_a_scan_can_hold_still_fits_the_bone_volume() -> None:
    ct = CTVolume(
        np.full(SHAPE, np.iinfo(np.int16).max, dtype=np.int16), GRID, Acquisition("bench", "made")
    )
    pose = pose_of((9, 9), 3.0)
    paths = patient_paths(StackedPatient.of(ct), pose)
    share = float(bone_share(ct.hu[:1, 0, 0])[0])
    # Along j: 40 layers of 2 mm.
    assert float(paths.bone_mm[4, 4]) == pytest.approx(80.0 * share, rel=2e-3)
    assert float(paths.water_mm[4, 4]) == pytest.approx(0.0, abs=0.05 * 80.0)


def test_a_softer_beam_sees_bone_better() -> None:
    paths = slabs(water_mm=200.0, bone_mm=20.0)
    plain = slabs(water_mm=200.0)
    contrast = [
        float((paths.at_energy(e).line_integrals - plain.at_energy(e).line_integrals)[0, 0])
        for e in (40.0, 60.0, 100.0)
    ]
    assert contrast[0] > 1.9 * contrast[1] > 1.9 * 1.5 * contrast[2]


def test_a_mirrored_patient_has_mirrored_paths() -> None:
    ct, pose = patient(), pose_of((48, 48), 3.0)
    mirrored = CTVolume(np.ascontiguousarray(ct.hu[:, :, ::-1]), GRID, ct.acquisition)
    one, other = (
        patient_paths(StackedPatient.of(ct), pose),
        patient_paths(StackedPatient.of(mirrored), pose),
    )
    # The lump lies on the patient's left, which is the picture's right.
    assert one.bone_mm[:, 30:].sum() > 1.2 * one.bone_mm[:, :18].sum()
    np.testing.assert_allclose(one.bone_mm[:, ::-1], other.bone_mm, atol=2e-3)
    np.testing.assert_allclose(one.water_mm[:, ::-1], other.water_mm, atol=2e-2)


def test_cement_takes_the_place_of_marrow_and_leaves_other_rays_to_the_bit() -> None:
    pose = pose_of((48, 48), 3.0)
    before = patient_paths(StackedPatient.of(patient()), pose)
    fraction = np.zeros(SHAPE, dtype=np.float32)
    fraction[13:16, 18:22, 20:23] = 0.8
    field = CementField(Volume(fraction, GRID))
    after = paths_with_cement(before, field, RECIPE)
    untouched = after.cement_mm == 0
    assert np.array_equal(after.water_mm[untouched], before.water_mm[untouched])
    assert np.array_equal(after.bone_mm, before.bone_mm)
    assert after.cement_mm.max() == pytest.approx(0.8 * 8.0, rel=0.1)
    energy = scan_energy_kev()
    added = after.at_energy(energy).line_integrals - before.at_energy(energy).line_integrals
    mono = expose(patient(), field, pose, RECIPE).line_integrals
    mono = mono - expose(patient(), None, pose).line_integrals
    # The mono-energetic picture takes cement's attenuation at 70 keV.
    at_70 = cement_attenuation_per_mm(RECIPE)
    here = float(cement_material(RECIPE).attenuation_per_mm(energy))
    marrow = 0.95 * float(water().attenuation_per_mm(energy))
    np.testing.assert_allclose(added * (at_70 - marrow), mono * (here - marrow), atol=2e-4)


def test_a_needle_across_the_beam_is_the_chord_of_its_wall() -> None:
    pose = pose_of((65, 65), 0.1)
    needle = Needle(
        Points(np.array([-60.0, 0.0, 0.0]), FRAME),
        Points(np.array([60.0, 0.0, 0.0]), FRAME),
        NeedleGauge.of(11),
    )
    seen = paths_with_needle(slabs(water_mm=100.0, shape=(65, 65)), needle)
    (r0, r1, c0, _), wall = needle_path_mm(needle, pose, rays_across=1)
    thrown = np.zeros(65)
    thrown[r0:r1] = wall[:, 32 - c0]
    outer, inner = (
        0.5 * d for d in (needle.gauge.outer_diameter_mm, needle.gauge.inner_diameter_mm)
    )
    # Rows are 0.1 mm on the detector; the ray passes the axis at the distance of its tangent.
    off = (np.arange(65) - 32) * 0.1
    miss = 700.0 * np.sin(np.arctan(off / 1020.0))
    chord = 2 * np.sqrt(np.maximum(outer**2 - miss**2, 0))
    chord -= 2 * np.sqrt(np.maximum(inner**2 - miss**2, 0))
    np.testing.assert_allclose(thrown, chord, atol=1e-5)
    assert seen.steel_mm.max() > 0.5
    np.testing.assert_allclose(seen.water_mm + seen.steel_mm, 100.0, rtol=1e-6)


def test_a_needle_down_the_beam_is_a_ring_as_long_as_the_needle() -> None:
    needle = Needle(
        Points(np.array([0.0, 50.0, 0.0]), FRAME),
        Points(np.array([0.0, -10.0, 0.0]), FRAME),
        NeedleGauge.of(11),
    )
    nothing = np.zeros((65, 65), np.float32)
    pose = pose_of((65, 65), 0.1)
    ring = paths_with_needle(MaterialPaths(*(nothing,) * 4, pose, RECIPE), needle).steel_mm
    assert ring[32, 32] == 0.0
    assert ring.max() == pytest.approx(60.0, rel=0.01)


def test_less_than_nothing_and_cement_without_a_recipe_are_refused() -> None:
    nothing = np.zeros((8, 8), np.float32)
    with pytest.raises(BadInput, match="bone_mm"):
        MaterialPaths(nothing, nothing - 1, nothing, nothing, pose_of((8, 8)))
    with pytest.raises(BadUsage, match="recipe"):
        MaterialPaths(nothing, nothing, nothing + 1, nothing, pose_of((8, 8)))
