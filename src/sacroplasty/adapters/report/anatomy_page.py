"""One examined sacrum as one HTML file: verdict, a picture for each check, what was measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.report.anatomy_cuts import anatomy_cuts, check_picture, fracture_cuts
from sacroplasty.adapters.report.anatomy_tables import (
    density_rows,
    foramen_rows,
    limb_rows,
    oedema_rows,
    structure_rows,
    void_rows,
)
from sacroplasty.adapters.report.bone_view import bone_views
from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import fracture_sentence
from sacroplasty.adapters.report.slices import LEVEL_HU, WINDOW_HU
from sacroplasty.adapters.report.tables import scan_rows
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import Level, SacrumModel
from sacroplasty.findings import Finding, Verdict
from sacroplasty.pathway import Examination

_ORDER = (Verdict.FAIL, Verdict.NOT_CHECKED, Verdict.PASS)


def write_anatomy_page(examination: Examination, path: Path) -> None:
    """Write the page; the same examination gives the same bytes. Raises `CaseConflict`."""
    write_for_a_person(path, render_anatomy(examination).encode("utf-8"))


def render_anatomy(examination: Examination) -> str:
    """The page as HTML text."""
    scene, sacrum = Scene.of_anatomy(examination), examination.sacrum
    return render_page(
        "anatomy.html.j2",
        {
            "pseudonym": examination.pseudonym,
            "summary": _summary(sacrum),
            "verdict": sacrum.verdict,
            "engine": sacrum.engine,
            "checks": _checks(scene),
            "inks": list(scene.masks),
            "window": f"W {WINDOW_HU:g}, L {LEVEL_HU:g} HU",
            "renderings": bone_views(scene),
            "cuts": anatomy_cuts(scene),
            "structures": structure_rows(sacrum),
            "foramina": foramen_rows(sacrum),
            "fracture": fracture_sentence(examination.fracture),
            "limbs": limb_rows(examination.fracture),
            "limb_cuts": fracture_cuts(scene, examination.fracture) if examination.fracture else [],
            "marrow": _check_rows(_mri_findings(examination)),
            "oedema": oedema_rows(examination.marrow),
            "density": density_rows(examination.density),
            "voids": void_rows(examination.density),
            "calibration": examination.density.calibration.says,
            "density_checks": _check_rows(examination.density.findings),
            "notes": [*examination.ct.acquisition.repairs, *examination.ct.acquisition.notes],
            "scan": scan_rows(examination.ct),
        },
    )


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The checks that share a verdict: table rows, and the pictures of those that have a place."""

    verdict: Verdict
    rows: list[tuple[str, ...]]
    pictures: list[Picture]


def _summary(sacrum: SacrumModel) -> list[str]:
    """The sacrum in two sentences."""
    counts = {verdict: sum(f.verdict is verdict for f in sacrum.findings) for verdict in _ORDER}
    levels = ", ".join(
        f"{level} {' and '.join(f.side.value for f in sacrum.foramina if f.level is level) or 'none'}"
        for level in Level
    )
    return [
        f"{counts[Verdict.PASS]} checks passed, {counts[Verdict.FAIL]} failed and "
        f"{counts[Verdict.NOT_CHECKED]} could not be made.",
        f"Foramina found: {levels}.",
    ]


def _mri_findings(examination: Examination) -> tuple[Finding, ...]:
    marrow = examination.marrow
    return (*marrow.registered.findings, *marrow.oedema.findings) if marrow else ()


def _checks(scene: Scene) -> list[CheckGroup]:
    """Failed checks first, then open ones, then those that passed."""
    return [
        _group(scene, verdict, [f for f in scene.sacrum.findings if f.verdict is verdict])
        for verdict in _ORDER
    ]


def _group(scene: Scene, verdict: Verdict, findings: list[Finding]) -> CheckGroup:
    pictures = [check_picture(scene, finding) for finding in findings]
    rows = [row[:-1] for row in _check_rows(findings)]
    return CheckGroup(verdict, rows, [picture for picture in pictures if picture])


def _check_rows(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    return [
        (f.check.replace("_", " "), f.says, f.measured or "–", f.limit or "–", f.verdict.value)
        for f in findings
    ]
