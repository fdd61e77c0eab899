"""From line integrals to grey: the only place where a picture is windowed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.blur import broad_blur
from sacroplasty.fluoroscopy.radiograph import Radiograph

# Like a C-arm's automatic brightness: only a disc in the middle of the field is measured.
_MEASURED_RADIUS = 0.6
_BRIGHTEST_PERCENT = 99.5
# Bone reaches from the median (soft tissue) up to the brightest; below the median so many of these
# spans are shown. A percentile below would be drawn away by the air behind the back on a lateral.
_DARK_SPANS = 2.0
_LEAST_SPAN = 1e-3
_LEVELLED_MM = 25.0  # by eye: bones of thick and thin parts show side by side


@dataclass(frozen=True, slots=True)
class Window:
    """Line integrals that are shown as the two ends of grey; dimensionless."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.high > self.low:
            raise BadInput(f"A display window needs low below high; got {self.low}–{self.high}.")


def window_of(
    before: Radiograph,
    lit: NDArray[np.bool_] | None = None,
    *,
    measured_radius: float = _MEASURED_RADIUS,
    dark_spans: float = _DARK_SPANS,
) -> Window:
    """A window from the picture **without** cement; use it for the one with cement as well.

    From the median and the brightest rays within the measuring field, a disc around the centre
    (its radius over half the detector), and within the shutters (`lit`, rows and columns) where there are some. Both pictures share the
    window, so cement never changes the bone around it.
    """
    rows, columns = (np.linspace(-1.0, 1.0, n) for n in before.line_integrals.shape)
    measured = np.hypot(rows[:, None], columns[None, :]) <= measured_radius
    stopped = before.line_integrals > 0 if lit is None else (before.line_integrals > 0) & lit
    met = before.line_integrals[measured & stopped]
    if met.size == 0:
        met = before.line_integrals[stopped]
    if met.size == 0:
        raise BadInput("Nothing stopped the beam in this picture; there is nothing to window.")
    middle, high = (float(p) for p in np.percentile(met, [50.0, _BRIGHTEST_PERCENT]))
    span = max(high - middle, _LEAST_SPAN)
    return Window(middle - dark_spans * span, middle + span)


def level_of(
    radiograph: Radiograph,
    lit: NDArray[np.bool_],
    *,
    share: float,
    spread_mm: float = _LEVELLED_MM,
) -> NDArray[np.float32]:
    """share·(x̄ − its median), x̄ the picture spread by `spread_mm`; only `lit` rays count.

    Thick and thin parts of a patient differ more than a screen can show; every fluoroscope takes
    this off before it windows. Take it from the picture of the patient alone for those with
    anything in him, or a cement would darken the bone around it.
    """
    if not (0 <= share <= 1 and spread_mm > 0):
        raise BadInput(f"Levelling needs a share of 0–1 and a spread; got {share}, {spread_mm}.")
    spread = spread_mm / radiograph.pose.pixel_mm
    counted = broad_blur(lit.astype(np.float32), spread)
    summed = broad_blur(np.where(lit, radiograph.line_integrals, np.float32(0.0)), spread)
    smooth = np.divide(summed, counted, out=np.zeros_like(summed), where=lit & (counted > 0))
    middle = np.float32(np.median(smooth[lit]))
    return np.where(lit, np.float32(share) * (smooth - middle), np.float32(0.0))


def to_display(
    radiograph: Radiograph, window: Window, *, bone_white: bool = True
) -> NDArray[np.uint8]:
    """Grey values 0…255, shape (rows, columns), linear in ∫ μ dl (= −ln of the transmission).

    Film convention by default: what stops the beam is white. `bone_white=False` gives the
    fluoroscopy screen, where cement is black.
    """
    grey = (radiograph.line_integrals.astype(np.float64) - window.low) / (window.high - window.low)
    white = np.clip(grey if bone_white else 1.0 - grey, 0.0, 1.0)
    return np.asarray(np.rint(255.0 * white), dtype=np.uint8)
