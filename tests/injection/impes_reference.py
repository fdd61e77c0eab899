"""A whole-grid two-phase model of cement and marrow, by the book: what the front model leaves out.

    div u = q,   u = −λ(s) K ∇p,   φ ∂s/∂t + div(f u) = q,
    λ = s/μ_c + (1−s)/μ_m,   f = (s/μ_c)/λ

with p = 0 on the outer faces. Pressure first (sparse matrix, conjugate gradients), then the
saturation, implicitly and upwind in the order of falling pressure, where each cell is a quadratic.
It shares no line with the front model; only the fed voxels are given to both.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def two_phase(
    permeability: Floats, porosity: float, h: float, feed: Floats, volume_mm3: float,
    cement_mpa_s: float, marrow_mpa_s: float, steps: int, upstream: bool,
) -> Floats:  # fmt: skip
    """Saturation (k, j, i) after a volume has been fed in at the rates `feed` (k, j, i), mm³/s.

    A face takes the mobility λ of the cell upstream, or the harmonic mean of both cells' λ K.
    """
    shape, ratio = permeability.shape, cement_mpa_s / marrow_mpa_s
    s, p = np.zeros(permeability.size), np.zeros(permeability.size)
    dt = volume_mm3 / float(feed.sum()) / steps
    lines = np.arange(permeability.size).reshape(shape)
    pairs = [
        (np.moveaxis(lines, axis, 0)[:-1].ravel(), np.moveaxis(lines, axis, 0)[1:].ravel())
        for axis in range(3)
    ]
    first, second = (np.concatenate(end) for end in zip(*pairs, strict=True))
    outer = sum(
        np.bincount(np.moveaxis(lines, axis, 0)[end].ravel(), minlength=s.size)
        for axis in range(3)
        for end in (0, -1)
    )
    for _ in range(steps):
        thin = s / cement_mpa_s + (1 - s) / marrow_mpa_s
        k = permeability.ravel()
        if upstream:
            link = 2 * h / (1 / k[first] + 1 / k[second])
            link *= np.where(p[first] >= p[second], thin[first], thin[second])
        else:
            link = 2 * h / (1 / (k * thin)[first] + 1 / (k * thin)[second])
        p = _pressure(link, first, second, 2 * h * outer * k * thin, feed.ravel(), p)
        flow = link * (p[first] - p[second])
        s = _saturation(s, flow, first, second, p, feed.ravel(), porosity * h**3, dt, ratio)
    return s.reshape(shape)


def _pressure(
    link: Floats, first: Ints, second: Ints, edge: Floats, feed: Floats, start: Floats
) -> Floats:
    n = feed.size
    diagonal = edge + np.bincount(first, link, n) + np.bincount(second, link, n)
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    matrix = sparse.csr_matrix((np.tile(-link, 2), (rows, columns)), shape=(n, n))
    matrix = matrix + sparse.diags(diagonal)
    p, info = cg(matrix, feed, x0=start, rtol=1e-8, maxiter=20_000, M=sparse.diags(1 / diagonal))
    assert info == 0
    return np.asarray(p)


def _saturation(
    s: Floats, flow: Floats, first: Ints, second: Ints, p: Floats, feed: Floats, pore: float,
    dt: float, ratio: float,
) -> Floats:  # fmt: skip
    """Implicit upwind: s + (dt/V) Σ q_out f(s) = s_old + (dt/V) (feed + Σ q_in f_up)."""
    source, target = np.where(flow > 0, first, second), np.where(flow > 0, second, first)
    by_target = np.argsort(target, kind="stable")
    starts = np.searchsorted(target[by_target], np.arange(s.size + 1))
    out = np.bincount(source, np.abs(flow), s.size)
    swept = _sweep(
        s, np.argsort(-p, kind="stable"), starts, source[by_target], np.abs(flow)[by_target], out,
        feed, dt / pore, ratio,
    )  # fmt: skip
    return np.asarray(swept)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _sweep(
    old: Floats, order: Ints, starts: Ints, source: Ints, flow: Floats, out: Floats, feed: Floats,
    dt_over_pore: float, ratio: float,
) -> Floats:  # fmt: skip
    s, fraction = np.zeros(old.size), np.zeros(old.size)
    for cell in order:
        b = old[cell] + dt_over_pore * feed[cell]
        for r in range(starts[cell], starts[cell + 1]):
            b += dt_over_pore * flow[r] * fraction[source[r]]
        # (1−R) s² + (R + a − b + b R) s − b R = 0
        middle = ratio + dt_over_pore * out[cell] - b + b * ratio
        root = np.sqrt(max(0.0, middle * middle + 4.0 * (1.0 - ratio) * b * ratio))
        s[cell] = min(1.0, 2.0 * b * ratio / (middle + root))
        fraction[cell] = s[cell] / (s[cell] + ratio * (1.0 - s[cell]))
    return s
