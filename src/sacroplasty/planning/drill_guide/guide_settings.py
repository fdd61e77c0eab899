"""What a drill guide is asked to be."""

from dataclasses import dataclass
from enum import StrEnum

from sacroplasty.errors import BadUsage
from sacroplasty.reference import constant_default


class GuideKind(StrEnum):
    """What the guide sits on."""

    SKIN = "skin"
    BONE = "bone"


@dataclass(frozen=True, slots=True)
class GuideSettings:
    """Lengths in mm.

    thickness_mm: of the plate. offset_mm: gap under it. channel_clearance_mm: channel diameter less
    needle outer diameter. wall_mm: of the tube. tube_length_mm: above the contact point of the
    needle's axis. rim_mm: plate around every entry. reach_mm: entries farther apart than this get a
    guide each. grid_mm: of the lattice that the solid is made on; its surface is true to about a
    tenth of that.
    """

    thickness_mm: float = constant_default("guide_thickness")
    offset_mm: float = constant_default("guide_offset")
    channel_clearance_mm: float = constant_default("guide_channel_clearance")
    wall_mm: float = constant_default("guide_wall")
    tube_length_mm: float = constant_default("guide_tube_length")
    rim_mm: float = constant_default("guide_rim")
    reach_mm: float = constant_default("guide_reach")
    grid_mm: float = 0.5

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("thickness", self.thickness_mm, 1.0, 10.0),
            ("offset", self.offset_mm, 0.0, 2.0),
            ("channel clearance", self.channel_clearance_mm, 0.0, 1.0),
            ("wall", self.wall_mm, 1.0, 10.0),
            ("tube length", self.tube_length_mm, 5.0, 60.0),
            ("rim", self.rim_mm, 8.0, 40.0),
            ("reach", self.reach_mm, 0.0, 150.0),
            ("grid", self.grid_mm, 0.2, 1.0),
        ):
            if not low <= value <= high:
                raise BadUsage(f"A guide {name} of {value} mm is outside {low:g}–{high:g} mm.")
