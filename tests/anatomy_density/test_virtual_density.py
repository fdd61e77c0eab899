"""Virtual patients know their density; the measurement must follow it."""

from functools import lru_cache

import numpy as np
import pytest

from sacroplasty.anatomy import (
    BoneKind,
    CalibrationMethod,
    MarrowChoice,
    SacralDensity,
    Side,
    best_calibration,
    measure_density,
    split_cortex,
)
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    Sex,
    VirtualPatient,
    make_virtual_patient,
)
from sacroplasty.reference import constant

# 1.5 mm: no voxel of the scan lies midway between two of the model, so mirror images are exact.
SCANNER = ScannerSettings(in_plane_mm=1.5, slice_mm=2.0, field_mm=(420.0, 300.0, 200.0))


@lru_cache(maxsize=6)
def patient(age: int = 78, fracture: FracturePattern = FracturePattern.NONE) -> VirtualPatient:
    return make_virtual_patient(PatientRequest(Sex.FEMALE, age, fracture, SCANNER), 11)


def density_of(made: VirtualPatient) -> SacralDensity:
    return measure_density(made.ct, made.truth, choice=MarrowChoice(contrast=False))


def test_twenty_years_of_bone_loss_are_measured_as_such() -> None:
    """Same woman, same noise, 58 and 78 years old: only the marrow differs, by the yearly loss."""
    loss = 20 * constant("trabecular_loss_female").value
    young, old = density_of(patient(58)), density_of(patient(78))
    for zone in (None, 1, 2, 3):
        before, after = young.region(zone), old.region(zone)
        assert before is not None
        assert after is not None
        assert before.median_hu - after.median_hu == pytest.approx(loss, abs=6.0)
    assert young.l5 is not None
    assert old.l5 is not None
    assert young.l5.mean_hu - old.l5.mean_hu == pytest.approx(loss, abs=4.0)
    for side in Side:
        assert old.void_fraction[side] > young.void_fraction[side]


def test_l5_reads_its_marrow() -> None:
    made = patient()
    found = density_of(made).l5
    assert found is not None
    # The generator gives lumbar marrow 38 HU more than the drawn density, and denser struts near
    # the shell, which fall off over some 2 mm and shine a little into the ball.
    assert 25 < found.mean_hu - made.dimensions.trabecular_density_insufficiency < 65


def test_the_cortex_is_the_dense_shell_and_the_ala_is_the_poorest_marrow() -> None:
    made = patient()
    kinds = split_cortex(made.ct, made.truth)
    hu = made.ct.volume.on(kinds.grid).values
    cortex, marrow = (hu[kinds.values == kind] for kind in (BoneKind.CORTEX, BoneKind.TRABECULAR))
    assert np.median(cortex) > np.percentile(marrow, 90)
    share = len(cortex) / (len(cortex) + len(marrow))
    assert 0.15 < share < 0.6
    density = density_of(made)
    zones = [density.region(zone) for zone in (1, 3)]
    assert zones[0] is not None
    assert zones[1] is not None
    assert zones[0].mean_hu < zones[1].mean_hu


def test_a_mirrored_fracture_gives_the_mirrored_density() -> None:
    left = density_of(patient(fracture=FracturePattern.LEFT_ALA))
    right = density_of(patient(fracture=FracturePattern.RIGHT_ALA))
    for zone in (1, 2, 3):
        for side, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
            one, twin = left.region(zone, side), right.region(zone, other)
            assert one is not None
            assert twin is not None
            assert one.mean_hu == pytest.approx(twin.mean_hu, abs=0.5)
    callus, sound = left.region(1, Side.LEFT), left.region(1, Side.RIGHT)
    assert callus is not None
    assert sound is not None
    assert callus.mean_hu > sound.mean_hu  # a healing fracture is sclerotic


def test_the_virtual_scanner_is_in_order() -> None:
    """Its tissues calibrate it, to a line near that of the literature."""
    made = patient()
    calibration, _ = best_calibration(made.ct, made.truth)
    assert calibration.method is CalibrationMethod.TISSUES
    off = calibration.density_mg_cm3(100) - (0.81 * 100 + 0.84)
    assert abs(off) < calibration.uncertainty_mg_cm3(100)
