"""A ball of curing cement in bone: the stand-in for a vertebra whose shape was not published."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CureKinetics, cure_course
from sacroplasty.injection import HeatFlow, HeatMedium
from sacroplasty.reference import constant, constant_default
from sacroplasty.units import mm3_from_ml

Floats = NDArray[np.float64]

_SPACING_MM = 1.0
_MARGIN_MM = 28.0
_PARTS = 5
_FOLLOWED_S = 1200.0
_OCTANT = (True, False, True, False, True, False)


@dataclass(frozen=True, slots=True)
class HeatBall:
    """What is put in: `cement_ml` as a ball, `filling` of whose volume is cement and the rest bone.

    delivered_c: its temperature when the last drop is in, `waited_s` after mixing at the temperature
    of the cements' clock.
    """

    cement_ml: float
    filling: float
    kinetics: CureKinetics
    delivered_c: float
    perfusion_w_per_m3_k: float
    waited_s: float = constant_default("cement_usual_wait")

    @property
    def radius_mm(self) -> float:
        """Of the filled ball."""
        filled = mm3_from_ml(self.cement_ml) / self.filling
        return float((3.0 * filled / (4.0 * math.pi)) ** (1.0 / 3.0))


class CuredBall:
    """Peaks and dwell times around a ball that has cured: by distance from its centre, in mm.

    One eighth is solved, on 1 mm, with bone all around that keeps 37 °C far away. Peaks are means
    over the voxels whose centres lie within 0.75 mm of the distance asked for.
    """

    def __init__(self, ball: HeatBall, dwell_above_c: float) -> None:
        n = math.ceil((ball.radius_mm + _MARGIN_MM) / _SPACING_MM)
        held = ball.filling * _inside(n, ball.radius_mm)
        body_c = constant("body_temperature").value
        density = constant("cure_density").value / 1000.0
        cement_capacity = density * constant("cure_specific_heat").value
        capacity = held * cement_capacity + (1 - held) * constant("cure_bone_heat_capacity").value
        conductivity = held * constant("heat_cement_conductivity").value
        conductivity += (1 - held) * constant("heat_bone_conductivity").value
        medium = HeatMedium(
            capacity, conductivity, ball.perfusion_w_per_m3_k * (1 - held / ball.filling),
            held * density * ball.kinetics.heat_j_per_kg, _SPACING_MM, _OCTANT,
        )  # fmt: skip
        room_c = constant("cement_reference_temperature").value
        degree = float(cure_course(ball.kinetics, ball.waited_s, room_c).degree[0])
        share = held * cement_capacity / capacity
        start = body_c + share * (ball.delivered_c - body_c)
        flow = HeatFlow(medium, ball.kinetics, body_c, start, degree, necrosis_c=dwell_above_c)
        flow.advance(_FOLLOWED_S)
        self._peak_c, self._above_s = flow.peak_c, flow.above_s
        at = (np.arange(n) + 0.5) * _SPACING_MM
        self._r = np.sqrt(at[:, None, None] ** 2 + at[:, None] ** 2 + at**2)
        self.radius_mm = ball.radius_mm

    @property
    def centre_c(self) -> float:
        """Peak in the middle of the cement."""
        return float(self._peak_c[0, 0, 0])

    @property
    def interface_c(self) -> float:
        """Peak at the surface of the ball."""
        return self.peak_c(self.radius_mm)

    def peak_c(self, depth_mm: float) -> float:
        """Peak at this distance from the centre."""
        return float(self._peak_c[self._shell(depth_mm)].mean())

    def dwell_s(self, depth_mm: float) -> float:
        """Seconds above the limit at this distance from the centre."""
        return float(self._above_s[self._shell(depth_mm)].mean())

    def _shell(self, depth_mm: float) -> NDArray[np.bool_]:
        return np.asarray(np.abs(self._r - max(depth_mm, self._r.min())) <= 0.75 * _SPACING_MM)


def _inside(n: int, radius_mm: float) -> Floats:
    at = (np.arange(n * _PARTS) + 0.5) * (_SPACING_MM / _PARTS)
    square = at**2
    inside = square[:, None, None] + square[:, None] + square < radius_mm**2
    return np.asarray(inside.reshape(n, _PARTS, n, _PARTS, n, _PARTS).mean(axis=(1, 3, 5)))
