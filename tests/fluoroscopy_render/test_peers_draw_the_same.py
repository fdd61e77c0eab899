"""Independent codes: RTK, ITK, gVirtualXray, nanodrr, DiffDRR and plastimatch, where installed."""

from pathlib import Path

import numpy as np
import pytest

from sacroplasty.bench.ellipsoids import ellipsoid_scan
from sacroplasty.bench.fluoroscopy_case import BEAMS, bench_pose
from sacroplasty.bench.fluoroscopy_peers import peer_pictures
from sacroplasty.fluoroscopy import StackedVolume, project
from sacroplasty.reference import constant

SCRIPTS = Path(__file__).parents[2] / "benchmarks" / "peers"
# RMS over peak. Voxels of 3 mm here: engines that read voxels as boxes or meshes differ most.
TOLERANCE = 0.012


@pytest.mark.slow
def test_every_peer_that_is_here_draws_our_picture() -> None:
    ct = ellipsoid_scan((75, 128, 128))
    pose = bench_pose(BEAMS["AP"], ct.frame)
    per_mm = constant("radiograph_water_attenuation").value / 1000.0
    ours = project(StackedVolume.of_scan(ct), pose).astype(np.float64) * per_mm
    seen = [p for p in peer_pictures(ct, pose, SCRIPTS) if p.line_integrals is not None]
    if not seen:
        pytest.skip("no peer is installed: `make bench` makes bench-env")
    for peer in seen:
        assert peer.line_integrals is not None
        gain = float((ours * peer.line_integrals).sum() / (peer.line_integrals**2).sum())
        if not peer.name.startswith("plastimatch"):  # it has a unit of its own
            assert gain == pytest.approx(1, abs=0.01), peer.name
        off = np.sqrt(((gain * peer.line_integrals - ours) ** 2).mean()) / ours.max()
        assert off < TOLERANCE, (peer.name, off)
