"""A view that is taken again as the cement grows: as plain line integrals, or as noisy frames.

Both ways show the same: `before` and `after` are line integrals that nobody has windowed, `stored`
is what goes into a file for programs, `shown` what a person looks at.
"""

from dataclasses import dataclass
from typing import Protocol

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.display import Window, window_of
from sacroplasty.fluoroscopy.expose import with_cement
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame
from sacroplasty.fluoroscopy.radiograph import Radiograph


@dataclass(frozen=True, eq=False, slots=True)
class Taking:
    """One picture: `stored` with `stored_window`, and `shown` with `shown_window`.

    frame: the detector's signal that it was made of; None for line integrals.
    """

    stored: Radiograph
    stored_window: Window
    shown: Radiograph
    shown_window: Window
    frame: FluoroscopicFrame | None = None


class TakenView(Protocol):
    """A pose from which pictures are taken, with cement or without."""

    @property
    def pose(self) -> CArmPose: ...

    def line_integrals(self, cement: CementField | None) -> Radiograph:
        """∫ μ dl, never windowed, levelled or noisy."""
        ...

    def taken(self, cement: CementField | None, instant: str) -> Taking:
        """The picture. Noise is that of `instant`: another word, another draw."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class LineIntegralView:
    """Pictures of one energy without noise. recipe: None where there will be no cement."""

    before: Radiograph
    recipe: CementRecipe | None = None

    @property
    def pose(self) -> CArmPose:
        """Where source and detector stand."""
        return self.before.pose

    def line_integrals(self, cement: CementField | None) -> Radiograph:
        """See `TakenView`."""
        if cement is None or self.recipe is None:
            return self.before
        return with_cement(self.before, cement, self.recipe)

    def taken(self, cement: CementField | None, instant: str) -> Taking:
        """See `TakenView`; one window, that of the picture before the cement."""
        del instant
        window, seen = window_of(self.before), self.line_integrals(cement)
        return Taking(seen, window, seen, window)
