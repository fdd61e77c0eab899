"""Virtual patients that several tests look at, made once on a coarse scanner."""

import pytest

from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)

COARSE = ScannerSettings(in_plane_mm=2.0, slice_mm=3.0)


def made(
    fracture: FracturePattern = FracturePattern.BILATERAL_ALA,
    seed: int = 1,
    scanner: ScannerSettings = COARSE,
) -> VirtualPatient:
    """A 78-year-old woman."""
    return make_virtual_patient(PatientRequest(fracture=fracture, scanner=scanner), seed)


@pytest.fixture(scope="session")
def patient() -> VirtualPatient:
    """Bilateral alar fracture, seed 1."""
    return made()


@pytest.fixture(scope="session")
def broken_left() -> VirtualPatient:
    """The left ala is broken."""
    return made(FracturePattern.LEFT_ALA, 3)


@pytest.fixture(scope="session")
def broken_right() -> VirtualPatient:
    """The right ala is broken, same seed."""
    return made(FracturePattern.RIGHT_ALA, 3)
