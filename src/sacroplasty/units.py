"""Units: what the code counts in, and the only places where it changes.

Inside: mm, s, MPa, Pa·s, mm³, rad, HU. At the doors, where a person reads or types: mL, kPa, deg.
A name carries its unit (`volume_mm3`, `volume_ml`); these functions are the only crossings.
"""

import math

MM3_PER_ML = 1000.0
KPA_PER_MPA = 1000.0
PA_PER_MPA = 1.0e6
MM2_PER_M2 = 1.0e6


def ml_from_mm3(volume_mm3: float) -> float:
    """Millilitres from cubic millimetres."""
    return volume_mm3 / MM3_PER_ML


def mm3_from_ml(volume_ml: float) -> float:
    """Cubic millimetres from millilitres."""
    return volume_ml * MM3_PER_ML


def kpa_from_mpa(pressure_mpa: float) -> float:
    """Kilopascal from megapascal."""
    return pressure_mpa * KPA_PER_MPA


def mpa_s_from_pa_s(viscosity_pa_s: float) -> float:
    """Viscosity in MPa·s (the solver's unit: N, mm, s) from Pa·s."""
    return viscosity_pa_s / PA_PER_MPA


def mm2_from_m2(permeability_m2: float) -> float:
    """Permeability in mm² from m²."""
    return permeability_m2 * MM2_PER_M2


def deg_from_rad(angle_rad: float) -> float:
    """Degrees from radians."""
    return math.degrees(angle_rad)


def rad_from_deg(angle_deg: float) -> float:
    """Radians from degrees."""
    return math.radians(angle_deg)
