"""Whether imported labels belong to this CT: inside it, on its bone, and on the right sides."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.errors import AnatomyNotTrusted, FrameMismatch
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Grid, Points, Volume, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume

_LEAST_INSIDE = 0.98
# Cortex is this bright even in thick slices of thin bone, and soft tissue never is.
_CORTEX_HU = 130
_REACH_MM = 3.0
# Share of the mask's surface with cortex within reach. Three real scans with their own labels gave
# 0.90–1.00, the same labels 10 mm off 0.65–0.76, labels of one on another, centred, 0.49–0.68.
_SURELY_OTHER, _SURELY_OWN = 0.70, 0.85
_MOST_POINTS = 4000


def judge_fit(labels: Volume[np.uint8], ct: CTVolume) -> Finding:
    """How well the labels lie on the CT's bone, where they can be those of this CT at all.

    Raises `FrameMismatch` (nowhere near the CT) or `AnatomyNotTrusted` (no sacrum, sacrum outside
    the CT, sides swapped, sacrum not on bone).
    """
    require_same_frame(labels, ct)
    _require_inside(labels, ct.grid)
    _require_sides(labels)
    return _on_bone(labels, ct)


def _require_inside(labels: Volume[np.uint8], ct: Grid) -> None:
    """The sacrum is there, and all of it is inside the CT."""
    low = np.maximum(labels.grid.corners.xyz.min(axis=0), ct.corners.xyz.min(axis=0))
    high = np.minimum(labels.grid.corners.xyz.max(axis=0), ct.corners.xyz.max(axis=0))
    if (high <= low).any():
        raise FrameMismatch("The labels and the CT do not overlap anywhere; are they of one scan?")
    sacrum = np.argwhere(labels.values == Structure.SACRUM)
    if not len(sacrum):
        raise AnatomyNotTrusted("No voxel of the label file is called sacrum; check the mapping.")
    inside = float(ct.contains(labels.grid.points_at(sacrum)).mean())
    if inside < _LEAST_INSIDE:
        raise AnatomyNotTrusted(
            f"Only {inside:.0%} of the labelled sacrum lies inside the CT (at least {_LEAST_INSIDE:.0%}); "
            "are labels and CT of one scan?"
        )


def _require_sides(labels: Volume[np.uint8]) -> None:
    """Left ilium on +x of the sacrum, right ilium on −x: else labels or image are mirrored."""
    middle = _median_x(labels, Structure.SACRUM)
    for ilium, sign in ((Structure.ILIUM_LEFT, 1), (Structure.ILIUM_RIGHT, -1)):
        if (labels.values == ilium).any():
            offset = (_median_x(labels, ilium) - middle) * sign
            if offset <= 0:
                raise AnatomyNotTrusted(
                    f"{ilium.label} lies {-offset:.0f} mm on the wrong side of the sacrum: "
                    "the labels are swapped or the image is mirrored; check the mapping."
                )


def _median_x(labels: Volume[np.uint8], structure: Structure) -> float:
    return float(
        np.median(labels.grid.points_at(np.argwhere(labels.values == structure)).xyz[:, 0])
    )


def _on_bone(labels: Volume[np.uint8], ct: CTVolume) -> Finding:
    """Whether there is cortex at the surface of the labelled sacrum."""
    share = _cortex_share(_surface(labels), ct)
    if share < _SURELY_OTHER:
        raise AnatomyNotTrusted(
            f"Only {share:.0%} of the labelled sacrum's surface lies at bone of the CT (at least "
            f"{_SURELY_OTHER:.0%}); the labels are of another patient or scan, or displaced."
        )
    own = share >= _SURELY_OWN
    return Finding(
        "labels on the bone",
        Verdict.PASS if own else Verdict.NOT_CHECKED,
        "The surface of the labelled sacrum lies at bone of the CT."
        if own
        else "The labelled sacrum does not lie well on the bone of the CT; look at it.",
        f"{share:.0%} of the surface",
        f"at least {_SURELY_OWN:.0%}",
    )


def _surface(labels: Volume[np.uint8]) -> Points:
    """Centres of the sacrum's outermost voxels, thinned evenly."""
    mask = labels.values == Structure.SACRUM
    kji = np.argwhere(mask)
    start, stop = kji.min(axis=0), kji.max(axis=0) + 1
    box = tuple(slice(a, b) for a, b in zip(start.tolist(), stop.tolist(), strict=True))
    surface = np.argwhere(mask[box] & ~ndimage.binary_erosion(mask[box])) + start
    return labels.grid.points_at(surface[:: 1 + len(surface) // _MOST_POINTS])


def _cortex_share(surface: Points, ct: CTVolume) -> float:
    """Share of the points with a CT value of cortex within reach."""
    brightest = np.full(len(surface), -np.inf)
    for offset in _ball(_REACH_MM):
        there = Points(surface.xyz + offset, surface.frame)
        np.maximum(brightest, ct.volume.at(there, order=1, outside=AIR_HU), out=brightest)
    return float((brightest > _CORTEX_HU).mean())


def _ball(radius_mm: float) -> NDArray[np.float64]:
    """Offsets (n, 3) in mm within a radius, two steps to the radius."""
    steps = (np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3), axis=-1).reshape(-1, 3)) / 2
    return np.asarray(steps[np.linalg.norm(steps, axis=1) <= 1] * radius_mm)
