"""`sacroplasty fluoro`: the C-arm's picture of a case, from any side, before and after cement."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sacroplasty.cli import options
from sacroplasty.cli.option_groups import options_given, spread_options
from sacroplasty.cli.telling_visibility import visibility_text
from sacroplasty.errors import BadUsage

if TYPE_CHECKING:
    from sacroplasty import compose

EXAMPLE = "Example: sacroplasty fluoro case/ --view ap --view outlet --needle L1 --dicom --gif"

Case = Annotated[Path, typer.Argument(help="Case folder with anatomy in it.")]


Visibility = Annotated[
    bool,
    typer.Option(
        "--visibility",
        help="Take no picture; tell which view shows which leak, and the pair that misses least.",
    ),
]


@dataclass(frozen=True, slots=True)
class PoseOptions:
    """Where the C-arm stands."""

    view: Annotated[
        list[str] | None,
        typer.Option(
            help="Named view, repeatable: ap, pa, lateral(-left, -right), inlet, outlet, "
            "oblique-for-left, oblique-for-right. Default: ap, lateral, inlet, outlet."
        ),
    ] = None
    lao: Annotated[
        float | None,
        typer.Option(
            help="Degrees that the detector leans to the patient's left from its place over the "
            "patient; negative is RAO."
        ),
    ] = None
    cranial: Annotated[
        float | None,
        typer.Option(help="Degrees that it leans to the head; negative is caudal."),
    ] = None
    supine: Annotated[
        bool,
        typer.Option("--supine", help="The patient lies supine, not prone; for --lao, --cranial."),
    ] = False
    needle: Annotated[
        list[str] | None,
        typer.Option(help="Down a planned needle: L1 is the first on the left. Repeatable."),
    ] = None
    pose: Annotated[
        list[Path] | None,
        typer.Option(help="Pose as JSON (see `sacroplasty schema pose`). Repeatable."),
    ] = None

    def asked(self) -> "compose.PosesAsked":
        """The poses as the rooms ask for them; raises `BadUsage` for an unknown view."""
        from sacroplasty import compose

        return compose.PosesAsked(
            views=tuple(self.view or ()),
            lao_deg=self.lao,
            cranial_deg=self.cranial,
            needles=tuple(self.needle or ()),
            files=tuple(self.pose or ()),
            lying=compose.Lying.SUPINE if self.supine else compose.Lying.PRONE,
        )


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """What is in the patient, and which files are wanted besides PNG and pose."""

    time: Annotated[
        float | None,
        typer.Option(help="Seconds since the first needle opened. Default: the end."),
    ] = None
    cement: Annotated[
        str | None, typer.Option(help="Cement by name, where the case does not say.")
    ] = None
    no_needles: Annotated[
        bool,
        typer.Option(
            "--no-needles",
            help="Leave the planned needles out. Default: they are in, as the injection has them.",
        ),
    ] = False
    withdraw: Annotated[
        float | None,
        typer.Option(
            help="By how many mm per mL the needles were drawn back, where the case does not say."
        ),
    ] = None
    dicom: Annotated[
        bool, typer.Option("--dicom", help="Also 16-bit DICOM (XA) under the case's pseudonym.")
    ] = False
    identity: Annotated[
        Path | None,
        typer.Option(
            help="The CT's DICOM series: the DICOM files join its study and carry the patient's "
            "identity."
        ),
    ] = None
    gif: Annotated[bool, typer.Option("--gif", help="Also the injection as it grows (GIF).")] = (
        False
    )
    npz: Annotated[
        bool, typer.Option("--npz", help="Also line integrals before and after (npz).")
    ] = False

    def request(
        self, poses: "compose.PosesAsked", beam: "compose.BeamAsked | None"
    ) -> "compose.FluoroRequest":
        """The request; raises `BadUsage` for what contradicts itself."""
        from sacroplasty import compose

        return compose.FluoroRequest(
            poses,
            compose.Wanted(dicom=self.dicom, gif=self.gif, npz=self.npz),
            time_s=self.time,
            cement=self.cement,
            series=self.identity,
            beam=beam,
            needles=not self.no_needles,
            withdraw_mm_per_ml=self.withdraw,
        )


class Beams(StrEnum):
    """What the picture is made of."""

    MONO = "mono"
    POLY = "poly"


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """Fluoroscopic frames in place of line integrals."""

    beam: Annotated[
        Beams | None,
        typer.Option(
            help="mono: line integrals of one energy, without noise. poly: one frame of a beam, "
            "with its noise, scatter and shutters. Default: mono, or poly with an option of it."
        ),
    ] = None
    kvp: Annotated[
        float | None,
        typer.Option(help="Tube voltage, kV, held. Default: automatic, from 80 on."),
    ] = None
    dose_ngy: Annotated[
        float | None,
        typer.Option(
            "--dose-ngy", help="Dose of a frame at the detector, nGy.", show_default="usual"
        ),
    ] = None
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the noise.", show_default="0")
    ] = None
    subtract: Annotated[
        bool, typer.Option("--subtract", help="Less a mask before the cement: the cement alone.")
    ] = False

    def asked(self) -> "compose.BeamAsked | None":
        """None for line integrals; raises `BadUsage`, `BadInput`."""
        from sacroplasty import compose

        of_a_beam = options_given(self, "beam")
        if self.beam is Beams.MONO and of_a_beam:
            raise BadUsage(
                f"{' and '.join(of_a_beam)}: only with a beam of many energies; leave --beam mono out."
            )
        if not (of_a_beam or self.beam is Beams.POLY):
            return None
        return compose.BeamAsked(self.kvp, self.dose_ngy, self.seed or 0, self.subtract)


@spread_options
def fluoro(
    case: Case,
    poses: PoseOptions,
    pictures: PictureOptions,
    beam: BeamOptions,
    visibility: Visibility = False,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Simulate radiographs of a case into CASE/fluoroscopy/pictures, with cement where it has some.

    The patient lies prone with the tube below the table, so AP is the beam straight through. The
    letters L and R are the patient's own sides.
    """
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    if visibility:
        _refuse_pictures(poses, pictures, beam)
        with stage_progress() as watcher:
            views, document = compose.view_leaks_of(case, pictures.cement, watcher=watcher)
        print(json.dumps(document, indent=2) if as_json else visibility_text(views))
        return
    request = pictures.request(poses.asked(), beam.asked())
    with stage_progress() as watcher:
        document = compose.take_pictures(case, request, watcher=watcher)
    print(json.dumps(document, indent=2) if as_json else _text(document, case))


def _refuse_pictures(poses: PoseOptions, pictures: PictureOptions, beam: BeamOptions) -> None:
    given = options_given(poses) + options_given(pictures, "cement") + options_given(beam)
    if given:
        raise BadUsage(
            f"--visibility compares ap, lateral, inlet and outlet and takes no picture; leave "
            f"{', '.join(given)} out."
        )


def _text(document: dict[str, Any], case: Path) -> str:
    from sacroplasty import NOT_A_DEVICE

    lines = []
    for picture in document["pictures"]:
        held = picture["cement_ml"]
        cement = "" if held is None else f", {held:.1f} mL cement at {picture['time_s']:.0f} s"
        lines.append(f"{picture['name']}: {picture['says']}{cement}")
        lines += [f"  {case / name}" for name in picture["files"]]
    return "\n".join([*lines, NOT_A_DEVICE])
