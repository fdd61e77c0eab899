"""Plan, rehearse and check a sacroplasty on the patient's own CT.

Research and teaching software, not a medical device. The rooms are listed in the order in which
the patient walks through them: `imaging`, `anatomy`, `planning`, `injection`, `fluoroscopy`;
`pathway` knows the order. Import a room to use it; this package imports nothing by itself, so
that `sacroplasty --help` answers at once.
"""

import os
from pathlib import Path

NOT_A_DEVICE = (
    "Research and teaching software, not a medical device. Do not use it to treat a patient."
)


def _make_room_for_kernels() -> None:
    """A place for compiled kernels where package and home cannot be written.

    numba refuses to import a kernel that it can cache nowhere, so a read-only installation without
    a home (a container, a service account) would not start. The folder is this process's own and
    goes with it: compiled code is never taken from a place where another user could put it.
    """
    environment = os.environ.get
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib's raises where nobody has a home
    cache = environment("XDG_CACHE_HOME") or f"{home}/.cache"
    places = (environment("NUMBA_CACHE_DIR"), Path(__file__).parent, cache)
    if any(place and _could_be_written(Path(place)) for place in places):
        return
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="sacroplasty-kernels-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = folder


def _could_be_written(place: Path) -> bool:
    there = next((p for p in (place, *place.parents) if p.exists()), Path())
    return os.access(there, os.W_OK | os.X_OK)


_make_room_for_kernels()
