"""All files of one radiograph of a case, and what is said of it."""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.imaged_case import ImagedCase
from sacroplasty.adapters.case_folder.picture_files import PICTURES
from sacroplasty.adapters.label_export.ct_slices import ct_slices
from sacroplasty.adapters.pose_files import pose_document
from sacroplasty.adapters.radiograph_export.injection_gif import injection_gif
from sacroplasty.adapters.radiograph_export.marked_picture import marked_picture
from sacroplasty.adapters.radiograph_export.side_marker import side_marker
from sacroplasty.adapters.radiograph_export.xa_image import (
    ImageWords,
    pseudonymous_header,
    xa_image,
)
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadUsage
from sacroplasty.fluoroscopy import (
    Lying,
    Radiograph,
    angles_of,
    beam_direction,
    isocentre,
    scanner_from_sacral_axes,
    scanner_from_table,
    window_of,
    with_cement,
)
from sacroplasty.provenance import digest
from sacroplasty.units import ml_from_mm3

_FRAMES = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files besides the picture (PNG) and its pose (JSON)."""

    dicom: bool = False
    gif: bool = False
    npz: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Shot:
    """One radiograph before the cement, of a case, to be shown at a time of its injection.

    recipe: of the cement, None where none was injected. series: the CT's DICOM, for identity.
    """

    name: str
    before: Radiograph
    case: ImagedCase
    recipe: CementRecipe | None
    time_s: float | None
    series: Path | None

    @property
    def lying(self) -> Lying:
        """A picture that is looked at from the detector is a supine patient's."""
        pose = self.before.pose
        facing = float(np.cross(pose.right, pose.down) @ beam_direction(pose))
        return Lying.PRONE if facing > 0 else Lying.SUPINE

    @property
    def end_s(self) -> float | None:
        """The time that is shown; None without cement."""
        if self.case.run is None:
            return None
        return float(self.case.run.timeline.time_s[-1]) if self.time_s is None else self.time_s

    def cement_at(self, time_s: float | None) -> CementField | None:
        """The cement at a time; None of time is the end of the injection."""
        if self.case.run is None:
            return None
        return self.case.run.cement if time_s is None else self.case.run.cement_at(time_s)

    def seen_at(self, time_s: float | None) -> Radiograph:
        """The radiograph at that time."""
        cement = self.cement_at(time_s)
        if cement is None or self.recipe is None:
            return self.before
        return with_cement(self.before, cement, self.recipe)


def shot_files(shot: Shot, wanted: Wanted) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Contents by name relative to the case, and the picture's record (`fluoro` schema)."""
    sacrum, pose = shot.case.sacrum, shot.before.pose
    window, marker = window_of(shot.before), side_marker(pose, sacrum)
    words, shown = _words(shot), shot.seen_at(shot.time_s)
    caption = f"{shot.name}  {words.says}"
    text = json.dumps(pose_document(pose), indent=2, allow_nan=False) + "\n"
    made = {
        "png": encode_png(marked_picture(shown, window, marker, caption)),
        "json": text.encode("utf-8"),
    }
    if wanted.npz:
        made["npz"] = _npz(shot.before, shown)
    if wanted.dicom:
        made["dcm"] = xa_image(shown, window, marker, words, _header(shot))
    if wanted.gif:
        end = shot.end_s or 0.0
        frames = [
            marked_picture(shot.seen_at(t), window, marker, f"{caption}  {t:.0f} s")
            for t in np.linspace(0.0, end, _FRAMES)[:-1].tolist()
        ]
        made["gif"] = injection_gif(
            [*frames, marked_picture(shown, window, marker, f"{caption}  {end:.0f} s")]
        )
    files = {f"{PICTURES}/{shot.name}.{kind}": content for kind, content in made.items()}
    return files, _record(shot, words, list(files))


def _words(shot: Shot) -> ImageWords:
    pose, sacrum = shot.before.pose, shot.case.sacrum
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
    )


def _record(shot: Shot, words: ImageWords, files: list[str]) -> dict[str, Any]:
    pose, sacrum = shot.before.pose, shot.case.sacrum
    cement = shot.cement_at(shot.time_s)
    return {
        "name": shot.name,
        "files": files,
        "says": words.says,
        "marker": asdict(side_marker(pose, sacrum)),
        "angles_to_table": asdict(words.angles),
        "angles_to_sacrum": asdict(angles_of(pose, scanner_from_sacral_axes(sacrum))),
        "source_detector_mm": words.source_detector_mm,
        "source_isocentre_mm": words.source_isocentre_mm,
        "cement_ml": None if cement is None else ml_from_mm3(cement.volume_mm3),
        "time_s": shot.end_s,
    }


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


def _npz(before: Radiograph, after: Radiograph) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, before=before.line_integrals, after=after.line_integrals)
    return content.getvalue()
