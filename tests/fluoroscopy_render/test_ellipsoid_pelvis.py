"""The phantom that everybody is measured on: its closed form against the exact projector."""

import numpy as np
import pytest

from sacroplasty.adapters.radiograph_export.side_marker import SideMarker
from sacroplasty.bench.ellipsoids import ELLIPSOIDS, ellipsoid_paths, ellipsoid_scan
from sacroplasty.bench.fluoroscopy_case import BEAMS, bench_pose, measure_fluoroscopy
from sacroplasty.bench.fluoroscopy_page import fluoroscopy_page
from sacroplasty.bench.fluoroscopy_peers import PeerPicture
from sacroplasty.bench.real_radiographs import RealRadiograph
from sacroplasty.fluoroscopy import (
    CArmPose,
    Radiograph,
    StackedVolume,
    project,
    reference_projection,
)
from sacroplasty.geometry import Volume
from xray_room import FRAME, all_pixels

SMALL = (75, 128, 128)


def coarse(pose: CArmPose, n: int = 64) -> CArmPose:
    return CArmPose(
        pose.name,
        pose.source,
        pose.detector_centre,
        pose.right,
        pose.down,
        (n, n),
        pose.pixel_mm * pose.shape[0] / n,
    )


def test_the_voxels_weigh_what_the_ellipsoids_weigh() -> None:
    ct = ellipsoid_scan(SMALL)
    weight = (ct.hu.astype(np.float64) + 1000).sum() * ct.grid.voxel_mm3
    exact = (4 / 3 * np.pi * ELLIPSOIDS[:, 3:6].prod(axis=1) * ELLIPSOIDS[:, 6]).sum()
    assert weight == pytest.approx(exact, rel=2e-3)


def test_the_central_ray_meets_every_centred_ellipsoid_along_its_axis() -> None:
    pose = coarse(bench_pose(BEAMS["AP"], ellipsoid_scan((4, 4, 4)).frame), 65)
    body, _, canal = ELLIPSOIDS[:3]
    # At x = z = 0 the ray cuts the two that lie 15 mm higher at a shorter chord.
    expected = 2 * body[4] * body[6]
    for one in (ELLIPSOIDS[1], canal):
        expected += 2 * one[4] * one[6] * np.sqrt(1 - (one[2] / one[5]) ** 2)
    assert ellipsoid_paths(pose)[32, 32] == pytest.approx(expected)


@pytest.mark.parametrize("view", ["AP", "lateral", "inlet"])
def test_closed_form_reference_and_fast_projector_agree(view: str) -> None:
    ct = ellipsoid_scan(SMALL)
    pose = coarse(bench_pose(BEAMS[view], ct.frame))
    exact = ellipsoid_paths(pose)
    volume = Volume(ct.hu.astype(np.float64) + 1000, ct.grid)
    slow = reference_projection(volume, pose, all_pixels(pose.shape)).reshape(pose.shape)
    fast = project(StackedVolume.of_scan(ct), pose)
    for picture in (slow, fast):
        assert np.sqrt(((picture - exact) ** 2).mean()) < 0.007 * exact.max()


@pytest.mark.slow
def test_the_page_tells_every_target_and_every_absent_peer() -> None:
    ours = measure_fluoroscopy(ellipsoid_scan())
    assert all(error < 0.004 for error in ours.errors.values())
    peers = [
        PeerPicture("seen 1.0", "as ours", ours.ap / 2, 3.0, 3.0, 100.0),
        PeerPicture("lost", "does not run here: no word"),
    ]
    pose = bench_pose(BEAMS["AP"], FRAME)
    blank = Radiograph(np.zeros(pose.shape, np.float32), pose)
    seen = RealRadiograph("ap", SideMarker("R", "L", ""), blank, blank, 0.999, 0.01)
    page = fluoroscopy_page(ours, peers, [seen])
    for words in ("growing cement", "does not run here", "× 2", "0.99900", "fastest peer (seen"):
        assert words in page
