"""An independent code: plastimatch's exact projector at the same pose."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from sacroplasty.fluoroscopy import expose
from sacroplasty.reference import constant
from xray_room import centred_grid, pose_along, scan_of


def body(xyz: np.ndarray) -> np.ndarray:
    """Water with a dense, lopsided bar in it; everything is at least water, so no air rule acts."""
    x, y, z = xyz.T
    inside = (x / 40) ** 2 + (y / 30) ** 2 + (z / 35) ** 2 < 1
    bar = (np.abs(x - 10) < 6) & (np.abs(z + 8) < 4)
    return np.asarray(np.where(inside, np.where(bar, 900.0, 50.0), -1000.0))


@pytest.mark.slow
def test_plastimatch_draws_the_same_picture_at_the_same_pose(tmp_path: Path) -> None:
    if shutil.which("plastimatch") is None:
        pytest.skip("plastimatch is absent: apt-get install plastimatch")
    grid = centred_grid((80, 80, 90), (1.0, 1.0, 1.0))
    ct = scan_of(grid, body)
    image = SimpleITK.GetImageFromArray(ct.hu)
    image.SetSpacing(grid.spacing_mm)
    image.SetOrigin(grid.origin_mm)
    SimpleITK.WriteImage(image, str(tmp_path / "ct.mha"))
    pose = pose_along(np.array([0.0, 1.0, 0.0]), shape=(128, 128), pixel_mm=1.0)
    # nrm points from the isocentre to the source; the picture's rows run down with vup up.
    subprocess.run(
        ["plastimatch", "drr", "-t", "raw", "-i", "exact", "-P", "preprocess", "--sad", "600",
         "--sid", "1000", "-r", "128 128", "-z", "128 128", "-c", "63.5 63.5", "-o", "0 0 0",
         "-n", "0 -1 0", "--vup", "0 0 1", "-O", str(tmp_path / "drr"), str(tmp_path / "ct.mha")],
        check=True,
        capture_output=True,
    )  # fmt: skip
    written = sorted(tmp_path.glob("drr*.raw"))
    theirs = np.fromfile(written[0], dtype=np.float32).reshape(128, 128)
    ours = expose(ct, None, pose).line_integrals / constant("radiograph_water_attenuation").value
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.999
    gain = float((ours * theirs).sum() / (theirs * theirs).sum())
    assert np.sqrt(((gain * theirs - ours) ** 2).mean()) < 0.01 * ours.max()
