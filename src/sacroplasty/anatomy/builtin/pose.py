"""Finding the pelvis: the template is moved over a coarse bone map until it fits best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, optimize

from sacroplasty.anatomy.builtin.template import pelvis_template
from sacroplasty.geometry import Frame, Grid, Points, Volume

_COARSE_MM = 8.0
_BLUR_MM = 5.0  # about the mismatch of a generic pelvis, so that the fit has a slope to climb
_SOFT_HU, _HARD_HU = 100.0, 400.0
_PITCHES = (-30.0, -15.0, 0.0, 15.0, 30.0)
_ROLLS = (-12.0, 0.0, 12.0)
_YAWS = (-24.0, -12.0, 0.0, 12.0, 24.0)
HEADER_ORIENTATION = "as the header says"
_FLIPS = {HEADER_ORIENTATION: (0, 0), "upside down": (0, 180), "back to front": (180, 0)}
_REFINED_STARTS = 6


@dataclass(frozen=True, eq=False, slots=True)
class PelvisPose:
    """The template's place: ``lps = scale · rotation @ template + origin``.

    score: weighted bone sum, 1 for a perfect pelvis, 0 for clutter; `orientation` names the flip.
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


def coarse_bone_map(hu: Volume[np.int16]) -> Volume[np.float32]:
    """Bone-ness 0…1 on an axis-aligned grid of 8 mm, blurred."""
    spacing = np.asarray(hu.grid.spacing_kji_mm)
    bone = np.clip((hu.values.astype(np.float32) - _SOFT_HU) / (_HARD_HU - _SOFT_HU), 0, 1)
    blurred = ndimage.gaussian_filter(bone, _BLUR_MM / spacing, truncate=2.5)
    whole = Volume(blurred, hu.grid)
    corners = hu.grid.corners
    return whole.on(hu.grid.aligned_box(corners, 0.0, _COARSE_MM / 2), order=1)


def find_pose(bone: Volume[np.float32]) -> PelvisPose:
    """The best place of the template, among all positions, ±35° turns and three orientations."""
    candidates: list[tuple[float, str, NDArray[np.float64]]] = []
    coarse = _halved(bone)
    spectrum_shape = [fft.next_fast_len(int(n + 2 * 300 / _COARSE_MM)) for n in coarse.grid.shape]
    spectrum = fft.rfftn(coarse.values, spectrum_shape)
    for name, (yaw0, roll0) in _FLIPS.items():
        for pitch in _PITCHES:
            for roll in _ROLLS:
                for yaw in _YAWS:
                    angles = np.array([pitch, roll + roll0, yaw + yaw0])
                    score, place = _best_translation(spectrum, spectrum_shape, coarse.grid, angles)
                    candidates.append((score, name, np.concatenate([place, angles])))
    candidates.sort(key=lambda c: -c[0])
    best: PelvisPose | None = None
    for name in _FLIPS:
        for _, _, start in [c for c in candidates if c[1] == name][:_REFINED_STARTS]:
            pose = _refined(bone, start, name)
            if best is None or pose.score > best.score:
                best = pose
    assert best is not None
    return best


def _halved(bone: Volume[np.float32]) -> Volume[np.float32]:
    values = bone.values[::2, ::2, ::2]
    grid = bone.grid
    return Volume(
        values,
        Grid.axis_aligned(values.shape, grid.origin_mm, (2 * grid.spacing_mm[0],) * 3, grid.frame),
    )


def _rotation(angles_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Yaw about z after roll about y after pitch about x."""
    (cp, cr, cy), (sp, sr, sy) = np.cos(np.deg2rad(angles_deg)), np.sin(np.deg2rad(angles_deg))
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    yaw = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    return np.asarray(yaw @ roll @ pitch)


def _best_translation(
    spectrum: NDArray[np.complex128],
    shape: list[int],
    grid: Grid,
    angles_deg: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """Score and LPS place of the best translation of the turned template (by FFT correlation)."""
    points, weights = pelvis_template()
    turned = points @ _rotation(angles_deg).T
    kji = np.rint(turned[:, ::-1] / _COARSE_MM).astype(int)
    kernel = np.zeros(shape, dtype=np.float32)
    np.add.at(kernel, tuple((kji % shape).T), weights.astype(np.float32))
    score = fft.irfftn(spectrum * np.conj(fft.rfftn(kernel)), shape)
    score = score[: grid.shape[0], : grid.shape[1], : grid.shape[2]]
    place = np.unravel_index(int(np.argmax(score)), score.shape)
    return float(score[place]), grid.points_at(np.array(place)).single


def _refined(bone: Volume[np.float32], start: NDArray[np.float64], name: str) -> PelvisPose:
    """Nelder–Mead over place, turn and size."""
    points, weights = pelvis_template()

    def cost(parameters: NDArray[np.float64]) -> float:
        rotation, origin, scale = _unpacked(parameters, start)
        lps = Points(scale * points @ rotation.T + origin, bone.frame)
        away = 2.0 * (scale - 1.0) ** 2 + ((parameters[3:6]) ** 2).sum() * 0.005
        return away - float(weights @ bone.at(lps))

    simplex = np.vstack([np.zeros(7), np.eye(7)])
    found = optimize.minimize(
        cost,
        np.zeros(7),
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "maxfev": 500, "xatol": 1e-2, "fatol": 1e-4},
    )
    rotation, origin, scale = _unpacked(found.x, start)
    return PelvisPose(rotation, origin, scale, -float(cost(found.x)), name)


def _unpacked(
    p: NDArray[np.float64], start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Parameters in steps of about one unit each: 8 mm, 8°, 6 %."""
    return _rotation(start[3:] + 8.0 * p[3:6]), start[:3] + 8.0 * p[:3], float(np.exp(0.06 * p[6]))
