"""Injection: how much faster than the patient's own clock, in a lognormal medium."""

import numpy as np
from clock import Row, median_seconds

from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.injection.bone_medium import BoneMedium
from sacroplasty.injection.front_flow import Feed, FrontFlow
from sacroplasty.injection.tip_source import tip_source

VOLUME_MM3, RATE_MM3_PER_S, VISCOSITY_MPA_S, OPENING_MM = 3000.0, 50.0, 200e-6, 1.2


def measure() -> list[Row]:
    """Seconds of computing for one needle of 3 mL; the ratio is to the injection's own 60 s."""
    n = 51
    frame = Frame("1.2.3")
    grid = Grid.axis_aligned((n, n, n), (-25.0, -25.0, -25.0), (1.0, 1.0, 1.0), frame)
    rng = np.random.default_rng(1)
    permeability = 1e-3 * np.exp(0.5 * rng.standard_normal(grid.shape))
    medium = BoneMedium(Volume(np.full(grid.shape, 0.9), grid), Volume(permeability, grid))

    def inject() -> None:
        flow = FrontFlow(medium)
        source = tip_source(flow.medium, flow.open_space, Points.at([0, 0, 0], frame), OPENING_MM)
        assert source is not None
        feed = Feed(RATE_MM3_PER_S, VOLUME_MM3, VISCOSITY_MPA_S, 1e9)
        flow.inject(source, feed, 0.0, lambda _: None)

    seconds = median_seconds(inject)
    clinical = VOLUME_MM3 / RATE_MM3_PER_S
    return [
        Row("injection of 3 mL, 1 mm grid, uneven bone: ours", seconds, seconds),
        Row("… the same injection in the patient", clinical, seconds, "real time"),
    ]
