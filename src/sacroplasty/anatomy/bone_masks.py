"""What a segmenter hands over, before geometry is derived from it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sacroplasty.anatomy.structures import Structure
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import CTVolume


@dataclass(frozen=True, eq=False, slots=True)
class BoneMasks:
    """A label map of `Structure` values (uint8), at least SACRUM; on any grid of the CT's frame.

    Ilia, L5, canal and foramina may be in it; what is missing is derived or explicitly absent.
    `engine` names who made it ("built-in 1", "labels: file mapping …").
    """

    labels: Volume[np.uint8]
    engine: str
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        unknown = set(np.unique(self.labels.values).tolist()) - {int(s) for s in Structure}
        if unknown:
            raise BadInput(f"The label map holds values {sorted(unknown)} that name no structure.")

    @property
    def frame(self) -> Frame:
        """The frame that the masks lie in."""
        return self.labels.frame


class Segmenter(Protocol):
    """Finds the bones in a CT. Two real ones exist: the built-in engine and imported labels."""

    @property
    def name(self) -> str: ...

    def segment(self, ct: CTVolume) -> BoneMasks:
        """Raises `AnatomyNotTrusted` where there is no sacrum to be found."""
        ...
