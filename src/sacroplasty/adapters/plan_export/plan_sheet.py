"""The plan on one sheet of A4 for the wall of the room: what the operator needs, and three pictures.

Two needles to a page; a third makes a second page. The same plan gives the same bytes: no date, no
name but the pseudonym.
"""

import io
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.plan_export.plan_pictures import (
    PlanPicture,
    along_picture,
    axial_picture,
    draw_picture,
    front_picture,
)
from sacroplasty.adapters.plan_export.sheet_rows import SheetRow, sheet_rows
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.report.sentences import VERDICT_SIGNS
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.geometry import require_same_frame
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan
from sacroplasty.provenance import software_version

_A4_INCH = (8.27, 11.69)
_ON_A_PAGE = 2
_LEFT, _RIGHT = 0.05, 0.95
_TABLE_TOP, _TABLE_HEIGHT, _TALLEST_ROW = 0.895, 0.515, 0.0137
_COLUMNS = (0.05, 0.225, 0.405)
_FONT, _LONGEST_LINE = 6.5, 30
# Where the pictures stand (left, bottom, width, height), as shares of the page.
_FRONT = (0.60, 0.735, 0.35, 0.155)
_AXIAL = ((0.60, 0.55, 0.35, 0.155), (0.60, 0.365, 0.35, 0.155))
_ALONG = ((0.05, 0.04, 0.43, 0.285), (0.52, 0.04, 0.43, 0.285))
# Type 42 keeps the words searchable; nothing is dated.
_STYLE: Any = {"pdf.fonttype": 42, "font.family": "DejaVu Sans", "pdf.compression": 6}
_NO_DATE = {"CreationDate": None, "Producer": None}


def write_plan_sheet(
    plan: TrajectoryPlan, sacrum: SacrumModel, ct: CTVolume, pseudonym: str, path: Path
) -> None:
    """Write the sheet as PDF. Raises `BadInput` without a needle, `FrameMismatch`, `CaseConflict`."""
    write_for_a_person(path, plan_sheet(plan, sacrum, ct, pseudonym))


def plan_sheet(plan: TrajectoryPlan, sacrum: SacrumModel, ct: CTVolume, pseudonym: str) -> bytes:
    """The PDF's bytes."""
    if not plan.needles:
        raise BadInput("The plan holds no needle, so there is no sheet to print.")
    require_same_frame(ct, plan.needles[0].needle)
    scene = Scene.of_needles(ct, sacrum, plan.needles)
    pages = [plan.needles[n : n + _ON_A_PAGE] for n in range(0, len(plan.needles), _ON_A_PAGE)]
    buffer = io.BytesIO()
    about = {**_NO_DATE, "Creator": f"sacroplasty {software_version()}", "Title": "Needle plan"}
    with rc_context(_STYLE), PdfPages(buffer, metadata=about) as pdf:
        for number, needles in enumerate(pages, start=1):
            figure = Figure(figsize=_A4_INCH)
            FigureCanvasPdf(figure)
            _head(figure, plan, pseudonym, f"{number}/{len(pages)}")
            _table(figure, plan, needles)
            _place(figure, scene, front_picture(scene), _FRONT)
            for n, planned in enumerate(needles):
                _place(figure, scene, axial_picture(scene, planned), _AXIAL[n])
                _place(figure, scene, along_picture(scene, planned), _ALONG[n])
            pdf.savefig(figure)
    return buffer.getvalue()


def _head(figure: Figure, plan: TrajectoryPlan, pseudonym: str, page: str) -> None:
    # A pseudonym with dollar signs is a name, not a formula.
    figure.text(
        _LEFT,
        0.965,
        f"Needle plan: {pseudonym}",
        fontsize=13,
        fontweight="bold",
        parse_math=False,
    )
    sign = VERDICT_SIGNS[plan.verdict]
    figure.text(_RIGHT, 0.965, f"{sign} {plan.verdict}, page {page}", fontsize=10, ha="right")
    figure.text(_LEFT, 0.945, NOT_A_DEVICE, fontsize=8.5, color="#b00020", fontweight="bold")
    figure.text(
        _LEFT,
        0.928,
        "Left and right are the patient's own. Axial cuts are seen from the feet, the projection "
        "from the front. Chances with their 95 % interval.",
        fontsize=6.5,
    )
    figure.text(
        _LEFT,
        0.018,
        f"sacroplasty {software_version()}. {NOT_A_DEVICE}",
        fontsize=6.5,
        color="#444444",
    )


def _table(figure: Figure, plan: TrajectoryPlan, needles: tuple[PlannedNeedle, ...]) -> None:
    lines = [_wrapped(row) for row in sheet_rows(needles, plan.margins)]
    step = min(_TALLEST_ROW, _TABLE_HEIGHT / sum(len(says) for _, says in lines))
    y = _TABLE_TOP
    for x, planned in zip(_COLUMNS[1:], needles, strict=False):
        figure.text(x, y, planned.name, fontsize=9, fontweight="bold")
    for row, says in lines:
        bold: dict[str, Any] = {"fontweight": "bold"} if row.is_heading else {"color": "#333333"}
        figure.text(_COLUMNS[0], y - step, row.label, fontsize=_FONT, **bold)
        for line in says:
            y -= step
            for x, words in zip(_COLUMNS[1:], line, strict=False):
                figure.text(x, y, words, fontsize=_FONT)


def _wrapped(row: SheetRow) -> tuple[SheetRow, list[tuple[str, ...]]]:
    """The row with its words in lines that fit a column; at least one line."""
    columns = [wrap(words, _LONGEST_LINE) for words in row.says]
    return row, list(zip_longest(*columns, fillvalue="")) or [()]


def _place(
    figure: Figure, scene: Scene, picture: PlanPicture, box: tuple[float, float, float, float]
) -> None:
    left, bottom, width, height = box
    axes = figure.add_axes((left, bottom, width, height))
    draw_picture(axes, scene, picture)
    axes.set_anchor("C")
    figure.text(left, bottom + height + 0.004, picture.title, fontsize=7.5, fontweight="bold")
