"""TotalSegmentator as an engine: a foreign program, run beside us, that never downloads anything.

It is run as a subprocess on a copy of the CT, with the folder of its weights given; its output is
read through the same import as a folder of masks. What keeps it from the network: the weights are
looked for before it starts, its own settings folder (``TOTALSEG_HOME_DIR``) is a scratch one that
switches its usage statistics off, and every proxy variable points at a closed port, so that a
version that wants other weights fails instead of fetching them.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.label_import import labelled_segmenter
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.anatomy import BoneMasks, Segmenter
from sacroplasty.errors import EngineMissing
from sacroplasty.imaging import CTVolume
from sacroplasty.provenance import digest

WEIGHTS_VARIABLE = "TOTALSEG_WEIGHTS_PATH"
PROGRAM = "TotalSegmentator"
_MASKS = ("sacrum", "vertebrae_S1", "vertebrae_L5", "hip_left", "hip_right")
# Version 2 loads its five 1.5 mm networks whatever is asked of it, and a rough one to find the region;
# with --fast it is one 3 mm network.
_FULL_WEIGHTS = tuple(f"Dataset{number}_" for number in (291, 292, 293, 294, 295, 298))
_FAST_WEIGHTS = ("Dataset297_",)
_CLOSED_PORT = "http://127.0.0.1:9"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")
_VERSION_SECONDS = 180  # it imports its whole framework to say its version
_GRACE_SECONDS = 10.0
_LAST_LINES = 20

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _TotalSegmentator:
    """A segmenter that asks the program; `tell` gets each line that it prints."""

    program: str
    weights: Path
    fast: bool
    version: str
    tell: Tell

    @property
    def name(self) -> str:
        """Program, version, model and a digest of the weights' inventory."""
        model = "3 mm" if self.fast else "1.5 mm"
        return f"{PROGRAM} {self.version}, {model}, weights {_inventory(self.weights)[:16]}"

    def segment(self, ct: CTVolume) -> BoneMasks:
        with tempfile.TemporaryDirectory(prefix="sacroplasty-") as scratch:
            folder = Path(scratch)
            write_nifti(ct.volume, folder / "ct.nii.gz")
            (folder / "masks").mkdir()
            self._run(folder)
            if not (folder / "masks" / "sacrum.nii.gz").is_file():
                raise EngineMissing(
                    f"{PROGRAM} ended without a mask of the sacrum; run it yourself and give its "
                    "folder with --labels, or leave --engine out."
                )
            masks = labelled_segmenter(folder / "masks").segment(ct)
        return BoneMasks(masks.labels, self.name, masks.findings)

    def _run(self, folder: Path) -> None:
        command = [self.program, "-i", str(folder / "ct.nii.gz"), "-o", str(folder / "masks")]
        command += ["--fast"] if self.fast else ["--roi_subset", *_MASKS]
        last: deque[str] = deque(maxlen=_LAST_LINES)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(self.weights, folder),
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip():
                    last.append(line.strip())
                    self.tell(line.strip())
            code = process.wait()
        finally:
            _end(process)
        if code:
            said = last[-1][:160] if last else "nothing"
            raise EngineMissing(
                f"{PROGRAM} stopped with exit code {code} and said {said!r}; run it yourself and give "
                "its folder with --labels, or leave --engine out."
            )


def totalsegmentator(
    weights: Path | None = None,
    *,
    fast: bool = False,
    program: str = PROGRAM,
    tell: Tell | None = None,
) -> Segmenter:
    """TotalSegmentator as a segmenter; `weights` is the folder of its ``Dataset29…`` folders.

    Without `weights` the variable TOTALSEG_WEIGHTS_PATH says where they are. `tell` is called with
    each line that the program prints. Raises `EngineMissing` where the program, its version 2 or
    its weights are absent: nothing is ever downloaded.
    """
    found = shutil.which(program)
    if found is None:
        raise EngineMissing(
            f"There is no program {PROGRAM} on the PATH; install it (pip install TotalSegmentator, "
            "in an environment of its own), or leave --engine out."
        )
    given = weights or (
        Path(os.environ[WEIGHTS_VARIABLE]) if WEIGHTS_VARIABLE in os.environ else None
    )
    if given is None:
        raise EngineMissing(
            f"{PROGRAM} needs its weights from a local folder and none was named; give --weights or "
            f"set {WEIGHTS_VARIABLE}. Nothing is downloaded."
        )
    _require_weights(given, fast)
    return _TotalSegmentator(found, given.resolve(), fast, _version(found, given), tell or _silent)


def _silent(_line: str) -> None:
    return None


def _require_weights(folder: Path, fast: bool) -> None:
    try:
        there = [path.name for path in folder.iterdir() if path.is_dir()]
    except OSError as problem:
        raise EngineMissing(
            f"The weights folder {folder.name!r} cannot be read ({problem.strerror}); give the "
            "folder that holds the Dataset29… folders."
        ) from None
    needed = _FAST_WEIGHTS if fast else _FULL_WEIGHTS
    absent = [start for start in needed if not any(name.startswith(start) for name in there)]
    if absent:
        raise EngineMissing(
            f"The weights folder {folder.name!r} lacks {', '.join(f'{a}…' for a in absent)} of "
            f"{PROGRAM} 2; copy them there. Nothing is downloaded."
        )


def _inventory(weights: Path) -> str:
    """Names and sizes of the weights' files: gigabytes are not read to name them."""
    files = (path for path in sorted(weights.glob("Dataset29*/**/*")) if path.is_file())
    return digest([(path.relative_to(weights).as_posix(), path.stat().st_size) for path in files])


def _version(program: str, weights: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="sacroplasty-") as scratch:
        try:
            said = subprocess.run(
                [program, "--version"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_VERSION_SECONDS,
                check=False,
                env=_environment(weights, Path(scratch)),
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise EngineMissing(
                f"{PROGRAM} does not start ({type(problem).__name__}); repair its installation."
            ) from None
    words = said.stdout.split()
    version = words[-1] if words and said.returncode == 0 else ""
    if not version.startswith("2."):
        raise EngineMissing(
            f"{PROGRAM} 2 is needed and the program on the PATH is {version[:20] or 'broken'}; "
            "install version 2."
        )
    return version[:20]


def _environment(weights: Path, scratch: Path) -> dict[str, str]:
    """The caller's variables, with the weights' place and no way to the network."""
    home = scratch / "settings"
    home.mkdir(exist_ok=True)
    settings = {"totalseg_id": "sacroplasty", "send_usage_stats": False, "prediction_counter": 0}
    (home / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = {
        key: value
        for key, value in os.environ.items()
        if key.upper() not in (*_PROXIES, "NO_PROXY")
    }
    closed = {name: _CLOSED_PORT for upper in _PROXIES for name in (upper, upper.lower())}
    own = {WEIGHTS_VARIABLE: str(weights.resolve()), "TOTALSEG_HOME_DIR": str(home)}
    return environment | closed | own


def _end(process: "subprocess.Popen[str]") -> None:
    """Nothing of the program outlives the command: it is a group of its own."""
    if process.poll() is None:
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(_GRACE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
    if process.stdout is not None:
        process.stdout.close()
