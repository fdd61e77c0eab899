"""The installed command, in a process of its own."""

import subprocess
import sys
from pathlib import Path


def sacroplasty(*arguments: str | Path, timeout_s: float = 600) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process of its own, as a user would."""
    program = Path(sys.executable).parent / "sacroplasty"
    return subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
