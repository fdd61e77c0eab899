"""What else is seen on the scans of old people, and troubles those who look for the sacrum."""

from enum import StrEnum


class Incidental(StrEnum):
    """A finding beside the fracture. Unilateral ones lie on a side that the seed chooses."""

    ARTHRITIC_SI_JOINTS = "arthritic SI joints"
    CALCIFIED_VESSELS = "calcified vessels"
    IV_CONTRAST = "intravenous contrast"
    RECTAL_GAS = "rectal gas"
    FAECES = "faeces"
    HIP_PROSTHESIS = "hip prosthesis"
    TRANSSACRAL_SCREW = "transsacral screw"
    SI_SCREW = "SI screw"

    @property
    def is_metal(self) -> bool:
        """Whether it makes streaks."""
        return self in (
            Incidental.HIP_PROSTHESIS,
            Incidental.TRANSSACRAL_SCREW,
            Incidental.SI_SCREW,
        )
