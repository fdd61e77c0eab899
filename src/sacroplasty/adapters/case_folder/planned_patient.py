"""A planned case as a later injection needs it: the examination, the plan and its digest."""

from pathlib import Path

from sacroplasty.adapters.case_folder.density_files import read_density
from sacroplasty.adapters.case_folder.fracture_files import read_fracture
from sacroplasty.adapters.case_folder.mri_files import read_mri_files
from sacroplasty.adapters.case_folder.planned_case import (
    read_planned_case,
    recorded_case,
    require_unchanged,
)
from sacroplasty.errors import CaseConflict
from sacroplasty.pathway import Examination, PlannedPatient

# Whatever an injection reads of the examination beside the anatomy.
_EXAMINED = ("density", "fracture", "mri")


def read_planned_patient(root: Path) -> PlannedPatient:
    """The planned patient in a case folder; raises `CaseConflict` as `read_planned_case` does."""
    case = read_planned_case(root)
    require_unchanged(root, recorded_case(root, _EXAMINED), _EXAMINED)
    try:
        density, fracture, marrow = read_density(root), read_fracture(root), read_mri_files(root)
    except (OSError, LookupError, TypeError, AttributeError, ValueError) as problem:
        raise CaseConflict(
            f"{root} lacks a part of its examination ({type(problem).__name__}: {problem}); run "
            "`sacroplasty plan` on its scan again."
        ) from None
    planned = case.planned
    seen = Examination(planned.ct, planned.sacrum, density, fracture, marrow, case.pseudonym)
    return PlannedPatient(seen, planned.plan, case.key)
