"""Canal and foramina that the masks name: used as they are, and measured."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.bone_masks import BoneMasks
from sacroplasty.anatomy.canal import FoundCanal
from sacroplasty.anatomy.sacral_sheet import SacralSheet
from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Volume


def foramina_as_given(sheet: SacralSheet, masks: BoneMasks) -> NDArray[np.uint8]:
    """Structure values of the foramina that the masks name, on the sheet (k, j, i); else 0."""
    values = masks.labels.values
    named = np.where(values >= Structure.FORAMEN_S1_LEFT, values, 0).astype(np.uint8)
    if not named.any():
        return np.zeros(sheet.grid.shape, dtype=np.uint8)
    return Volume(named, masks.labels.grid).on(sheet.grid, order=0).values


def canal_as_given(sheet: SacralSheet, masks: BoneMasks) -> FoundCanal | None:
    """The canal that the masks name: its centreline is the centroid of every slice."""
    mask = masks.labels.values == Structure.CANAL
    if not mask.any():
        return None
    region = Volume(mask.astype(np.uint8), masks.labels.grid).on(sheet.grid, order=0).values > 0
    if not region.any():
        return None
    slices = [k for k in range(region.shape[0] - 1, -1, -1) if region[k].any()]
    line = [(float(k), *np.argwhere(region[k]).mean(axis=0).tolist()) for k in slices]
    return FoundCanal(
        np.array(line).reshape(-1, 3), region, np.zeros_like(region), float(len(line))
    )
