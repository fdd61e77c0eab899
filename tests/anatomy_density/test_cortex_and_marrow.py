"""Cortex and marrow come apart, and each region reads what was put there."""

from dataclasses import replace

import numpy as np
import pytest
from dense_patients import mirrored, shelled
from scipy import ndimage

from box_patient import toy_ct, toy_sacrum
from sacroplasty.anatomy import (
    BoneKind,
    MarrowChoice,
    SacralDensity,
    Side,
    Structure,
    literature_calibration,
    measure_density,
    split_cortex,
)
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import CTVolume

SACRUM = toy_sacrum()


def hu_of(density: SacralDensity, zone: int | None = None, side: Side | None = None) -> float:
    found = density.region(zone, side)
    assert found is not None
    return found.mean_hu


@pytest.mark.parametrize("thick_mm", [1.0, 2.0, 3.0])
def test_a_shell_of_known_thickness_is_found_to_the_voxel(thick_mm: float) -> None:
    ct = shelled(SACRUM, thick_mm, marrow=40, shell=700)
    depth = ndimage.distance_transform_edt(SACRUM.mask(Structure.SACRUM))
    kinds = split_cortex(ct, SACRUM).values
    assert np.array_equal(kinds == BoneKind.CORTEX, (depth > 0) & (depth <= thick_mm))
    assert np.array_equal(kinds > 0, SACRUM.mask(Structure.SACRUM))


def test_blur_leaves_the_inner_edge_of_a_thick_shell_at_half_height() -> None:
    ct = shelled(SACRUM, 3.0, marrow=40, shell=700)
    blurred = ndimage.gaussian_filter(ct.hu.astype(float), 1.0)
    kinds = split_cortex(replace(ct, hu=blurred.astype(np.int16)), SACRUM).values
    thickness = [
        int((kinds[k, 20:, 60 + 30] == BoneKind.CORTEX)[:6].sum()) for k in range(40, 70, 10)
    ]
    assert all(abs(t - 3) <= 1 for t in thickness)


def test_cortex_and_everything_round_the_bone_stay_out_of_the_marrow() -> None:
    density = measure_density(shelled(SACRUM, 2.0, marrow=40, shell=1500), SACRUM)
    for region in density.regions:
        assert (region.mean_hu, region.sd_hu, region.median_hu) == (40.0, 0.0, 40.0)
    whole = density.region()
    assert whole is not None
    both = [density.region(None, side) for side in Side]
    zones = [density.region(zone) for zone in (1, 2, 3)]
    assert sum(r.voxels for r in zones if r) == whole.voxels
    assert 0.97 < sum(r.voxels for r in both if r) / whole.voxels <= 1  # the midline is of no side
    assert whole.volume_ml == pytest.approx(whole.voxels * SACRUM.labels.grid.voxel_mm3 / 1000)


def by_side_and_zone(hu: dict[tuple[int, Side], int]) -> CTVolume:
    ct = toy_ct(SACRUM, trabecular_hu=0)
    values = ct.hu.copy()
    left = np.arange(values.shape[2]) > values.shape[2] // 2  # +x is the patient's left
    for (zone, side), put in hu.items():
        own = left if side is Side.LEFT else ~left
        values[(SACRUM.zones.values == zone) & own[None, None, :] & (values == 0)] = put
    return replace(ct, hu=values)


WANTED = {
    (1, Side.LEFT): 10, (2, Side.LEFT): 50, (3, Side.LEFT): 90,
    (1, Side.RIGHT): 30, (2, Side.RIGHT): 70, (3, Side.RIGHT): 110,
}  # fmt: skip


def test_each_zone_and_side_reads_its_own_marrow() -> None:
    density = measure_density(by_side_and_zone(WANTED), SACRUM)
    for (zone, side), hu in WANTED.items():
        assert hu_of(density, zone, side) == pytest.approx(hu, abs=0.01)


def test_the_left_reads_what_lies_beside_the_left_ilium() -> None:
    """The other route to the side: which ilium is nearer."""
    left, right = (
        ndimage.distance_transform_edt(~SACRUM.mask(s))
        for s in (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT)
    )
    ct = toy_ct(SACRUM, trabecular_hu=0)
    values = np.where(ct.hu == 0, np.where(left < right, 20, 80), ct.hu).astype(np.int16)
    density = measure_density(replace(ct, hu=values), SACRUM)
    assert hu_of(density, 1, Side.LEFT) == 20
    assert hu_of(density, 1, Side.RIGHT) == 80


def test_a_mirrored_patient_has_the_mirrored_density() -> None:
    ct = by_side_and_zone(WANTED)
    there, back = measure_density(ct, SACRUM), measure_density(*mirrored(SACRUM, ct)[::-1])
    for zone in (1, 2, 3):
        assert hu_of(there, zone, Side.LEFT) == pytest.approx(hu_of(back, zone, Side.RIGHT))
        assert hu_of(there, zone, Side.RIGHT) == pytest.approx(hu_of(back, zone, Side.LEFT))


