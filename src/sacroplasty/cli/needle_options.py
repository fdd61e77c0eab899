"""The options by which a command is asked for needles."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sacroplasty.cli import options

if TYPE_CHECKING:
    import numpy as np

    from sacroplasty.compose import PlanRequest
    from sacroplasty.geometry import Volume
    from sacroplasty.imaging import CTVolume
    from sacroplasty.planning import OwnNeedle


class Approaches(StrEnum):
    """The ways to the sacrum; auto compares those into the ala."""

    AUTO = "auto"
    SHORT_AXIS = "short-axis"
    LONG_AXIS = "long-axis"
    TRANSILIAC = "transiliac"
    S1_BODY = "s1-body"


Approach = Annotated[
    Approaches, typer.Option(help="Which way to the sacrum; auto compares those into the ala.")
]
NeedlesPerSide = Annotated[
    int, typer.Option("--needles-per-side", help="One needle a side, or two: at S1 and at S2.")
]
BodyNeedle = Annotated[
    bool,
    typer.Option("--body-needle", help="One more needle into the S1 body, for an H fracture."),
]
Entries = Annotated[
    list[str] | None,
    typer.Option(
        "--entry", help="Your own skin entry instead of a search: x,y,z in LPS mm; repeatable."
    ),
]
Targets = Annotated[
    list[str] | None, typer.Option("--target", help="The tip of that needle: x,y,z in LPS mm.")
]
Markups = Annotated[
    Path | None,
    typer.Option("--markups", help="Your own needles as lines of 3D Slicer, .mrk.json."),
]
Vessels = Annotated[
    Path | None,
    typer.Option(
        "--vessels",
        help="Label map of vessels to keep clear of (iliac vessels, superior gluteal artery).",
    ),
]
PlacementSeed = Annotated[
    int, typer.Option("--placement-seed", min=0, help="Seed of the drawn placement errors.")
]


@dataclass(frozen=True, slots=True)
class NeedleOptions:
    """What is asked of the planner."""

    volume_ml: options.Volume = None
    gauge: options.Gauge = options.DEFAULT_GAUGE
    approach: Approach = Approaches.AUTO
    sides: options.WhichSides = options.Sides.BOTH
    needles_per_side: NeedlesPerSide = 1
    body_needle: BodyNeedle = False
    entry: Entries = None
    target: Targets = None
    markups: Markups = None
    vessels: Vessels = None
    placement_seed: PlacementSeed = 0
    accept_anatomy: options.AcceptAnatomy = False

    def request(self) -> "PlanRequest":
        """In the words of `compose`."""
        from sacroplasty import compose

        return compose.PlanRequest(
            volume_ml=options.DEFAULT_VOLUME_ML if self.volume_ml is None else self.volume_ml,
            gauge=self.gauge,
            approach=self.approach.value,
            sides=() if self.sides is options.Sides.BOTH else (self.sides.value,),
            needles_per_side=self.needles_per_side,
            body_needle=self.body_needle,
            accept_anatomy=self.accept_anatomy,
            seed=self.placement_seed,
        )

    def own(self, ct: "CTVolume") -> "tuple[OwnNeedle, ...]":
        """The operator's own needles on that scan; raises `BadUsage`."""
        from sacroplasty import compose

        return compose.drawn_needles(
            ct, self.entry or [], self.target or [], self.markups, approach=self.approach.value
        )

    def vessels_on(self, ct: "CTVolume") -> "Volume[np.uint8] | None":
        """What the user labelled on that scan; raises the errors of the volume reader."""
        from sacroplasty import compose

        return compose.labelled_vessels(self.vessels, ct) if self.vessels else None
