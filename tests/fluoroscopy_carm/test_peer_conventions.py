"""The same pose in the numbers of plastimatch, RTK and DiffDRR: their formulas, then the programs."""

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from carm_bench import beam_of, lopsided_scan, oblique_poses, peers_python, some_points

from sacroplasty.adapters.drr_peers import (
    diffdrr_pose,
    plastimatch_view,
    rtk_projection,
    rtk_projection_matrix,
)
from sacroplasty.fluoroscopy import CArmPose, expose, pixel_points, project_points
from sacroplasty.imaging import CTVolume
from xray_room import FRAME

POSES = oblique_poses()
HERE = Path(__file__).parent
ras = np.array([-1.0, -1.0, 1.0])


def by_name(pose: CArmPose) -> str:
    return pose.name


def saved(ct: CTVolume, path: Path) -> Path:
    image = SimpleITK.GetImageFromArray(ct.hu)
    image.SetSpacing(ct.grid.spacing_mm)
    image.SetOrigin(ct.grid.origin_mm)
    image.SetDirection(ct.grid.direction.ravel().tolist())
    SimpleITK.WriteImage(image, str(path))
    return path


def off_by(ours: np.ndarray, theirs: np.ndarray) -> float:
    """RMS difference after the best gain, as a share of the greatest value."""
    gain = float((ours * theirs).sum() / (theirs * theirs).sum())
    return float(np.sqrt(((gain * theirs - ours) ** 2).mean()) / ours.max())


