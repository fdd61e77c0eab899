"""`sacroplasty fluoro` with a beam: noisy frames and their subtraction, from the door to the files."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from test_fluoro_door import PICTURES, Door, door
from toy_case import CEMENT_AT, make_case

from sacroplasty.adapters.pose_files import read_pose
from sacroplasty.fluoroscopy import project_points
from sacroplasty.geometry import Points
from xray_room import FRAME

__all__ = ["door"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("frames") / "case")


def numbers(kept: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO((kept / PICTURES / f"{name}.npz").read_bytes())) as file:
        return dict(file)


def test_a_frame_leaves_the_line_integrals_as_they_were(door: Door, kept: Path) -> None:
    door.document(kept, "--view", "ap", "--npz")
    (picture,) = door.document(kept, "--view", "ap", "--beam", "poly", "--npz")["pictures"]
    assert (picture["name"], picture["beam"]["subtracted"]) == ("ap-frame", False)
    plain, frame = numbers(kept, "ap"), numbers(kept, "ap-frame")
    for name in ("before", "after"):
        np.testing.assert_allclose(frame[name], plain[name], rtol=2e-5, atol=1e-5)
    assert (kept / PICTURES / "ap.png").is_file(), "the other picture stays"
    assert frame["signal_kev"].shape == plain["before"].shape


def test_the_seed_is_the_noise_and_the_dose_is_the_photons(door: Door, kept: Path) -> None:
    signal: dict[tuple[int, int], np.ndarray] = {}
    for dose, seed in ((200, 1), (200, 1), (200, 2), (800, 1)):
        arguments = ["--view", "ap", "--dose-ngy", str(dose), "--seed", str(seed), "--npz"]
        (picture,) = door.document(kept, *arguments)["pictures"]
        assert (picture["beam"]["seed"], picture["beam"]["detector_dose_ngy"]) == (seed, dose)
        found = numbers(kept, "ap-frame")
        if (dose, seed) in signal:
            assert np.array_equal(signal[dose, seed], found["signal_kev"])
        signal[dose, seed] = found["signal_kev"]
    assert not np.array_equal(signal[200, 1], signal[200, 2])
    means = [float(signal[key].mean()) for key in ((200, 1), (200, 2), (800, 1))]
    assert means[1] == pytest.approx(means[0], rel=1e-3)
    assert means[2] == pytest.approx(4.0 * means[0], rel=0.02)


def test_a_voltage_that_is_asked_for_is_held(door: Door, kept: Path) -> None:
    (picture,) = door.document(kept, "--view", "ap", "--kvp", "72")["pictures"]
    assert picture["beam"]["tube_kv"] == 72.0


def test_a_subtraction_shows_the_cement_alone_on_its_side(door: Door, kept: Path) -> None:
    (picture,) = door.document(kept, "--view", "ap", "--subtract", "--dicom", "--gif")["pictures"]
    assert picture["name"] == "ap-subtracted"
    read = pydicom.dcmread(kept / PICTURES / "ap-subtracted.dcm")
    assert float(read.KVP) == picture["beam"]["tube_kv"]
    change = read.pixel_array * float(read.RescaleSlope) + float(read.RescaleIntercept)
    pose = read_pose(kept / PICTURES / "ap-subtracted.json")
    row, column = project_points(pose, Points(CEMENT_AT, FRAME))[0]
    rows, columns = np.indices(change.shape)
    near = np.hypot(rows - row, columns - column) < 8
    far = (np.hypot(rows - row, columns - column) > 60) & (change != 0)
    assert column > 255.5
    assert change[near].mean() > 0.3
    # The mirrored place, where the other side's cement would lie, has not changed.
    assert abs(change[near[:, ::-1]].mean()) < 0.05 * change[near].mean()
    assert abs(change[far].mean()) < 0.03


def test_a_frame_before_any_injection_needs_no_cement(door: Door, tmp_path: Path) -> None:
    bare = make_case(tmp_path / "bare", injected=False)
    (picture,) = door.document(bare, "--view", "ap", "--beam", "poly", "--dicom")["pictures"]
    assert picture["cement_ml"] is None
    code, _, err = door(bare, "--view", "ap", "--subtract")
    assert (code, "none yet" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kvp", "500"], "500 kV"),
        (["--kvp", "nan"], "nan kV"),
        (["--dose-ngy", "0"], "no dose"),
        (["--dose-ngy", "inf"], "no dose"),
        (["--seed", "-1"], "--seed"),
        (["--beam", "mono", "--kvp", "80"], "--kvp: only with a beam"),
        (["--beam", "laser"], "'mono', 'poly'"),
    ],
)
def test_a_beam_that_makes_no_sense_is_one_sentence(
    door: Door, kept: Path, arguments: list[str], says: str
) -> None:
    code, out, err = door(kept, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err
