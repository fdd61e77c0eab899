"""The corridor on real patients: a DICOM scan of a rotated pelvis, and a fractured one with labels."""

import json
from pathlib import Path
from typing import Any

import pytest
from corridor_facts import (
    read_json,
    require_own_sides,
    require_safe_needles,
    require_valid_documents,
)

from terminal import sacroplasty

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def tcga(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The real DICOM case, rehearsed with the built-in engine."""
    case = tmp_path_factory.mktemp("tcga") / "case"
    done = sacroplasty("rehearse", real_data / "ct/tcga_ov_09_2043", "--out", case, "--json")
    assert done.returncode == 0, done.stderr
    return case, json.loads(done.stdout)


def test_the_real_scan_is_rehearsed_safely(tcga: tuple[Path, dict[str, Any]]) -> None:
    case, printed = tcga
    require_valid_documents(case)
    require_safe_needles(case)
    require_own_sides(case)
    assert sorted(n["side"] for n in printed["plan"]["needles"]) == ["left", "right"]
    assert max(stage["peak_mb"] for stage in printed["stages"]) < 6000


def test_the_case_holds_nothing_that_names_the_patient(
    tcga: tuple[Path, dict[str, Any]],
) -> None:
    for path in tcga[0].rglob("*"):
        if path.suffix in {".json", ".html"}:
            assert "TCGA-09" not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_a_fractured_pelvis_with_expert_labels(real_data: Path, tmp_path: Path) -> None:
    folder = real_data / "ct/fracsegnet"
    case = tmp_path / "case"
    done = sacroplasty(
        "rehearse",
        folder / "003_ct.nii.gz",
        "--labels",
        folder / "003_label.nii.gz",
        "--label-map",
        "1-2=sacrum,11-19=ilium_left,21-29=ilium_right",
        "--out",
        case,
    )
    assert done.returncode == 0, done.stderr
    require_valid_documents(case)
    require_safe_needles(case)
    require_own_sides(case)
    says = [f["says"] for f in read_json(case / "plan.json")["findings"]]
    assert any("skin" in sentence for sentence in says)  # a bone-only image shows no skin
