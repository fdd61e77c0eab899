"""`fracture/`: what is broken, as `fracture.json` and a label map of the limbs."""

from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.documents import (
    grid_document,
    grid_from,
    level_from,
    place_document,
    side_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.anatomy import (
    Fracture,
    FractureLimb,
    FractureSource,
    SacralFracturePattern,
)
from sacroplasty.geometry import Frame, Points, Volume


def write_fracture(fracture: Fracture | None, root: Path) -> None:
    """fracture.json (null where nothing is known to be broken) and cleft.nii.gz (limb numbers)."""
    folder = root / "fracture"
    folder.mkdir(parents=True)
    if fracture is None:
        write_json(folder / "fracture.json", {"fracture": None})
        return
    write_nifti(fracture.cleft, folder / "cleft.nii.gz")
    write_json(folder / "fracture.json", {"fracture": fracture_document(fracture)})


def read_fracture(root: Path) -> Fracture | None:
    """The fracture that `write_fracture` wrote."""
    folder = root / "fracture"
    document = read_json(folder / "fracture.json")["fracture"]
    if document is None:
        return None
    frame = Frame(document["frame_of_reference_uid"])
    grid = grid_from(document["working_grid"], frame)
    cleft = read_volume(folder / "cleft.nii.gz", frame).values.astype(np.uint8)
    return Fracture(
        limbs=tuple(_limb_from(row, frame) for row in document["limbs"]),
        cleft=Volume(cleft, grid),
        pattern=SacralFracturePattern(document["pattern"]),
        source=FractureSource(document["source"]),
        score=document["score"],
        confirmed=document["confirmed"],
    )


def fracture_document(fracture: Fracture) -> dict[str, Any]:
    """What `fracture.json` holds; `side` is the patient's own, null across the midline."""
    return {
        "frame_of_reference_uid": fracture.cleft.frame.uid,
        "pattern": fracture.pattern.value,
        "source": fracture.source.value,
        "score": fracture.score,
        "confirmed": fracture.confirmed,
        "limbs": [_limb_document(limb) for limb in fracture.limbs],
        "working_grid": grid_document(fracture.cleft.grid),
    }


def _limb_document(limb: FractureLimb) -> dict[str, Any]:
    return {
        **place_document(limb),
        "zones": list(limb.zones),
        "horizontal": limb.horizontal,
        "displacement_mm": limb.displacement_mm,
        "cleft_lps_mm": limb.cleft.xyz.tolist(),
    }


def _limb_from(row: dict[str, Any], frame: Frame) -> FractureLimb:
    return FractureLimb(
        cleft=Points.at(row["cleft_lps_mm"], frame),
        side=side_from(row),
        zones=tuple(row["zones"]),
        horizontal=row["horizontal"],
        level=level_from(row),
        displacement_mm=row["displacement_mm"],
    )
