"""Surfaces of sacra as points: reading meshes, aligning two of them, the distance between them."""

from dataclasses import dataclass
from itertools import permutations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

FloatArray = NDArray[np.float64]
_SURFACE_POINTS, _MEASURED_POINTS, _PAIRED_POINTS, _ROUGH_POINTS = 20_000, 3_000, 500, 200


@dataclass(frozen=True, eq=False, slots=True)
class Similarity:
    """``fixed = scale * turn @ moving + shift``."""

    turn: FloatArray
    shift: FloatArray
    scale: float

    def of(self, points: FloatArray) -> FloatArray:
        """Moving points (n, 3) on the fixed surface."""
        return self.scale * points @ self.turn.T + self.shift

    def back(self, points: FloatArray) -> FloatArray:
        """Fixed points (n, 3) on the moving surface."""
        return (points - self.shift) @ self.turn / self.scale


class Cloud:
    """Points (n, 3) on a surface, in random order, ready to be asked for the nearest."""

    def __init__(self, points: FloatArray) -> None:
        self.points = np.random.default_rng(0).permutation(points)
        self.tree = cKDTree(self.points)


def read_cloud(path: Path) -> tuple[Cloud, float]:
    """Points spread evenly over a watertight binary PLY mesh in mm, and its volume in mL."""
    content = path.read_bytes()
    start = content.index(b"end_header\n") + len(b"end_header\n")
    lines = content[:start].decode("ascii").splitlines()
    counts = [int(line.split()[-1]) for line in lines if line.startswith("element")]
    vertices = np.frombuffer(content, "<f4", 3 * counts[0], start).reshape(-1, 3).astype(float)
    layout = np.dtype([("n", "u1"), ("of", "<i4", 3)])
    faces = np.frombuffer(content, layout, counts[1], start + 12 * counts[0])["of"]
    a, b, c = (vertices[faces[:, n]] for n in range(3))
    volume = abs(float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum())) / 6000.0
    rng = np.random.default_rng(0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    pick = rng.choice(len(faces), _SURFACE_POINTS, p=area / area.sum())
    root, other = np.sqrt(rng.random(_SURFACE_POINTS))[:, None], rng.random((_SURFACE_POINTS, 1))
    points = (1 - root) * a[pick] + root * (1 - other) * b[pick] + root * other * c[pick]
    return Cloud(points), volume


def first_alignment(fixed: Cloud, moving: Cloud) -> Similarity:
    """The best of the turns that lay principal axes on principal axes."""
    axes = [
        np.linalg.svd(q.points[::5] - q.points.mean(0), full_matrices=False)[2]
        for q in (fixed, moving)
    ]
    found = []
    # Width and height are alike, so that the order of the axes may differ too.
    for order, signs in product(permutations(range(3)), product((1.0, -1.0), repeat=3)):
        turn = axes[0].T @ np.diag(signs) @ axes[1][list(order)]
        if np.linalg.det(turn) > 0.0:
            shift = fixed.points.mean(0) - turn @ moving.points.mean(0)
            one = align(fixed, moving, Similarity(turn, shift, 1.0), 12, _ROUGH_POINTS)
            gap = fixed.tree.query(one.of(moving.points[:_ROUGH_POINTS]))[0].mean()
            found.append((float(gap / one.scale), one))
    best = min(found, key=lambda pair: pair[0])[1]
    return align(fixed, moving, best, 20)


def align(
    fixed: Cloud, moving: Cloud, start: Similarity, steps: int = 12, points: int = _PAIRED_POINTS
) -> Similarity:
    """Iterated closest points, both ways, with scale, from `start`."""
    f, m = fixed.points[:points], moving.points[:points]
    now = start
    for _ in range(steps):
        near_m = moving.points[moving.tree.query(now.back(f))[1]]
        near_f = fixed.points[fixed.tree.query(now.of(m))[1]]
        now = _least_squares(np.concatenate([m, near_m]), np.concatenate([near_f, f]))
    return now


def distances(fixed: Cloud, moving: Cloud, by: Similarity) -> FloatArray:
    """Distances in mm of the fixed body, of points of each surface to the other."""
    f, m = fixed.points[:_MEASURED_POINTS], moving.points[:_MEASURED_POINTS]
    return np.concatenate(
        [fixed.tree.query(by.of(m))[0], by.scale * moving.tree.query(by.back(f))[0]]
    )


def _least_squares(a: FloatArray, b: FloatArray) -> Similarity:
    """Umeyama (1991): the similarity that carries a onto b."""
    da, db = a - a.mean(0), b - b.mean(0)
    u, d, vt = np.linalg.svd(db.T @ da)
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    turn = u @ sign @ vt
    scale = float((d * np.diag(sign)).sum() / (da**2).sum())
    return Similarity(turn, b.mean(0) - scale * turn @ a.mean(0), scale)
