"""Radiographs of a case on request: which poses, what is in the patient, which files."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacroplasty.adapters.case_folder import CaseFolder, ImagedCase, read_imaged_case
from sacroplasty.adapters.case_folder.folder import Watcher
from sacroplasty.adapters.case_folder.picture_files import (
    MANIFEST,
    kept_pictures,
    manifest_document,
    pictures_in,
)
from sacroplasty.adapters.pose_files import pose_document
from sacroplasty.adapters.radiograph_export.shot_files import (
    Exposed,
    Shot,
    Steel,
    Wanted,
    placed_needles,
    shot_files,
)
from sacroplasty.cement import CementRecipe, recipe
from sacroplasty.compose.beam_asked import BeamAsked
from sacroplasty.compose.poses_asked import PosesAsked, poses_of
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy import (
    CArmPose,
    FrameView,
    LineIntegralView,
    Lying,
    StackedPatient,
    expose,
    patient_paths,
)
from sacroplasty.injection import InjectionSettings
from sacroplasty.pathway import Report
from sacroplasty.provenance import digest, software_digest


@dataclass(frozen=True, slots=True)
class FluoroRequest:
    """Which pictures of a case are wanted, and as what.

    time_s: since the first needle opened; None is the end of the injection, where there is one.
    cement: its name, where the case does not say. series: the CT's DICOM series, whose study and
    patient identity the DICOM files shall carry. beam: None gives line integrals of one energy.
    needles: whether they are in the picture; withdraw_mm_per_ml: how each was drawn back while it
    injected, where the case does not say.
    """

    poses: PosesAsked
    wanted: Wanted
    time_s: float | None = None
    cement: str | None = None
    series: Path | None = None
    beam: BeamAsked | None = None
    needles: bool = True
    withdraw_mm_per_ml: float | None = None

    def __post_init__(self) -> None:
        back = self.withdraw_mm_per_ml
        if back is not None:
            InjectionSettings(withdraw_mm_per_ml=back)  # refuses what no injection can do
        if back is not None and not self.needles:
            raise BadUsage("--withdraw is about needles, and --no-needles leaves them out.")
        if self.time_s is not None and not (math.isfinite(self.time_s) and self.time_s >= 0):
            raise BadUsage(f"--time {self.time_s:g} is no time; give seconds from 0 on.")
        if self.series is not None and not self.wanted.dicom:
            raise BadUsage("--identity is for DICOM files; give --dicom too.")
        if self.cement is not None:
            recipe(self.cement)


def take_pictures(
    folder: Path, request: FluoroRequest, *, watcher: Watcher | None = None
) -> dict[str, Any]:
    """Write the pictures into the case; what `fluoro --json` prints.

    Pictures taken earlier of the same plan and injection are kept. Raises `CaseConflict`,
    `BadUsage` and `BadInput` before anything is written.
    """
    case = read_imaged_case(folder)
    poses = poses_of(case, request.poses)
    mixed, steel = _cement(case, request), _steel(case, request)
    key = digest(case.key, software_digest())
    with CaseFolder.opened(folder, watcher) as notes:
        notes.begin(case.ct, case.pseudonym)
        names = [_file_name(pose, request) for pose in poses]
        kept = kept_pictures(pictures_in(folder), key, names)

        def work(report: Report) -> dict[str, bytes]:
            patient = None if request.beam is None else StackedPatient.of(case.ct)
            room = _Room(case, request, mixed, steel, patient)
            files, records = dict(kept.files), list(kept.records)
            for n, (pose, name) in enumerate(zip(poses, names, strict=True)):
                made, record = shot_files(room.shot(pose, name), request.wanted)
                files |= made
                records.append(record)
                report((n + 1) / len(poses))
            return files | {MANIFEST: manifest_document(key, records)}

        asked = [pose_document(pose) for pose in poses]
        stage_key = digest(
            key, asked, request.wanted, request.time_s, mixed, steel, request.beam, kept.files
        )
        shown = kept_pictures(notes.stage("pictures", stage_key, work), key, []).records
    return {
        "case": str(folder),
        "lying": request.poses.lying.value,
        "pictures": [record for record in shown if record["name"] in names],
    }


def _file_name(pose: CArmPose, request: FluoroRequest) -> str:
    parts = [pose.name]
    if request.beam is not None:
        parts.append("subtracted" if request.beam.subtract else "frame")
    if request.time_s is not None:
        parts.append(f"at-{request.time_s:g}s")
    if not request.needles:
        parts.append("no-needles")
    return "-".join(parts)


@dataclass(frozen=True, eq=False, slots=True)
class _Room:
    """The patient on the table, and how he is looked at; `patient` None where no beam is asked for."""

    case: ImagedCase
    request: FluoroRequest
    mixed: CementRecipe | None
    steel: Steel
    patient: StackedPatient | None

    def shot(self, pose: CArmPose, name: str) -> Shot:
        """One view, in line integrals or in frames."""
        case, request = self.case, self.request
        asked = request.beam
        if asked is None or self.patient is None:
            plain = LineIntegralView(expose(case.ct, None, pose), self.mixed)
            return Shot(name, plain, case, request.time_s, request.series, steel=self.steel)
        how, paths = asked.technique(), patient_paths(self.patient, pose)
        view = FrameView.prepared(
            paths, self.mixed, how, asked.seed,
            needles=placed_needles(case, self.steel), subtracting=asked.subtract,
        )  # fmt: skip
        dose = how.control.detector_dose_ngy
        exposed = Exposed(view.beam.tube_kv, view.beam.mas, dose, asked.seed, asked.subtract)
        return Shot(name, view, case, request.time_s, request.series, exposed, self.steel)


def _steel(case: ImagedCase, request: FluoroRequest) -> Steel:
    """The needles as asked for. Raises `BadUsage` for what contradicts the case."""
    asked, known = request.withdraw_mm_per_ml, case.withdraw_mm_per_ml
    if asked is not None and case.run is None:
        raise BadUsage(
            "--withdraw is about an injection, and this case has none yet; run `sacroplasty "
            "rehearse` into it first."
        )
    if asked is not None and known is not None and asked != known:
        raise BadUsage(
            f"--withdraw {asked:g} contradicts the case, whose needles were drawn back by {known:g} mm "
            "per mL."
        )
    return Steel(request.needles, asked if known is None else known)


def _cement(case: ImagedCase, request: FluoroRequest) -> CementRecipe | None:
    """What was injected; None where nothing was. Raises `BadUsage` for what contradicts the case."""
    if case.run is None:
        less_mask = request.beam is not None and request.beam.subtract
        if request.time_s is not None or request.wanted.gif or request.cement or less_mask:
            raise BadUsage(
                "--time, --gif, --subtract and --cement are about an injection, and this case has none "
                "yet; run `sacroplasty rehearse` into it first."
            )
        return None
    end = float(case.run.timeline.time_s[-1])
    if request.time_s is not None and request.time_s > end:
        raise BadUsage(
            f"--time {request.time_s:g} lies after the injection, which ended at {end:.0f} s."
        )
    if request.cement and case.cement and request.cement != case.cement:
        raise BadUsage(
            f"--cement {request.cement!r} contradicts the case, into which {case.cement!r} was injected."
        )
    name = request.cement or case.cement
    if not name:
        raise BadUsage(
            "The case does not say which cement was injected, and its barium makes the picture; give "
            "--cement NAME."
        )
    return recipe(name)


__all__ = ["BeamAsked", "FluoroRequest", "Lying", "PosesAsked", "Wanted", "take_pictures"]
