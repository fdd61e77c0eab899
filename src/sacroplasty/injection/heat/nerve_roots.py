"""Heat where the nerve roots run."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.injection.heat.heat_run import RootHeat
from sacroplasty.injection.heat.tissue import Tissue
from sacroplasty.reference import constant

Floats = NDArray[np.float64]

_SPACES: tuple[tuple[Structure, Level | None, Side | None], ...] = (
    (Structure.CANAL, None, None),
    *((foramen_structure(level, side), level, side) for level in Level for side in Side),
)


class NerveSpaces:
    """The canal and the foramina of a patient, as far as they are in reach of the heat.

    Temperatures are interpolated at the voxel centres of the label map, so that the edge of a
    foramen is where the labels have it and not where the coarser lattice of the heat has it. The
    spaces are those that the model has: canal first, then S1 left, S1 right, …
    """

    def __init__(self, tissue: Tissue, sacrum: SacrumModel) -> None:
        self._spaces = [space for space in _SPACES if (sacrum.labels.values == space[0]).any()]
        holding = cKDTree(tissue.grid.points_at(np.argwhere(tissue.fraction > 0)).xyz)
        self._points: list[Points] = []
        self._kji: list[Floats] = []
        self._near: list[tuple[float, Points]] = []
        for structure, _, _ in self._spaces:
            points = sacrum.labels.grid.points_at(np.argwhere(sacrum.labels.values == structure))
            distance, _ = holding.query(points.xyz)
            nearest = int(np.argmin(distance))
            leaked = bool((tissue.fraction[tissue.labels == structure] > 0).any())
            self._near.append((0.0 if leaked else float(distance[nearest]), _one(points, nearest)))
            within = Points(points.xyz[tissue.grid.contains(points)], points.frame)
            self._points.append(within)
            self._kji.append(tissue.grid.kji_at(within).T)

    def hottest_c(self, temperature_c: Floats, body_c: float) -> Floats:
        """The hottest point of each space now, (n,); the body's temperature where out of reach."""
        return np.array(
            [_at(temperature_c, kji).max() if kji.size else body_c for kji in self._kji]
        )

    def heat(self, peak_c: Floats, dose_min: Floats, body_c: float) -> tuple[RootHeat, ...]:
        """What each space got over the whole cure."""
        found = []
        for (structure, level, side), points, kji, (distance, nearest) in zip(
            self._spaces, self._points, self._kji, self._near, strict=True
        ):
            peak, dose, where = body_c, 0.0, nearest
            if kji.size:
                peaks = _at(peak_c, kji)
                peak, dose = float(peaks.max()), float(_at(dose_min, kji).max())
                where = _one(points, int(np.argmax(peaks)))
            found.append(RootHeat(structure, level, side, peak, dose, distance, where))
        return tuple(found)


def _at(values: Floats, kji: Floats) -> Floats:
    return np.asarray(ndimage.map_coordinates(values, kji, order=1, mode="nearest"))


def _one(points: Points, index: int) -> Points:
    return Points(points.xyz[index : index + 1], points.frame)


def root_findings(roots: tuple[RootHeat, ...]) -> list[Finding]:
    """One finding for the canal and each foramen; what the model lacks is not checked."""
    have = {root.structure: root for root in roots}
    return [
        _root_finding(have[structure]) if structure in have else _absent(structure)
        for structure, _, _ in _SPACES
    ]


def _root_finding(root: RootHeat) -> Finding:
    most_c, most_min = constant("nerve_peak_limit").value, constant("nerve_dose_limit").value
    space = f"The {'sacral canal' if root.level is None else f'foramen {root.name}'}"
    hot = root.peak_c >= most_c or root.cem43_min >= most_min
    near = (
        "cement lies in it" if root.distance_mm == 0 else f"cement {root.distance_mm:.1f} mm away"
    )
    says = f"{space} reaches {root.peak_c:.1f} °C and {root.cem43_min:.2g} min at 43 °C; {near}."
    if hot:
        says += " The nerve may be burnt: inject less or farther away, or cool it."
    return Finding(
        f"heat at {root.name}",
        Verdict.FAIL if hot else Verdict.PASS,
        says,
        f"{root.peak_c:.1f} °C, CEM43 {root.cem43_min:.2g} min",
        f"below {most_c:g} °C and {most_min:g} min",
        (float(root.where.xyz[0, 0]), float(root.where.xyz[0, 1]), float(root.where.xyz[0, 2])),
    )


def _absent(structure: Structure) -> Finding:
    name = structure.label.replace("_", " ")
    return Finding(
        f"heat at {name.removeprefix('foramen ')}",
        Verdict.NOT_CHECKED,
        f"The model of the sacrum has no {name}, so its nerve was not looked at.",
    )
