"""`injection/`: arrival times, cement, pressure and volume in time, leaks."""

import io
from pathlib import Path

import numpy as np
import polars as pl

from sacroplasty.adapters.case_folder.documents import (
    findings_document,
    findings_from,
    grid_document,
    grid_from,
)
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.case_folder.leak_documents import (
    leaks_document,
    leaks_from,
    stop_event_from,
)
from sacroplasty.adapters.volume_files import read_volume, write_nifti
from sacroplasty.cement import CementField
from sacroplasty.geometry import Frame, Volume
from sacroplasty.injection import InjectionRun, Timeline
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
    write_json(folder / "leaks.json", leaks_document(run.leaks, run.stop_events))
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
    leaks = read_json(folder / "leaks.json")
    timeline = pl.read_parquet(folder / "timeline.parquet")
    return InjectionRun(
        arrival_time_s=Volume(np.where(reached < 0, np.float32(np.inf), reached), grid),
        porosity=volume("porosity.nii.gz"),
        age_s=volume("age.nii.gz"),
        cement=CementField(volume("cement.nii.gz")),
        timeline=Timeline(*(timeline[name].to_numpy() for name in _COLUMNS)),
        leaks=leaks_from(leaks),
        injected_mm3=tuple(mm3_from_ml(ml) for ml in document["injected_ml"]),
        mass_error=document["mass_error"],
        findings=findings_from(document["findings"]),
        stop_events=tuple(stop_event_from(row) for row in leaks["stop_events"]),
    )
