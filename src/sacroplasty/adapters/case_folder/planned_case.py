"""What a later examination needs of a case: its CT, its sacrum, its plan, as they were recorded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.anatomy_files import read_anatomy
from sacroplasty.adapters.case_folder.files import read_json, sha256_of
from sacroplasty.adapters.case_folder.opening import require_case_or_empty
from sacroplasty.adapters.case_folder.plan_files import read_plan
from sacroplasty.adapters.volume_files import read_volume
from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import AnatomyNotTrusted, CaseConflict
from sacroplasty.geometry import Frame
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import Planned, TrajectoryPlan, check_side

_NEEDED = ("anatomy", "plan")


@dataclass(frozen=True, eq=False, slots=True)
class PlannedCase:
    """`key` is the digest that the plan rests on."""

    pseudonym: str
    planned: Planned
    key: str


def read_planned_case(root: Path) -> PlannedCase:
    """The planned case in a folder.

    Raises `CaseConflict` for a folder that is no case, holds no plan yet, was changed by hand, or
    was written by another version of this software.
    """
    case = recorded_case(root, _NEEDED)
    require_unchanged(root, case, _NEEDED)
    try:
        return _read(root, case)
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        raise CaseConflict(
            f"{root} is not as this version writes a planned case ({type(problem).__name__}: "
            f"{problem}); plan its CT again, into a new folder if this one is refused."
        ) from None


def recorded_case(root: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    """`case.json` of a folder in which the needed stages are done; raises `CaseConflict`."""
    if not (root / "case.json").exists():
        raise CaseConflict(f"{root} holds no case; name the folder that `rehearse` wrote.")
    require_case_or_empty(root)
    case = read_json(root / "case.json")
    absent = [name for name in needed if name not in case["stages"]]
    if absent:
        raise CaseConflict(
            f"The case {root} has no {' and no '.join(absent)} yet; run `sacroplasty rehearse` on "
            "its planning CT first."
        )
    return case


def read_case_ct(root: Path, case: dict[str, Any]) -> CTVolume:
    """The CT that the case keeps; raises `CaseConflict` where its voxels are no CT numbers."""
    volume = read_volume(root / "ct.nii.gz", Frame(case["frame_of_reference_uid"]))
    values = np.asarray(volume.values)
    kept = np.iinfo(np.int16)
    if not (np.all(values >= kept.min) and np.all(values <= kept.max)):  # not a number is neither
        raise CaseConflict(
            f"{root / 'ct.nii.gz'} has voxels that are no CT numbers; put the original back, or "
            "rehearse into a new folder."
        )
    return CTVolume(values.astype(np.int16), volume.grid, _acquisition(case["acquisition"]))


def require_one_patient(
    root: Path, ct: CTVolume, sacrum: SacrumModel, plan: TrajectoryPlan | None
) -> None:
    """Raises `CaseConflict` where CT, anatomy and needles lie in different frames, and where a
    needle lies on the other side than its plan says.
    """
    needles = () if plan is None else plan.needles
    frames = {sacrum.frame.uid, *(planned.needle.frame.uid for planned in needles)}
    for uid in sorted(frames - {ct.frame.uid}):
        raise CaseConflict(
            f"The parts of {root} lie in different frames of reference ({ct.frame.uid} and {uid}): "
            "files of two scans were mixed. Rehearse each CT into a new folder."
        )
    for planned in needles:
        try:
            check_side(planned.name, sacrum, planned.needle, planned.side)
        except AnatomyNotTrusted as swapped:
            raise CaseConflict(
                f"The plan in {root} names a wrong side. {swapped} Plan the CT again, into a new "
                "folder."
            ) from None


def _read(root: Path, case: dict[str, Any]) -> PlannedCase:
    planned = Planned(read_case_ct(root, case), read_anatomy(root), read_plan(root))
    require_one_patient(root, planned.ct, planned.sacrum, planned.plan)
    return PlannedCase(case["pseudonym"], planned, case["stages"]["plan"]["key"])


def require_unchanged(root: Path, case: dict[str, Any], stages: tuple[str, ...]) -> None:
    """Raises `CaseConflict` where the CT or a file of these stages is missing or was changed."""
    files = {"ct.nii.gz": case["ct_sha256"]}
    for stage in stages:
        files |= case["stages"][stage]["files"]
    for name, sha in files.items():
        if not (root / name).is_file():
            raise CaseConflict(f"{root / name} is missing; run `sacroplasty rehearse` again.")
        if sha256_of(root / name) != sha:
            raise CaseConflict(
                f"{root / name} was changed since it was recorded; put the original back, or "
                "rehearse into a new folder."
            )


def _acquisition(document: dict[str, Any]) -> Acquisition:
    return Acquisition(
        **{
            **document,
            "repairs": tuple(document["repairs"]),
            "notes": tuple(document["notes"]),
        }
    )
