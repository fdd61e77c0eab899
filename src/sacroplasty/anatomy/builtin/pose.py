"""Finding the pelvis: the template is moved over a coarse bone map until it fits best."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from sacroplasty.anatomy.builtin.coarse_search import CoarseSearch, FitWeights, Floats
from sacroplasty.anatomy.builtin.template import pelvis_template
from sacroplasty.geometry import Frame, Grid, Volume

_PITCHES = (-45.0, -30.0, -15.0, 0.0, 15.0, 30.0)
_ROLLS = (-14.0, 0.0, 14.0)
_YAWS = (-28.0, -14.0, 0.0, 14.0, 28.0)
HEADER_ORIENTATION = "as the header says"
_FLIPS = {
    HEADER_ORIENTATION: (0, 0),
    "upside down": (0, 180),
    "back to front": (180, 0),
    "upside down and back to front": (180, 180),
}
_STARTS = 6
_QUICK_STEPS, _FULL_STEPS, _FINALISTS = 120, 500, 3
_WEIGHTS = FitWeights()


@dataclass(frozen=True, eq=False, slots=True)
class PelvisPose:
    """The template's place: ``lps = scale · rotation @ template + origin``.

    score: bone on the wings and the sacrum less bone where none belongs, 1 for a perfect pelvis, 0
    for clutter; `orientation` names the flip.
    """

    rotation: NDArray[np.float64]
    origin_mm: NDArray[np.float64]
    scale: float
    score: float
    orientation: str

    def grid(
        self, low: tuple[float, ...], high: tuple[float, ...], spacing_mm: float, frame: Frame
    ) -> Grid:
        """A grid along the pelvis's own axes from `low` to `high` (x, y, z in unscaled mm)."""
        ni, nj, nk = (np.rint((np.subtract(high, low)) / spacing_mm).astype(int) + 1).tolist()
        corner = self.rotation @ np.asarray(low) + self.origin_mm
        return Grid((nk, nj, ni), tuple(corner), (spacing_mm,) * 3, self.rotation, frame)


@dataclass(frozen=True, eq=False, slots=True)
class _Start:
    """A place of the template worth climbing from; lower cost is better."""

    cost: float
    place: Floats
    angles_deg: Floats
    orientation: str


def find_pose(bone: Volume[np.float32]) -> PelvisPose:
    """The best place of the template in a `coarse_bone_map`.

    All positions are tried in turns of ±45° about the left axis, ±28° about the long axis and ±14°
    about the third, in four orientations; the best of each orientation are refined, size included.
    """
    starts = sorted(_starts(bone), key=lambda s: s.cost)
    tried = []
    for name in _FLIPS:
        for start in [s for s in starts if s.orientation == name][:_STARTS]:
            tried.append((_climbed(bone, start, np.zeros(7), _QUICK_STEPS), start))
    tried.sort(key=lambda t: t[0].cost)
    finals = [
        (_climbed(bone, start, quick.parameters, _FULL_STEPS), start)
        for quick, start in tried[:_FINALISTS]
    ]
    best, start = min(finals, key=lambda t: t[0].cost)
    rotation, origin, scale = _unpacked(best.parameters, start)
    return PelvisPose(rotation, origin, scale, -best.cost, start.orientation)


def _starts(bone: Volume[np.float32]) -> Iterator[_Start]:
    """The best translation for each turn."""
    search = CoarseSearch.of(bone, _WEIGHTS)
    for name, (yaw0, roll0) in _FLIPS.items():
        for pitch in _PITCHES:
            for roll in _ROLLS:
                for yaw in _YAWS:
                    angles = np.array([pitch, roll + roll0, yaw + yaw0])
                    score, place = search.best_place(_rotation(angles))
                    yield _Start(-score, place, angles, name)


def _rotation(angles_deg: Floats) -> Floats:
    """Yaw about z after roll about y after pitch about x."""
    (cp, cr, cy), (sp, sr, sy) = np.cos(np.deg2rad(angles_deg)), np.sin(np.deg2rad(angles_deg))
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(yaw @ roll @ pitch)


@dataclass(frozen=True, eq=False, slots=True)
class _Climbed:
    """Where a climb ended: parameters (7,) of `_unpacked`, and their cost."""

    parameters: Floats
    cost: float


def _climbed(bone: Volume[np.float32], start: _Start, at: Floats, steps: int) -> _Climbed:
    """Nelder–Mead over place, turn and size."""
    template = pelvis_template()
    groups = [*template.wings.values(), template.spine, template.empty]
    points = np.concatenate([p for p, _ in groups])
    ends = np.cumsum([len(p) for p, _ in groups])[:-1]
    weights, w = [weight for _, weight in groups], _WEIGHTS
    corner, step = np.asarray(bone.grid.origin_mm), bone.grid.spacing_mm[0]

    def cost(parameters: Floats) -> float:
        rotation, origin, scale = _unpacked(parameters, start)
        kji = (scale * points @ rotation.T + origin - corner)[:, ::-1] / step
        found = ndimage.map_coordinates(bone.values, kji.T, order=1, mode="constant")
        left, right, spine, empty = (
            weight @ b for weight, b in zip(weights, np.split(found, ends), strict=True)
        )
        away = 2.0 * (scale - 1.0) ** 2 + (parameters[3:6] ** 2).sum() * 0.002
        wings = w.lesser_wing * min(left, right) + (1 - w.lesser_wing) * max(left, right)
        return float(away - w.wings * wings - w.spine * spine + w.empty * empty)

    simplex = at + np.vstack([np.zeros(7), np.eye(7)])
    found = optimize.minimize(
        cost,
        at,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "maxfev": steps, "xatol": 1e-2, "fatol": 1e-4},
    )
    return _Climbed(found.x, float(found.fun))


def _unpacked(p: Floats, start: _Start) -> tuple[Floats, Floats, float]:
    """Parameters in steps of about one unit each: 8 mm, 8°, 6 %."""
    rotation = _rotation(start.angles_deg + 8.0 * p[3:6])
    return rotation, start.place + 8.0 * p[:3], float(np.exp(0.06 * p[6]))
