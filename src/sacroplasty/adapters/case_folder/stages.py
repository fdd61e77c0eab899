"""Which files each stage is, in the order of the pathway."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder.anatomy_files import read_anatomy, write_anatomy
from sacroplasty.adapters.case_folder.density_files import read_density, write_density
from sacroplasty.adapters.case_folder.fluoroscopy_files import read_views, write_views
from sacroplasty.adapters.case_folder.fracture_files import read_fracture, write_fracture
from sacroplasty.adapters.case_folder.heat_files import read_heat, write_heat
from sacroplasty.adapters.case_folder.injection_files import read_injection, write_injection
from sacroplasty.adapters.case_folder.mri_files import read_mri_files, write_mri
from sacroplasty.adapters.case_folder.odds_files import read_odds, write_odds
from sacroplasty.adapters.case_folder.picture_files import pictures_in, write_pictures
from sacroplasty.adapters.case_folder.placed_files import read_placed, write_placed
from sacroplasty.adapters.case_folder.plan_files import read_plan, write_plan
from sacroplasty.adapters.case_folder.visibility_files import read_visibility, write_visibility
from sacroplasty.adapters.report import (
    write_anatomy_page,
    write_injection_page,
    write_plan_page,
    write_report,
)


@dataclass(frozen=True, slots=True)
class StageFiles:
    """`write(result, folder, ct)` puts a stage's files below a folder; `read(case, ct)` gets it back."""

    write: Callable[[Any, Path, Any], None]
    read: Callable[[Path, Any], Any]


# Their rows are kept one by one while they work, and are let go when the stage is recorded.
STAGES_WITH_ROWS = ("odds",)

CODECS: dict[str, StageFiles] = {
    "anatomy": StageFiles(write_anatomy, lambda root, _ct: read_anatomy(root)),
    "density": StageFiles(
        lambda density, root, _ct: write_density(density, root),
        lambda root, _ct: read_density(root),
    ),
    "fracture": StageFiles(
        lambda fracture, root, _ct: write_fracture(fracture, root),
        lambda root, _ct: read_fracture(root),
    ),
    "mri": StageFiles(
        lambda reading, root, _ct: write_mri(reading, root),
        lambda root, _ct: read_mri_files(root),
    ),
    "anatomy_page": StageFiles(
        lambda seen, root, _ct: write_anatomy_page(seen, root / "anatomy.html"),
        lambda root, _ct: root / "anatomy.html",
    ),
    "plan": StageFiles(
        lambda plan, root, _ct: write_plan(plan, root), lambda root, _ct: read_plan(root)
    ),
    "plan_page": StageFiles(
        lambda planned, root, _ct: write_plan_page(planned, root / "plan.html"),
        lambda root, _ct: root / "plan.html",
    ),
    # Rests on plan and cement; no injection outdates it.
    "visibility": StageFiles(
        lambda views, root, _ct: write_visibility(views, root),
        lambda root, _ct: read_visibility(root),
    ),
    "injection": StageFiles(
        lambda run, root, _ct: write_injection(run, root), lambda root, _ct: read_injection(root)
    ),
    "heat": StageFiles(
        lambda heat, root, _ct: write_heat(heat, root), lambda root, _ct: read_heat(root)
    ),
    "odds": StageFiles(
        lambda odds, root, _ct: write_odds(odds, root), lambda root, _ct: read_odds(root)
    ),
    "injection_page": StageFiles(
        lambda case, root, _ct: write_injection_page(case, root),
        lambda root, _ct: root / "injection.html",
    ),
    "fluoroscopy": StageFiles(
        lambda views, root, _ct: write_views(views, root), lambda root, _ct: read_views(root)
    ),
    "report": StageFiles(
        lambda case, root, _ct: write_report(case, root / "report.html"),
        lambda root, _ct: root / "report.html",
    ),
    # Last, for nothing rests on them; a new plan forgets them.
    "placed": StageFiles(
        lambda case, root, _ct: write_placed(case, root), lambda root, _ct: read_placed(root)
    ),
    "pictures": StageFiles(
        lambda files, root, _ct: write_pictures(files, root), lambda root, _ct: pictures_in(root)
    ),
}
# A change of one of these outdates nothing but itself.
LEAVES = ("visibility", "placed", "pictures")
BEFORE_REPORT = tuple(CODECS)[: tuple(CODECS).index("report")]
