"""A repair puts every voxel back where an analytic object says it belongs, and says that it did."""

from pathlib import Path

import numpy as np
import pytest
from dicom_factory import Series, noise
from numpy.typing import NDArray

from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.errors import BrokenGeometry
from sacroplasty.geometry import Points

TILT_DEG = 12.0
BALL_CENTER = np.array([2.0, 3.0, 40.0])
BALL_RADIUS_MM = 18.0
ROD_RADIUS_MM = 6.0


def ball_and_rod(xyz: NDArray[np.float64]) -> NDArray[np.int16]:
    """A ball of 700 HU and a rod of 1200 HU along z beside it, in air; smooth edges of 2 mm."""
    ball = BALL_RADIUS_MM - np.linalg.norm(xyz - BALL_CENTER, axis=-1)
    rod = ROD_RADIUS_MM - np.hypot(xyz[..., 0] + 26, xyz[..., 1] - 8)
    inside = np.maximum(np.clip(ball / 2 + 0.5, 0, 1) * 0.77, np.clip(rod / 2 + 0.5, 0, 1))
    return np.asarray(np.rint(-1000 + 2200 * inside), dtype=np.int16)


def tilted_series(tilt_deg: float, slices: int = 40) -> Series:
    """What a gantry tilted about x acquires: oblique slices, table moving along z."""
    angle = np.radians(tilt_deg)
    series = Series(
        np.zeros((slices, 70, 50), np.int16),
        column=(0.0, float(np.cos(angle)), -float(np.sin(angle))),
        first_mm=(-38.0, -34.0, 0.0),
        step_mm=(0.0, 0.0, 2.0),
    )
    r, c = np.meshgrid(np.arange(70), np.arange(50), indexing="ij")
    for n in range(slices):
        place = series.position(n) + 1.5 * c[..., None] * series.row
        series.hu[n] = ball_and_rod(place + 1.0 * r[..., None] * np.asarray(series.column))
    return series


@pytest.mark.parametrize("tilt_deg", [TILT_DEG, -20.0])
def test_a_sheared_back_object_is_where_the_formula_says(tilt_deg: float, tmp_path: Path) -> None:
    tilted_series(tilt_deg).write(tmp_path)
    with pytest.raises(BrokenGeometry, match=rf"tilt of {abs(tilt_deg):.1f}°.*--repair-tilt"):
        read_ct(tmp_path)
    ct = read_ct(tmp_path, ReadOptions(repair_tilt=True))
    assert ct.acquisition.repairs == (f"sheared back a gantry tilt of {abs(tilt_deg):.1f}°",)
    np.testing.assert_allclose(ct.grid.direction.T @ ct.grid.direction, np.eye(3), atol=1e-12)
    assert ct.grid.spacing_mm[2] == pytest.approx(2.0 * np.cos(np.radians(tilt_deg)))
    kji = np.argwhere(np.ones(ct.grid.shape, dtype=bool))
    truth = ball_and_rod(ct.grid.points_at(kji).xyz).reshape(ct.grid.shape)
    wrong = np.abs(ct.hu.astype(int) - truth) > 1100  # half the step: an edge off by a voxel
    assert wrong[:, 25:-25].mean() < 1e-3
    ball = np.argwhere((ct.hu > -300) & (ct.hu < 800))
    ball = ball[ct.grid.points_at(ball).xyz[:, 0] > -18]
    np.testing.assert_allclose(ct.grid.points_at(ball).xyz.mean(axis=0), BALL_CENTER, atol=0.5)


def test_the_rod_stays_straight_only_after_the_repair(tmp_path: Path) -> None:
    series = tilted_series(TILT_DEG)
    ct = read_ct(series.write(tmp_path), ReadOptions(repair_tilt=True))
    rod = ct.grid.points_at(np.argwhere(ct.hu > 900)).xyz
    low, high = rod[rod[:, 2] < 20], rod[rod[:, 2] > 55]
    np.testing.assert_allclose(low[:, :2].mean(axis=0), [-26, 8], atol=0.4)
    np.testing.assert_allclose(high[:, :2].mean(axis=0), [-26, 8], atol=0.4)


def test_a_drift_of_less_than_half_a_pixel_is_no_tilt(tmp_path: Path) -> None:
    series = Series(noise(), step_mm=(0.0, 0.05, 2.0))
    assert read_ct(series.write(tmp_path)).acquisition.repairs == ()


def test_a_shear_steeper_than_any_gantry_is_never_repaired(tmp_path: Path) -> None:
    series = Series(noise(), step_mm=(0.0, 3.0, 2.0))
    with pytest.raises(BrokenGeometry, match="more than a gantry can tilt"):
        read_ct(series.write(tmp_path), ReadOptions(repair_tilt=True))


def test_filled_slices_lie_halfway_between_their_neighbours(tmp_path: Path) -> None:
    series = Series(noise())
    ct = read_ct(series.write(tmp_path, skip=(3,)), ReadOptions(repair_gaps=True))
    kept = [0, 1, 2, 4, 5, 6, 7]
    assert np.array_equal(ct.hu[kept], series.hu[kept])
    halfway = (series.hu[2].astype(float) + series.hu[4]) / 2
    assert np.abs(ct.hu[3] - halfway).max() <= 0.5
    (repair,) = ct.acquisition.repairs
    assert "7 unevenly spaced slices to 8" in repair
    assert "widest gap 4.0 mm" in repair


def test_a_gap_wider_than_a_foramen_is_never_filled(tmp_path: Path) -> None:
    series = Series(noise((14, 12, 10)))
    with pytest.raises(BrokenGeometry, match="too wide to fill"):
        read_ct(series.write(tmp_path, skip=(4, 5, 6, 7, 8)), ReadOptions(repair_gaps=True))


def test_tilt_and_gap_together(tmp_path: Path) -> None:
    series = tilted_series(TILT_DEG)
    ct = read_ct(
        series.write(tmp_path, skip=(20,)), ReadOptions(repair_tilt=True, repair_gaps=True)
    )
    assert ct.grid.shape[0] == 40
    assert len(ct.acquisition.repairs) == 2
    at_center = ct.volume.at(Points.at(BALL_CENTER, ct.frame))
    assert at_center[0] == pytest.approx(694, abs=5)


def test_the_digest_is_of_the_source_and_not_of_the_repair(tmp_path: Path) -> None:
    series = tilted_series(TILT_DEG, slices=6)
    digests = {
        read_ct(series.write(tmp_path), options).acquisition.source_digest
        for options in (ReadOptions(repair_tilt=True), ReadOptions(repair_tilt=True, series="1"))
    }
    assert len(digests) == 1
