"""Surfaces of real sacra, and how far a virtual one lies from them after alignment."""

from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sacroplasty.anatomy import Structure
from sacroplasty.phantom import VirtualPatient

FloatArray = NDArray[np.float64]
_POINTS = 2500
_ITERATIONS = 30


def read_ply(path: Path) -> tuple[FloatArray, NDArray[np.int64]]:
    """Vertices (n, 3) in mm and triangles (m, 3) of a little-endian binary PLY."""
    content = path.read_bytes()
    start = content.index(b"end_header\n") + len(b"end_header\n")
    counts = [
        int(line.split()[-1])
        for line in content[:start].decode("ascii").splitlines()
        if line.startswith("element")
    ]
    vertices = np.frombuffer(content, "<f4", 3 * counts[0], start).reshape(-1, 3)
    face = np.dtype([("n", "u1"), ("of", "<i4", 3)])
    faces = np.frombuffer(content, face, counts[1], start + 12 * counts[0])
    assert (faces["n"] == 3).all()
    return vertices.astype(float), faces["of"].astype(np.int64)


def volume_ml(vertices: FloatArray, faces: NDArray[np.int64]) -> float:
    """Volume enclosed by a watertight mesh (divergence theorem)."""
    a, b, c = (vertices[faces[:, n]] for n in range(3))
    return abs(float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum())) / 6000.0


def surface_of_virtual(patient: VirtualPatient) -> FloatArray:
    """Points (n, 3) between bone and not-bone, in the sacral frame: +x left, +y dorsal, +z cranial."""
    bone = patient.truth.mask(Structure.SACRUM)
    points = []
    for axis in range(3):
        edge = np.argwhere(np.diff(bone, axis=axis)).astype(float)
        edge[:, axis] += 0.5
        points.append(edge)
    grid = patient.truth.labels.grid
    ijk = np.concatenate(points)[:, ::-1]
    xyz = np.asarray(grid.origin_mm) + (ijk * np.asarray(grid.spacing_mm)) @ grid.direction.T
    rigid = patient.truth.scanner_from_sacrum
    return np.asarray((xyz - rigid.translation) @ rigid.rotation)


def aligned(real: FloatArray, virtual: FloatArray) -> tuple[FloatArray, float]:
    """`virtual` rigidly moved and scaled onto `real`, and the scale: ICP from four turns of the axes."""
    rng = np.random.default_rng(0)
    fixed, moving = (p[rng.choice(len(p), _POINTS)] for p in (real, virtual))
    best: tuple[float, FloatArray, FloatArray, float] | None = None
    tree = cKDTree(fixed)
    axes = [np.linalg.svd(p - p.mean(0), full_matrices=False)[2] for p in (fixed, moving)]
    for signs in product((1.0, -1.0), repeat=3):
        turn = axes[0].T @ np.diag(signs) @ axes[1]
        if np.linalg.det(turn) < 0.0:
            continue
        scale, shift = 1.0, fixed.mean(0) - turn @ moving.mean(0)
        for _ in range(_ITERATIONS):
            moved = scale * moving @ turn.T + shift
            back = cKDTree(moved).query(fixed)[1]
            pairs = (
                np.concatenate([moving, moving[back]]),
                np.concatenate([fixed[tree.query(moved)[1]], fixed]),
            )
            turn, shift, scale = similarity(*pairs)
        gap = float(np.mean(tree.query(scale * moving @ turn.T + shift)[0]))
        if best is None or gap < best[0]:
            best = gap, turn, shift, scale
    assert best is not None
    return best[3] * virtual @ best[1].T + best[2], best[3]


def similarity(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """(rotation, shift, scale) that carry a onto b with least squares (Umeyama 1991)."""
    da, db = a - a.mean(0), b - b.mean(0)
    u, d, vt = np.linalg.svd(db.T @ da)
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    turn = u @ sign @ vt
    scale = float((d * np.diag(sign)).sum() / (da**2).sum())
    return turn, b.mean(0) - scale * turn @ a.mean(0), scale


def symmetric_distances(a: FloatArray, b: FloatArray) -> FloatArray:
    """Distances of each point to the other surface, both ways."""
    return np.concatenate([cKDTree(a).query(b)[0], cKDTree(b).query(a)[0]])
