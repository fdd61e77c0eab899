"""What the operator saw, when, and what he did."""

from dataclasses import dataclass
from enum import StrEnum

from sacroplasty.injection.wall import Wall


class StopCause(StrEnum):
    """Which limit of a stop rule was met; the value of each is in the unit of its name."""

    VOLUME = "volume_ml"
    SYRINGE_PRESSURE = "syringe_pressure_mpa"
    WALL = "gap_mm"
    SEEN_LEAK = "seen_leak_ml"


_TEXT = {
    StopCause.VOLUME: "{:.2f} mL",
    StopCause.SYRINGE_PRESSURE: "{:.2f} MPa",
    StopCause.WALL: "{:.1f} mm",
    StopCause.SEEN_LEAK: "{:.2f} mL",
}


class Deed(StrEnum):
    """What came of it."""

    STOPPED = "stopped"
    PAUSED = "paused"
    TOO_LATE = "needle had ended"


@dataclass(frozen=True, slots=True)
class StopEvent:
    """One limit that was met.

    time_s since the first drop; needle: counted from 0, as in the timeline. value and limit: what was measured,
    and where the limit is (None for a leak that is seen), in the unit of `cause`; a gap is negative
    where cement is inside. wall: which one the front came near to. views: those that show the leak. paused_s: 0 unless he paused. more_ml:
    what still went in before he reacted.
    """

    time_s: float
    needle: int
    cause: StopCause
    value: float
    limit: float | None
    wall: Wall | None
    views: tuple[str, ...]
    deed: Deed
    paused_s: float
    more_ml: float

    @property
    def measured(self) -> str:
        """What was measured, with its unit."""
        return _TEXT[self.cause].format(self.value)

    @property
    def at(self) -> str | None:
        """Where the limit is, with its unit."""
        return None if self.limit is None else _TEXT[self.cause].format(self.limit)

    @property
    def _how_near(self) -> str:
        if self.value < 0.0:
            into = "beyond" if self.wall and self.wall.is_cortex else "into"
            return f"{_TEXT[self.cause].format(-self.value)} {into}"
        return f"within {self.measured} of"

    def says(self, needle: str) -> str:
        """The event in a sentence."""
        views = " and ".join(self.views)
        seen = {
            StopCause.VOLUME: f"{self.measured} were in, {self.at} is the cap",
            StopCause.SYRINGE_PRESSURE: f"the syringe took {self.measured}, {self.at} is the limit",
            StopCause.WALL: f"cement came {self._how_near} the {self.wall}, {self.at} is the limit",
            StopCause.SEEN_LEAK: f"{self.measured} outside the bone were seen in {views}",
        }[self.cause]
        did = {
            Deed.STOPPED: "the operator stopped",
            Deed.PAUSED: f"the operator paused for {self.paused_s:.0f} s",
            Deed.TOO_LATE: "the needle had ended before the operator reacted",
        }[self.deed]
        return (
            f"Needle {needle}, {self.time_s:.1f} s: {seen}; {did}, "
            f"after another {self.more_ml:.2f} mL."
        )
