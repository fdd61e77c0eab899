"""Sex, as far as the published dimensions are split by it."""

from enum import StrEnum


class Sex(StrEnum):
    """DICOM's letters."""

    FEMALE = "F"
    MALE = "M"