def test_segments_are_reported_where_somebody_knows_them_and_only_there() -> None:
    grid = SACRUM.labels.grid
    height = np.arange(grid.shape[0])[:, None, None] * np.ones(grid.shape)
    segments = Volume(np.where(height > 60, 1, 2).astype(np.uint8), grid)
    ct = toy_ct(SACRUM, trabecular_hu=0)
    values = np.where(ct.hu == 0, np.where(height > 60, 15, 45), ct.hu).astype(np.int16)
    density = measure_density(
        replace(ct, hu=values), SACRUM, choice=MarrowChoice(segments=segments)
    )
    for name, hu in (("S1", 15), ("S2", 45)):
        for side in (None, Side.LEFT, Side.RIGHT):
            found = density.region(None, side, name)
            assert found is not None
            assert found.mean_hu == hu
    assert density.region(segment="S3") is None
    assert "S3" in density.absent
    assert not any(r.segment for r in measure_density(ct, SACRUM).regions)


def test_a_void_counts_by_its_share_of_the_ala_and_a_noisy_voxel_does_not() -> None:
    ct = toy_ct(SACRUM, trabecular_hu=60)
    assert measure_density(ct, SACRUM).void_fraction == {Side.LEFT: 0.0, Side.RIGHT: 0.0}
    values = ct.hu.copy()
    noise = np.random.default_rng(3).normal(0, 25, values.shape)
    noisy = replace(ct, hu=(values + noise).astype(np.int16))
    assert max(measure_density(noisy, SACRUM).void_fraction.values()) < 0.01
    x = np.arange(values.shape[2]) - 60
    lateral = (x > 32)[None, None, :] & (values == 60)
    values[lateral] = -80
    share = measure_density(replace(ct, hu=values), SACRUM).void_fraction
    marrow = [v for v in range(20, 45) if v <= 45 - 1 - 1.5]  # zone 1 runs from 20 to 45 mm
    expected = sum(v > 32 for v in marrow) / len(marrow)
    assert share[Side.LEFT] == pytest.approx(expected, abs=0.06)
    assert share[Side.RIGHT] == 0.0


def test_a_region_left_out_does_not_count() -> None:
    ct = toy_ct(SACRUM, trabecular_hu=60)
    values = ct.hu.copy()
    callus = np.zeros(values.shape, dtype=bool)
    callus[40:70, :, 95:100] = True
    values[callus & (values == 60)] = 500
    dense = replace(ct, hu=values)
    left_out = MarrowChoice(left_out=Volume(callus, SACRUM.labels.grid))
    assert hu_of(measure_density(dense, SACRUM), 1, Side.LEFT) > 65
    assert hu_of(measure_density(dense, SACRUM, choice=left_out), 1, Side.LEFT) == 60


def test_without_calibration_the_literature_line_is_used_and_said_to_be_unchecked() -> None:
    density = measure_density(toy_ct(SACRUM, trabecular_hu=100), SACRUM)
    whole = density.region()
    assert whole is not None
    assert whole.density_mg_cm3 == pytest.approx(0.81 * 100 + 0.84)
    assert whole.uncertainty_mg_cm3 > 5
    said = {finding.check: finding for finding in density.findings}
    assert said["density calibration"].verdict is Verdict.NOT_CHECKED
    assert said["osteoporosis in the sacrum"].verdict is Verdict.NOT_CHECKED
    assert "L1" in said["osteoporosis in the sacrum"].says


@pytest.mark.parametrize(
    ("hu", "contrast", "verdict"),
    [
        (45, False, Verdict.FAIL),
        (45, True, Verdict.FAIL),
        (106, False, Verdict.PASS),
        (106, None, Verdict.NOT_CHECKED),
        (106, True, Verdict.NOT_CHECKED),
    ],
)
def test_l5_is_set_beside_the_published_groups_and_contrast_never_passes(
    hu: int, contrast: bool | None, verdict: Verdict
) -> None:
    ct = toy_ct(SACRUM, trabecular_hu=hu)
    density = measure_density(ct, SACRUM, choice=MarrowChoice(contrast=contrast))
    assert density.l5 is not None
    assert density.l5.mean_hu == hu
    said = {finding.check: finding.verdict for finding in density.findings}
    assert said["osteoporosis in L5"] is verdict
    assert said["contrast medium"] is {
        True: Verdict.FAIL, False: Verdict.PASS, None: Verdict.NOT_CHECKED,
    }[contrast]  # fmt: skip


def test_maps_of_another_grid_or_frame_are_refused() -> None:
    ct = toy_ct(SACRUM)
    small = SACRUM.labels.cropped((0, 0, 0), (50, 50, 50))
    with pytest.raises(BadInput, match="grid"):
        measure_density(ct, SACRUM, choice=MarrowChoice(segments=small))
    elsewhere = replace(ct, grid=replace(ct.grid, frame=Frame("9.9")))
    with pytest.raises(FrameMismatch):
        measure_density(elsewhere, SACRUM, literature_calibration())
