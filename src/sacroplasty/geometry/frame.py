"""A frame of reference, and the one gate that every meeting of two frames goes through."""

from dataclasses import dataclass
from typing import Protocol

from sacroplasty.errors import FrameMismatch


@dataclass(frozen=True, slots=True)
class Frame:
    """A patient frame of reference, known by its DICOM UID.

    `uid` is the Frame of Reference UID (0020,0052) for a scanner frame, or that UID with a suffix
    ("1.2.3/sacrum") for a frame that this software attached to the anatomy. Two frames are the
    same only when their UIDs are equal.
    """

    uid: str

    def __post_init__(self) -> None:
        if not self.uid.strip():
            raise FrameMismatch(
                "A frame of reference needs a UID: an empty one would match every other empty one."
            )

    def attached(self, name: str) -> "Frame":
        """The frame called `name` that moves with the patient of this frame."""
        return Frame(f"{self.uid}/{name}")


class Framed(Protocol):
    """Anything that lies in one frame."""

    @property
    def frame(self) -> Frame: ...


def require_same_frame(first: Framed, second: Framed) -> None:
    """The gate. Raises `FrameMismatch` unless both things lie in the same frame."""
    if first.frame.uid != second.frame.uid:
        raise FrameMismatch(
            f"A {type(first).__name__} in frame {first.frame.uid!r} met a {type(second).__name__} "
            f"in frame {second.frame.uid!r}; transform one of them first."
        )
