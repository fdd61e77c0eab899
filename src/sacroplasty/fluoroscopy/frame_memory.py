"""Frames one after the other: averaged against noise, and held when the pedal is let go.

A first-order recursive filter, y_n = (1 − r)·y_{n−1} + r·x_n, is what fluoroscopes do. On a still
patient white noise of variance σ² ends at σ²·r/(2 − r); what moves leaves a trail that fades by
(1 − r) a frame, with a mean lag of (1 − r)/r frames. The last picture held is y.
"""

from dataclasses import dataclass

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame


@dataclass(frozen=True, eq=False, slots=True)
class FrameMemory:
    """`new_part` r: weight of the newest frame, 0–1; `held`: the picture on the screen."""

    new_part: float
    held: FluoroscopicFrame | None = None

    def __post_init__(self) -> None:
        if not 0 < self.new_part <= 1:
            raise BadInput(f"Frame averaging needs a new part of 0–1; got {self.new_part}.")

    def after(self, frame: FluoroscopicFrame) -> "FrameMemory":
        """The memory when `frame` has come in; a moved C-arm or another dose starts anew."""
        old = self.held
        if old is None or old.pose is not frame.pose or old.open_kev != frame.open_kev:
            return FrameMemory(self.new_part, frame)
        mixed = old.signal_kev + self.new_part * (frame.signal_kev - old.signal_kev)
        return FrameMemory(
            self.new_part,
            FluoroscopicFrame(mixed.astype(frame.signal_kev.dtype), frame.open_kev, frame.pose),
        )

    def after_all(self, *frames: FluoroscopicFrame) -> "FrameMemory":
        """The memory after several frames in order."""
        memory = self
        for frame in frames:
            memory = memory.after(frame)
        return memory
