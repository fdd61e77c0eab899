"""From stored numbers to Hounsfield units, and whether they look like a CT at all."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.errors import UnreadableInput
from sacroplasty.imaging.ct_volume import AIR_HU

_MOST_HU = 32767
_PICTURE_SPAN = 255  # an 8-bit picture has no more, and air to fat already spans 900 HU
_MASKED_SHARE = 0.5


def hounsfield(
    stored: NDArray[np.generic],
    slope: float,
    intercept: float,
    padding: tuple[float, float] | None = None,
) -> NDArray[np.int16]:
    """HU of one slice (rows, columns): ``slope · stored + intercept``, rounded.

    Nothing is thinner than air: the scanner's filling outside its circle (−2048, −3024) reads
    AIR_HU. `padding` is the stated range of stored padding values; where it would read as tissue,
    only padding that is connected to the edge of the image becomes air.
    """
    if slope == 0 or not np.isfinite([slope, intercept]).all():
        raise UnreadableInput(
            f"Rescale slope {slope} and intercept {intercept} give no Hounsfield units."
        )
    hu = np.rint(np.asarray(stored, dtype=np.float64) * slope + intercept)
    clipped = np.clip(hu, AIR_HU, _MOST_HU).astype(np.int16)
    if padding is not None and slope * max(padding) + intercept > AIR_HU:
        low, high = sorted(padding)
        outside = (stored >= np.float64(low)) & (stored <= np.float64(high))
        regions, _ = ndimage.label(outside)
        edge = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
        clipped[outside & np.isin(regions, np.unique(edge))] = AIR_HU
    return clipped


def require_hounsfield_like(hu: NDArray[np.int16]) -> tuple[str, ...]:
    """Refuse numbers that cannot be HU; notes what is odd but readable (a masked background)."""
    low, high = int(hu.min()), int(hu.max())
    found = f"The voxels run from {low} to {high}"
    if low == high:
        raise UnreadableInput(f"Every voxel reads {low}: there is no image in this scan.")
    if high - low <= _PICTURE_SPAN:
        raise UnreadableInput(
            f"{found}: these are not Hounsfield units but an 8-bit picture, a normalised image or "
            "a label map; export the original CT."
        )
    if low >= 0:
        raise UnreadableInput(
            f"{found}: a CT in Hounsfield units has air and fat below 0, so its rescale intercept "
            "was lost; export the original CT."
        )
    background = float(np.count_nonzero(hu == 0)) / hu.size
    if background > _MASKED_SHARE:
        return (
            f"{background:.0%} of the voxels read exactly 0 HU: the background was masked away, "
            "so soft tissue, fat and air are unknown",
        )
    return ()
