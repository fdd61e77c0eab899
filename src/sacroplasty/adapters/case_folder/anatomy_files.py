"""`anatomy/`: the label map on the CT's own voxels, the working copy, and `model.json`."""

from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    grid_document,
    grid_from,
    point_document,
    rigid_document,
    rigid_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.label_export import write_slicer_segmentation
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.anatomy import (
    Foramen,
    Level,
    SacrumModel,
    Side,
    Structure,
    find_landmarks,
    measure_corridors,
    presacral_space,
)
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.units import ml_from_mm3

_WHOLE = (
    Structure.SACRUM,
    Structure.CANAL,
    Structure.SI_JOINT_LEFT,
    Structure.SI_JOINT_RIGHT,
    Structure.DISC_L5S1,
    *(structure for structure in Structure if structure.is_foramen),
)


def write_anatomy(model: SacrumModel, root: Path, ct: CTVolume) -> None:
    """labels.nii.gz (CT grid), labels_working.nii.gz, labels.seg.nrrd and zones.nii.gz (1 mm), model.json."""
    folder = root / "anatomy"
    folder.mkdir(parents=True)
    write_nifti(model.labels.on(ct.grid, order=0), folder / "labels.nii.gz")
    write_nifti(model.labels, folder / "labels_working.nii.gz")
    write_slicer_segmentation(model.labels, folder / "labels.seg.nrrd")
    write_nifti(model.zones, folder / "zones.nii.gz")
    write_json(folder / "model.json", model_document(model))


def read_anatomy(root: Path) -> SacrumModel:
    """The model that `write_anatomy` wrote."""
    folder = root / "anatomy"
    document = read_json(folder / "model.json")
    to_scanner = rigid_from(document["frame"])
    scanner = to_scanner.to
    grid = grid_from(document["working_grid"], scanner)
    labels, zones = (
        Volume(read_volume(folder / name, scanner).values.astype(np.uint8), grid)
        for name in ("labels_working.nii.gz", "zones.nii.gz")
    )
    return SacrumModel(
        labels=labels,
        zones=zones,
        scanner_from_sacrum=to_scanner,
        foramina=tuple(_foramen_from(row, scanner) for row in document["foramina"]),
        canal=Points.at(document["canal_lps_mm"], scanner),
        absent=document["absent"],
        findings=findings_from(document["findings"]),
        engine=document["engine"],
    )


def model_document(model: SacrumModel) -> dict[str, Any]:
    """`model.json`."""
    return {
        "verdict": model.verdict.value,
        "engine": model.engine,
        "labels": {s.label: int(s) for s in Structure if s is not Structure.OUTSIDE},
        "foramina": [
            {
                "level": f.level.value,
                "side": f.side.value,
                "center_lps_mm": point_document(f.centre),
                "radius_mm": f.radius_mm,
                "ventral_mouth_lps_mm": point_document(f.ventral_mouth),
                "dorsal_mouth_lps_mm": point_document(f.dorsal_mouth),
            }
            for f in model.foramina
        ],
        "canal_lps_mm": model.canal.xyz.tolist(),
        "frame": rigid_document(model.scanner_from_sacrum),
        "working_grid": grid_document(model.labels.grid),
        **_measured_document(model),
        "absent": dict(model.absent),
        "findings": findings_document(model.findings),
    }


def _measured_document(model: SacrumModel) -> dict[str, Any]:
    """What follows from labels and frame: it is written for readers, and never read back."""
    found = find_landmarks(model)
    return {
        "landmarks_lps_mm": {name: point_document(at) for name, at in found.points.items()},
        "segment_planes": [
            {
                "segment": plane.segment,
                "point_lps_mm": point_document(plane.point),
                "normal_lps": plane.normal.tolist(),
            }
            for plane in found.planes
        ],
        "angles_deg": dict(found.angles_deg),
        "alar_corridors": [
            {
                "level": corridor.level.value,
                "side": corridor.side.value,
                "craniocaudal_mm": corridor.craniocaudal_mm,
                "ap_mm": corridor.ap_mm,
                "circle_diameter_mm": corridor.circle_diameter_mm,
            }
            for corridor in measure_corridors(model)
        ],
        "volumes_ml": _volumes_ml(model),
        "landmarks_absent": dict(found.absent),
    }


def _volumes_ml(model: SacrumModel) -> dict[str, float]:
    """Of the structures that end inside the box around the sacrum, and of the presacral space."""
    found = model.volumes_mm3
    volumes = {s.label: ml_from_mm3(found[s]) for s in _WHOLE if s in found}
    presacral_mm3 = int(presacral_space(model).sum()) * model.labels.grid.voxel_mm3
    return volumes | {"presacral_space": float(ml_from_mm3(presacral_mm3))}


def _foramen_from(row: dict[str, Any], frame: Frame) -> Foramen:
    return Foramen(
        level=Level(row["level"]),
        side=Side(row["side"]),
        centre=Points.at(row["center_lps_mm"], frame),
        radius_mm=row["radius_mm"],
        ventral_mouth=Points.at(row["ventral_mouth_lps_mm"], frame),
        dorsal_mouth=Points.at(row["dorsal_mouth_lps_mm"], frame),
    )
