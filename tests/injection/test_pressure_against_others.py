"""The pressure in a heterogeneous, ragged blob against solvers that this project did not write.

Two of them, because they check different things. `scipy.sparse.linalg.spsolve` on a matrix that is
assembled here, face by face from the law, checks the kernels and the solver to 1e-6. scikit-fem
(quadratic elements) knows nothing of cells and faces: it checks the scheme, whose own error must
fall with the square of the voxel.
"""

import numpy as np
import skfem
from darcy_cases import MU, NEWTONIAN, RATE, course_of, feed_of, medium_of, source_at
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve
from skfem.helpers import dot, grad

from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.pressure_system import PressureSystem

Floats = NDArray[np.float64]


def uneven(n: int, seed: int = 3) -> Floats:
    """Four decades of permeability, correlated over two voxels."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(n, n, n)), 2.0)
    return np.asarray(1e-3 * np.exp(2.0 * noise / noise.std()))


def assembled(permeability: Floats, full: NDArray[np.bool_], feed: Floats) -> Floats:
    """Pressure in the `full` voxels by a direct solver; 0 in their neighbours (h = 1 mm)."""
    index = np.full(full.shape, -1)
    index[full] = np.arange(full.sum())
    rows, columns, values = [], [], []
    diagonal = np.zeros(full.sum())
    for axis in range(3):
        for step in (-1, 1):
            there = np.roll(permeability, -step, axis)
            other = np.roll(index, -step, axis)[full]
            link = (2 / MU) / (1 / permeability + 1 / there)
            diagonal += link[full]
            inner = other >= 0
            rows.append(index[full][inner])
            columns.append(other[inner])
            values.append(-link[full][inner])
    rows.append(np.arange(diagonal.size))
    columns.append(rows[-1])
    values.append(diagonal)
    matrix = sparse.csc_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    )
    pressure = np.zeros(full.shape)
    pressure[full] = spsolve(matrix, feed[full])
    return pressure


def test_an_uneven_blob_has_the_pressure_of_a_direct_solver() -> None:
    permeability = uneven(27)
    flow = FrontFlow(medium_of(permeability, 1.0), NEWTONIAN)
    source = source_at(flow, (0.2, 0.1, 0.0))
    course_of(flow, source, feed_of(1500.0)).run(lambda _: None)
    pressure = flow.pressure_mpa.values
    full = np.isfinite(flow.arrival_time_s)
    assert full.sum() > 1000
    feed = np.zeros(full.size)
    feed[source.cells] = RATE * source.shares
    expected = assembled(permeability, full, feed.reshape(full.shape))
    assert np.abs(pressure - expected).max() < 1e-6 * expected.max()


def box_pressure(n: int, contrast: float, rng: np.random.Generator | None = None) -> Floats:
    """Pressures (n, n, n) of voxels in a unit box: K of `_law`, an even source, p = 0 on the wall.

    rng: shuffles the order in which the voxels join.
    """
    h = 1.0 / n
    k, j, i = (np.indices((n, n, n)) + 0.5) * h
    # Half a voxel to the wall: a neighbour without resistance puts p = 0 on the face.
    padded = np.pad(_law(contrast, i, j, k), 1, constant_values=1e12)
    cells = np.arange(padded.size).reshape(padded.shape)[1:-1, 1:-1, 1:-1].ravel()
    cells = rng.permutation(cells) if rng else cells
    ni = n + 2
    offsets = np.array([1, -1, ni, -ni, ni * ni, -ni * ni], dtype=np.int64)
    slot = np.full(padded.size, -1, dtype=np.int64)
    slot[cells] = np.arange(cells.size)
    beside = slot[cells[:, None] + offsets]
    there = padded.ravel()[cells[:, None] + offsets]
    links = 2.0 * h / (1.0 / padded.ravel()[cells][:, None] + 1.0 / there)
    system = PressureSystem(offsets, padded.size)
    for some in np.array_split(cells, 7):
        system.join(some)
    pressure = np.zeros(cells.size)
    system.solve(beside, links, np.full(cells.size, h**3), pressure, 1e-12)
    whole = np.zeros(padded.size)
    whole[cells] = pressure
    return np.asarray(whole.reshape(padded.shape)[1:-1, 1:-1, 1:-1])


def _law(contrast: float, x: Floats, y: Floats, z: Floats) -> Floats:
    return np.asarray(np.exp(contrast * np.sin(5 * x + 1) * np.cos(4 * y) * np.sin(3 * z + 0.5)))


def finite_elements(contrast: float) -> tuple[float, float]:
    """−∇·(K ∇p) = 1 in the unit box, p = 0 on its wall: mean of p and of p² by scikit-fem."""
    mesh = skfem.MeshHex.init_tensor(*(np.linspace(0, 1, 7),) * 3)
    basis = skfem.Basis(mesh, skfem.ElementHex2())

    @skfem.BilinearForm
    def stiffness(u, v, w):  # type: ignore[no-untyped-def]
        return _law(contrast, *w.x) * dot(grad(u), grad(v))

    @skfem.LinearForm
    def load(v, _):  # type: ignore[no-untyped-def]
        return 1.0 * v

    source = load.assemble(basis)
    pressure = skfem.solve(*skfem.condense(stiffness.assemble(basis), source, D=basis.get_dofs()))
    squared = skfem.Functional(lambda w: w.p**2).assemble(basis, p=basis.interpolate(pressure))
    return float(source @ pressure), float(squared)


def test_the_cells_converge_to_finite_elements_with_the_square_of_the_voxel() -> None:
    mean, squared = finite_elements(1.0)
    errors = []
    for n in (8, 16, 32):
        pressure = box_pressure(n, 1.0)
        errors.append(
            [abs(pressure.mean() / mean - 1.0), abs((pressure**2).mean() / squared - 1.0)]
        )
    rates = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    print(f"errors {errors}, rates {rates}")
    assert (rates > 1.7).all()
    assert np.max(errors[-1]) < 1e-2


def test_the_pressure_does_not_depend_on_the_order_in_which_the_cells_filled() -> None:
    plain = box_pressure(10, 3.0)
    shuffled = box_pressure(10, 3.0, np.random.default_rng(0))
    np.testing.assert_allclose(shuffled, plain, rtol=1e-9)
