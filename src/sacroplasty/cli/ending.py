"""How a command ends that does not succeed: one line on stderr, with --json one document on stdout."""

import json
import os
import sys
from contextlib import suppress
from typing import Any, NoReturn


def refuse(message: str, kind: str, code: int, document: dict[str, Any] | None = None) -> NoReturn:
    """End with `code`; with --json, stdout holds `document` (if any) and the error in one."""
    line = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in _one_line(message)
    )
    print(f"sacroplasty: {line}", file=sys.stderr)
    if "--json" in sys.argv:
        error = {"kind": kind, "message": line, "exit_code": code}
        print(json.dumps({**(document or {}), "error": error}, indent=2 if document else None))
    with suppress(OSError):
        flush()
    sys.exit(code)


def flush() -> None:
    """A full disk or a closed pipe is met here and not while the interpreter shuts down."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _one_line(message: str) -> str:
    return " ".join(message.split())
