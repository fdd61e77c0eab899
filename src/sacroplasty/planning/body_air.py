"""Air around the body in the wide box where skin is looked for.

The model's working grid ends 45 mm beside the sacrum, and the skin that a needle from the side goes
through lies farther out: there the CT itself is asked.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Structure, find_body
from sacroplasty.geometry import Grid, Volume
from sacroplasty.imaging import CTVolume

# Skin is flat over this much of its height; thinner slices are left out.
_SLICE_MM = 3.0


def air_around(
    sacrum: SacrumModel, labels: NDArray[np.uint8], box: Grid, ct: CTVolume | None
) -> NDArray[np.uint8]:
    """1 outside the patient, on `box` (k, j, i).

    labels: of the model on `box`, soft tissue where the working grid does not reach. There, air is
    what the CT shows; without a CT, beyond the CT, and where the model says that the scan shows no
    skin, nothing is known and it is called body.
    """
    air = (labels == Structure.OUTSIDE).astype(np.uint8)
    if ct is None or "skin" in sacrum.absent:
        return air
    thinned = _thinned(ct, box)
    body = find_body(thinned)
    if body is None:
        return air
    seen = Volume(body.astype(np.uint8), thinned.grid).on(box, order=0, outside=1.0)
    known = _shared(sacrum.labels.grid, box)
    everywhere = (seen.values == 0).astype(np.uint8)
    everywhere[known] = air[known]
    return everywhere


def _shared(working: Grid, box: Grid) -> tuple[slice, ...]:
    """The part of the box that the working grid covers."""
    start = np.rint(working.kji_at(box.points_at(np.zeros(3)))[0]).astype(int).tolist()
    return tuple(
        slice(max(-a, 0), max(min(n - a, m), 0))
        for a, n, m in zip(start, working.shape, box.shape, strict=True)
    )


def _thinned(ct: CTVolume, box: Grid) -> CTVolume:
    """Every so many slices of the CT, those about the box."""
    step = max(1, int(_SLICE_MM / ct.grid.spacing_mm[2]))
    k = ct.grid.kji_at(box.corners)[:, 0]
    first = min(max(int(np.floor(k.min())) - step, 0), ct.grid.shape[0] - 1)
    last = max(min(int(np.ceil(k.max())) + step + 1, ct.grid.shape[0]), first + 1)
    hu = ct.hu[first:last:step]
    i_mm, j_mm, k_mm = ct.grid.spacing_mm
    origin = ct.grid.points_at(np.array([first, 0, 0])).single
    x, y, z = origin.tolist()
    spacing = (i_mm, j_mm, k_mm * step)
    grid = Grid(hu.shape, (x, y, z), spacing, ct.grid.direction, ct.grid.frame)
    return CTVolume(hu, grid, ct.acquisition)
