"""The two angles of a C-arm, as DICOM writes them and as they are dialled.

DICOM (PS3.3, XA Positioner Module) counts **where the detector stands about the patient**:

* `PositionerPrimaryAngle`, in the transaxial plane: 0° before the patient's chest, +90° at the
  patient's left (LAO), −90° at the right (RAO), ±180° at the back;
* `PositionerSecondaryAngle`: + towards the head (CRA), − towards the feet (CAU).

A projection is named after the way of its beam. Detector at the back (±180°): the beam goes from
anterior to posterior, **AP**. Detector before the belly (0°): **PA**. Under a C-arm with its tube
below the table, a prone patient (a sacroplasty) is therefore seen AP and a supine one PA.

An operator dials from the place over the patient: leaning to the patient's left is "LAO" on the
machine whichever way the patient lies. `Lying` says which place that is.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from sacroplasty.errors import BadInput


class Lying(StrEnum):
    """How the patient lies under a C-arm whose tube is below the table, head first."""

    PRONE = "prone"
    SUPINE = "supine"

    @property
    def patient_position(self) -> str:
        """DICOM's PatientPosition (0018,5100)."""
        return "HFP" if self is Lying.PRONE else "HFS"

    @property
    def projection(self) -> str:
        """What the beam straight through is called."""
        return "AP" if self is Lying.PRONE else "PA"


@dataclass(frozen=True, slots=True)
class PositionerAngles:
    """Where the detector stands about the patient, in degrees, DICOM's signs.

    primary_deg: −180…180; 0 before the chest, + to the patient's left. secondary_deg: −90…90,
    + to the head.
    """

    primary_deg: float
    secondary_deg: float

    def __post_init__(self) -> None:
        for says, angle, limit in (
            ("primary angle (LAO +, RAO −)", self.primary_deg, 180.0),
            ("secondary angle (cranial +, caudal −)", self.secondary_deg, 90.0),
        ):
            if not abs(angle) <= limit:
                raise BadInput(f"A {says} of {angle:g}° is not within ±{limit:g}°.")

    @classmethod
    def dialled(
        cls, lying: Lying, *, lao_deg: float = 0.0, cranial_deg: float = 0.0
    ) -> "PositionerAngles":
        """Leaning from the place over the patient: + to the patient's left, + to the head."""
        if not abs(lao_deg) <= 180.0:
            raise BadInput(f"A rotation of {lao_deg:g}° is not within ±180°.")
        primary = lao_deg if lying is Lying.SUPINE else wrapped_deg(180.0 - lao_deg)
        return cls(primary, cranial_deg)

    def lao_deg(self, lying: Lying) -> float:
        """What is dialled: the lean to the patient's left from the place over the patient."""
        if lying is Lying.SUPINE:
            return wrapped_deg(self.primary_deg)
        return wrapped_deg(180.0 - self.primary_deg)

    @property
    def words(self) -> str:
        """ "LPO 20°, CRA 10°": the quadrant that the detector stands in, and its tilt."""
        behind = abs(self.primary_deg) > 90.0
        turned = 180.0 - abs(self.primary_deg) if behind else abs(self.primary_deg)
        side = "L" if self.primary_deg > 0 else "R"
        tilt = "CRA" if self.secondary_deg >= 0 else "CAU"
        straight = "AP" if behind else "PA"
        rotation = (
            straight if round(turned) == 0 else f"{side}{'PO' if behind else 'AO'} {turned:.0f}°"
        )
        return f"{rotation}, {tilt} {abs(self.secondary_deg):.0f}°"


def wrapped_deg(angle_deg: float) -> float:
    """The same direction as an angle in (−180, 180]."""
    turned = math.fmod(angle_deg, 360.0)
    if turned > 180.0:
        return turned - 360.0
    return turned + 360.0 if turned <= -180.0 else turned
