"""What is seen of a sacrum before anybody plans: drawn fractures, refusals that can be looked at."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import nibabel
import numpy as np
import pytest

from sacroplasty.adapters.schemas import SCHEMAS
from terminal import sacroplasty

Rehearsed = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="module")
def labelled(virtual_patient: Path) -> tuple[Path, ...]:
    """The patient's CT and its true labels, as a user would give them."""
    return (virtual_patient / "ct.nii.gz", virtual_patient / "labels.nii.gz")


def _anatomy(out: Path, ct: Path, *options: str | Path) -> tuple[int, dict[str, Any]]:
    done = sacroplasty("anatomy", ct, "--out", out, *options, "--json")
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMAS["anatomy"])
    return done.returncode, document


def test_documents_of_the_examination_keep_their_schemas(rehearsed: Rehearsed) -> None:
    case, _ = rehearsed
    for name, file in {
        "density": "anatomy/density.json",
        "fracture": "fracture/fracture.json",
        "oedema": "mri/oedema.json",
    }.items():
        jsonschema.validate(json.loads((case / file).read_text()), SCHEMAS[name])


def test_density_is_told_per_side_zone_and_segment(rehearsed: Rehearsed) -> None:
    case, _ = rehearsed
    regions = json.loads((case / "anatomy" / "density.json").read_text())["regions"]
    measured = {(r["zone"], r["side"], r["segment"]) for r in regions}
    for side in ("left", "right"):
        assert {(None, side, None), (1, side, None), (None, side, "S1")} <= measured


def test_the_fractured_sides_are_suggested(rehearsed: Rehearsed) -> None:
    case, _ = rehearsed
    fracture = json.loads((case / "fracture" / "fracture.json").read_text())["fracture"]
    assert fracture["source"] == "suggested"
    assert not fracture["confirmed"]
    assert {limb["side"] for limb in fracture["limbs"]} >= {"left", "right"}


def test_a_plane_drawn_through_the_left_ala_is_a_fracture_of_the_left(
    rehearsed: Rehearsed, tmp_path: Path
) -> None:
    """The second route to the side: the drawn point's own LPS x against the canal's."""
    case, _ = rehearsed
    model = json.loads((case / "anatomy" / "model.json").read_text())
    left = next(f for f in model["foramina"] if (f["level"], f["side"]) == ("S1", "left"))
    x, y, z = left["center_lps_mm"]
    plane = ",".join(map(str, (x + 18.0, y, z, 1.0, 0.0, 0.0)))
    assert x + 18.0 > model["canal_lps_mm"][0][0]
    code, seen = _again(case, tmp_path, "--fracture-plane", plane)
    assert code == 0
    assert seen["fracture"]["source"] == "user"
    assert seen["fracture"]["confirmed"]
    assert {limb["side"] for limb in seen["fracture"]["limbs"]} == {"left"}


def test_what_cannot_be_used_is_refused_before_any_work(
    labelled: tuple[Path, ...], tmp_path: Path
) -> None:
    ct, labels = labelled
    for options in (
        ("--fracture", labels, "--fracture-plane", "1,2,3,0,0,1"),
        ("--fracture-plane", "1,2,3"),
        ("--fracture", tmp_path / "nothing.csv"),
        ("--dicom-seg", tmp_path / "labels.dcm"),
    ):
        done = sacroplasty("anatomy", ct, "--out", tmp_path / "case", *options)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "case").exists()


def test_a_refused_sacrum_leaves_a_page_to_look_at(
    labelled: tuple[Path, ...], tmp_path: Path
) -> None:
    """A mask with its lower two thirds missing has no S2 foramina: no plan, but a page.

    `anatomy` goes on from the same folder: one JSON document with model and refusal.
    """
    ct, labels = labelled
    image = nibabel.load(labels)
    values = np.asarray(image.dataobj).copy()
    sacral = np.argwhere(values == 1)
    low, high = sacral[:, 2].min(), sacral[:, 2].max()
    cut = low + (2 * (high - low)) // 3
    below = np.zeros(values.shape, dtype=bool)
    below[:, :, :cut] = True
    kept = np.isin(values, (1, 2, 3, 4))
    values[~kept | (below & (values == 1))] = 0
    nibabel.save(
        nibabel.Nifti1Image(values.astype(np.uint8), image.affine), tmp_path / "cut.nii.gz"
    )
    mapping = "1=sacrum,2=ilium_left,3=ilium_right,4=L5"
    given = ("--labels", tmp_path / "cut.nii.gz", "--label-map", mapping)
    done = sacroplasty("rehearse", ct, "--out", tmp_path / "case", *given)
    assert done.returncode == 3, done.stderr
    assert "anatomy.html" in done.stderr
    assert (tmp_path / "case" / "anatomy.html").is_file()
    assert not (tmp_path / "case" / "plan.json").exists()
    code, seen = _anatomy(tmp_path / "case", ct, *given)
    assert (code, seen["verdict"], seen["error"]["exit_code"]) == (3, "fail", 3)
    assert all(stage["resumed"] for stage in seen["stages"])
    code, seen = _anatomy(tmp_path / "case", ct, *given, "--accept-anatomy")
    assert (code, seen["verdict"]) == (0, "fail")
    assert "error" not in seen


def _again(case: Path, tmp_path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Examine the case's own CT with the labels that were found there."""
    labels = case / "anatomy" / "labels_working.nii.gz"
    given = ("--labels", str(labels), "--label-map", "sacroplasty", *options)
    return _anatomy(tmp_path / "again", case / "ct.nii.gz", *given)
