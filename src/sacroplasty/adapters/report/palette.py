"""What each structure looks like in every picture: colour (safe for colour-blind eyes) and line.

Line patterns differ as well, so that nothing is said by colour alone.
"""

from dataclasses import dataclass

from sacroplasty.anatomy import Structure


@dataclass(frozen=True, slots=True)
class Ink:
    """One kind of outline. `dash` is an SVG dash pattern in mm, empty for a full line."""

    key: str
    says: str
    colour: str
    dash: str
    structures: tuple[Structure, ...]

    @property
    def rgb(self) -> tuple[float, float, float]:
        """The colour as numbers 0…1."""
        r, g, b = (int(self.colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return (r, g, b)


SACRUM = Ink("sacrum", "sacrum", "#f0dc82", "", (Structure.SACRUM,))
FORAMINA = Ink(
    "foramina",
    "foraminal canals",
    "#56b4e9",
    "",
    tuple(s for s in Structure if s.is_foramen),
)
CANAL = Ink("canal", "sacral canal", "#e59ac8", "1.6 1", (Structure.CANAL,))
SI_JOINTS = Ink(
    "si-joints",
    "SI joints",
    "#3fc79a",
    "3 1.2",
    (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT),
)
OUTLINES = (SACRUM, FORAMINA, CANAL, SI_JOINTS)

FRACTURE = Ink("fracture", "fracture", "#ff4d6d", "0.9 0.9", ())
OEDEMA = Ink("oedema", "bright marrow on MRI", "#c8a2ff", "2 2", ())

NEEDLE = Ink("needle", "needle", "#ffffff", "", ())
CEMENT = Ink("cement", "cement", "#ff6f3c", "", ())

# The neighbours that give the 3-D pictures their context.
CONTEXT = (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)
LEAK = Ink("leak", "leaked cement", "#ffe14d", "", ())
