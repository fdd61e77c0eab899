"""The names of things: structures of the label map, sides and sacral levels.

Left and right are always the patient's own.
"""

from enum import IntEnum, StrEnum


class Side(StrEnum):
    """The patient's own side."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def sign(self) -> int:
        """+1 for left, −1 for right: the sign of x in LPS and in the sacral frame."""
        return 1 if self is Side.LEFT else -1


class Level(StrEnum):
    """Sacral segment levels that carry a foramen."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Structure(IntEnum):
    """Values of the label map. Each voxel carries one; `OUTSIDE` is air outside the body.

    SACRUM is all sacral bone, cortex included. CANAL and the FORAMEN values are the open spaces
    (3-D, from ventral to dorsal mouth); SI_JOINT is the joint space between sacrum and ilium.
    COCCYX is what hangs below the last sacral segment.
    """

    OUTSIDE = 0
    SACRUM = 1
    ILIUM_LEFT = 2
    ILIUM_RIGHT = 3
    L5 = 4
    CANAL = 5
    SI_JOINT_LEFT = 6
    SI_JOINT_RIGHT = 7
    DISC_L5S1 = 8
    SOFT_TISSUE = 9
    COCCYX = 10
    FORAMEN_S1_LEFT = 11
    FORAMEN_S2_LEFT = 12
    FORAMEN_S3_LEFT = 13
    FORAMEN_S4_LEFT = 14
    FORAMEN_S1_RIGHT = 21
    FORAMEN_S2_RIGHT = 22
    FORAMEN_S3_RIGHT = 23
    FORAMEN_S4_RIGHT = 24

    @property
    def label(self) -> str:
        """The name that files carry: ``sacrum``, ``ilium_left``, ``foramen_S1_left``, …"""
        parts = self.name.split("_")
        return "_".join(
            p if p in {"L5", "S1", "S2", "S3", "S4", "L5S1"} else p.lower() for p in parts
        )

    @property
    def is_foramen(self) -> bool:
        """Whether this is a foraminal canal."""
        return self.name.startswith("FORAMEN")


def foramen_structure(level: Level, side: Side) -> Structure:
    """The structure of one foraminal canal."""
    return Structure[f"FORAMEN_{level.value}_{side.name}"]


def si_joint_structure(side: Side) -> Structure:
    """The structure of one SI joint space."""
    return Structure[f"SI_JOINT_{side.name}"]


def ilium_structure(side: Side) -> Structure:
    """The structure of one ilium."""
    return Structure[f"ILIUM_{side.name}"]
