"""Small media, and needles that feed them, for the closed forms."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from box_patient import FRAME
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.driving import Feed
from sacroplasty.injection.front_flow import FrontFlow
from sacroplasty.injection.needle_course import NeedleCourse, NeedleFlow
from sacroplasty.injection.pore_rheology import PoreLaw
from sacroplasty.injection.tip_source import TipSource, tip_source

RATE, MU, PHI, K = 50.0, 200e-6, 0.9, 1e-3  # mm³/s, MPa·s, 1, mm²
OPENING = 1.2
NEWTONIAN = PoreLaw(MU)


@dataclass(frozen=True)
class FixedTip:
    """A needle that stays where it is and feeds given voxels."""

    given: TipSource

    def source(self, _flow: FrontFlow, _withdrawn_mm: float) -> TipSource:
        return self.given

    def withdrawn_mm(self, _delivered_mm3: float) -> float:
        return 0.0

    def leave_tract(self, _flow: FrontFlow, _from_mm: float, _to_mm: float) -> None:
        """Never drawn back."""


def feed_of(volume_mm3: float, rate: float = RATE, **limits: float) -> Feed:
    """Feed without a cannula."""
    return Feed(rate, volume_mm3, lambda _rate, _age: 0.0, **limits)


def course_of(
    flow: FrontFlow, source: TipSource, feed: Feed, age: Callable[[float], float] = lambda _: 0.0
) -> NeedleCourse:
    """One needle at one place."""
    return NeedleCourse(flow, FixedTip(source), feed, age)


def medium_of(permeability: NDArray[np.float64], h: float, porosity: float = PHI) -> BoneMedium:
    """A medium around the origin."""
    nk, nj, ni = permeability.shape
    origin = (-(ni // 2) * h, -(nj // 2) * h, -(nk // 2) * h)
    grid = Grid.axis_aligned((nk, nj, ni), origin, (h,) * 3, FRAME)
    return BoneMedium(
        Volume(np.full(permeability.shape, porosity), grid), Volume(permeability, grid)
    )


def source_at(flow: FrontFlow, tip: tuple[float, float, float]) -> TipSource:
    """A needle of the usual bore."""
    source = tip_source(flow.medium, flow.open_space, Points.at(tip, FRAME), OPENING)
    assert source is not None
    return source


def ball(
    h: float, ml: float = 3.0, tip: tuple[float, float, float] = (0.0, 0.0, 0.0),
    law: PoreLaw = NEWTONIAN, permeability: float = K,
) -> tuple[FrontFlow, NeedleFlow]:  # fmt: skip
    """An injection into even bone."""
    n = 2 * int(18 / h) + 1
    flow = FrontFlow(medium_of(np.full((n, n, n), permeability), h), law)
    return flow, course_of(flow, source_at(flow, tip), feed_of(ml * 1000)).run(lambda _: None)


def column_source(porosity: float = PHI) -> TipSource:
    """The first cell of a column of 1 mm² cross-section."""
    return TipSource(np.array([0]), np.array([1.0]), 1.0, K, 1.0 / (4 * math.pi), porosity)


def column(
    permeability: NDArray[np.float64], volume: float, law: PoreLaw = NEWTONIAN
) -> tuple[FrontFlow, NeedleFlow]:
    """Injection into the first cell of a one-voxel-wide column."""
    flow = FrontFlow(medium_of(permeability.reshape(1, 1, -1), 1.0), law)
    return flow, course_of(flow, column_source(), feed_of(volume)).run(lambda _: None)


def sphere_radius(volume: NDArray[np.float64]) -> NDArray[np.float64]:
    """Radius of a ball of bone that holds `volume` of cement: r³ = 3Qt/(4πφ)."""
    return np.asarray(np.cbrt(3 * volume / (4 * math.pi * PHI)))
