"""The measurements of this software on patients, and their pages."""

from pathlib import Path

from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.bench import anatomy_page, measure_real, measure_virtual, measured_rows
from sacroplasty.errors import BadUsage


def bench_anatomy(
    seeds: range, data: Path | None, page: Path, *, workers: int, watcher: Watcher
) -> str:
    """Measure the anatomy and write the page; rows are kept beside it, so that a run can go on."""
    if data is not None and not data.is_dir():
        raise BadUsage(
            f"--data {data} is not a folder. Name the folder that holds ct/ and labels/."
        )
    kept = page.with_suffix(".rows.jsonl")
    rows = measured_rows(
        measure_virtual, seeds, kept, workers=workers, progress=watcher.begins("virtual")
    )
    real = measure_real(data, watcher.begins("real scans")) if data else []
    text = anatomy_page(rows, real)
    write_for_a_person(page, text.encode("utf-8"))
    return text
