"""What a radiograph needs of a case: CT and sacrum, and plan and injection where they are done."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.anatomy_files import read_anatomy
from sacroplasty.adapters.case_folder.fluoroscopy_files import injected_how
from sacroplasty.adapters.case_folder.injection_files import read_injection
from sacroplasty.adapters.case_folder.plan_files import read_plan
from sacroplasty.adapters.case_folder.planned_case import (
    read_case_ct,
    recorded_case,
    require_one_patient,
    require_unchanged,
)
from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import CaseConflict
from sacroplasty.imaging import CTVolume
from sacroplasty.injection import InjectionRun
from sacroplasty.planning import TrajectoryPlan
from sacroplasty.provenance import digest

_NEEDED = ("anatomy",)
_WHERE_DONE = ("plan", "injection", "fluoroscopy")


@dataclass(frozen=True, eq=False, slots=True)
class ImagedCase:
    """plan and run are None where there is none yet; cement: its name, empty where unknown.

    withdraw_mm_per_ml: how needles came back while they injected, None where unknown. key: digest of all that a picture of the case rests on; plan_key: what the plan rests on.
    """

    pseudonym: str
    ct: CTVolume
    sacrum: SacrumModel
    plan: TrajectoryPlan | None
    run: InjectionRun | None
    cement: str
    withdraw_mm_per_ml: float | None
    key: str
    plan_key: str


def read_imaged_case(root: Path) -> ImagedCase:
    """The case in a folder.

    Raises `CaseConflict` for a folder that is no case, holds no anatomy yet, was changed by hand, or
    was written by another version of this software.
    """
    case = recorded_case(root, _NEEDED)
    done = tuple(name for name in _WHERE_DONE if name in case["stages"])
    require_unchanged(root, case, (*_NEEDED, *done))
    try:
        imaged = _read(root, case, done)
    except (LookupError, TypeError, AttributeError, ValueError) as problem:
        raise CaseConflict(
            f"{root} is not as this version writes a case ({type(problem).__name__}: {problem}); "
            "rehearse its CT again, into a new folder if this one is refused."
        ) from None
    require_one_patient(root, imaged.ct, imaged.sacrum, imaged.plan)
    return imaged


def _read(root: Path, case: dict[str, Any], done: tuple[str, ...]) -> ImagedCase:
    cement, back = injected_how(root) if "fluoroscopy" in done else ("", None)
    keys = [case["stages"][name]["key"] for name in (*_NEEDED, *done)]
    return ImagedCase(
        pseudonym=case["pseudonym"],
        ct=read_case_ct(root, case),
        sacrum=read_anatomy(root),
        plan=read_plan(root) if "plan" in done else None,
        run=read_injection(root) if "injection" in done else None,
        cement=cement,
        withdraw_mm_per_ml=back,
        key=digest(*keys),
        plan_key=case["stages"]["plan"]["key"] if "plan" in done else "",
    )
