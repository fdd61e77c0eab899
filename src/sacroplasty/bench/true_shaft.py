"""What a needle truly runs through: its cylinder asked point by point, no distance field in between.

The lattice lies along the needle itself, and each of its points is asked of the solids that made
the virtual patient, so neither the planner's voxels nor its distances are believed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel, Side, Structure, ilium_structure, si_joint_structure
from sacroplasty.geometry import Grid, Points
from sacroplasty.phantom import UnscannedPatient
from sacroplasty.planning import Needle

_STEP_MM = 0.3
# From a point in front of the ala this far to the back there is bone; before it there is none.
_BACK_MM, _FRONT_MM, _RAY_STEP_MM = 40.0, 60.0, 1.5
_SOFT = (Structure.SOFT_TISSUE, Structure.OUTSIDE)
_RING = {
    Structure.SACRUM,
    *(structure(side) for side in Side for structure in (ilium_structure, si_joint_structure)),
}
_JOINT_AND_ILIUM = ("SI_JOINT_", "ILIUM_")


@dataclass(frozen=True, slots=True)
class TrueShaft:
    """touched: labels of forbidden structures in the cylinder. anterior: whether it comes out of the
    front of the sacrum. tip_in_bone: share of the flat end that lies in sacral bone, 0…1. gap_mm:
    the longest stretch of the axis out of bone (ilium, joint, sacrum) once it is in.
    """

    touched: tuple[str, ...]
    anterior: bool
    tip_in_bone: float
    gap_mm: float

    @property
    def safe(self) -> bool:
        """Nothing crossed, nothing broken out of, and the tip in bone."""
        return not self.touched and not self.anterior and self.tip_in_bone == 1.0


def ask_shaft(
    patient: UnscannedPatient, truth: SacrumModel, needle: Needle, side: Side, transiliac: bool
) -> TrueShaft:
    """The true labels in the cylinder of a needle; transiliac ones may cross joint and ilium of
    their side. truth: the same patient's model, on which rays look for bone behind and in front.
    """
    lattice = _along(needle)
    labels = patient.labels_on(lattice).values
    inside = _disc(lattice)
    found = {Structure(v) for v in np.unique(labels[:, inside]).tolist()}
    soft = np.argwhere(np.isin(labels, _SOFT) & inside)
    return TrueShaft(
        touched=tuple(sorted(s.label for s in found & _forbidden(side, transiliac))),
        anterior=bool(_in_front(truth, lattice.points_at(soft)).any()),
        tip_in_bone=float((labels[-1][inside] == Structure.SACRUM).mean()),
        gap_mm=_gap_mm(labels, lattice.spacing_mm[2]),
    )


def _along(needle: Needle) -> Grid:
    """A lattice whose k runs down the needle to the plane of its end."""
    d = needle.direction
    u = np.cross(d, np.eye(3)[np.argmin(np.abs(d))])
    u /= np.linalg.norm(u)
    axes = np.stack([u, np.cross(d, u), d], axis=1)
    n = int(np.ceil(needle.gauge.outer_diameter_mm / _STEP_MM)) | 1
    across = needle.gauge.outer_diameter_mm / (n - 1)
    nk = int(np.ceil(needle.length_mm / _STEP_MM))
    along = needle.length_mm / (nk - 1)
    half = 0.5 * (n - 1) * across
    start = needle.entry.single - half * (axes[:, 0] + axes[:, 1])
    x, y, z = start.tolist()
    return Grid((nk, n, n), (x, y, z), (across, across, along), axes, needle.frame)


def _disc(lattice: Grid) -> NDArray[np.bool_]:
    """The points (j, i) of the lattice that lie within the needle's radius."""
    n = lattice.shape[1]
    r = np.abs(np.arange(n) - 0.5 * (n - 1))
    return np.asarray(np.hypot(r[:, None], r[None, :]) <= 0.5 * (n - 1) + 1e-9)


def _gap_mm(labels: NDArray[np.uint8], step_mm: float) -> float:
    """Longest run out of bone between the first and the last bone on the axis."""
    middle = labels.shape[1] // 2
    bone = np.flatnonzero(np.isin(labels[:, middle, middle], list(_RING)))
    return float(max(int(np.diff(bone).max(initial=1)) - 1, 0) * step_mm)


def _forbidden(side: Side, transiliac: bool) -> set[Structure]:
    allowed = {f"{name}{side.name}" for name in _JOINT_AND_ILIUM} if transiliac else set()
    return {
        s
        for s in Structure
        if (
            s.is_foramen
            or s in (Structure.CANAL, Structure.DISC_L5S1, Structure.L5)
            or s.name.startswith(_JOINT_AND_ILIUM)
        )
        and s.name not in allowed
    }


def _in_front(truth: SacrumModel, points: Points) -> NDArray[np.bool_]:
    """Which points (n,) have sacrum behind them and no bone of the ring in front, sacral frame."""
    ventral = truth.scanner_from_sacrum.turn(np.array([0.0, -1.0, 0.0]))

    def meets(bones: set[Structure], first_mm: float, last_mm: float) -> NDArray[np.bool_]:
        steps = np.arange(first_mm, last_mm, _RAY_STEP_MM)
        at = Points((points.xyz[:, None] + steps[:, None] * ventral).reshape(-1, 3), points.frame)
        labels = truth.labels.at(at, order=0, outside=Structure.OUTSIDE)
        return np.asarray(np.isin(labels, list(bones)).reshape(len(points.xyz), -1).any(axis=1))

    if not len(points.xyz):
        return np.zeros(0, dtype=bool)
    behind = meets({Structure.SACRUM}, -_BACK_MM, -_RAY_STEP_MM)
    return behind & ~meets(_RING, _RAY_STEP_MM, _FRONT_MM)
