"""What the user may ask of the reader: which series, and which repairs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Choices that the reader never makes by itself.

    series: a Series Instance UID, or the 1-based number in the list that `AmbiguousSeries` shows.
    acquisition: an Acquisition Number; 0 joins all of them (they must then form one even stack).
    repair_tilt, repair_gaps: allow a resampling that is otherwise refused; it is recorded.
    """

    series: str | None = None
    acquisition: int | None = None
    repair_tilt: bool = False
    repair_gaps: bool = False
