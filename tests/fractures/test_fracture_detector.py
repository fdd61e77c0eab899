"""The detector on virtual patients: it finds the broken side, and mirrors with the patient."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from sacroplasty.anatomy import Side
from sacroplasty.anatomy.fractures import (
    FractureCandidate,
    find_fractures,
    limb_at,
    mark_patient,
    suggested_fracture,
)
from sacroplasty.anatomy.fractures.best_sheet import best_sheet
from sacroplasty.anatomy.fractures.displacement import step_mm
from sacroplasty.anatomy.fractures.plates import find_plates, unusual_hu
from sacroplasty.errors import FrameMismatch
from sacroplasty.geometry import Frame, Volume
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)

SEED = 304


@cache
def broken(pattern: FracturePattern) -> VirtualPatient:
    scanner = ScannerSettings(slice_mm=2.0, field_mm=(220.0, 190.0, 180.0))
    return make_virtual_patient(PatientRequest(fracture=pattern, scanner=scanner), SEED)


@cache
def marks_on(pattern: FracturePattern) -> tuple[FractureCandidate, ...]:
    patient = broken(pattern)
    return find_fractures(patient.ct, patient.truth)


@pytest.mark.parametrize("side", list(Side))
def test_the_broken_ala_is_marked_on_its_side(side: Side) -> None:
    pattern = FracturePattern.LEFT_ALA if side is Side.LEFT else FracturePattern.RIGHT_ALA
    patient = broken(pattern)
    marks = marks_on(pattern)
    assert marks[0].limb.side is side
    assert not marks[0].limb.horizontal
    assert 1 in marks[0].limb.zones
    clefts = patient.fracture.clefts
    limb = limb_at(clefts.grid.points_at(np.argwhere(clefts.values > 0)), patient.truth)
    assert mark_patient([limb], marks[:1]).limb_scores[0] is not None


def test_the_mirrored_patient_has_mirrored_marks() -> None:
    one, other = (marks_on(p) for p in (FracturePattern.LEFT_ALA, FracturePattern.RIGHT_ALA))
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a.score == pytest.approx(b.score, abs=0.02)
        assert {a.limb.side, b.limb.side} in ({Side.LEFT, Side.RIGHT}, {None})


def test_a_suggestion_is_not_confirmed() -> None:
    patient = broken(FracturePattern.LEFT_ALA)
    fracture = suggested_fracture(marks_on(FracturePattern.LEFT_ALA), patient.truth)
    assert fracture is not None
    assert not fracture.confirmed
    assert fracture.source == "suggested"
    assert suggested_fracture((), patient.truth) is None


def test_another_scans_model_is_refused() -> None:
    patient = broken(FracturePattern.LEFT_ALA)
    ct = patient.ct
    moved = type(ct.grid)(
        ct.grid.shape, ct.grid.origin_mm, ct.grid.spacing_mm, ct.grid.direction, Frame("9.9")
    )
    with pytest.raises(FrameMismatch):
        find_fractures(type(ct)(ct.hu, moved, ct.acquisition), patient.truth)


def slab(offset_hu: float, width: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A block of 100 HU with a plate of another density across x = 20."""
    bone = np.zeros((44, 44, 44), bool)
    bone[2:-2, 2:-2, 2:-2] = True
    hu = np.where(bone, 100.0, -50.0).astype(np.float32)
    hu[2:-2, 2:-2, 20 : 20 + width] += offset_hu
    return hu, bone


def test_a_dark_plate_is_a_dip_and_a_dense_one_is_a_band() -> None:
    normals = np.array([[1.0, 0.0, 0.0]])
    hu, bone = slab(-100.0, 1)
    dark = find_plates(unusual_hu(hu, bone), bone, normals)
    assert dark.dip[22, 22, 20] > 30.0
    hu, bone = slab(200.0, 5)
    dense = find_plates(unusual_hu(hu, bone), bone, normals)
    assert dense.band[22, 22, 22] > 60.0
    assert dense.dip[22, 22, 22] < 0.0


def test_even_bone_has_neither() -> None:
    hu, bone = slab(0.0, 1)
    plates = find_plates(unusual_hu(hu, bone), bone, np.array([[1.0, 0.0, 0.0]]))
    inner = (slice(10, -10),) * 3
    assert np.abs(plates.dip[inner]).max() < 1.0
    assert np.abs(plates.band[inner]).max() < 1.0


def test_the_best_sheet_follows_a_bent_ridge_across_a_gap() -> None:
    a, b = np.meshgrid(np.arange(30), np.arange(20), indexing="ij")
    ridge = np.rint(10 + 4 * np.sin(a / 8.0) + 0.2 * b).astype(int)
    evidence = np.random.default_rng(1).normal(0.0, 0.5, (30, 20, 30)).astype(np.float32)
    np.put_along_axis(evidence, ridge[..., None], 2.0, axis=2)
    evidence[12:15, 8:12] = 0.0
    at, seen = best_sheet(evidence, np.ones(evidence.shape, bool))
    assert seen.all()
    assert np.mean(np.abs(at - ridge) <= 1) > 0.97


@pytest.mark.parametrize("step", [0.0, 1.5, 4.0])
def test_the_step_of_a_sloping_front_is_its_displacement(step: float) -> None:
    i = np.arange(40)
    front = np.tile(10.0 + 0.4 * i + step * (i > 20), (25, 1))
    assert step_mm(front, np.arange(25), np.full(25, 20)) == pytest.approx(step, abs=0.35)


def test_volume_of_marks_lies_in_the_models_frame() -> None:
    patient = broken(FracturePattern.LEFT_ALA)
    fracture = suggested_fracture(marks_on(FracturePattern.LEFT_ALA), patient.truth)
    assert fracture is not None
    assert isinstance(fracture.cleft, Volume)
    assert fracture.cleft.grid == patient.truth.labels.grid
