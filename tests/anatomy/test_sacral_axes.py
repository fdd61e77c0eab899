"""The S1–S2 axis follows the vertebral bodies, wherever the first guess leaned."""

import numpy as np
import pytest

from sacroplasty.anatomy import Level
from sacroplasty.anatomy.sacral_axes import through_the_bodies
from sacroplasty.geometry import Rigid
from sacroplasty.phantom import (
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    """Coarse CT; its truth is what counts here."""
    return make_virtual_patient(
        PatientRequest(scanner=ScannerSettings(in_plane_mm=3.0, slice_mm=5.0)), seed=2
    )


def _leaning(truth: Rigid, angle_deg: float) -> Rigid:
    c, s = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    about_left = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    return Rigid(truth.rotation @ about_left, truth.translation, to=truth.to, source=truth.source)


def _settled(patient: VirtualPatient, angle_deg: float) -> Rigid:
    leaning = _leaning(patient.truth.scanner_from_sacrum, angle_deg)
    return through_the_bodies(leaning, patient.truth.labels, patient.truth.foramina)


def _apart_deg(one: Rigid, other: Rigid) -> float:
    cosine = np.clip(one.rotation[:, 2] @ other.rotation[:, 2], -1.0, 1.0)
    return float(np.degrees(np.arccos(cosine)))


@pytest.mark.parametrize("angle_deg", [-12.0, 0.0, 12.0])
def test_a_leaning_frame_is_set_upright(patient: VirtualPatient, angle_deg: float) -> None:
    """The bodies are 26 mm apart: 2 mm in the depth of one is 4°."""
    truth, settled = patient.truth.scanner_from_sacrum, _settled(patient, angle_deg)
    assert _apart_deg(truth, settled) < 5.0
    np.testing.assert_allclose(settled.rotation[:, 0], truth.rotation[:, 0], atol=1e-9)


def test_where_the_first_guess_leaned_does_not_matter(patient: VirtualPatient) -> None:
    assert _apart_deg(_settled(patient, -12.0), _settled(patient, 12.0)) < 1.0


def test_without_a_pair_of_foramina_the_frame_stays(patient: VirtualPatient) -> None:
    leaning = _leaning(patient.truth.scanner_from_sacrum, 12.0)
    one_less = tuple(f for f in patient.truth.foramina if f.level is not Level.S2)
    settled = through_the_bodies(leaning, patient.truth.labels, one_less)
    np.testing.assert_array_equal(settled.rotation, leaning.rotation)
