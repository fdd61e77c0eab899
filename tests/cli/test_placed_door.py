"""`sacroplasty placed` on a rehearsed case: document, page, and how it ends."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    Sex,
    SteelNeedle,
    make_virtual_patient,
    scan_with_needles,
)
from terminal import sacroplasty

CONTROL = ScannerSettings(
    in_plane_mm=1.1,
    slice_mm=2.0,
    field_mm=(220.0, 210.0, 90.0),
    field_shift_mm=(0.0, 35.0, 30.0),
)


def _control_scan(plan: dict[str, Any], path: Path) -> Path:
    """The patient of the `rehearsed` case with every planned needle in, as a file."""
    coarse = ScannerSettings(in_plane_mm=3.0, slice_mm=3.0, field_mm=(300.0, 240.0, 100.0))
    request = PatientRequest(
        sex=Sex.FEMALE, age_years=81, fracture=FracturePattern.BILATERAL_ALA, scanner=coarse
    )
    who = make_virtual_patient(request, 3)
    needles = tuple(
        SteelNeedle(
            Points.at(row["entry_lps_mm"], who.ct.frame),
            Points.at(row["target_lps_mm"], who.ct.frame),
            row["outer_diameter_mm"],
            row["inner_diameter_mm"],
        )
        for row in plan["needles"]
    )
    scan = scan_with_needles(who, needles, CONTROL, 1, (2.0, -1.0, 2.0), (4.0, -5.0, 3.0))
    write_nifti(scan.ct.volume, path)
    return path


@pytest.mark.slow
def test_needles_that_lie_as_planned_are_said_to(
    rehearsed: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    case, told = shutil.copytree(rehearsed[0], tmp_path / "case"), rehearsed[1]
    scan = _control_scan(told["plan"], tmp_path / "control.nii.gz")
    done = sacroplasty("placed", case, scan, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMAS["placed"])
    planned = {needle["name"] for needle in told["plan"]["needles"]}
    assert {needle["name"] for needle in document["needles"]} == planned
    assert all(needle["deviation"]["tip_mm"] < 1.0 for needle in document["needles"])
    assert (case / "placed.html").is_file()


def test_a_folder_without_a_case_and_a_scan_that_is_none_are_refused(tmp_path: Path) -> None:
    done = sacroplasty("placed", tmp_path / "nowhere", tmp_path / "nothing.nii.gz")
    assert done.returncode == 2
    assert "nothing.nii.gz" in done.stderr
    assert "Traceback" not in done.stderr
