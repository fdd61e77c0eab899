"""What the pictures are made of: CT, outlines, cement and needles of one case, prepared once."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.report.palette import FRACTURE, OEDEMA, OUTLINES, Ink
from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import InjectionRun
from sacroplasty.pathway import CaseInjection, CasePlan, CaseReport, Examination
from sacroplasty.planning import PlannedNeedle

Scalar = TypeVar("Scalar", bound=np.generic)

# Voxels of air kept around a cropped mask, so that its outline closes.
_RIM = 2
# Share of the sacrum's voxels that may lie outside the box that pictures show.
_STRAY = 0.001
# Saturation divides by the pore fraction; below this a voxel is cortex that holds next to nothing.
_LEAST_PORE_FRACTION = 0.05


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """One case, ready to be drawn.

    masks: per outline the structures as 0/1 (uint8), cropped; a structure that the model lacks has
    no entry. cement: saturation 0…1 (float32), cropped, None where nothing was injected.
    """

    ct: Volume[np.int16]
    sacrum: SacrumModel
    masks: dict[Ink, Volume[np.uint8]]
    cement: Volume[np.float32] | None
    needles: tuple[PlannedNeedle, ...]

    @classmethod
    def of(cls, case: CaseReport) -> "Scene":
        """The scene of a rehearsed case."""
        anatomy = cls.of_anatomy(case.examination)
        return replace(anatomy, cement=_saturation(case.run), needles=case.plan.needles)

    @classmethod
    def of_injection(cls, case: CaseInjection) -> "Scene":
        """The scene of an injected case."""
        anatomy = cls.of_anatomy(case.examination)
        return replace(anatomy, cement=_saturation(case.run), needles=case.plan.needles)

    @classmethod
    def of_plan(cls, case: CasePlan) -> "Scene":
        """The scene of a planned case, before anything is injected."""
        return replace(cls.of_anatomy(case.examination), needles=case.plan.needles)

    @classmethod
    def of_anatomy(cls, examination: Examination) -> "Scene":
        """The scene of a sacrum that nobody has planned on yet."""
        scene = cls.of_needles(examination.ct, examination.sacrum, ())
        suspected = {ink: around_nonzero(m) for ink, m in _suspected(examination).items()}
        return replace(scene, masks=scene.masks | suspected)

    @classmethod
    def of_needles(
        cls, ct: CTVolume, sacrum: SacrumModel, needles: tuple[PlannedNeedle, ...]
    ) -> "Scene":
        """The scene of a plan by itself: CT, structures, needles."""
        masks = {
            ink: around_nonzero(Volume(mask.astype(np.uint8), sacrum.labels.grid))
            for ink in OUTLINES
            if (mask := sacrum.mask(*ink.structures)).any()
        }
        return cls(ct.volume, sacrum, masks, None, needles)

    @property
    def sacrum_box(self) -> tuple[Points, Points]:
        """The two corners (low, high) of the axis-aligned box around the sacrum, LPS mm.

        A few stray voxels far away do not count: they would shrink every picture.
        """
        labels = self.sacrum.labels
        inside = labels.values == Structure.SACRUM
        corners = np.array(
            [
                _bulk(inside.sum(axis=(1, 2))),
                _bulk(inside.sum(axis=(0, 2))),
                _bulk(inside.sum(axis=(0, 1))),
            ]
        ).T
        points = labels.grid.points_at(corners)
        return (
            Points(points.xyz.min(axis=0), labels.frame),
            Points(points.xyz.max(axis=0), labels.frame),
        )


def _suspected(examination: Examination) -> dict[Ink, Volume[np.uint8]]:
    """Cleft and bright marrow, where there are any."""
    drawn: dict[Ink, Volume[np.uint8]] = {}
    if examination.fracture:
        cleft = examination.fracture.cleft
        drawn[FRACTURE] = Volume((cleft.values > 0).astype(np.uint8), cleft.grid)
    if examination.marrow and examination.marrow.oedema.parts:
        bright = examination.marrow.oedema.mask
        drawn[OEDEMA] = Volume(bright.values.astype(np.uint8), bright.grid)
    return drawn


def _bulk(counts: NDArray[np.int64]) -> tuple[int, int]:
    """First and last index that leave out at most a share of `_STRAY` at either end."""
    share = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(share, _STRAY)), int(np.searchsorted(share, 1 - _STRAY))


def first_and_last(mask: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """First and last index along each axis where `mask` is true."""
    low, high = [], []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        where = np.flatnonzero(mask.any(axis=others))
        low.append(int(where[0]))
        high.append(int(where[-1]))
    return low, high


def around_nonzero(volume: Volume[Scalar], rim: int = _RIM) -> Volume[Scalar]:
    """The part of a volume that is not zero, with a rim."""
    low, high = first_and_last(volume.values != 0)
    start = [max(0, a - rim) for a in low]
    stop = [min(n, b + 1 + rim) for n, b in zip(volume.grid.shape, high, strict=True)]
    return volume.cropped((start[0], start[1], start[2]), (stop[0], stop[1], stop[2]))


def _saturation(run: InjectionRun) -> Volume[np.float32] | None:
    fraction = run.cement.fraction
    if not (fraction.values > 0).any():
        return None
    pores = run.porosity.on(fraction.grid, order=0, outside=1.0).values
    filled = np.clip(fraction.values / np.maximum(pores, _LEAST_PORE_FRACTION), 0.0, 1.0)
    return around_nonzero(Volume(filled.astype(np.float32), fraction.grid))