def unlike(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Difference after the best gain as a share of the picture: 0 the same, 1 nothing in common."""
    gain = float((ours * theirs).sum() / (theirs * theirs).sum())
    return float(np.linalg.norm(gain * theirs - ours) / np.linalg.norm(ours))


@pytest.mark.parametrize("pose", POSES, ids=by_name)
def test_rtks_published_matrix_projects_points_where_we_do(pose: CArmPose) -> None:
    points, shot = some_points(), rtk_projection(pose)
    uvw = np.column_stack([points.xyz, np.ones(len(points))]) @ rtk_projection_matrix(pose).T
    u, v = (uvw[:, :2] / uvw[:, 2:]).T
    column = (u - shot.origin_u_mm) / shot.step_u_mm
    row = (v - shot.origin_v_mm) / shot.step_v_mm
    np.testing.assert_allclose(
        np.column_stack([row, column]), project_points(pose, points), atol=1e-5
    )
    assert shot.sdd_mm == pytest.approx(1020.0)


@pytest.mark.parametrize("pose", POSES, ids=by_name)
def test_diffdrrs_published_camera_shoots_the_same_rays(pose: CArmPose) -> None:
    """Its source is the origin, its pixel (i, j) lies at (∓(j − j₀) delx + x0, −(i − i₀) delx + y0, sdd)."""
    camera = diffdrr_pose(pose)
    assert np.linalg.det(camera.matrix[:3, :3]) == pytest.approx(1.0)
    np.testing.assert_allclose(camera.matrix[:3, 3] * ras, pose.source.single, atol=1e-9)
    pixels = np.array([[0, 0], [95, 0], [10, 70]])
    i, j = (pixels - (np.array(pose.shape) - 1) / 2).T * camera.delx
    x = (-j if camera.reverse_x_axis else j) + camera.x0
    ends = np.column_stack([x, -i + camera.y0, np.full(3, camera.sdd), np.ones(3)])
    world = (ends @ camera.matrix.T)[:, :3] * ras
    np.testing.assert_allclose(world, pixel_points(pose, pixels).xyz, atol=1e-8)


@pytest.mark.parametrize("pose", POSES, ids=by_name)
def test_plastimatchs_arguments_name_source_detector_and_up(pose: CArmPose) -> None:
    words = plastimatch_view(pose).arguments
    said = dict(zip(words[::2], words[1::2], strict=True))

    def numbers(name: str) -> np.ndarray:
        return np.array([float(word) for word in said[name].split()])

    source = numbers("--isocenter") + float(said["--sad"]) * numbers("--nrm")
    np.testing.assert_allclose(source, pose.source.single, atol=1e-9)
    perpendicular = source - float(said["--sid"]) * numbers("--nrm")
    at = numbers("--image-center")[::-1]
    if plastimatch_view(pose).columns_reversed:
        at[1] = pose.shape[1] - 1 - at[1]
    np.testing.assert_allclose(perpendicular, pixel_points(pose, at).single, atol=1e-9)
    assert numbers("--vup") @ pose.down == pytest.approx(-1.0)
    np.testing.assert_allclose(
        numbers("--detector-size")[::-1], np.array(pose.shape) * pose.pixel_mm
    )
    assert beam_of(pose) @ numbers("--nrm") < -0.99


@pytest.mark.slow
@pytest.mark.parametrize("pose", POSES, ids=by_name)
def test_plastimatch_draws_the_same_picture(pose: CArmPose, tmp_path: Path) -> None:
    if shutil.which("plastimatch") is None:
        pytest.skip("plastimatch is absent: apt-get install plastimatch")
    ct, view = lopsided_scan(), plastimatch_view(pose)
    scan = saved(ct, tmp_path / "ct.mha")
    subprocess.run(
        ["plastimatch", "drr", *view.arguments, "-t", "raw", "-i", "exact", "-P", "preprocess",
         "-O", str(tmp_path / "drr"), str(scan)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (written,) = tmp_path.glob("drr*.raw")
    theirs = np.fromfile(written, dtype=np.float32).reshape(pose.shape).astype(np.float64)
    if view.columns_reversed:
        theirs = theirs[:, ::-1]
    ours = expose(ct, None, pose).line_integrals.astype(np.float64)
    assert off_by(ours, theirs) < 0.02
    assert off_by(ours[:, ::-1], theirs) > 0.04, "the bar must tell left from right"
    assert off_by(ours[::-1], theirs) > 0.04, "and up from down"


@pytest.mark.slow
@pytest.mark.parametrize("pose", POSES, ids=by_name)
def test_rtk_computes_the_same_matrix(pose: CArmPose) -> None:
    python, shot = peers_python(), asdict(rtk_projection(pose))
    told = subprocess.run(
        [python, HERE / "peers" / "rtk_geometry.py"],
        input=json.dumps(list(shot.values())[:9]),
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    theirs = json.loads(told.stdout)
    ours = rtk_projection_matrix(pose)
    np.testing.assert_allclose(theirs["matrix"], ours, rtol=1e-6, atol=1e-3)
    np.testing.assert_allclose(theirs["source"], pose.source.single, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pose", "orientation"),
    [(POSES[0], None), (POSES[2], "AP"), (POSES[5], None), (POSES[6], None)],
)
def test_diffdrr_shoots_the_same_rays_and_draws_the_same_picture(
    pose: CArmPose, orientation: str | None, tmp_path: Path
) -> None:
    python, camera, ct = peers_python(), diffdrr_pose(pose), lopsided_scan()
    given = {name: getattr(camera, name) for name in ("sdd", "height", "width", "delx", "x0", "y0")}
    matrix = camera.matrix_after_ap if orientation else camera.matrix
    asked = {
        "scan": str(saved(ct, tmp_path / "ct.nii.gz")),
        "orientation": orientation,
        "camera": {**given, "reverse_x_axis": camera.reverse_x_axis},
        "matrix": matrix.tolist(),
        "out": str(tmp_path / "seen.npz"),
    }
    subprocess.run(
        [python, HERE / "peers" / "diffdrr_geometry.py"],
        input=json.dumps(asked), check=True, capture_output=True, text=True,
    )  # fmt: skip
    with np.load(tmp_path / "seen.npz") as seen:
        np.testing.assert_allclose(seen["source"] * ras, pose.source.single, atol=1e-3)
        pixels = np.array([[0, 0], [95, 79], [30, 60]])
        np.testing.assert_allclose(
            seen["target"][tuple(pixels.T)] * ras, pixel_points(pose, pixels).xyz, atol=1e-3
        )
        theirs = seen["picture"].astype(np.float64)
    # DiffDRR takes the least soft tissue (here all water) for its zero: only the bar is left.
    ours = expose(lopsided_scan(body_hu=-1000.0), None, pose).line_integrals.astype(np.float64)
    assert unlike(ours, theirs) < 0.1
    assert unlike(ours[:, ::-1], theirs) > 0.5, "the bar must tell left from right"


def test_the_scan_of_these_tests_lies_in_the_poses_frame() -> None:
    assert lopsided_scan().frame == FRAME == POSES[0].frame
