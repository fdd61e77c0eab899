"""Write the formats that were asked for of one planned case into a folder."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from sacroplasty.adapters.case_folder.planned_case import PlannedCase, read_planned_case
from sacroplasty.adapters.plan_export.needle_segments import write_needle_segmentation
from sacroplasty.adapters.plan_export.plan_sheet import write_plan_sheet
from sacroplasty.adapters.plan_export.secondary_capture import write_secondary_captures
from sacroplasty.adapters.plan_export.sending import listener_address, send_needles
from sacroplasty.adapters.plan_export.slicer_markups import markups_document
from sacroplasty.adapters.plan_export.stl_file import write_guide
from sacroplasty.adapters.plan_export.structured_report import write_structured_report
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import BadUsage, CaseConflict
from sacroplasty.planning import drill_guide

_UNFIT_FOR_A_NAME = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is wanted of a case. dicom: the series that was planned on, for report, segments, captures.

    igtl: host:port of a listening program. guide_on: skin or bone.
    """

    markups: bool = False
    report: bool = False
    segments: bool = False
    captures: bool = False
    guide: bool = False
    guide_on: str = drill_guide.GuideKind.SKIN.value
    sheet: bool = False
    igtl: str | None = None
    dicom: Path | None = None

    def __post_init__(self) -> None:
        files = (self.markups, self.report, self.segments, self.captures, self.guide, self.sheet)
        if not any(files) and self.igtl is None:
            raise BadUsage(
                "Nothing was asked for; give one or more of --markups, --sr, --seg, --sc, "
                "--drill-guide, --pdf and --igtl."
            )
        if self.needs_series and self.dicom is None:
            raise BadUsage(
                "--sr, --seg and --sc belong to a DICOM series; give it with --dicom SOURCE."
            )

        if self.dicom is not None and not self.needs_series:
            raise BadUsage("--dicom is the series of --sr, --seg and --sc; give one of them too.")
        if self.guide_on != drill_guide.GuideKind.SKIN and not self.guide:
            raise BadUsage("--guide-on says where a drill guide sits; give --drill-guide too.")

    @property
    def needs_series(self) -> bool:
        """Whether something is written that refers to DICOM objects."""
        return self.report or self.segments or self.captures


def export_case(root: Path, wanted: ExportRequest, out: Path) -> tuple[Path, ...]:
    """Write what is wanted of the case in `root` into `out`, and send what is to be sent.

    The files' paths. Raises the `BadInput` errors of case, formats and series; a file that was
    written before an error stays.
    """
    address = None if wanted.igtl is None else listener_address(wanted.igtl)
    case = read_planned_case(root)
    if wanted.needs_series and not case.planned.ct.acquisition.series_uid:
        raise BadUsage(
            "--sr, --seg and --sc lie in a DICOM study, and this case was planned on a volume "
            "file; rehearse from the DICOM folder, or use --markups."
        )
    _make(out)
    written = [*_identified(case, wanted, out), *_pseudonymous(case, wanted, out)]
    if address is not None:
        send_needles(case.planned.plan, address)
    return tuple(written)


def _identified(case: PlannedCase, wanted: ExportRequest, out: Path) -> list[Path]:
    """DICOM objects, which carry the identity of the study that they join."""
    written: list[Path] = []
    if wanted.dicom is None:
        return written
    if wanted.report:
        written.append(out / "needles-sr.dcm")
        write_structured_report(case.planned.plan, case.planned.ct, wanted.dicom, written[-1])
    if wanted.segments:
        written.append(out / "needles-seg.dcm")
        write_needle_segmentation(case.planned.plan, case.planned.ct, wanted.dicom, written[-1])
    if wanted.captures:
        written += write_secondary_captures(
            case.planned.plan, case.planned.sacrum, case.planned.ct, wanted.dicom, out
        )
    return written


def _pseudonymous(case: PlannedCase, wanted: ExportRequest, out: Path) -> list[Path]:
    """Files that name nobody."""
    written: list[Path] = []
    if wanted.markups:
        written.append(out / "plan.mrk.json")
        text = json.dumps(markups_document(case.planned.plan), indent=2, allow_nan=False) + "\n"
        write_for_a_person(written[-1], text.encode("utf-8"))
    if wanted.sheet:
        written.append(out / "plan.pdf")
        write_plan_sheet(
            case.planned.plan, case.planned.sacrum, case.planned.ct, case.pseudonym, written[-1]
        )
    if wanted.guide:
        kind = drill_guide.GuideKind(wanted.guide_on)
        for guide in drill_guide.build_guides(case.planned.plan, case.planned.sacrum, kind):
            written.append(out / f"{_UNFIT_FOR_A_NAME.sub('-', guide.name)}.stl")
            write_guide(guide, written[-1])
    return written


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CaseConflict(
            f"Cannot make the folder {out}: {problem.strerror}. Choose another --out."
        ) from None
