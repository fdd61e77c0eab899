"""The pressure system of a cement cloud by pyAMG; runs in the peers' own environment.

``python pyamg_pressure.py system.npz out.npz``: reads a CSR matrix and a right-hand side, writes for
each method the median seconds of a whole solve (set-up included) and its relative residual.
"""

import sys
import time

import numpy as np
import pyamg
from scipy import sparse
from scipy.sparse.linalg import cg

REPEATS = 3


def main() -> None:
    """Solve and time."""
    system = np.load(sys.argv[1])
    n = system["right"].size
    matrix = sparse.csr_matrix((system["data"], system["indices"], system["indptr"]), shape=(n, n))
    right, rtol = system["right"], float(system["rtol"])
    out = {}
    for name, build in (
        ("smoothed_aggregation", pyamg.smoothed_aggregation_solver),
        ("ruge_stuben", pyamg.ruge_stuben_solver),
    ):
        times = []
        for _ in range(REPEATS + 1):
            start = time.perf_counter()
            cycle = build(matrix).aspreconditioner()
            found, _ = cg(matrix, right, rtol=rtol, maxiter=500, M=cycle)
            times.append(time.perf_counter() - start)
        out[name] = np.median(times[1:])
        out[f"{name}_residual"] = np.linalg.norm(right - matrix @ found) / np.linalg.norm(right)
    np.savez(sys.argv[2], **out)


if __name__ == "__main__":
    main()
