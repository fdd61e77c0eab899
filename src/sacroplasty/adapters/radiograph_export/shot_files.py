"""All files of one radiograph of a case, and what is said of it."""

import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.case_folder.imaged_case import ImagedCase
from sacroplasty.adapters.case_folder.picture_files import PICTURES
from sacroplasty.adapters.label_export.ct_slices import ct_slices
from sacroplasty.adapters.pose_files import pose_document
from sacroplasty.adapters.radiograph_export.injection_gif import injection_gif
from sacroplasty.adapters.radiograph_export.marked_picture import marked_picture
from sacroplasty.adapters.radiograph_export.side_marker import SideMarker, side_marker
from sacroplasty.adapters.radiograph_export.xa_image import (
    ImageWords,
    pseudonymous_header,
    xa_image,
)
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy import (
    Inserted,
    Lying,
    TakenView,
    Taking,
    angles_of,
    beam_direction,
    isocentre,
    scanner_from_sacral_axes,
    scanner_from_table,
    standing_needles,
)
from sacroplasty.planning import Needle
from sacroplasty.provenance import digest
from sacroplasty.units import ml_from_mm3

_FRAMES = 16
_UNSAID = (
    " (the case does not say whether the needles were drawn back: shown as planned; see --withdraw)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files besides the picture (PNG) and its pose (JSON)."""

    dicom: bool = False
    gif: bool = False
    npz: bool = False


@dataclass(frozen=True, slots=True)
class Exposed:
    """How a fluoroscopic frame was taken; `subtracted` says that it is less its mask."""

    tube_kv: float
    mas_per_frame: float
    detector_dose_ngy: float
    seed: int
    subtracted: bool

    @property
    def words(self) -> str:
        """For the caption."""
        less = ", less mask" if self.subtracted else ""
        return f"{self.tube_kv:.0f} kV {self.mas_per_frame:.2g} mAs{less}"


@dataclass(frozen=True, slots=True)
class Steel:
    """Which needles a picture shows: those of the plan as they stand then, or none.

    withdraw_mm_per_ml: how each came back while it injected; None where nobody said, and they are
    shown where they were planned.
    """

    shown: bool = True
    withdraw_mm_per_ml: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Shot:
    """One view of a case, to be shown at a time of its injection.

    series: the CT's DICOM, for identity. exposed: what the beam was, None for line integrals.
    """

    name: str
    view: TakenView
    case: ImagedCase
    time_s: float | None
    series: Path | None
    exposed: Exposed | None = None
    steel: Steel = field(default_factory=Steel)

    @property
    def lying(self) -> Lying:
        """A picture that is looked at from the detector is a supine patient's."""
        pose = self.view.pose
        facing = float(np.cross(pose.right, pose.down) @ beam_direction(pose))
        return Lying.PRONE if facing > 0 else Lying.SUPINE

    @property
    def end_s(self) -> float | None:
        """The time that is shown; None without cement."""
        if self.case.run is None:
            return None
        return float(self.case.run.timeline.time_s[-1]) if self.time_s is None else self.time_s

    def inserted_at(self, time_s: float | None) -> Inserted:
        """Cement and needles at a time; None of time is the end of the injection."""
        run, needles = self.case.run, needles_of(self.case, self.steel, time_s)
        if run is None:
            return Inserted(None, needles)
        return Inserted(run.cement if time_s is None else run.cement_at(time_s), needles)

    def taken_at(self, time_s: float | None) -> Taking:
        """The picture at that time."""
        instant = (
            "before" if self.case.run is None else f"{self.end_s if time_s is None else time_s:g} s"
        )
        return self.view.taken(self.inserted_at(time_s), instant)


def needles_of(case: ImagedCase, steel: Steel, time_s: float | None) -> tuple[Needle, ...]:
    """The needles as they stand at a time of a case's injection, None for its end."""
    if case.plan is None or not steel.shown:
        return ()
    return standing_needles(case.plan, case.run, steel.withdraw_mm_per_ml or 0.0, time_s)


def placed_needles(case: ImagedCase, steel: Steel) -> tuple[Needle, ...]:
    """The needles as they are set, before the first drop."""
    return needles_of(case, steel, 0.0)


def shot_files(shot: Shot, wanted: Wanted) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Contents by name relative to the case, and the picture's record (`fluoro` schema)."""
    sacrum, pose = shot.case.sacrum, shot.view.pose
    marker, words, taken = side_marker(pose, sacrum), _words(shot), shot.taken_at(shot.time_s)
    caption = f"{shot.name}  {words.says}"
    text = json.dumps(pose_document(pose), indent=2, allow_nan=False) + "\n"
    made = {
        "png": encode_png(_marked(taken, marker, caption, shot.exposed)),
        "json": text.encode("utf-8"),
    }
    if wanted.npz:
        made["npz"] = _npz(shot, taken)
    if wanted.dicom:
        made["dcm"] = xa_image(taken.stored, taken.stored_window, marker, words, _header(shot))
    if wanted.gif:
        made["gif"] = _gif(shot, marker, caption)
    files = {f"{PICTURES}/{shot.name}.{kind}": content for kind, content in made.items()}
    return files, _record(shot, words, list(files))


def _marked(
    taken: Taking, marker: SideMarker, caption: str, exposed: Exposed | None
) -> NDArray[np.uint8]:
    words = exposed.words if exposed else ""
    return marked_picture(taken.shown, taken.shown_window, marker, caption, words)


def _gif(shot: Shot, marker: SideMarker, caption: str) -> bytes:
    end = shot.end_s or 0.0
    times: list[float | None] = [*np.linspace(0.0, end, _FRAMES)[:-1].tolist(), shot.time_s]
    frames = []
    for t in times:
        says = f"{caption}  {end if t is None else t:.0f} s"
        frames.append(_marked(shot.taken_at(t), marker, says, shot.exposed))
    return injection_gif(frames)


def _words(shot: Shot) -> ImageWords:
    pose, sacrum = shot.view.pose, shot.case.sacrum
    beam = beam_direction(pose)
    angles = angles_of(pose, scanner_from_table(sacrum))
    return ImageWords(
        says=angles.words,
        angles=angles,
        source_detector_mm=float((pose.detector_centre.single - pose.source.single) @ beam),
        source_isocentre_mm=float((isocentre(sacrum).single - pose.source.single) @ beam),
        lying=shot.lying,
        # The same whatever else is taken, and other for another view.
        instance=1 + int(digest(shot.name)[:4], 16),
        tube_kv=shot.exposed.tube_kv if shot.exposed else None,
    )


def _record(shot: Shot, words: ImageWords, files: list[str]) -> dict[str, Any]:
    pose, sacrum = shot.view.pose, shot.case.sacrum
    inserted = shot.inserted_at(shot.time_s)
    cement = inserted.cement
    return {
        "name": shot.name,
        "files": files,
        "says": words.says + _UNSAID * _is_unsaid(shot, inserted),
        "marker": asdict(side_marker(pose, sacrum)),
        "angles_to_table": asdict(words.angles),
        "angles_to_sacrum": asdict(angles_of(pose, scanner_from_sacral_axes(sacrum))),
        "source_detector_mm": words.source_detector_mm,
        "source_isocentre_mm": words.source_isocentre_mm,
        "cement_ml": None if cement is None else ml_from_mm3(cement.volume_mm3),
        "needles": len(inserted.needles),
        "withdraw_mm_per_ml": shot.steel.withdraw_mm_per_ml,
        "time_s": shot.end_s,
        "beam": asdict(shot.exposed) if shot.exposed else None,
    }


def _is_unsaid(shot: Shot, inserted: Inserted) -> bool:
    """Whether needles are shown after an injection that may have drawn them back or not."""
    after = shot.case.run is not None and len(inserted.needles) > 0
    return after and shot.steel.withdraw_mm_per_ml is None


def _header(shot: Shot) -> Any:
    ct = shot.case.ct
    if shot.series is None:
        return pseudonymous_header(shot.case.pseudonym, ct.acquisition.source_digest)
    if not ct.acquisition.series_uid:
        raise BadUsage(
            "--identity names the DICOM study of the case, and this case was made of a volume file; "
            "leave it out."
        )
    return ct_slices(shot.series, ct.acquisition.series_uid, ct.frame)[0].header


def _npz(shot: Shot, taken: Taking) -> bytes:
    """Line integrals before and after, needles in both; of a frame its signal besides."""
    placed = Inserted(None, placed_needles(shot.case, shot.steel))
    numbers: dict[str, Any] = {
        "before": shot.view.line_integrals(placed).line_integrals,
        "after": shot.view.line_integrals(shot.inserted_at(shot.time_s)).line_integrals,
    }
    if taken.frame is not None:
        numbers |= {"signal_kev": taken.frame.signal_kev, "open_kev": taken.frame.open_kev}
    content = io.BytesIO()
    np.savez_compressed(content, **numbers)
    return content.getvalue()
