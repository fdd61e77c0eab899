"""Provenance: what a result was made of, so that it can be made again to the byte.

A digest covers content, never a path, a clock or a machine. Literature numbers report themselves
here when they are looked up (see `reference`), so that a report can list the unverified ones.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

_numbers_used: ContextVar[set[str] | None] = ContextVar("numbers_used", default=None)


def software_version() -> str:
    """The installed version of this package."""
    return version("sacroplasty")


@lru_cache(maxsize=1)
def software_digest() -> str:
    """SHA-256 (hex) over the package's own code and tables: a result of other code is another result."""
    sha = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(p for p in root.rglob("*") if p.suffix in {".py", ".csv"}):
        sha.update(path.relative_to(root).as_posix().encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()


@contextmanager
def recording_numbers() -> Iterator[set[str]]:
    """Collect the names of all literature numbers that are looked up inside the block."""
    used: set[str] = set()
    outer = _numbers_used.get()
    token = _numbers_used.set(used)
    try:
        yield used
    finally:
        _numbers_used.reset(token)
        if outer is not None:
            outer |= used


def note_number(name: str) -> None:
    """Called by `reference` at every look-up."""
    used = _numbers_used.get()
    if used is not None:
        used.add(name)


def digest(*things: Any) -> str:
    """SHA-256 (hex) of values by content: arrays with dtype and shape, dataclasses by field."""
    sha = hashlib.sha256()
    for thing in things:
        _feed(sha, thing)
    return sha.hexdigest()


def _feed(sha: "hashlib._Hash", thing: Any) -> None:
    if isinstance(thing, np.ndarray):
        sha.update(f"array {thing.dtype.str} {thing.shape} ".encode())
        sha.update(np.ascontiguousarray(thing).data)
    elif isinstance(thing, Enum):
        sha.update(f"enum {thing.value!r} ".encode())
    elif is_dataclass(thing) and not isinstance(thing, type):
        sha.update(f"{type(thing).__name__}( ".encode())
        for field in fields(thing):
            sha.update(f"{field.name}= ".encode())
            _feed(sha, getattr(thing, field.name))
        sha.update(b") ")
    elif isinstance(thing, (list, tuple)):
        sha.update(b"[ ")
        for item in thing:
            _feed(sha, item)
        sha.update(b"] ")
    elif isinstance(thing, frozenset):
        _feed(sha, sorted(digest(item) for item in thing))
    elif isinstance(thing, dict):
        sha.update(b"{ ")
        for key in sorted(thing, key=str):
            sha.update(f"{key}: ".encode())
            _feed(sha, thing[key])
        sha.update(b"} ")
    elif isinstance(thing, bytes):
        sha.update(b"bytes ")
        sha.update(thing)
    elif isinstance(thing, np.generic):
        _feed(sha, thing.item())
    else:
        sha.update(json.dumps(thing).encode())
        sha.update(b" ")
