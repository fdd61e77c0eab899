"""The measurements of this software on patients, and their pages."""

from pathlib import Path

from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.bench import (
    BEAMS,
    anatomy_page,
    bench_pose,
    ellipsoid_scan,
    fluoroscopy_page,
    foam_leaks,
    injection_page,
    measure_fluoroscopy,
    measure_leaks,
    measure_placed_needles,
    measure_real,
    measure_real_plans,
    measure_real_radiographs,
    measure_scan_plan,
    measure_true_plan,
    measure_virtual,
    measured_rows,
    peer_pictures,
    planning_page,
    portion_error_mm,
    published_heat_rows,
    side_by_side,
)
from sacroplasty.errors import BadUsage

# The finder of placed needles was made on control scans of seeds before this.
_CONTROL_SEEDS_AFTER = 200
# Of the block that portions of cement are told apart in: any warmer than the room would do.
_WARM_BLOCK_C = 37.0


def bench_anatomy(
    seeds: range, data: Path | None, page: Path, *, workers: int, watcher: Watcher
) -> str:
    """Measure the anatomy and write the page; rows are kept beside it, so that a run can go on."""
    _require_folder(data)
    kept = page.with_suffix(".rows.jsonl")
    rows = measured_rows(
        measure_virtual, seeds, kept, workers=workers, progress=watcher.begins("virtual")
    )
    real = measure_real(data, watcher.begins("real scans")) if data else []
    text = anatomy_page(rows, real)
    write_for_a_person(page, text.encode("utf-8"))
    return text


def bench_planning(
    seeds: range,
    scans: int,
    control_scans: int,
    data: Path | None,
    page: Path,
    *,
    workers: int,
    watcher: Watcher,
) -> str:
    """Measure the planner and the needle finder and write the page; a stopped run goes on.

    scans: how many of the patients are scanned too, and planned on what the engine finds;
    control_scans: of placed needles.
    """
    _require_folder(data)
    kept = page.with_suffix(".rows.jsonl")
    true = measured_rows(
        measure_true_plan, seeds, kept, workers=workers, progress=watcher.begins("true anatomy")
    )
    found = measured_rows(
        measure_scan_plan,
        seeds[:scans],
        kept,
        workers=workers,
        progress=watcher.begins("scanned anatomy"),
    )
    placed = measure_placed_needles(
        control_scans,
        seeds.start + _CONTROL_SEEDS_AFTER,
        kept,
        workers=workers,
        progress=watcher.begins("placed needles"),
    )
    real = measure_real_plans(data, watcher.begins("real scans")) if data else []
    text = planning_page(true, found, real, placed)
    write_for_a_person(page, text.encode("utf-8"))
    return text


def bench_injection(seeds: range, page: Path, *, workers: int, watcher: Watcher) -> str:
    """Put the injection beside what is published of it and write the page; a stopped run goes on."""
    patients = measured_rows(
        measure_leaks,
        seeds,
        page.with_suffix(".rows.jsonl"),
        workers=workers,
        progress=watcher.begins("patients"),
    )
    told = watcher.begins("bench tests and temperatures")
    foam, portion_mm = foam_leaks(), portion_error_mm(_WARM_BLOCK_C)
    told(0.3)
    text = injection_page(patients, foam, portion_mm, published_heat_rows())
    told(1.0)
    write_for_a_person(page, text.encode("utf-8"))
    return text


def bench_fluoroscopy(
    data: Path | None, peers: Path | None, page: Path, *, watcher: Watcher
) -> str:
    """Time our radiographs and the peers' and write the page; `peers` holds the peers' scripts.

    Where the real scan and plastimatch are there, its radiographs by both go to PAGE-real.png.
    """
    _require_folder(data)
    if peers is not None and not peers.is_dir():
        raise BadUsage(f"--peers {peers} is not a folder. Name the one that holds rtk.py.")
    progress = watcher.begins("ours")
    ct = ellipsoid_scan()
    ours = measure_fluoroscopy(ct)
    progress(1.0)
    progress = watcher.begins("peers")
    theirs = peer_pictures(ct, bench_pose(BEAMS["AP"], ct.frame), peers)
    progress(1.0)
    real = measure_real_radiographs(data, watcher.begins("real scan")) if data else []
    if real:
        write_for_a_person(page.with_name(f"{page.stem}-real.png"), side_by_side(real))
    text = fluoroscopy_page(ours, theirs, real)
    write_for_a_person(page, text.encode("utf-8"))
    return text


def _require_folder(data: Path | None) -> None:
    if data is not None and not data.is_dir():
        raise BadUsage(
            f"--data {data} is not a folder. Name the folder that holds ct/ and labels/."
        )
