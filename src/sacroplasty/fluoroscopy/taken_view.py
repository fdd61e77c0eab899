"""A view that is taken again as cement grows and needles move: as line integrals or noisy frames.

Both ways show the same. `stored` is what goes into a file for programs, `shown` what a person looks
at, levelled. The patient's own picture is made once; cement and needles are laid over it in their own boxes.
"""

from dataclasses import dataclass, field
from typing import Protocol

from sacroplasty.cement import CementRecipe
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.display import Window, window_of
from sacroplasty.fluoroscopy.expose import with_inserted
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame
from sacroplasty.fluoroscopy.inserted import Inserted
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.screen import Screen


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
    """A pose from which pictures are taken, whatever lies in the patient."""

    @property
    def pose(self) -> CArmPose: ...

    def line_integrals(self, inserted: Inserted) -> Radiograph:
        """∫ μ dl, never windowed, levelled or noisy."""
        ...

    def taken(self, inserted: Inserted, instant: str) -> Taking:
        """The picture. Noise is that of `instant`: another word, another draw."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class LineIntegralView:
    """Pictures of one energy without noise. patient: nothing in him. recipe: of the cement to come."""

    patient: Radiograph
    recipe: CementRecipe | None = None
    screen: Screen = field(init=False)
    stored_window: Window = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "screen", Screen.of(self.patient))
        object.__setattr__(self, "stored_window", window_of(self.patient))

    @property
    def pose(self) -> CArmPose:
        """Where source and detector stand."""
        return self.patient.pose

    def line_integrals(self, inserted: Inserted) -> Radiograph:
        """See `TakenView`."""
        return with_inserted(self.patient, inserted, self.recipe)

    def taken(self, inserted: Inserted, instant: str) -> Taking:
        """See `TakenView`; level and windows are those of the patient alone."""
        del instant
        seen = self.line_integrals(inserted)
        return Taking(seen, self.stored_window, self.screen.shown(seen), self.screen.window)
