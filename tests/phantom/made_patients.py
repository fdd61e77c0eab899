"""Virtual patients that several tests look at, made once on a coarse scanner."""

from functools import lru_cache

from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    VirtualPatient,
    make_virtual_patient,
)

COARSE = ScannerSettings(in_plane_mm=3.0, slice_mm=2.3)


@lru_cache(maxsize=4)
def made(
    fracture: FracturePattern = FracturePattern.BILATERAL_ALA,
    seed: int = 1,
    scanner: ScannerSettings = COARSE,
) -> VirtualPatient:
    """A 78-year-old woman."""
    return make_virtual_patient(PatientRequest(fracture=fracture, scanner=scanner), seed)
