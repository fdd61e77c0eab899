"""The mirror image of what was made, for right-sided fractures: the template always breaks left.

Both grids are symmetric about x = 0, so a mirrored array is a flipped one. Labels and points change
side; frames of the sacrum are rebuilt so that +x stays the patient's left.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Foramen, SacrumModel, Side, Structure
from sacroplasty.geometry import Points, Rigid, Volume

Scalar = TypeVar("Scalar", bound=np.generic)
_FLIP = np.array([-1.0, 1.0, 1.0])


def mirrored_labels(labels: Volume[np.uint8]) -> Volume[np.uint8]:
    """Flipped along x, with left and right names exchanged."""
    return Volume(renamed(flipped(labels.values)), labels.grid)


def renamed(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Left and right names exchanged, every voxel in its place."""
    swap = np.arange(256, dtype=np.uint8)
    for structure in Structure:
        if structure.name.endswith("_LEFT"):
            twin = Structure[structure.name.removesuffix("_LEFT") + "_RIGHT"]
            swap[structure], swap[twin] = twin, structure
    return np.asarray(swap[labels])


def mirrored_model(model: SacrumModel) -> SacrumModel:
    """The mirror image of a sacrum."""
    rigid = model.scanner_from_sacrum
    turn = np.diag(_FLIP)
    return SacrumModel(
        labels=mirrored_labels(model.labels),
        zones=Volume(flipped(model.zones.values), model.zones.grid),
        scanner_from_sacrum=Rigid(
            turn @ rigid.rotation @ turn, turn @ rigid.translation, to=rigid.to, source=rigid.source
        ),
        foramina=tuple(_mirrored_foramen(found) for found in model.foramina),
        canal=_mirrored_points(model.canal),
        absent=model.absent,
        findings=model.findings,
        engine=model.engine,
    )


def mirrored_clefts(clefts: Volume[np.uint8]) -> Volume[np.uint8]:
    """Flipped along x, 1 (left) and 2 (right) exchanged; 3 (horizontal) stays."""
    swap = np.array([0, 2, 1, 3], dtype=np.uint8)
    return Volume(swap[flipped(clefts.values)], clefts.grid)


def flipped(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """An array (k, j, i) mirrored left to right."""
    return np.ascontiguousarray(values[:, :, ::-1])


def _mirrored_points(points: Points) -> Points:
    return Points(points.xyz * _FLIP, points.frame)


def _mirrored_foramen(found: Foramen) -> Foramen:
    return Foramen(
        level=found.level,
        side=Side.RIGHT if found.side is Side.LEFT else Side.LEFT,
        centre=_mirrored_points(found.centre),
        radius_mm=found.radius_mm,
        ventral_mouth=_mirrored_points(found.ventral_mouth),
        dorsal_mouth=_mirrored_points(found.dorsal_mouth),
    )
