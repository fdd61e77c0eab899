"""Insufficiency fractures of the sacrum as they are named: limbs, sides and Denis zones."""

from enum import StrEnum

from sacroplasty.anatomy import Side


class FracturePattern(StrEnum):
    """Which limbs a fracture has.

    A vertical limb runs through an ala, about parallel to the sacroiliac joint; the horizontal limb
    crosses the S2 body. H: both vertical limbs, running on below the horizontal one. U: both, which
    end at it. T: one vertical limb, from which the horizontal one runs across the midline (a T that
    lies on its side).
    """

    NONE = "none"
    BILATERAL_ALA = "bilateral ala"
    LEFT_ALA = "left ala"
    RIGHT_ALA = "right ala"
    H = "H"
    U = "U"
    LEFT_T = "left T"
    RIGHT_T = "right T"

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides with a vertical limb."""
        if self in (FracturePattern.LEFT_ALA, FracturePattern.LEFT_T):
            return (Side.LEFT,)
        if self in (FracturePattern.RIGHT_ALA, FracturePattern.RIGHT_T):
            return (Side.RIGHT,)
        return () if self is FracturePattern.NONE else (Side.LEFT, Side.RIGHT)

    @property
    def has_horizontal_limb(self) -> bool:
        """Whether S2 is crossed."""
        return self in _CROSSED

    @property
    def mirrored(self) -> "FracturePattern":
        """The mirror image's pattern."""
        return _TWINS.get(self, self)


_CROSSED = (
    FracturePattern.H,
    FracturePattern.U,
    FracturePattern.LEFT_T,
    FracturePattern.RIGHT_T,
)
_TWINS = {
    FracturePattern.LEFT_ALA: FracturePattern.RIGHT_ALA,
    FracturePattern.RIGHT_ALA: FracturePattern.LEFT_ALA,
    FracturePattern.LEFT_T: FracturePattern.RIGHT_T,
    FracturePattern.RIGHT_T: FracturePattern.LEFT_T,
}


class FractureZones(StrEnum):
    """Denis zones that a fracture crosses: I lateral to the foramina, II through them, III medial."""

    NONE = "none"
    I = "I"  # noqa: E741 - the zone's name
    II = "II"
    I_II = "I-II"
    I_II_III = "I-II-III"

    @property
    def numbers(self) -> tuple[int, ...]:
        """1, 2, 3 for I, II, III: as in `SacrumModel.zones`."""
        if self is FractureZones.NONE:
            return ()
        return tuple(len(numeral) for numeral in self.value.split("-"))


class Limb(StrEnum):
    """A limb of the fracture; `value_in_clefts` is its value in the cleft label map."""

    LEFT = "left vertical"
    RIGHT = "right vertical"
    HORIZONTAL = "horizontal"

    @property
    def value_in_clefts(self) -> int:
        """1 left, 2 right, 3 horizontal."""
        return list(Limb).index(self) + 1
