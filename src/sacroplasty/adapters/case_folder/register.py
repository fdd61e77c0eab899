"""What `case.json` records of each stage: the digest it rests on, its files and theirs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.files import read_json, sha256_of, write_json
from sacroplasty.adapters.case_folder.stages import CODECS, LEAVES
from sacroplasty.errors import CaseConflict

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StageRegister:
    """The register of a case folder; nothing of it is held in memory between two questions.

    An entry: {key, files: digest by name, numbers_used}.
    """

    root: Path

    def case(self) -> dict[str, Any]:
        """`case.json`; empty where there is none yet."""
        path = self.root / "case.json"
        return read_json(path) if path.is_file() else {}

    def write(self, case: dict[str, Any]) -> None:
        """Replace `case.json`, whole."""
        write_json(self.root / "case.json", case)

    def stages(self) -> dict[str, Entry]:
        """The entry of every stage that is done."""
        stages: dict[str, Entry] = self.case().get("stages", {})
        return stages

    def enter(self, name: str, entry: Entry) -> None:
        """The stage is done; entries stand in the order of the pathway."""
        self._replace({**self.stages(), name: entry})

    def outdated_by(self, name: str, key: str) -> dict[str, Entry]:
        """The entries of this stage and, where it changes, of the later ones that rest on it."""
        stages = self.stages()
        order = list(CODECS)
        same = name in LEAVES or (name in stages and stages[name]["key"] == key)
        until = order.index(name) + 1 if same else len(order)
        return {s: stages[s] for s in order[order.index(name) : until] if s in stages}

    def forget(self, outdated: dict[str, Entry]) -> None:
        """First the files, then the entries: the old report never stands beside a new plan."""
        for entry in outdated.values():
            for file in entry["files"]:
                (self.root / file).unlink(missing_ok=True)
        self._replace({s: entry for s, entry in self.stages().items() if s not in outdated})

    def refuse_changed(self, name: str, files: dict[str, str]) -> None:
        """Raises `CaseConflict` where one of the files is not as it was recorded: somebody's work."""
        for file, sha in files.items():
            if (self.root / file).is_file() and sha256_of(self.root / file) != sha:
                raise CaseConflict(
                    f"{self.root / file} was changed since the stage {name!r} wrote it. "
                    "Copy it to another place and delete it here, then run again."
                )

    def are_there(self, files: dict[str, str]) -> bool:
        """Whether none of the files is missing."""
        return all((self.root / file).is_file() for file in files)

    def _replace(self, stages: dict[str, Entry]) -> None:
        ordered = {stage: stages[stage] for stage in CODECS if stage in stages}
        self.write({**self.case(), "stages": ordered})
