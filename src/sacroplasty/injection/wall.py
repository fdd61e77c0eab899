"""A wall that cement must not reach."""

from dataclasses import dataclass

from sacroplasty.anatomy import Level, Side
from sacroplasty.leaks import LeakSite

_PLAIN = {
    LeakSite.FORAMEN: "foramen",
    LeakSite.CANAL: "sacral canal",
    LeakSite.SI_JOINT: "SI joint",
    LeakSite.DISC_L5S1: "L5/S1 disc",
    LeakSite.PRESACRAL: "anterior cortex",
    LeakSite.POSTERIOR: "posterior cortex",
}


@dataclass(frozen=True, slots=True)
class Wall:
    """The wall of one site, with its side and level where it has them (the patient's own side)."""

    site: LeakSite
    side: Side | None
    level: Level | None

    @property
    def is_cortex(self) -> bool:
        """Whether soft tissue lies behind it, and no space with a name."""
        return self.site in (LeakSite.PRESACRAL, LeakSite.POSTERIOR)

    def __str__(self) -> str:
        parts = (self.side, _PLAIN[self.site], self.level)
        return " ".join(str(part) for part in parts if part is not None)
