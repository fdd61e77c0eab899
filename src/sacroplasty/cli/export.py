"""`sacroplasty export`: the plan of a case for other programs, the PACS, the printer and the wall."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty export case/ --markups --pdf --sr --dicom scan/ --out exported/"


class GuideOn(StrEnum):
    """What a drill guide sits on."""

    SKIN = "skin"
    BONE = "bone"


def export(
    case: Annotated[Path, typer.Argument(help="Case folder with a plan in it.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write into.")],
    markups: Annotated[
        bool, typer.Option("--markups", help="3D Slicer lines (.mrk.json), LPS mm.")
    ] = False,
    sr: Annotated[
        bool,
        typer.Option("--sr", help="DICOM structured report; carries the CT's patient identity."),
    ] = False,
    seg: Annotated[
        bool,
        typer.Option(
            "--seg", help="DICOM SEG of needles and cement zones; carries the CT's identity."
        ),
    ] = False,
    sc: Annotated[
        bool,
        typer.Option("--sc", help="DICOM pictures of the plan; carry the CT's patient identity."),
    ] = False,
    guide: Annotated[
        bool, typer.Option("--drill-guide", help="Printable drill guides (STL, LPS mm).")
    ] = False,
    guide_on: Annotated[
        GuideOn, typer.Option("--guide-on", help="What the drill guide sits on.")
    ] = GuideOn.SKIN,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="The plan on one sheet of A4; names the pseudonym only.")
    ] = False,
    igtl: Annotated[
        str | None,
        typer.Option(
            help="Send the needles to host:port by OpenIGTLink; plain TCP, needle names only."
        ),
    ] = None,
    dicom: Annotated[
        Path | None,
        typer.Option(help="The DICOM series that was planned on, for --sr, --seg and --sc."),
    ] = None,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Write the needles of a planned case for Slicer, PACS, navigation, printer and paper.

    Slicer lines, STL and PDF name nobody but the pseudonym. DICOM objects join the CT's study and
    therefore carry its patient identity: they are as confidential as the CT.
    """
    del debug
    from sacroplasty import NOT_A_DEVICE, compose

    wanted = compose.ExportRequest(
        markups=markups,
        report=sr,
        segments=seg,
        captures=sc,
        guide=guide,
        guide_on=guide_on.value,
        sheet=pdf,
        igtl=igtl,
        dicom=dicom,
    )
    written = compose.export_plan(case, wanted, out)
    if as_json:
        files = [str(path) for path in written]
        print(json.dumps({"case": str(case), "files": files, "sent_to": igtl}, indent=2))
        return
    for path in written:
        print(path)
    if igtl:
        print(f"sent to {igtl}")
    print(NOT_A_DEVICE)
