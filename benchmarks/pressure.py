"""The pressure in a cement cloud: ours beside scipy and pyAMG, one system, one accuracy, from zero.

The system is the last one of 5 mL in uneven bone. All are asked for the same relative residual and
start from zero; in an injection ours starts from the last pressure and takes a third of that.
"""

import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from clock import Row, median_seconds
from flow import injected, uneven_bone
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import cg, spsolve

from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pressure_system import PressureSystem

PEERS = Path(__file__).parents[1] / "bench-env" / "bin" / "python"
SCRIPT = Path(__file__).parent / "peers" / "pyamg_pressure.py"
RTOL = 1e-8
Floats = NDArray[np.float64]


def measure() -> list[Row]:
    """Seconds of one solve by each; at half a millimetre the direct solver fills the memory."""
    return on_grid(1.0)


def on_grid(spacing_mm: float) -> list[Row]:
    """The rows of one grid; the direct solver, which fills in with the cube, once each."""
    flow, _ = injected(uneven_bone(spacing_mm))
    filled = flow.filled
    matrix, right = _system(flow)
    exact = spsolve(matrix.tocsc(), right)
    found = np.zeros(filled.n)

    def ours() -> Floats:
        system = PressureSystem(flow._offsets, flow._pore.size)
        system.join(filled.cells)
        found[:] = 0.0
        # Ours measures the residual in the preconditioner's norm; a tenth more makes up for that.
        system.solve(filled.beside, filled.links, right, found, 0.1 * RTOL)
        return found

    seconds = median_seconds(ours)
    title = f"pressure of {filled.n} voxels ({spacing_mm:g} mm): ours, set-up included"
    rows = [Row(title, seconds, seconds, _error(found, exact, matrix, right))]
    jacobi = sparse.diags(1.0 / matrix.diagonal())
    for name, solve in (
        ("… scipy CG with Jacobi", lambda: cg(matrix, right, rtol=RTOL, maxiter=10_000, M=jacobi)[0]),
        ("… scipy spsolve (SuperLU)", partial(spsolve, matrix.tocsc(), right)),
    ):  # fmt: skip
        rows.append(_timed(name, solve, seconds, exact, matrix, right))
    return rows + _pyamg(matrix, right, seconds)


def _timed(
    name: str, solve: Callable[[], Floats], ours: float, exact: Floats,
    matrix: sparse.csr_matrix, right: Floats,
) -> Row:  # fmt: skip
    taken = median_seconds(solve, repeats=1)
    return Row(name, taken, ours, _error(solve(), exact, matrix, right))


def _error(found: Floats, exact: Floats, matrix: sparse.csr_matrix, right: Floats) -> str:
    residual = np.linalg.norm(right - matrix @ found) / np.linalg.norm(right)
    return f"residual {residual:.0e}, error {np.abs(found - exact).max() / exact.max():.0e}"


def _system(flow: FrontFlow) -> tuple[sparse.csr_matrix, Floats]:
    """Σ link (p − p_neighbour) = source, as a matrix; the source feeds the first filled voxel."""
    filled = flow.filled
    rows = np.repeat(np.arange(filled.n), 6)
    beside, links = filled.beside.ravel(), filled.links.ravel()
    inner = beside >= 0
    matrix = sparse.csr_matrix(
        (-links[inner], (rows[inner], beside[inner])), shape=(filled.n, filled.n)
    ) + sparse.diags(filled.links.sum(axis=1))
    right = np.zeros(filled.n)
    right[0] = 50.0
    return sparse.csr_matrix(matrix), right


def _pyamg(matrix: sparse.csr_matrix, right: Floats, ours: float) -> list[Row]:
    names = {
        "smoothed_aggregation": "… pyAMG smoothed aggregation, CG",
        "ruge_stuben": "… pyAMG Ruge–Stüben, CG",
    }
    if not PEERS.exists():
        return [Row(n, None, ours, "absent: make bench installs it") for n in names.values()]
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "system.npz", Path(folder) / "out.npz"
        np.savez(
            here, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr, right=right,
            rtol=RTOL,
        )  # fmt: skip
        subprocess.run([PEERS, SCRIPT, here, there], check=True)
        with np.load(there) as out:
            return [
                Row(title, float(out[key]), ours, f"residual {float(out[f'{key}_residual']):.0e}")
                for key, title in names.items()
            ]
