"""How far two answers about one patient lie apart."""

import numpy as np

from sacroplasty.anatomy import SacrumModel, Side, Structure, ilium_structure
from sacroplasty.geometry import Rigid, Volume


def dice(truth: Volume[np.uint8], found: Volume[np.uint8], structure: Structure) -> float:
    """Overlap 2|A∩B| / (|A|+|B|) on the truth's own voxels (Dice 1945); 0 where both are empty."""
    mine = truth.values == structure
    theirs = found.on(truth.grid, order=0).values == structure
    return float(2 * (mine & theirs).sum() / max(int(mine.sum() + theirs.sum()), 1))


def dice_with_openings(truth: Volume[np.uint8], found: Volume[np.uint8]) -> float:
    """`dice` of the sacrum with the found canal and foramina counted as bone in both answers.

    For references that draw the sacrum solid: it says nothing about the openings themselves.
    """
    openings = [s for s in Structure if s.is_foramen or s is Structure.CANAL]
    theirs = found.on(truth.grid, order=0).values
    inside = np.isin(theirs, openings)
    mine = (truth.values == Structure.SACRUM) | inside
    other = (theirs == Structure.SACRUM) | inside
    return float(2 * (mine & other).sum() / max(int(mine.sum() + other.sum()), 1))


def around(volume: Volume[np.uint8], structure: Structure) -> Volume[np.uint8]:
    """The box of one structure, so that overlaps need not look at the whole scan."""
    kji = np.argwhere(volume.values == structure)
    low, high = kji.min(axis=0), kji.max(axis=0) + 1
    return volume.cropped(tuple(low.tolist()), tuple(high.tolist()))


def angle_deg(one: Rigid, other: Rigid) -> float:
    """The angle of the rotation that leads from one frame's axes to the other's."""
    cosine = (np.trace(one.rotation.T @ other.rotation) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def sides_swapped(truth: SacrumModel, found: SacrumModel) -> bool:
    """Whether an ilium or a foramen carries the other side's name: read from the truth alone."""
    for side in Side:
        mine = found.labels.on(truth.labels.grid, order=0).values == ilium_structure(side)
        own, other = (
            int((mine & (truth.labels.values == ilium_structure(s))).sum())
            for s in sorted(Side, key=lambda s: s is not side)
        )
        if other > own:
            return True
    return any(_nearest_side(truth, f.centre.single) is not f.side for f in found.foramina)


def _nearest_side(
    truth: SacrumModel, point: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Side:
    apart = [float(np.linalg.norm(f.centre.single - point)) for f in truth.foramina]
    return truth.foramina[int(np.argmin(apart))].side
