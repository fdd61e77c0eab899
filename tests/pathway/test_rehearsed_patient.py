"""The whole corridor on a virtual patient: safe, on the right sides, repeatable, resumable."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import nibabel as nib
import numpy as np
import pytest
from corridor_facts import (
    labels_at,
    read_json,
    require_own_sides,
    require_safe_needles,
    require_valid_documents,
)
from nibabel.affines import apply_affine

from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.provenance import digest
from terminal import sacroplasty

Rehearsed = tuple[Path, dict[str, Any]]


def _bytes(case: Path) -> dict[str, str]:
    """A digest of each file: a difference names the file instead of printing it."""
    return {
        p.relative_to(case).as_posix(): digest(p.read_bytes())
        for p in case.rglob("*")
        if p.is_file()
    }


def test_documents_keep_their_schemas(rehearsed: Rehearsed) -> None:
    case, printed = rehearsed
    require_valid_documents(case)
    jsonschema.validate(printed, SCHEMAS["rehearse"])


def test_needles_are_safe_by_the_model_that_was_found(rehearsed: Rehearsed) -> None:
    require_safe_needles(rehearsed[0])


def test_needles_are_on_their_own_sides(rehearsed: Rehearsed) -> None:
    case, printed = rehearsed
    require_own_sides(case)
    assert sorted(needle["side"] for needle in printed["plan"]["needles"]) == ["left", "right"]


def test_needles_are_safe_by_the_ground_truth(rehearsed: Rehearsed, virtual_patient: Path) -> None:
    """What only the generator knows: the planned shafts cross no true foramen and end in true bone."""
    truth = nib.load(virtual_patient / "labels.nii.gz")
    values = np.asarray(truth.dataobj)
    lps_to_ijk = np.linalg.inv(truth.affine) @ np.diag([-1.0, -1.0, 1.0, 1.0])
    names = read_json(rehearsed[0] / "anatomy/model.json")["labels"]
    forbidden = {v for n, v in names.items() if n.startswith(("foramen", "canal", "ilium"))}
    for needle in rehearsed[1]["plan"]["needles"]:
        entry, tip = np.array(needle["entry_lps_mm"]), np.array(needle["target_lps_mm"])
        shaft = entry + np.linspace(0, 1, 500)[:, None] * (tip - entry)
        ijk = np.rint(apply_affine(lps_to_ijk, shaft)).astype(int)
        met = values[tuple(np.clip(ijk, 0, np.array(values.shape) - 1).T)]
        assert not forbidden & set(met.tolist())
        assert met[-1] == names["sacrum"]


def test_every_foramen_that_a_needle_could_meet_is_found_at_its_own_level(
    rehearsed: Rehearsed, virtual_patient: Path
) -> None:
    """A shift by one level would leave the true S1 foramen unguarded."""
    true = {
        (f["level"], f["side"]): np.array(f["center_lps_mm"])
        for f in read_json(virtual_patient / "truth.json")["foramina"]
    }
    found = {
        (f["level"], f["side"]): np.array(f["center_lps_mm"])
        for f in read_json(rehearsed[0] / "anatomy/model.json")["foramina"]
    }
    for level in ("S1", "S2", "S3"):
        for side in ("left", "right"):
            assert np.linalg.norm(found[level, side] - true[level, side]) < 4.0, (level, side)


def test_cement_in_equals_cement_found_plus_leaked(rehearsed: Rehearsed) -> None:
    case, printed = rehearsed
    injected = sum(read_json(case / "injection/run.json")["injected_ml"])
    cement = printed["leaks"]["cement_ml"]
    leaked = sum(leak["volume_ml"] for leak in printed["leaks"]["leaks"])
    assert cement["total"] == pytest.approx(injected, rel=1e-3)
    assert cement["left"] + cement["right"] == pytest.approx(cement["total"], rel=1e-3)
    assert sum(cement["by_zone"].values()) == pytest.approx(cement["inside_bone"], rel=1e-3)
    assert cement["inside_bone"] + leaked == pytest.approx(cement["total"], rel=1e-2)


def test_cement_lies_around_the_tips(rehearsed: Rehearsed) -> None:
    case, printed = rehearsed
    image = nib.load(case / "injection/cement.nii.gz")
    fraction = np.asarray(image.dataobj)
    filled = np.argwhere(fraction > 0.05)
    centres = apply_affine(image.affine, filled) * [-1.0, -1.0, 1.0]
    for needle in printed["plan"]["needles"]:
        tip = np.array(needle["target_lps_mm"])
        assert np.linalg.norm(centres - tip, axis=1).min() < 2.0
        assert labels_at(case, tip[None])[0] == 1


def test_the_labels_lie_on_the_ct_s_own_voxels(rehearsed: Rehearsed) -> None:
    case, _ = rehearsed
    ct, labels = (nib.load(case / name) for name in ("ct.nii.gz", "anatomy/labels.nii.gz"))
    assert ct.shape == labels.shape
    np.testing.assert_allclose(ct.affine, labels.affine, atol=1e-5)


@pytest.mark.parametrize("name", ["anatomy.html", "plan.html", "injection.html", "report.html"])
def test_a_page_needs_no_network_and_says_what_it_is(rehearsed: Rehearsed, name: str) -> None:
    page = (rehearsed[0] / name).read_text(encoding="utf-8")
    assert "not a medical device" in page
    assert 'src="http' not in page
    assert "url(http" not in page


def test_nothing_names_the_machine_or_the_hour(rehearsed: Rehearsed) -> None:
    case, _ = rehearsed
    for path in case.rglob("*"):
        if path.suffix in {".json", ".html"}:
            assert str(case.parent) not in path.read_text(encoding="utf-8"), path


def test_running_again_changes_no_byte_and_does_nothing_twice(
    rehearsed: Rehearsed, virtual_patient: Path
) -> None:
    case, _ = rehearsed
    before = _bytes(case)
    again = sacroplasty("rehearse", virtual_patient / "dicom", "--out", case, "--json")
    assert again.returncode == 0, again.stderr
    assert _bytes(case) == before
    stages = read_json(case / "case.json")["stages"]
    assert again.stderr.count("already done") == len(stages) == 14


def test_a_killed_run_resumes_to_the_same_bytes(
    rehearsed: Rehearsed, virtual_patient: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    program = Path(sys.executable).parent / "sacroplasty"
    arguments = [program, "rehearse", virtual_patient / "dicom", "--out", case]
    run = subprocess.Popen(list(map(str, arguments)), stderr=subprocess.DEVNULL)
    while not (case / "anatomy" / "model.json").exists():
        assert run.poll() is None, "it ended before it could be killed"
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert not (case / "report.html").exists()
    done = sacroplasty("rehearse", virtual_patient / "dicom", "--out", case)
    assert done.returncode == 0, done.stderr
    assert _bytes(case) == _bytes(rehearsed[0])


def test_another_scan_is_refused_and_the_case_stays(rehearsed: Rehearsed, tmp_path: Path) -> None:
    case, _ = rehearsed
    before = _bytes(case)
    image = nib.load(case / "ct.nii.gz")
    values = np.asarray(image.dataobj).copy()
    values[0, 0, 0] += 1
    nib.save(nib.Nifti1Image(values, image.affine), tmp_path / "other.nii.gz")
    done = sacroplasty("rehearse", tmp_path / "other.nii.gz", "--out", case)
    assert done.returncode == 2
    assert "another" in done.stderr
    assert _bytes(case) == before
