"""`mri/`: how an MRI lies on the CT, and the marrow that is bright on it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    grid_document,
    grid_from,
    rigid_document,
    rigid_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.anatomy import MriReading, Oedema, OedemaPart, Side
from sacroplasty.geometry import Volume
from sacroplasty.imaging import Registered


def write_mri(reading: MriReading | None, root: Path) -> None:
    """oedema.json ({"mri": null} where none was given) and oedema.nii.gz on the working grid."""
    folder = root / "mri"
    folder.mkdir(parents=True)
    write_json(folder / "oedema.json", {"mri": mri_document(reading) if reading else None})
    if reading:
        mask = reading.oedema.mask
        write_nifti(Volume(mask.values.astype(np.uint8), mask.grid), folder / "oedema.nii.gz")


def read_mri_files(root: Path) -> MriReading | None:
    """What `write_mri` wrote."""
    document = read_json(root / "mri" / "oedema.json")["mri"]
    if document is None:
        return None
    ct_from_mri = rigid_from(document["ct_from_mri"])
    grid = grid_from(document["working_grid"], ct_from_mri.to)
    mask = read_volume(root / "mri" / "oedema.nii.gz", ct_from_mri.to).values > 0
    registered = Registered(
        ct_from_mri,
        document["mutual_information"],
        document["residual_mm"],
        document["overlap"],
        findings_from(document["registration_findings"]),
    )
    parts = tuple(
        OedemaPart(Side(row["side"]), tuple(row["zones"]), row["volume_ml"], row["brightness"])
        for row in document["parts"]
    )
    return MriReading(
        registered, Oedema(Volume(mask, grid), parts, findings_from(document["findings"]))
    )


def mri_document(reading: MriReading) -> dict[str, Any]:
    """What `oedema.json` holds; `side` is the patient's own."""
    registered, oedema = reading.registered, reading.oedema
    return {
        "ct_from_mri": rigid_document(registered.fixed_from_moving),
        "mutual_information": registered.mutual_information,
        "residual_mm": registered.residual_mm,
        "overlap": registered.overlap,
        "registration_findings": findings_document(registered.findings),
        "parts": [asdict(part) for part in oedema.parts],
        "findings": findings_document(oedema.findings),
        "working_grid": grid_document(oedema.mask.grid),
    }
