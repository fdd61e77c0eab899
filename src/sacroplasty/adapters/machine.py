"""What this machine has: libraries, cores, memory, optional engines."""

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from sacroplasty.provenance import software_version

# name of the program, what it is used for, how to get it
_ENGINES = (
    (
        "TotalSegmentator",
        "bone masks by a trained network (--engine totalsegmentator)",
        "pip install TotalSegmentator, and copy its weights to a local folder",
    ),
    ("plastimatch", "an independent radiograph to compare with", "apt-get install plastimatch"),
    ("dciodvfy", "checks DICOM files against the standard", "apt-get install dicom3tools"),
)


def examine_machine() -> dict[str, Any]:
    """{sacroplasty, python, cores, memory_gb, libraries {name: version | None}, engines [...]}."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "sacroplasty": software_version(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_gb": pages * page_bytes / 1e9,
        "libraries": {name: _installed(name) for name in _required_libraries()},
        "engines": [
            {"name": name, "used_for": use, "found": shutil.which(name), "how_to_get": how}
            for name, use, how in _ENGINES
        ],
    }


def _required_libraries() -> list[str]:
    needed = [line for line in requires("sacroplasty") or [] if "extra ==" not in line]
    names = [line.split(">")[0].split(";")[0].strip() for line in needed]
    return sorted(names, key=str.lower)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
