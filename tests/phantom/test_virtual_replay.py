"""Same seed, same patient; other seed, other patient; mirrored request, mirrored patient."""

import dataclasses

import numpy as np
import pytest
from made_patients import made

from sacroplasty.anatomy import Side, Structure
from sacroplasty.errors import BadUsage
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)
from sacroplasty.provenance import digest

SMALL = ScannerSettings(in_plane_mm=3.0, slice_mm=2.3, field_mm=(400.0, 240.0, 150.0))


@pytest.fixture(scope="module")
def broken_left() -> VirtualPatient:
    return made(FracturePattern.LEFT_ALA, 3)


@pytest.fixture(scope="module")
def broken_right() -> VirtualPatient:
    return made(FracturePattern.RIGHT_ALA, 3)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_patient() -> None:
    request = PatientRequest(scanner=SMALL)
    first, again, other = (make_virtual_patient(request, seed) for seed in (7, 7, 8))
    assert first is not again
    for one, two in (
        (first.ct.hu, again.ct.hu),
        (first.labels_on_ct.values, again.labels_on_ct.values),
        (first.truth.labels.values, again.truth.labels.values),
        (first.fracture.clefts.values, again.fracture.clefts.values),
    ):
        assert one.tobytes() == two.tobytes()
    assert digest(other.ct.hu) != digest(first.ct.hu)
    assert other.ct.frame != first.ct.frame
    assert other.dimensions != first.dimensions


def test_a_right_sided_fracture_is_the_mirror_image_of_the_left_sided_one(
    broken_left: VirtualPatient, broken_right: VirtualPatient
) -> None:
    assert np.array_equal(broken_left.ct.hu, broken_right.ct.hu[:, :, ::-1])
    for structure in Structure:
        if structure.name.endswith("_LEFT"):
            twin = Structure[structure.name.replace("_LEFT", "_RIGHT")]
            assert np.array_equal(
                broken_left.truth.mask(structure), broken_right.truth.mask(twin)[:, :, ::-1]
            )
    turn = np.array([-1.0, 1.0, 1.0])
    for found in broken_left.truth.foramina:
        side = Side.RIGHT if found.side is Side.LEFT else Side.LEFT
        twin_foramen = broken_right.truth.foramen(found.level, side)
        assert twin_foramen is not None
        assert np.allclose(twin_foramen.centre.single, found.centre.single * turn)


def test_only_the_side_that_was_asked_for_is_broken(
    broken_left: VirtualPatient, broken_right: VirtualPatient
) -> None:
    assert set(np.unique(broken_left.fracture.clefts.values)) == {0, 1}
    assert set(np.unique(broken_right.fracture.clefts.values)) == {0, 2}
    whole = make_virtual_patient(PatientRequest(fracture=FracturePattern.NONE, scanner=SMALL), 3)
    assert whole.fracture.voxels == 0
    for broken, sign in ((broken_left, 1), (broken_right, -1)):
        where = np.argwhere(broken.fracture.clefts.values > 0)
        x = broken.truth.labels.grid.points_at(where).xyz[:, 0]
        assert (sign * x > 0).all()


def test_turning_the_patient_turns_the_sacral_frame() -> None:
    straight = make_virtual_patient(PatientRequest(scanner=SMALL), 4)
    turned = make_virtual_patient(
        PatientRequest(scanner=dataclasses.replace(SMALL, table_rotation_deg=10.0)),
        4,
    )
    left = turned.truth.scanner_from_sacrum.rotation[:, 0]
    assert np.degrees(np.arctan2(left[1], left[0])) == pytest.approx(10.0)  # left side down
    volumes = [(p.truth.mask(Structure.SACRUM)).sum() for p in (straight, turned)]
    assert volumes[0] == pytest.approx(volumes[1], rel=0.01)


def test_a_negative_seed_and_a_silly_scanner_are_refused() -> None:
    with pytest.raises(BadUsage, match="negative"):
        make_virtual_patient(PatientRequest(), -1)
    with pytest.raises(BadUsage, match="slice_mm"):
        ScannerSettings(slice_mm=50.0)
