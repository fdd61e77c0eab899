"""All benchmarks in one run: prints a table and writes it to `benchmarks/results.md`.

Ratios within one run may be compared; seconds of two runs or two machines may not.
"""

import platform
from pathlib import Path

import flow
import odds
import plans
import pressure
import reading
import session
from clock import Row
from numba import get_num_threads

RESULTS = Path(__file__).parent / "results.md"


def table(rows: list[Row]) -> str:
    """Rows as Markdown."""
    lines = ["| what | s (median) | × ours | note |", "|---|---:|---:|---|"]
    for row in rows:
        seconds = "–" if row.seconds is None else f"{row.seconds:.4g}"
        lines.append(f"| {row.name} | {seconds} | {row.ratio} | {row.note} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    rooms = (flow, pressure, session, odds, plans, reading)
    rows = [row for room in rooms for row in room.measure()]
    head = (
        "# Measured side by side\n\nMade by `make bench`; the ratio is the engine's time over ours, "
        "in the same run.\n\n"
        f"Python {platform.python_version()}, {get_num_threads()} threads.\n\n"
    )
    text = head + table(rows) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
