"""The plan as DICOM structured report: Comprehensive 3D SR after TID 1500, one group per needle.

Each measurement group (TID 1501) holds one SCOORD3D POLYLINE of two points, entry then target, in
the CT's own frame of reference (DICOM's patient axes are LPS mm), the needle's gauge and lengths,
its clearances, and the chances of a breach with their 95 % intervals.
"""

from pathlib import Path

from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import Comprehensive3DSRStorage

from sacroplasty.adapters.label_export.ct_slices import CtSlice, ct_slices
from sacroplasty.adapters.label_export.derived_object import (
    SeriesWords,
    content_uid,
    derived_object,
    dicom_bytes,
    instance_reference,
)
from sacroplasty.adapters.plan_export.content_items import (
    code_item,
    container,
    image_item,
    polyline_item,
    text_item,
    uid_item,
)
from sacroplasty.adapters.plan_export.needle_measurements import measurement_items
from sacroplasty.adapters.plan_export.plan_codes import (
    LATERALITY,
    PLANNED_PATH,
    SACRUM,
    planned_content,
)
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.errors import BadInput
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import PlannedNeedle, TrajectoryPlan

_SERIES = SeriesWords("SR", 97, "Planned needles (research software)", in_frame=False)
_WARNING = "Research and teaching software, not a medical device; not for clinical use."


def write_structured_report(plan: TrajectoryPlan, ct: CTVolume, source: Path, path: Path) -> None:
    """Write the SR that belongs to the CT in `source`; same input, same bytes.

    It carries the study's patient identity. Raises `BadInput` (no needle, not DICOM),
    `FrameMismatch`, `CaseConflict` where the file cannot be written.
    """
    if not plan.needles:
        raise BadInput("The plan holds no needle, so there is no report to write.")
    slices = ct_slices(source, ct.acquisition.series_uid, plan.needles[0].needle.frame)
    header, content = slices[0].header, planned_content(plan)
    report = derived_object(header, Comprehensive3DSRStorage, _SERIES, ("report", content))
    _document(report, slices)
    observer = content_uid(header, "observer")
    _fill_root(report)
    report.ContentSequence = Sequence(
        [
            code_item("HAS CONCEPT MOD", "121049", "Language of Content Item and Descendants",
                      ("en", "RFC5646", "English")),
            code_item("HAS OBS CONTEXT", "121005", "Observer Type", ("121007", "DCM", "Device")),
            uid_item("HAS OBS CONTEXT", "121012", "Device Observer UID", observer),
            text_item("HAS OBS CONTEXT", "121013", "Device Observer Name", "sacroplasty"),
            code_item("HAS CONCEPT MOD", "121058", "Procedure reported",
                      ("25045-6", "LN", "CT unspecified body region")),
            _image_library(slices),
            container("126010", "Imaging Measurements",
                      [_group(planned, header) for planned in plan.needles]),
        ]
    )  # fmt: skip
    write_for_a_person(path, dicom_bytes(report))


def _document(report: FileDataset, slices: list[CtSlice]) -> None:
    """SR Document Series and General modules: unverified, with the CT's slices as evidence."""
    report.ReferencedPerformedProcedureStepSequence = Sequence()
    report.PerformedProcedureCodeSequence = Sequence()
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.PreliminaryFlag = "PRELIMINARY"
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID = slices[0].header.SeriesInstanceUID
    series.ReferencedSOPSequence = Sequence([instance_reference(s.header) for s in slices])
    study.StudyInstanceUID = slices[0].header.StudyInstanceUID
    study.ReferencedSeriesSequence = Sequence([series])
    report.CurrentRequestedProcedureEvidenceSequence = Sequence([study])


def _fill_root(report: FileDataset) -> None:
    root = container("126000", "Imaging Measurement Report", [], template="1500")
    del root.RelationshipType
    del root.ContentSequence
    report.update(root)


def _image_library(slices: list[CtSlice]) -> Dataset:
    """TID 1600: every slice that was planned on."""
    images = [image_item(instance_reference(one.header)) for one in slices]
    return container(
        "111028", "Image Library", [container("126200", "Image Library Group", images)]
    )


def _group(planned: PlannedNeedle, header: Dataset) -> Dataset:
    """TID 1501: one needle."""
    needle = planned.needle
    site = code_item("CONTAINS", "363698007", "Finding Site", SACRUM, scheme="SCT")
    side = code_item("HAS CONCEPT MOD", "272741003", "Laterality", LATERALITY[planned.side], "SCT")
    site.ContentSequence = Sequence([side])
    tracking = content_uid(header, "needle", planned.name, needle.entry.xyz, needle.tip.xyz)
    return container(
        "125007",
        "Measurement Group",
        [
            text_item("HAS OBS CONTEXT", "112039", "Tracking Identifier", planned.name),
            uid_item("HAS OBS CONTEXT", "112040", "Tracking Unique Identifier", tracking),
            code_item("CONTAINS", "121071", "Finding", PLANNED_PATH),
            site,
            polyline_item("121055", "Path", needle.entry, needle.tip),
            *measurement_items(planned),
            text_item("CONTAINS", "121106", "Comment", f"{planned.reason} {_WARNING}"),
        ],
        template="1501",
    )
