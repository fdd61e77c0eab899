"""One rehearsal as one HTML file that needs nothing else: no network, no script, no other file."""

from pathlib import Path

from sacroplasty.adapters.report.bone_view import bone_views
from sacroplasty.adapters.report.injection_charts import injection_charts
from sacroplasty.adapters.report.limits import LIMITS_OF_THE_METHOD
from sacroplasty.adapters.report.palette import CEMENT, NEEDLE
from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.radiograph_picture import pose_sentence, radiograph_pictures
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import (
    leak_sentence,
    summarise,
)
from sacroplasty.adapters.report.slices import LEVEL_HU, WINDOW_HU, needle_cuts, standard_cuts
from sacroplasty.adapters.report.tables import (
    cement_rows,
    finding_groups,
    leak_rows,
    needle_column,
    number_rows,
    scan_rows,
    setting_rows,
)
from sacroplasty.adapters.report.visibility_section import visibility_section
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import CaseConflict
from sacroplasty.findings import overall_verdict
from sacroplasty.pathway import CaseReport


def write_report(case: CaseReport, path: Path) -> None:
    """Write the case as one HTML file; the same case gives the same bytes.

    Raises `CaseConflict` where the file cannot be written; what stood there before then stays.
    """
    if not path.parent.is_dir():
        raise CaseConflict(f"Cannot write {path.name}: its folder does not exist; make it first.")
    write_for_a_person(path, render_report(case).encode("utf-8"))


def render_report(case: CaseReport) -> str:
    """The report as HTML text."""
    return render_page("report.html.j2", {**_words(case), **_pictures(case), **_numbers(case)})


def _words(case: CaseReport) -> dict[str, object]:
    return {
        "pseudonym": case.provenance.pseudonym,
        "verdicts": [
            ("Anatomy", case.sacrum.verdict),
            ("Plan", case.plan.verdict),
            ("Injection", overall_verdict(case.run.findings)),
        ],
        "summary": summarise(case),
        "groups": finding_groups(case),
        "repairs": case.ct.acquisition.repairs,
        "notes": case.ct.acquisition.notes,
        "absent": sorted(case.sacrum.absent.items()),
        "no_leak": leak_sentence(case),
        "limits": LIMITS_OF_THE_METHOD,
    }


def _pictures(case: CaseReport) -> dict[str, object]:
    scene = Scene.of(case)
    return {
        "inks": [*scene.masks, CEMENT, NEEDLE],
        "window": f"W {WINDOW_HU:g}, L {LEVEL_HU:g} HU",
        "cuts": standard_cuts(scene),
        "along": [(planned.name, needle_cuts(scene, planned)) for planned in scene.needles],
        "renderings": bone_views(scene),
        "views": [(pose_sentence(v.before.pose), radiograph_pictures(v)) for v in case.views],
        "visibility": visibility_section(case.leak_views),
        "charts": injection_charts(case),
    }


def _numbers(case: CaseReport) -> dict[str, object]:
    provenance = case.provenance
    return {
        "needles": [needle_column(planned, case.plan.margins) for planned in case.plan.needles],
        "cement": cement_rows(case.run.leaks),
        "leaks": leak_rows(case.run.leaks),
        "mass_error": f"{100 * case.run.mass_error:.2g} %",
        "numbers": number_rows(provenance.numbers_used),
        "origin": [
            ("Software", provenance.software),
            ("SHA-256 of the scan", provenance.source_digest),
            ("Anatomy engine", case.sacrum.engine),
            ("Frame of reference", case.ct.frame.uid),
        ],
        "scan": scan_rows(case.ct),
        "settings": [
            ("Planning", setting_rows(provenance.planning)),
            ("Injection", setting_rows(provenance.injection)),
            ("Cement", setting_rows(case.recipe)),
        ],
    }
