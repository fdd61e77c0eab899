"""Where the DICOM objects are: a folder at any depth, a zip (never unpacked to disk), one file."""

import io
import os
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sacroplasty.errors import UnreadableInput

_MOST_FILES = 200_000
_MOST_ZIP_BYTES = 16 * 2**30
_MOST_MEMBER_BYTES = 4 * 2**30
_MOST_RATIO = 300  # a blank slice shrinks 200-fold; a bomb a thousandfold
_RATIO_MATTERS_BYTES = 2**20
_PREAMBLE = 128
_SLICE_SUFFIXES = (
    ".dcm",
    ".ima",
)  # a name that promises a slice: one lost at the end leaves no gap
_OLD_STYLE_GROUPS = (b"\x02\x00", b"\x08\x00")
_OLD_STYLE_ELEMENTS = (b"\x00\x00", b"\x05\x00", b"\x08\x00", b"\x16\x00")


@dataclass(frozen=True, slots=True)
class DicomSource:
    """One candidate object: a name to show and a way to open its bytes from the start.

    `declared`: whether it carries DICOM's own mark; old files without it are only probable.
    """

    name: str
    open: Callable[[], BinaryIO]
    declared: bool = True


def list_sources(path: Path, held: ExitStack) -> list[DicomSource]:
    """Everything under `path` that looks like DICOM by its first bytes, whatever its name.

    Links to folders are not followed, so a loop ends; `held` closes a zip when reading is done.
    Raises `UnreadableInput` for a path that does not exist, a hostile zip or one that is damaged.
    """
    if path.is_dir():
        sources = _in_folder(path)
    elif not path.is_file():
        raise UnreadableInput(f"There is no file or folder {path.name!r} where it was looked for.")
    elif zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
        sources = _in_zip(path, held)
    else:
        sources = [DicomSource(path.name, lambda: path.open("rb"))]
    return [found for source in sources if (found := _recognised(source)) is not None]


def _in_folder(folder: Path) -> list[DicomSource]:
    sources = []
    for root, subfolders, names in os.walk(folder, followlinks=False, onerror=_refuse_folder):
        subfolders.sort()
        for name in sorted(names):
            file = Path(root) / name
            if file.is_file():
                shown = str(file.relative_to(folder))
                sources.append(DicomSource(shown, lambda file=file: file.open("rb")))  # type: ignore[misc]
        if len(sources) > _MOST_FILES:
            raise UnreadableInput(
                f"The folder holds more than {_MOST_FILES:,} files; give the series' own folder."
            )
    return sources


def _refuse_folder(problem: OSError) -> None:
    raise UnreadableInput(f"A folder cannot be listed ({problem.strerror}): {problem.filename!r}.")


def _in_zip(path: Path, held: ExitStack) -> list[DicomSource]:
    try:
        archive = held.enter_context(zipfile.ZipFile(path))
        members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise UnreadableInput(
            f"{path.name!r} is not a readable zip ({problem}); make or copy it again."
        ) from None
    _refuse_bomb(path.name, members)
    return [
        DicomSource(m.filename, lambda m=m: _member(archive, m))  # type: ignore[misc]
        for m in sorted(members, key=lambda m: m.filename)
    ]


def _refuse_bomb(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Members are read into memory one at a time; none may be far larger than the zip admits."""
    total = sum(m.file_size for m in members)
    swollen = any(
        m.file_size > _RATIO_MATTERS_BYTES and m.file_size > _MOST_RATIO * max(m.compress_size, 1)
        for m in members
    )
    largest = max((m.file_size for m in members), default=0)
    if (
        len(members) > _MOST_FILES
        or total > _MOST_ZIP_BYTES
        or largest > _MOST_MEMBER_BYTES
        or swollen
    ):
        raise UnreadableInput(
            f"{name!r} would unpack to {total / 2**30:.1f} GiB in {len(members):,} files, far more "
            "than a CT; unpack it yourself if you trust it, and give the folder."
        )


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    try:
        return io.BytesIO(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as problem:
        cause = "it is encrypted" if isinstance(problem, RuntimeError) else str(problem)
        raise UnreadableInput(
            f"{member.filename!r} in the zip cannot be unpacked ({cause}); unpack it yourself and "
            "give the folder."
        ) from None


def _recognised(source: DicomSource) -> DicomSource | None:
    """The source if its first bytes may be DICOM, marked or in the old style without a preamble."""
    try:
        with source.open() as file:
            head = file.read(_PREAMBLE + 4)
    except OSError as problem:
        raise UnreadableInput(
            f"{source.name!r} cannot be opened ({problem.strerror}); check its permissions."
        ) from None
    if len(head) < _PREAMBLE + 4 and source.name.lower().endswith(_SLICE_SUFFIXES):
        raise UnreadableInput(
            f"{source.name!r} is damaged DICOM (it ends after {len(head)} bytes); copy it again or "
            "take it out."
        )
    if head[_PREAMBLE:] == b"DICM":
        return source
    if head[:2] in _OLD_STYLE_GROUPS and head[2:4] in _OLD_STYLE_ELEMENTS:
        return replace(source, declared=False)
    return None
