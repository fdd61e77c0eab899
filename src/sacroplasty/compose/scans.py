"""A patient as a door asks for one: the scan, who finds the bones, what is known besides."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sacroplasty.adapters.ct_reading import ReadOptions, read_ct
from sacroplasty.adapters.fracture_drawing import plane_drawing, read_drawing
from sacroplasty.adapters.label_import import label_meaning, labelled_segmenter
from sacroplasty.adapters.mri_reading import read_mri
from sacroplasty.adapters.plan_export.slicer_markups import read_markups
from sacroplasty.adapters.totalsegmentator import totalsegmentator
from sacroplasty.adapters.volume_files import read_volume
from sacroplasty.anatomy import BuiltinSegmenter, Segmenter
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.pathway import BesidesCT, Patient
from sacroplasty.planning import ApproachChoice, OwnNeedle

_TOTALSEGMENTATOR = "totalsegmentator"
_LONGEST_PSEUDONYM = 100
# No scanner reaches 100 m; beyond it arithmetic overflows. Not a number is farther, too.
_FARTHEST_MM = 1e5


def read_scan(
    path: Path,
    *,
    series: str | None = None,
    acquisition: int | None = None,
    repair_tilt: bool = False,
    repair_gaps: bool = False,
) -> CTVolume:
    """The CT in `path`; raises the `BadInput` errors of the reader."""
    return read_ct(path, ReadOptions(series, acquisition, repair_tilt, repair_gaps))


def segmenter_for(
    labels: Path | None,
    mapping: str | None,
    *,
    engine: str | None = None,
    weights: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Segmenter:
    """Imported labels where there are some, else the engine of that name, else the built-in one.

    `tell` gets each line of progress of a foreign engine. Raises `BadUsage` for options that
    contradict each other, `EngineMissing`, and the errors of the label import.
    """
    if labels is not None and engine is not None:
        raise BadUsage("--labels are used in place of an --engine; give one of the two.")
    if labels is None and mapping is not None:
        raise BadUsage("--label-map says what label values mean, but there are no --labels.")
    if weights is not None and not (engine or "").startswith(_TOTALSEGMENTATOR):
        raise BadUsage("--weights are TotalSegmentator's; give --engine totalsegmentator too.")
    if labels is not None:
        return labelled_segmenter(labels, label_meaning(mapping) if mapping else None)
    match engine:
        case None | "built-in":
            return BuiltinSegmenter()
        case "totalsegmentator" | "totalsegmentator-fast":
            return totalsegmentator(weights, fast=engine.endswith("-fast"), tell=tell)
    raise BadUsage(
        f"There is no engine {engine!r}; there are built-in, totalsegmentator and "
        "totalsegmentator-fast."
    )


def patient_of(
    ct: CTVolume,
    *,
    pseudonym: str | None = None,
    fracture: Path | None = None,
    fracture_plane: str | None = None,
    mri: Path | None = None,
) -> Patient:
    """The CT with all that is known besides: a drawn fracture, an MRI. Raises `BadInput` errors."""
    if fracture and fracture_plane:
        raise BadUsage("--fracture and --fracture-plane are two drawings; give one of them.")
    drawn = read_drawing(fracture, ct.frame) if fracture else None
    if fracture_plane:
        drawn = plane_drawing(fracture_plane, ct.frame)
    besides = BesidesCT(drawn, read_mri(mri) if mri else None)
    return Patient(ct, _pseudonym(ct, pseudonym), besides)


def drawn_needles(
    ct: CTVolume,
    entries: Sequence[str],
    targets: Sequence[str],
    markups: Path | None,
    *,
    approach: str,
) -> tuple[OwnNeedle, ...]:
    """The operator's own needles, from pairs of "x,y,z" in LPS mm or from Slicer's lines.

    Raises `BadUsage` for points that are none, and the errors of the markups reader.
    """
    if len(entries) != len(targets):
        raise BadUsage(
            f"Each needle has one --entry and one --target; got {len(entries)} and {len(targets)}."
        )
    way = ApproachChoice(approach)
    typed = [
        OwnNeedle(_point("--entry", entry, ct), _point("--target", target, ct), way)
        for entry, target in zip(entries, targets, strict=True)
    ]
    lines = read_markups(markups, ct.frame) if markups else ()
    return (*typed, *(OwnNeedle(line.entry, line.target, way) for line in lines))


def labelled_vessels(path: Path, ct: CTVolume) -> Volume[np.uint8]:
    """Everything that is not 0 in a label map is to be kept clear of.

    Raises `UnreadableInput` for what is no label map or marks nothing inside the scan.
    """
    read = read_volume(path, ct.frame)
    marked = Volume((np.asarray(read.values) > 0.5).astype(np.uint8), read.grid)
    if not marked.on(ct.grid, order=0).values.any():
        raise UnreadableInput(
            f"{path.name!r} marks nothing inside the CT; check that it was drawn on this scan."
        )
    return marked


def _point(option: str, text: str, ct: CTVolume) -> Points:
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 3 or not all(abs(number) <= _FARTHEST_MM for number in numbers):
        raise BadUsage(f"{option} {text!r} is not x,y,z in mm, patient axes LPS.")
    return Points.at(numbers, ct.frame)


def _pseudonym(ct: CTVolume, wanted: str | None) -> str:
    name = wanted or f"case-{ct.acquisition.source_digest[:8]}"
    if not name.isprintable() or len(name) > _LONGEST_PSEUDONYM:
        raise BadUsage(
            f"A pseudonym is one line of at most {_LONGEST_PSEUDONYM} printable characters; "
            "choose another --pseudonym."
        )
    return name
