"""Writes the pages that are made from the code: the reference numbers, the schemas, the commands."""

import csv
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any


def _numbers() -> str:
    folder = files("sacroplasty.reference")
    lines = [
        "# Reference numbers",
        "",
        "Every number from the literature that the code uses, with unit, range, source and status.",
        "`unverified` means that nobody here has checked it against its source.",
        "",
    ]
    for table in sorted(t.name for t in folder.iterdir() if t.name.endswith("_constants.csv")):
        lines += [f"## {table.removesuffix('_constants.csv').capitalize()}", ""]
        lines += ["| name | value | unit | range | source | status | note |"]
        lines += ["|---|---|---|---|---|---|---|"]
        with folder.joinpath(table).open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                note = (row["note"] or "").replace("|", "\\|").replace("<", "&lt;")
                lines.append(
                    f"| `{row['name']}` | {row['value']} | {row['unit']} | {row['low']}–{row['high']} "
                    f"| {row['source']} | {row['status']} | {note} |"
                )
        lines.append("")
    lines += ["## Sources", "", "| key | text | identifier |", "|---|---|---|"]
    with folder.joinpath("citations.csv").open(encoding="utf-8") as rows:
        lines += [f"| {r['key']} | {r['text']} | {r['identifier']} |" for r in csv.DictReader(rows)]
    return "\n".join(lines) + "\n"


def _commands() -> str:
    from sacroplasty.cli.app import app

    names = [command.callback.__name__ for command in app.registered_commands if command.callback]
    lines = ["# Command line", "", "Each command as it describes itself.", ""]
    program = Path(sys.executable).parent / "sacroplasty"
    for command in ((), *((name,) for name in names)):
        said = subprocess.run(
            [program, *command, "--help"],
            check=True,
            capture_output=True,
            text=True,
            env={"COLUMNS": "96", "NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
        ).stdout
        lines += [
            f"## sacroplasty {' '.join(command)}".rstrip(),
            "",
            "```text",
            said.strip(),
            "```",
            "",
        ]
    return "\n".join(lines)


def _schemas() -> str:
    from sacroplasty.adapters.schemas import SCHEMAS, schema_text

    lines = [
        "# JSON documents",
        "",
        "What other programs may rely on; `sacroplasty schema NAME`.",
        "",
    ]
    for name in SCHEMAS:
        lines += [f"## {name}", "", "```json", schema_text(name).strip(), "```", ""]
    return "\n".join(lines)


def _write(app: Any) -> None:
    generated = Path(app.srcdir) / "generated"
    generated.mkdir(exist_ok=True)
    for name, make in (("numbers", _numbers), ("commands", _commands), ("schemas", _schemas)):
        page = generated / f"{name}.md"
        text = make()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
