"""A virtual MRI is found on its CT, by side and place, and its oedema with it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from scipy import ndimage

from sacroplasty.anatomy import Oedema, Side, Structure, mark_oedema
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import Registered, carried, register_rigid
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualMRI,
    VirtualPatient,
    make_virtual_mri,
    make_virtual_patient,
)

SCANNER = ScannerSettings(in_plane_mm=1.5, slice_mm=2.0, field_mm=(420.0, 300.0, 220.0))
TURN, SHIFT = (6.0, -5.0, 8.0), (14.0, -9.0, 35.0)


@lru_cache(maxsize=4)
def patient(fracture: FracturePattern, seed: int = 12) -> VirtualPatient:
    return make_virtual_patient(PatientRequest(fracture=fracture, scanner=SCANNER), seed)


def region_round(made: VirtualPatient) -> Volume[np.bool_]:
    sacrum = made.truth.mask(Structure.SACRUM)
    return Volume(ndimage.distance_transform_edt(~sacrum) <= 15, made.truth.labels.grid)


@dataclass(frozen=True)
class Scanned:
    patient: VirtualPatient
    mri: VirtualMRI
    found: Registered


@pytest.fixture(scope="module")
def scanned() -> Scanned:
    made = patient(FracturePattern.LEFT_ALA)
    mri = make_virtual_mri(made, 1, TURN, SHIFT)
    return Scanned(made, mri, register_rigid(mri.volume, made.ct.volume, region_round(made)))


def test_the_patients_displacement_is_found(scanned: Scanned) -> None:
    """Within 1.5 mm and 1.5° all over the sacrum, from the headers' positions alone."""
    truth, found = scanned.mri.mri_from_ct, scanned.found.fixed_from_moving
    made = scanned.patient.truth
    bone = made.labels.grid.points_at(np.argwhere(made.mask(Structure.SACRUM))[::50])
    assert found(truth(bone)).distance_mm(bone).max() < 1.5
    turn = found.rotation @ truth.rotation
    assert np.degrees(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))) < 1.5
    assert scanned.found.overlap > 0.95
    failed = [f for f in scanned.found.findings if f.verdict is not Verdict.PASS]
    assert not failed


def oedema_of(scanned: Scanned) -> Oedema:
    made = scanned.patient.truth
    laid = carried(scanned.mri.volume, scanned.found.fixed_from_moving, made.labels.grid)
    return mark_oedema(laid, made)


def test_oedema_is_marked_on_the_fractured_side_in_zone_one(scanned: Scanned) -> None:
    """The side by two routes: the sacral frame, and which ilium is nearer."""
    made, found = scanned.patient.truth, oedema_of(scanned)
    assert found.parts[0].side is Side.LEFT
    assert 1 in found.parts[0].zones
    assert found.volume_ml(Side.LEFT) > 10 * found.volume_ml(Side.RIGHT)
    to_left, to_right = (
        ndimage.distance_transform_edt(~made.mask(s))[found.mask.values].mean()
        for s in (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT)
    )
    assert to_left < to_right
    truth = scanned.mri.oedema.values
    assert (found.mask.values & truth).sum() > 0.85 * found.mask.values.sum()
    assert found.findings[0].verdict is Verdict.NOT_CHECKED
    assert "suggestion" in found.findings[0].says


def test_bilateral_oedema_needs_no_sound_side_and_an_intact_sacrum_has_none() -> None:
    for pattern, sides in (
        (FracturePattern.BILATERAL_ALA, {Side.LEFT, Side.RIGHT}),
        (FracturePattern.NONE, set()),
    ):
        made = patient(pattern)
        mri = make_virtual_mri(made, 1)
        laid = carried(mri.volume, mri.mri_from_ct.inverse, made.truth.labels.grid)
        found = mark_oedema(laid, made.truth)
        assert {part.side for part in found.parts} == sides


def test_a_mirrored_patient_has_the_mirrored_oedema(scanned: Scanned) -> None:
    made = patient(FracturePattern.RIGHT_ALA)
    mri = make_virtual_mri(made, 1)
    laid = carried(mri.volume, mri.mri_from_ct.inverse, made.truth.labels.grid)
    right = mark_oedema(laid, made.truth)
    assert right.parts[0].side is Side.RIGHT
    assert right.volume_ml(Side.RIGHT) == pytest.approx(
        oedema_of(scanned).volume_ml(Side.LEFT), rel=0.15
    )


def test_stir_is_dark_in_fat_and_cortex_and_bright_in_fluid(scanned: Scanned) -> None:
    made, mri = scanned.patient, scanned.mri
    laid = carried(mri.volume, mri.mri_from_ct.inverse, made.truth.labels.grid)
    hu = made.ct.volume.on(laid.grid).values
    deep = ndimage.binary_erosion(made.truth.mask(Structure.CANAL), iterations=3)
    seen = laid.values > 0
    soft = made.truth.mask(Structure.SOFT_TISSUE) & seen
    fluid = np.median(laid.values[deep & seen])
    muscle = np.median(laid.values[soft & (hu > 30) & (hu < 80)])
    fat = np.median(laid.values[soft & (hu < -80) & (hu > -130)])
    assert fluid > 1.5 * muscle > 3 * fat
    left = made.truth.scanner_from_sacrum.turn(np.array([[1.0, 0, 0]]))[0]
    assert mri.mri_from_ct.turn(left) @ mri.volume.grid.direction[:, 0] == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_mri_and_the_truth_carries_points_over() -> None:
    made = patient(FracturePattern.LEFT_ALA)
    one, two = (make_virtual_mri(made, 4, TURN, SHIFT) for _ in range(2))
    assert np.array_equal(one.volume.values, two.volume.values)
    assert one.volume.grid == two.volume.grid
    about = Points.at(made.truth.scanner_from_sacrum.translation, made.ct.frame)
    assert one.mri_from_ct(about).single - about.single == pytest.approx(SHIFT)
    with pytest.raises(BadUsage, match="negative"):
        make_virtual_mri(made, -1)


def test_an_mri_that_misses_the_marrow_or_lies_elsewhere_is_refused(scanned: Scanned) -> None:
    made = scanned.patient.truth
    empty = Volume(np.zeros(made.labels.grid.shape, dtype=np.int16), made.labels.grid)
    with pytest.raises(BadInput, match="less than half"):
        mark_oedema(empty, made)
    with pytest.raises(BadInput, match="grid"):
        mark_oedema(scanned.mri.volume, made)


@pytest.mark.slow
def test_the_mri_of_another_patient_is_refused() -> None:
    made, stranger = patient(FracturePattern.NONE), patient(FracturePattern.NONE, 31)
    mri = make_virtual_mri(stranger, 1, TURN, SHIFT)
    found = register_rigid(mri.volume, made.ct.volume, region_round(made))
    assert found.verdict is not Verdict.PASS
