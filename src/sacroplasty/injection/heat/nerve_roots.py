"""Heat where the nerve roots run."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.injection.heat.heat_run import RootHeat
from sacroplasty.injection.heat.tissue import Tissue
from sacroplasty.reference import constant

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SPACES: tuple[tuple[Structure, Level | None, Side | None], ...] = (
    (Structure.CANAL, None, None),
    *((foramen_structure(level, side), level, side) for level in Level for side in Side),
)


class NerveSpaces:
    """The canal and the foramina of a patient, as far as they are in reach of the heat.

    structures: those that the model has, canal first, then S1 left, S1 right, …
    """

    def __init__(self, tissue: Tissue, sacrum: SacrumModel) -> None:
        here = [space for space in _SPACES if (sacrum.labels.values == space[0]).any()]
        self._spaces = here
        self._grid = tissue.grid
        self._cells = [np.flatnonzero(tissue.labels == space[0]) for space in here]
        held = self._grid.points_at(np.argwhere(tissue.fraction > 0))
        holding = cKDTree(held.xyz)
        self._near: list[tuple[float, Points]] = []
        for (structure, _, _), cells in zip(here, self._cells, strict=True):
            points = sacrum.labels.grid.points_at(np.argwhere(sacrum.labels.values == structure))
            distance, _ = holding.query(points.xyz)
            nearest = int(np.argmin(distance))
            inside = bool((tissue.fraction.ravel()[cells] > 0).any())
            self._near.append(
                (
                    0.0 if inside else float(distance[nearest]),
                    Points(points.xyz[nearest : nearest + 1], points.frame),
                )
            )

    @property
    def structures(self) -> tuple[Structure, ...]:
        """What is watched."""
        return tuple(structure for structure, _, _ in self._spaces)

    def hottest_c(self, temperature_c: Floats, body_c: float) -> Floats:
        """The hottest point of each space now, (n,); the body's temperature where out of reach."""
        flat = temperature_c.ravel()
        return np.array([flat[c].max() if c.size else body_c for c in self._cells])

    def heat(self, peak_c: Floats, dose_min: Floats, body_c: float) -> tuple[RootHeat, ...]:
        """What each space got over the whole cure."""
        found = []
        for (structure, level, side), cells, (distance, nearest) in zip(
            self._spaces, self._cells, self._near, strict=True
        ):
            peak, dose, where = body_c, 0.0, nearest
            if cells.size:
                peaks = peak_c.ravel()[cells]
                peak, dose = float(peaks.max()), float(dose_min.ravel()[cells].max())
                hottest = np.unravel_index(cells[np.argmax(peaks)], peak_c.shape)
                where = self._grid.points_at(np.array(hottest))
            found.append(RootHeat(structure, level, side, peak, dose, distance, where))
        return tuple(found)


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
