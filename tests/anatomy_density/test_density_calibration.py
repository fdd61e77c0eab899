"""A calibration gives back the line that made the image."""

from dataclasses import replace

import numpy as np
import pytest
from dense_patients import (
    FAT_HU,
    MUSCLE_HU,
    ROD_DENSITY,
    ROD_X,
    lying_patient,
    rod_points,
)

from box_patient import FRAME, toy_ct, toy_sacrum
from sacroplasty.anatomy import (
    Calibration,
    CalibrationMethod,
    Rod,
    Tissue,
    best_calibration,
    calibrate_from_rods,
    calibrate_from_tissues,
    find_rods,
    literature_calibration,
    measure_density,
    read_tissues,
)
from sacroplasty.errors import BadInput
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Points

SACRUM = toy_sacrum()
RODS = [Rod(point, density) for point, density in zip(rod_points(), ROD_DENSITY, strict=True)]


def test_rods_give_back_the_line_of_the_scanner() -> None:
    found = calibrate_from_rods(lying_patient(slope=0.8, offset=-4.0), RODS)
    assert found.method is CalibrationMethod.RODS
    assert found.slope == pytest.approx(0.8, rel=0.01)
    assert found.intercept == pytest.approx(-4.0, abs=1.0)


def test_noise_moves_the_line_by_no_more_than_it_says() -> None:
    found = calibrate_from_rods(lying_patient(0.9, 5.0, noise_hu=30.0), RODS)
    for hu in (0.0, 100.0, 200.0):
        off = abs(found.density_mg_cm3(hu) - (0.9 * hu + 5.0))
        assert off < 4 * found.uncertainty_mg_cm3(hu) + 0.5
    assert found.uncertainty_mg_cm3(100.0) < 3.0


def test_rods_are_found_by_their_look_and_matched_by_brightness() -> None:
    rods = find_rods(lying_patient(noise_hu=15.0), SACRUM, ROD_DENSITY[::-1])
    assert [rod.density_mg_cm3 for rod in rods] == sorted(ROD_DENSITY)
    assert [rod.point.single[0] for rod in rods] == pytest.approx(ROD_X, abs=2.0)
    found = calibrate_from_rods(lying_patient(0.8, -4.0), rods)
    assert found.slope == pytest.approx(0.8, rel=0.02)


def test_a_wrong_number_of_rods_is_asked_about() -> None:
    with pytest.raises(BadInput, match="give the position"):
        find_rods(lying_patient(), SACRUM, (0.0, *ROD_DENSITY))
    with pytest.raises(BadInput, match="outside the scan"):
        calibrate_from_rods(lying_patient(), [*RODS, Rod(Points.at([0, 500, 0], FRAME), 10.0)])
    with pytest.raises(BadInput, match="at least two"):
        calibrate_from_rods(lying_patient(), RODS[:1])


def test_rods_in_the_wrong_order_are_refused() -> None:
    swapped = [Rod(rod.point, 250.0 - rod.density_mg_cm3) for rod in RODS]
    with pytest.raises(BadInput, match="rise with"):
        calibrate_from_rods(lying_patient(), swapped)


def test_a_place_in_the_patient_is_no_rod() -> None:
    inside = Rod(Points.at([15.0, 0.0, -10.0], FRAME), 100.0)
    with pytest.raises(BadInput, match="no rod at"):
        calibrate_from_rods(lying_patient(), [*RODS, inside])


def test_fat_and_muscle_are_found_without_being_shown() -> None:
    found = read_tissues(lying_patient(noise_hu=12.0), SACRUM)
    assert found[Tissue.FAT] == pytest.approx(FAT_HU, abs=2.0)
    assert found[Tissue.MUSCLE] == pytest.approx(MUSCLE_HU, abs=2.0)
    assert found[Tissue.AIR] == pytest.approx(-1000, abs=2.0)


def test_blood_is_read_where_a_vessel_is_shown() -> None:
    ct = lying_patient()
    found = read_tissues(ct, SACRUM, Points.at([0.0, -60.0, 0.0], FRAME))
    assert found[Tissue.BLOOD] == pytest.approx(MUSCLE_HU)
    with pytest.raises(BadInput, match="outside the scan"):
        read_tissues(ct, SACRUM, Points.at([0.0, -600.0, 0.0], FRAME))


def test_tissues_that_read_as_usual_leave_the_literature_line_alone() -> None:
    usual = {Tissue.AIR: -1000.0, Tissue.FAT: -103.0, Tissue.MUSCLE: 48.0}
    found, line = calibrate_from_tissues(usual), literature_calibration()
    assert found.slope == pytest.approx(line.slope)
    assert found.intercept == pytest.approx(line.intercept)
    assert found.uncertainty_mg_cm3(100) > line.uncertainty_mg_cm3(100)


def test_tissues_undo_a_scanner_whose_scale_is_off() -> None:
    """HU_read = 1.06 HU + 9 for everything: the same bone gets the same density."""
    read = {t: 1.06 * hu + 9 for t, hu in ((Tissue.AIR, -1000.0), (Tissue.FAT, -103.0), (Tissue.MUSCLE, 48.0))}  # fmt: skip
    found, line = calibrate_from_tissues(read), literature_calibration()
    for hu in (0.0, 100.0, 300.0):
        assert found.density_mg_cm3(1.06 * hu + 9) == pytest.approx(line.density_mg_cm3(hu))


def test_fat_and_muscle_alone_do_not_calibrate_because_muscle_may_be_fatty() -> None:
    with pytest.raises(BadInput, match="two of air, fat and blood"):
        calibrate_from_tissues({Tissue.FAT: -103.0, Tissue.MUSCLE: 28.0})
    ct = lying_patient()
    clipped = replace(ct, hu=np.where(ct.hu < -900, -1024, ct.hu).astype(np.int16))
    calibration, findings = best_calibration(clipped, SACRUM)
    assert calibration.method is CalibrationMethod.LITERATURE
    assert findings[0].verdict is Verdict.NOT_CHECKED


def test_a_bone_only_image_says_that_its_tissues_are_gone() -> None:
    ct = toy_ct(SACRUM)
    masked = replace(ct, hu=np.where(ct.hu == 20, 0, ct.hu).astype(np.int16))
    with pytest.raises(BadInput, match="masked to bone"):
        read_tissues(masked, SACRUM)
    calibration, findings = best_calibration(masked, SACRUM)
    assert calibration.method is CalibrationMethod.LITERATURE
    assert [f.verdict for f in findings] == [Verdict.NOT_CHECKED]
    assert measure_density(masked, SACRUM, calibration).region() is not None


def test_muscle_full_of_contrast_does_not_calibrate() -> None:
    ct = lying_patient()
    enhanced = replace(ct, hu=np.where(ct.hu == MUSCLE_HU, 95, ct.hu).astype(np.int16))
    calibration, findings = best_calibration(enhanced, SACRUM)
    assert calibration.method is CalibrationMethod.LITERATURE
    assert findings[0].verdict is Verdict.FAIL
    assert "contrast" in findings[0].says


def test_given_rods_win_and_are_never_passed_over() -> None:
    assert best_calibration(lying_patient(), SACRUM, RODS)[0].method is CalibrationMethod.RODS
    assert best_calibration(lying_patient(), SACRUM)[0].method is CalibrationMethod.TISSUES
    with pytest.raises(BadInput):
        best_calibration(lying_patient(), SACRUM, RODS[:1])


def test_a_calibration_that_falls_with_hu_is_refused() -> None:
    with pytest.raises(BadInput, match="rise with"):
        Calibration(CalibrationMethod.RODS, -0.8, 0.0, np.eye(2), 0.0, "")
