"""Options that several commands share, said once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CEMENT = "medium viscosity"
DEFAULT_VOLUME_ML = 3.0
DEFAULT_GAUGE = 11

Ct = Annotated[
    Path, typer.Argument(help="DICOM folder, a zip of one, or a NIfTI, NRRD or MHA file.")
]
Out = Annotated[Path, typer.Option("--out", help="Case folder to make, or to resume.")]
OptionalOut = Annotated[
    Path | None,
    typer.Option("--out", help="Case folder to make, or to resume; needed with a scan."),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        help="Label map (NIfTI, NRRD, MetaImage), folder of masks, Slicer .seg.nrrd or DICOM SEG, "
        "to be used in place of an engine."
    ),
]
LabelMap = Annotated[
    str | None,
    typer.Option(
        "--label-map",
        help="What the label values mean: a YAML file, 1=sacrum,11-19=ilium_left,… or a table: "
        "totalsegmentator-v1, -v2, -v3, sacroplasty.",
    ),
]


class Engines(StrEnum):
    """What finds the bones."""

    BUILTIN = "built-in"
    TOTALSEGMENTATOR = "totalsegmentator"
    TOTALSEGMENTATOR_FAST = "totalsegmentator-fast"


Engine = Annotated[
    Engines | None,
    typer.Option(
        help="What finds the bones. TotalSegmentator must be installed, with its weights; "
        "nothing is downloaded. Default: the built-in engine, or --labels."
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(help="Folder of TotalSegmentator's weights. Default: $TOTALSEG_WEIGHTS_PATH."),
]
Series = Annotated[
    str | None, typer.Option(help="Which series, by number as listed or by UID, if several.")
]
Acquisition = Annotated[
    int | None, typer.Option(help="Which acquisition number, if the series mixes several.")
]
RepairTilt = Annotated[
    bool, typer.Option("--repair-tilt", help="Shear a gantry tilt back; the case records it.")
]
RepairGaps = Annotated[
    bool, typer.Option("--repair-gaps", help="Interpolate missing slices; the case records it.")
]
Cement = Annotated[str, typer.Option(help="Cement preset, by name.")]
Volume = Annotated[
    float | None, typer.Option("--volume-ml", help="Cement per needle, mL.", show_default="3")
]
Gauge = Annotated[int, typer.Option(help="Needle gauge: 10, 11 or 13.")]
FractureDrawing = Annotated[
    Path | None,
    typer.Option(
        "--fracture",
        help="Your fracture, instead of the detector's: label volume, Slicer .mrk.json, or CSV of "
        "points in LPS mm.",
    ),
]
FracturePlane = Annotated[
    str | None,
    typer.Option("--fracture-plane", help="The same as a plane: x,y,z,nx,ny,nz in LPS mm."),
]
Mri = Annotated[
    Path | None,
    typer.Option("--mri", help="STIR or fat-suppressed T2 MRI of the sacrum, to mark oedema."),
]
DicomSeg = Annotated[
    Path | None,
    typer.Option(
        "--dicom-seg",
        help="Also write the labels as DICOM SEG; it carries the CT's patient identity.",
    ),
]
AcceptAnatomy = Annotated[
    bool,
    typer.Option(
        "--accept-anatomy", help="Go on although a check of the anatomy failed; a plan records it."
    ),
]
Pseudonym = Annotated[
    str | None, typer.Option(help="Name on the report. Default: from the scan's digest.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of a defect.", hidden=True)]


class Sides(StrEnum):
    """Which sides to plan, the patient's own."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"


WhichSides = Annotated[Sides, typer.Option("--sides", help="The patient's own side or sides.")]
