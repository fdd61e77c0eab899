"""Keep each stage of a rehearsal on disk, and resume from what is there.

A stage is written into a scratch folder, its files are renamed into place, and only then does
`case.json` name it as done with the digest of each file. A run that is killed at any moment
therefore leaves stages that are done and at worst files that nothing vouches for, which the next
run replaces. A file that changed after its stage was recorded is somebody's work: it is not
overwritten but named.
"""

import fcntl
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from sacroplasty.adapters.case_folder.files import move_tree, sha256_of
from sacroplasty.adapters.case_folder.odds_rows import KeptRows
from sacroplasty.adapters.case_folder.opening import (
    PARTIAL,
    SCHEMA_VERSION,
    SCRATCH,
    require_case_or_empty,
)
from sacroplasty.adapters.case_folder.register import StageRegister
from sacroplasty.adapters.case_folder.stages import BEFORE_REPORT, CODECS, STAGES_WITH_ROWS
from sacroplasty.adapters.volume_files import write_nifti
from sacroplasty.errors import CaseConflict
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway import Report
from sacroplasty.provenance import note_number, recording_numbers, software_digest, software_version

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How one stage went in this run: seconds, peak memory of the process so far, resumed or not."""

    name: str
    seconds: float
    peak_mb: float
    resumed: bool


class Watcher(Protocol):
    """Told of stages as they begin and go on, so that a door can draw a progress bar."""

    def begins(self, stage: str) -> Report: ...

    def ends(self, record: StageRecord) -> None: ...


class CaseFolder:
    """One case on disk. Use as ``with CaseFolder.opened(path) as case``."""

    def __init__(self, root: Path, watcher: Watcher | None = None) -> None:
        self.root = root
        self.records: list[StageRecord] = []
        self._register = StageRegister(root)
        self._watcher = watcher
        self._ct: CTVolume | None = None
        self._begun_here = False

    @classmethod
    @contextmanager
    def opened(cls, root: Path, watcher: Watcher | None = None) -> Iterator["CaseFolder"]:
        """Make or open the folder and hold it for this process alone.

        Raises `CaseConflict` if it cannot be written, is not a case, or is in use.
        """
        require_case_or_empty(root)
        made = not root.exists()
        try:
            root.mkdir(parents=True, exist_ok=True)
            handle = os.open(root, os.O_RDONLY)
        except OSError as error:
            raise CaseConflict(
                f"Cannot make the case folder {root}: {error.strerror}. Choose another folder."
            ) from None
        try:
            if not os.access(root, os.W_OK | os.X_OK):
                raise CaseConflict(
                    f"The case folder {root} cannot be written. Choose another folder."
                )
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CaseConflict(
                    f"Another run is writing {root}. Wait for it, or choose another folder."
                ) from None
            with cls(root, watcher)._tidied(made=made) as case:
                yield case
        finally:
            os.close(handle)

    @contextmanager
    def _tidied(self, *, made: bool) -> Iterator["CaseFolder"]:
        """What failed leaves nothing half-written, and a case that this run began leaves nothing."""
        try:
            yield self
        except Exception as problem:
            with suppress(OSError):
                self._clear_away(made=made)
            if isinstance(problem, OSError):
                raise CaseConflict(
                    f"The case folder {self.root} cannot be written: "
                    f"{problem.strerror or problem}. Stages "
                    "that are done are kept: make room, or choose another folder, and run again."
                ) from None
            raise

    def _clear_away(self, *, made: bool) -> None:
        shutil.rmtree(self.root / SCRATCH, ignore_errors=True)
        (self.root / PARTIAL).unlink(missing_ok=True)
        if self._begun_here and not self._register.stages():
            for name in ("case.json", "ct.nii.gz"):
                (self.root / name).unlink(missing_ok=True)
        if made and not any(self.root.iterdir()):
            self.root.rmdir()

    def begin(self, ct: CTVolume, pseudonym: str) -> None:
        """Write `ct.nii.gz` and `case.json`, or check that the case here is of this very scan."""
        case, acquisition = self._register.case(), asdict(ct.acquisition)
        if case:
            self._refuse_another_scan(case["acquisition"], acquisition)
        sha = case.get("ct_sha256", "")
        self._register.refuse_changed("ct", {"ct.nii.gz": sha})
        self._begun_here = not case
        scratch = self._fresh_scratch()
        if not self._register.are_there({"ct.nii.gz": sha}):
            write_nifti(ct.volume, scratch / "ct.nii.gz")
            sha = sha256_of(scratch / "ct.nii.gz")
        # First the claim, then the file: a CT in a folder without case.json is somebody else's.
        self._register.write(
            {
                "schema_version": SCHEMA_VERSION,
                "not_a_medical_device": True,
                "pseudonym": pseudonym,
                "frame_of_reference_uid": ct.frame.uid,
                "acquisition": acquisition,
                "ct_sha256": sha,
                "software": {"sacroplasty": software_version(), "code_sha256": software_digest()},
                "stages": case.get("stages", {}),
            },
        )
        move_tree(scratch, self.root)
        shutil.rmtree(scratch)
        self._ct = ct

    def _refuse_another_scan(self, here: dict[str, Any], given: dict[str, Any]) -> None:
        for key in ("source_digest", "repairs"):
            value = given[key]
            if here[key] != (list(value) if isinstance(value, tuple) else value):
                raise CaseConflict(
                    f"{self.root} holds the case of another scan or of another reading of it "
                    f"({key} differs). Choose another folder, or move that folder away."
                )

    def stage(self, name: str, key: str, work: Callable[[Report], T]) -> T:
        """See `CaseNotes`; raises `CaseConflict` where a recorded file was changed by hand."""
        report = self._watcher.begins(name) if self._watcher else _ignore
        started = time.perf_counter()
        recorded = self._register.stages().get(name)
        if recorded:
            self._register.refuse_changed(name, recorded["files"])
        if recorded and recorded["key"] == key and self._register.are_there(recorded["files"]):
            resumed = True
            for number in recorded["numbers_used"]:
                note_number(number)
        else:
            resumed = False
            self._do(name, key, work, report)
        result = self._read_back(name) if resumed else CODECS[name].read(self.root, self._ct)
        record = StageRecord(name, time.perf_counter() - started, _peak_mb(), resumed)
        self.records.append(record)
        if self._watcher:
            self._watcher.ends(record)
        return cast(T, result)

    def _read_back(self, name: str) -> Any:
        """What an earlier run wrote; it may have been another version of this software, or a hand."""
        try:
            return CODECS[name].read(self.root, self._ct)
        except (LookupError, TypeError, AttributeError, ValueError) as problem:
            raise CaseConflict(
                f"The stage {name!r} in {self.root} is not as this version writes it "
                f"({type(problem).__name__}: {problem}); run into a new folder."
            ) from None

    @property
    def rows(self) -> KeptRows:
        """Where a long study keeps its rows, until its stage is done."""
        return KeptRows(self.root)

    def stage_keys(self) -> dict[str, str]:
        """The digest that each finished stage rests on, the report's own and later ones left out."""
        stages = self._register.stages().items()
        return {n: entry["key"] for n, entry in stages if n in BEFORE_REPORT}

    def _do(self, name: str, key: str, work: Callable[[Report], Any], report: Report) -> None:
        outdated = self._register.outdated_by(name, key)
        for stage, entry in outdated.items():
            self._register.refuse_changed(stage, entry["files"])
        with recording_numbers() as numbers:  # writing measures too: landmarks, corridors
            result = work(report)
            scratch = self._fresh_scratch()
            CODECS[name].write(result, scratch, self._ct)
        self._register.forget(outdated)
        names = move_tree(scratch, self.root)
        shutil.rmtree(scratch)
        files = {file: sha256_of(self.root / file) for file in names}
        self._register.enter(name, {"key": key, "files": files, "numbers_used": sorted(numbers)})
        if name in STAGES_WITH_ROWS:
            self.rows.discard()

    def _fresh_scratch(self) -> Path:
        scratch = self.root / SCRATCH
        if scratch.exists():
            shutil.rmtree(scratch)
        scratch.mkdir()
        return scratch


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _ignore(_fraction: float) -> None:
    """Nobody watches."""
