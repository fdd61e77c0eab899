"""Facts of anatomy that hold in a virtual patient."""

import numpy as np
import pytest
from made_patients import made
from scipy import ndimage

from sacroplasty.anatomy import Level, Side, Structure, foramen_structure
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)

ZONE_I = 1


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    return made()


def test_the_sacrum_is_one_bone_of_a_real_size(patient: VirtualPatient) -> None:
    bone = patient.truth.mask(Structure.SACRUM)
    pieces, _ = ndimage.label(bone | (patient.fracture.clefts.values > 0))
    sizes = np.bincount(pieces.ravel())[1:]
    assert sizes.max() > 0.995 * sizes.sum()
    assert 120_000 < bone.sum() < 267_000  # ten real ones: 157–267 mL with their holes


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("level", list(Level))
def test_a_foramen_joins_the_canal_to_the_front_and_to_the_back(
    patient: VirtualPatient, level: Level, side: Side
) -> None:
    truth = patient.truth
    hole = truth.mask(foramen_structure(level, side))
    rim = ndimage.binary_dilation(hole, iterations=2)
    assert (rim & truth.mask(Structure.CANAL)).any()
    outside, _ = ndimage.label(rim & truth.mask(Structure.SOFT_TISSUE))
    _, ys, _ = np.nonzero(hole)
    middle = ys.mean()
    mouths = [np.nonzero(outside == n)[1].mean() for n in range(1, outside.max() + 1)]
    assert min(mouths) < middle < max(mouths)


@pytest.mark.parametrize("side", list(Side))
def test_the_ventral_mouth_lies_lateral_of_the_dorsal_one(
    patient: VirtualPatient, side: Side
) -> None:
    sacrum_from_scanner = patient.truth.scanner_from_sacrum.inverse
    for level in Level:
        foramen = patient.truth.foramen(level, side)
        assert foramen is not None
        ventral = sacrum_from_scanner(foramen.ventral_mouth).single
        dorsal = sacrum_from_scanner(foramen.dorsal_mouth).single
        assert 1.0 < side.sign * (ventral[0] - dorsal[0]) < 10.0
        assert ventral[1] < dorsal[1] - 3.0  # +y is dorsal; S4 lies turned by the kyphosis
        assert side.sign * ventral[0] > 0.0


def test_left_is_left_by_position_and_by_label(patient: VirtualPatient) -> None:
    """Two routes: LPS x of the labelled voxels, and the sacral frame's +x."""
    truth = patient.truth
    for side in Side:
        for name in ("ILIUM", "SI_JOINT", "FORAMEN_S1"):
            where = np.argwhere(truth.mask(Structure[f"{name}_{side.name}"]))
            points = truth.labels.grid.points_at(where)
            assert side.sign * points.xyz[:, 0].mean() > 10.0
            in_sacrum = truth.scanner_from_sacrum.inverse(points).xyz
            assert side.sign * in_sacrum[:, 0].mean() > 10.0


def test_the_drawn_width_of_the_s1_ventral_foramen_is_found_in_the_labels(
    patient: VirtualPatient,
) -> None:
    truth = patient.truth
    width = patient.dimensions.s1_ventral_foramen_width
    for side in Side:
        foramen = truth.foramen(Level.S1, side)
        assert foramen is not None
        where = np.argwhere(truth.mask(foramen_structure(Level.S1, side)))
        local = truth.scanner_from_sacrum.inverse(truth.labels.grid.points_at(where)).xyz
        mouth = truth.scanner_from_sacrum.inverse(foramen.ventral_mouth).single
        front = local[np.abs(local[:, 1] - mouth[1]) < 3.0]
        assert np.ptp(front[:, 0]) + 1.0 == pytest.approx(width, abs=2.5)
        assert 0.35 * width < foramen.radius_mm < 0.6 * width


def test_the_canal_is_one_passage_and_its_centreline_runs_in_it(patient: VirtualPatient) -> None:
    truth = patient.truth
    pieces, _ = ndimage.label(truth.mask(Structure.CANAL))
    sizes = np.bincount(pieces.ravel())[1:]
    assert sizes.max() > 0.97 * sizes.sum()
    values = truth.labels.at(truth.canal, order=0)
    assert np.isin(values, [Structure.CANAL]).mean() > 0.9
    assert (np.diff(truth.canal.xyz[:, 2]) < 0).all()  # cranial to caudal


def test_the_origin_of_the_sacral_frame_is_the_s1_endplate(patient: VirtualPatient) -> None:
    truth = patient.truth
    rigid = truth.scanner_from_sacrum
    below = rigid(Points.at([0.0, 0.0, -6.0], rigid.source))
    above = rigid(Points.at([0.0, 0.0, 6.0], rigid.source))
    assert truth.labels.at(below, order=0)[0] == Structure.SACRUM
    assert truth.labels.at(above, order=0)[0] == Structure.DISC_L5S1


def test_every_voxel_of_sacrum_has_a_zone_and_zone_i_is_lateral(patient: VirtualPatient) -> None:
    truth = patient.truth
    bone = truth.mask(Structure.SACRUM)
    assert ((truth.zones.values > 0) == bone).all()
    x = np.abs(truth.labels.grid.points_at(np.argwhere(bone)).xyz[:, 0])
    zones = truth.zones.values[bone]
    assert x[zones == 1].mean() > x[zones == 2].mean() > x[zones == 3].mean()


def test_the_working_grid_reaches_through_the_skin_of_the_back(patient: VirtualPatient) -> None:
    last = patient.truth.labels.values[:, -1, :]
    assert (last == Structure.OUTSIDE).all()


def test_the_cleft_lies_in_zone_i_of_both_sides(patient: VirtualPatient) -> None:
    clefts = patient.fracture.clefts.values
    for value, side in ((1, Side.LEFT), (2, Side.RIGHT)):
        assert (patient.truth.zones.values[clefts == value] == ZONE_I).mean() > 0.98
        x = patient.truth.labels.grid.points_at(np.argwhere(clefts == value)).xyz[:, 0]
        assert (side.sign * x > 15.0).all()


def test_the_cleft_breaks_the_ventral_cortex(patient: VirtualPatient) -> None:
    soft = patient.truth.mask(Structure.SOFT_TISSUE)
    before = np.roll(soft, 2, axis=1)  # the voxel 2 mm ventral is soft tissue
    for value in (1, 2):
        assert ((patient.fracture.clefts.values == value) & before).sum() > 15


def test_the_ala_is_emptier_than_the_body_and_holds_fat() -> None:
    near = ScannerSettings(field_mm=(150.0, 160.0, 130.0), noise_hu=0.0)
    fine = make_virtual_patient(PatientRequest(fracture=FracturePattern.NONE, scanner=near), 1)
    hu = fine.ct.volume.on(fine.truth.labels.grid, order=1, outside=-1024).values
    deep = ndimage.binary_erosion(fine.truth.mask(Structure.SACRUM), iterations=4) & (hu > -300)
    ala = hu[deep & (fine.truth.zones.values == 1)]
    body = hu[deep & (fine.truth.zones.values == 3)]
    assert ala.mean() < body.mean() - 30.0
    assert (ala < 0).mean() > 0.1
    shell = fine.truth.mask(Structure.SACRUM) & ~ndimage.binary_erosion(
        fine.truth.mask(Structure.SACRUM), iterations=2
    )
    assert np.percentile(hu[shell], 90) > 450.0
