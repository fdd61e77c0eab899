"""`heat/`: what the cure did to the tissue around it; null in heat.json where nobody asked."""

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    grid_document,
    grid_from,
    level_from,
    place_document,
    side_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Frame, Points, Volume
from sacroplasty.injection import HeatBudget, HeatCourse, HeatRun, RootHeat

_VOLUMES = ("peak_c", "cem43_min", "damage", "above_s")
_MASKS = ("cement", "bone")
_COLUMNS = ("time_s", "hottest_c", "interface_c", "degree")
_NUMBERS = (
    "necrosis_temperature_c", "interface_peak_c", "interface_mean_peak_c", "start_degree",
    "end_degree",
)  # fmt: skip


def write_heat(heat: HeatRun | None, root: Path) -> None:
    """heat/heat.json; with it the volumes and the course where there is a heat."""
    folder = root / "heat"
    folder.mkdir(parents=True)
    write_json(folder / "heat.json", {"heat": heat_document(heat) if heat else None})
    if heat is None:
        return
    for name in _VOLUMES:
        write_nifti(getattr(heat, name), folder / f"{name}.nii.gz")
    for name in _MASKS:
        mask = getattr(heat, name)
        write_nifti(Volume(mask.values.astype(np.uint8), mask.grid), folder / f"{name}.nii.gz")
    columns = {name: getattr(heat.course, name) for name in _COLUMNS}
    roots = {f"root_{n}_c": heat.course.roots_c[:, n] for n in range(len(heat.roots))}
    table = io.BytesIO()
    pl.DataFrame(columns | roots).write_parquet(table)
    (folder / "course.parquet").write_bytes(table.getvalue())


def read_heat(root: Path) -> HeatRun | None:
    """The heat that `write_heat` wrote."""
    folder = root / "heat"
    document = read_json(folder / "heat.json")["heat"]
    if document is None:
        return None
    frame = Frame(document["frame_of_reference_uid"])
    grid = grid_from(document["grid"], frame)
    table = pl.read_parquet(folder / "course.parquet")
    courses = [table[f"root_{n}_c"].to_numpy() for n in range(len(document["roots"]))]
    columns = {name: table[name].to_numpy().copy() for name in _COLUMNS}
    roots_c = np.stack(courses, axis=1) if courses else np.zeros((table.height, 0))

    def values(name: str) -> Any:
        return read_volume(folder / f"{name}.nii.gz", frame).values

    volumes: dict[str, Any] = {
        name: Volume(values(name).astype(np.float32), grid) for name in _VOLUMES
    }
    masks: dict[str, Any] = {name: Volume(values(name) > 0, grid) for name in _MASKS}
    return HeatRun(
        **volumes,
        **masks,
        **{name: document[name] for name in _NUMBERS},
        roots=tuple(_root_from(row, frame) for row in document["roots"]),
        course=HeatCourse(**columns, roots_c=roots_c),
        budget=HeatBudget(**document["budget_j"]),
        findings=findings_from(document["findings"]),
    )


def heat_document(heat: HeatRun) -> dict[str, Any]:
    """What `heat.json` holds of a heat."""
    return {
        "frame_of_reference_uid": heat.frame.uid,
        "grid": grid_document(heat.peak_c.grid),
        **{name: getattr(heat, name) for name in _NUMBERS},
        "roots": [
            {
                "structure": root.structure.label,
                **place_document(root),
                "peak_c": root.peak_c,
                "cem43_min": root.cem43_min,
                "distance_mm": root.distance_mm,
                "where_lps_mm": root.where.single.tolist(),
            }
            for root in heat.roots
        ],
        "budget_j": asdict(heat.budget),
        "findings": findings_document(heat.findings),
    }


def _root_from(row: dict[str, Any], frame: Frame) -> RootHeat:
    return RootHeat(
        structure=next(one for one in Structure if one.label == row["structure"]),
        level=level_from(row),
        side=side_from(row),
        peak_c=row["peak_c"],
        cem43_min=row["cem43_min"],
        distance_mm=row["distance_mm"],
        where=Points.at(tuple(row["where_lps_mm"]), frame),
    )
