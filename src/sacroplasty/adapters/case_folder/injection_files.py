"""`injection/`: arrival times, cement, pressure and volume in time, leaks."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    grid_document,
    grid_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import CementField
from sacroplasty.geometry import Frame, Volume
from sacroplasty.injection import InjectionRun, Timeline
from sacroplasty.leaks import Leak, LeakReport, LeakSite, NeuralContact
from sacroplasty.units import ml_from_mm3, mm3_from_ml

_NEVER_S = -1.0
_COLUMNS = ("time_s", "needle", "volume_mm3", "tip_pressure_mpa", "syringe_pressure_mpa",
            "rate_mm3_per_s")  # fmt: skip


def write_injection(run: InjectionRun, root: Path) -> None:
    """arrival_time.nii.gz (s; −1 where cement never came), age.nii.gz (s), cement, timeline, run."""
    folder = root / "injection"
    folder.mkdir(parents=True)
    arrival = run.arrival_time_s
    reached = np.where(np.isfinite(arrival.values), arrival.values, np.float32(_NEVER_S))
    write_nifti(Volume(reached, arrival.grid), folder / "arrival_time.nii.gz")
    write_nifti(run.porosity, folder / "porosity.nii.gz")
    write_nifti(run.age_s, folder / "age.nii.gz")
    write_nifti(run.cement.fraction, folder / "cement.nii.gz")
    # By way of memory: polars tells a full disk by an error of its own, not the system's.
    table = io.BytesIO()
    pl.DataFrame({name: getattr(run.timeline, name) for name in _COLUMNS}).write_parquet(table)
    (folder / "timeline.parquet").write_bytes(table.getvalue())
    write_json(folder / "leaks.json", leaks_document(run.leaks))
    write_json(
        folder / "run.json",
        {
            "frame_of_reference_uid": arrival.frame.uid,
            "grid": grid_document(arrival.grid),
            "injected_ml": [ml_from_mm3(volume) for volume in run.injected_mm3],
            "mass_error": run.mass_error,
            "findings": findings_document(run.findings),
        },
    )


def read_injection(root: Path) -> InjectionRun:
    """The run that `write_injection` wrote."""
    folder = root / "injection"
    document = read_json(folder / "run.json")
    frame = Frame(document["frame_of_reference_uid"])
    grid = grid_from(document["grid"], frame)

    def volume(name: str) -> Volume[np.float32]:
        return Volume(read_volume(folder / name, frame).values.astype(np.float32), grid)

    reached = volume("arrival_time.nii.gz").values
    timeline = pl.read_parquet(folder / "timeline.parquet")
    return InjectionRun(
        arrival_time_s=Volume(np.where(reached < 0, np.float32(np.inf), reached), grid),
        porosity=volume("porosity.nii.gz"),
        age_s=volume("age.nii.gz"),
        cement=CementField(volume("cement.nii.gz")),
        timeline=Timeline(*(timeline[name].to_numpy() for name in _COLUMNS)),
        leaks=leaks_from(read_json(folder / "leaks.json")),
        injected_mm3=tuple(mm3_from_ml(ml) for ml in document["injected_ml"]),
        mass_error=document["mass_error"],
        findings=findings_from(document["findings"]),
    )


def leaks_document(report: LeakReport) -> dict[str, Any]:
    """`leaks.json`: the same for simulated and for real cement."""
    return {
        "leaks": [
            {
                "site": leak.site.value,
                "level": leak.level.value if leak.level else None,
                "side": leak.side.value if leak.side else None,
                "volume_ml": ml_from_mm3(leak.volume_mm3),
                "extent_mm": leak.extent_mm,
                "neural_contact": leak.neural_contact.value,
                "confidence": leak.confidence,
            }
            for leak in report.leaks
        ],
        "cement_ml": {
            "total": ml_from_mm3(report.total_mm3),
            "inside_bone": ml_from_mm3(report.inside_bone_mm3),
            "left": ml_from_mm3(report.left_mm3),
            "right": ml_from_mm3(report.right_mm3),
            "by_zone": {str(zone): ml_from_mm3(v) for zone, v in report.by_zone_mm3.items()},
        },
    }


def leaks_from(document: dict[str, Any]) -> LeakReport:
    """The report that `leaks_document` wrote."""
    cement = document["cement_ml"]
    return LeakReport(
        leaks=tuple(
            Leak(
                site=LeakSite(row["site"]),
                side=Side(row["side"]) if row["side"] else None,
                level=Level(row["level"]) if row["level"] else None,
                volume_mm3=mm3_from_ml(row["volume_ml"]),
                extent_mm=row["extent_mm"],
                neural_contact=NeuralContact(row["neural_contact"]),
                confidence=row["confidence"],
            )
            for row in document["leaks"]
        ),
        total_mm3=mm3_from_ml(cement["total"]),
        inside_bone_mm3=mm3_from_ml(cement["inside_bone"]),
        left_mm3=mm3_from_ml(cement["left"]),
        right_mm3=mm3_from_ml(cement["right"]),
        by_zone_mm3={int(zone): mm3_from_ml(v) for zone, v in cement["by_zone"].items()},
    )
