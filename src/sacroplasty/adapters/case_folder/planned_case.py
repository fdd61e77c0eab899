"""A finished plan out of a case folder, without opening the folder for writing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.anatomy_files import read_anatomy
from sacroplasty.adapters.case_folder.files import read_json, sha256_of
from sacroplasty.adapters.case_folder.opening import require_case_or_empty
from sacroplasty.adapters.case_folder.plan_files import read_plan
from sacroplasty.adapters.volume_files import read_volume
from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import CaseConflict
from sacroplasty.geometry import Frame
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import TrajectoryPlan

_STAGES = ("anatomy", "plan")


@dataclass(frozen=True, eq=False, slots=True)
class PlannedCase:
    """What an export needs of a case."""

    pseudonym: str
    ct: CTVolume
    sacrum: SacrumModel
    plan: TrajectoryPlan


def read_planned_case(root: Path) -> PlannedCase:
    """The case in `root` with its plan.

    Raises `CaseConflict` where there is no case, no plan yet, or a file that was changed since its
    stage wrote it.
    """
    if not (root / "case.json").is_file():
        raise CaseConflict(f"{root} holds no case.json; rehearse into it first.")
    require_case_or_empty(root)
    case = read_json(root / "case.json")
    files = {"ct.nii.gz": case["ct_sha256"]}
    for stage in _STAGES:
        if stage not in case["stages"]:
            raise CaseConflict(f"{root} has no finished stage {stage!r}; rehearse into it first.")
        files |= case["stages"][stage]["files"]
    for name, sha in files.items():
        if not (root / name).is_file() or sha256_of(root / name) != sha:
            raise CaseConflict(
                f"{root / name} is missing or was changed since the rehearsal wrote it; rehearse "
                "again, so that what is exported is what was checked."
            )
    sacrum = read_anatomy(root)
    return PlannedCase(case["pseudonym"], _ct(root, case), sacrum, read_plan(root))


def _ct(root: Path, case: dict[str, Any]) -> CTVolume:
    volume = read_volume(root / "ct.nii.gz", Frame(case["frame_of_reference_uid"]))
    told: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in case["acquisition"].items()
    }
    return CTVolume(volume.values, volume.grid, Acquisition(**told))
