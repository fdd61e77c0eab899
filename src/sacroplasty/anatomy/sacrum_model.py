"""The sacrum as everything downstream sees it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.structures import Level, Side, Structure
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding, Verdict, overall_verdict
from sacroplasty.geometry import Frame, Points, Rigid, Volume, require_same_frame


@dataclass(frozen=True, eq=False, slots=True)
class Foramen:
    """One foraminal canal. Points are single points in the scanner frame (LPS mm).

    `centre` lies midway between the mouths; `radius_mm` is that of the largest ball inside the
    ventral half. The ventral mouth lies up to 10 mm lateral of the dorsal one (Ebraheim 1996).
    """

    level: Level
    side: Side
    centre: Points
    radius_mm: float
    ventral_mouth: Points
    dorsal_mouth: Points


@dataclass(frozen=True, eq=False, slots=True)
class SacrumModel:
    """Labels, frame, foramina, canal and the verdict on them.

    labels: `Structure` values (uint8) on an axis-aligned isotropic working grid in the scanner frame.
    zones: Denis zones on the same grid: 1 lateral to the foramina, 2 transforaminal, 3 central;
    0 outside the sacrum.
    scanner_from_sacrum: the sacral frame has +x to the patient's left, +y dorsal, +z cranial along
    the line through the bodies of S2 and S1, origin at the centre of the S1 upper endplate.
    canal: centreline of the sacral canal from cranial to caudal.
    absent: structures that could not be found, with the reason.
    """

    labels: Volume[np.uint8]
    zones: Volume[np.uint8]
    scanner_from_sacrum: Rigid
    foramina: tuple[Foramen, ...]
    canal: Points
    absent: dict[str, str]
    findings: tuple[Finding, ...]
    engine: str

    def __post_init__(self) -> None:
        require_same_frame(self.labels, self.zones)
        require_same_frame(self.labels, self.canal)
        if self.labels.grid != self.zones.grid:
            raise BadInput("Zones and labels of a sacrum must share one grid.")
        if not (self.labels.values == Structure.SACRUM).any():
            raise BadInput("A sacrum model without a single voxel of sacrum.")
        for foramen in self.foramina:
            require_same_frame(self.labels, foramen.centre)

    @property
    def frame(self) -> Frame:
        """The scanner frame."""
        return self.labels.frame

    @property
    def verdict(self) -> Verdict:
        """Whether the model may be planned on."""
        return overall_verdict(self.findings)

    @property
    def volumes_mm3(self) -> dict[Structure, float]:
        """Volume of each structure that has a voxel on the working grid."""
        counts = np.bincount(self.labels.values.ravel(), minlength=max(Structure) + 1)
        voxel_mm3 = self.labels.grid.voxel_mm3
        return {s: float(counts[s]) * voxel_mm3 for s in Structure if counts[s]}

    def mask(self, *structures: Structure) -> NDArray[np.bool_]:
        """Where any of the structures is, on the working grid."""
        return np.isin(self.labels.values, [int(s) for s in structures])

    def foramen(self, level: Level, side: Side) -> Foramen | None:
        """The foramen at a level and side, or None where it is absent."""
        for found in self.foramina:
            if (found.level, found.side) == (level, side):
                return found
        return None
