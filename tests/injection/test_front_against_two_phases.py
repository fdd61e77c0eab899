"""The sharp front against the whole-grid two-phase model: same cement within a stated distance."""

import numpy as np
import pytest
from darcy_cases import MU, NEWTONIAN, PHI, RATE, K, course_of, feed_of, medium_of, source_at
from impes_reference import two_phase
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.injection.front_flow import FrontFlow

MARROW = 0.1e-6  # MPa·s


def surface_distance_mm(
    one: NDArray[np.bool_], other: NDArray[np.bool_], h: float
) -> tuple[float, float]:
    """Mean and 95th percentile of the distance between two surfaces, both ways."""
    edges = [here & ~ndimage.binary_erosion(here) for here in (one, other)]
    away = [ndimage.distance_transform_edt(~edge, sampling=h) for edge in edges]
    both = np.concatenate([away[1][edges[0]], away[0][edges[1]]])
    return float(both.mean()), float(np.percentile(both, 95))


def compare(
    permeability: NDArray[np.float64], ml: float, steps: int, upstream: bool
) -> tuple[float, float, float]:
    """Mean and 95th percentile distance of the surfaces, and overlap (Dice)."""
    flow = FrontFlow(medium_of(permeability, 1.0), NEWTONIAN)
    source = source_at(flow, (0.2, 0.1, 0.0))
    course_of(flow, source, feed_of(1000 * ml)).run(lambda _: None)
    cells = np.zeros(permeability.size)
    cells[source.cells] = RATE * source.shares
    feed = cells.reshape(permeability.shape)
    s = two_phase(permeability, PHI, 1.0, feed, 1000 * ml, MU, MARROW, steps, upstream)
    assert PHI * s.sum() == pytest.approx(1000 * ml, rel=1e-4)
    front, reference = flow.cement_mm3 > 0.5 * PHI, s > 0.5
    overlap = 2 * (front & reference).sum() / (front.sum() + reference.sum())
    return (*surface_distance_mm(front, reference, 1.0), float(overlap))


def layered(n: int) -> NDArray[np.float64]:
    """Even bone with a layer ten times as tight from 3 mm below the tip."""
    permeability = np.full((n, n, n), K)
    permeability[: n // 2 - 3] /= 10
    return permeability


def cleft(n: int) -> NDArray[np.float64]:
    """Log-normal bone, correlated over 2 mm, with a cleft of 1 mm beside the tip."""
    noise = ndimage.gaussian_filter(np.random.default_rng(5).normal(size=(n, n, n)), 2.0)
    permeability = np.asarray(K * np.exp(noise / noise.std()))
    permeability[:, :, n // 2 + 4] = 8.3e-2
    return permeability


def test_in_a_small_even_bone_both_models_draw_the_same_ball() -> None:
    mean, far, overlap = compare(np.full((19, 19, 19), K), 0.5, 40, upstream=False)
    assert mean < 0.3
    assert far <= 1.0
    assert overlap > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", ["even", "layered", "cleft"])
def test_both_models_draw_the_same_cement(name: str) -> None:
    n = 33
    permeability = {"even": np.full((n, n, n), K), "layered": layered(n), "cleft": cleft(n)}[name]
    mean, far, overlap = compare(permeability, 1.5, 120, upstream=True)
    print(f"{name}, upstream: mean {mean:.2f} mm, 95 % {far:.2f} mm, overlap {overlap:.3f}")
    assert mean < 0.1
    assert far <= 1.0
    assert overlap > 0.98


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most_mean", "least_overlap"),
    [("even", 0.1, 0.98), ("layered", 0.25, 0.95), ("cleft", 0.5, 0.9)],
)
def test_they_differ_by_less_than_a_voxel_where_only_the_face_at_the_front_is_read_otherwise(
    name: str, most_mean: float, least_overlap: float
) -> None:
    # The harmonic mean gives the face to a half-filled voxel the mobility of marrow on its far
    # side, the front model that of cement: in the cleft the distance stays the same with marrow
    # ten times as thin, so it is this that makes it and not the marrow.
    n = 33
    permeability = {"even": np.full((n, n, n), K), "layered": layered(n), "cleft": cleft(n)}[name]
    mean, far, overlap = compare(permeability, 1.5, 120, upstream=False)
    print(f"{name}, harmonic: mean {mean:.2f} mm, 95 % {far:.2f} mm, overlap {overlap:.3f}")
    assert mean < most_mean
    assert far <= 1.5
    assert overlap > least_overlap
