"""Injection runs that are made up: balls of cement where a test wants them, in the patient of boxes."""

import numpy as np

from box_patient import FRAME
from sacroplasty.anatomy import SacrumModel
from sacroplasty.cement import CementField
from sacroplasty.geometry import Grid, Volume
from sacroplasty.injection import InjectionRun, Timeline
from sacroplasty.leaks import classify_leaks

PORES = 0.88
Ball = tuple[tuple[float, float, float], float]
ALA: Ball = ((30.0, 0.0, 5.0), 9.0)  # 3 mm from the foramen S1


def mirrored(ball: Ball) -> Ball:
    (x, y, z), radius = ball
    return (-x, y, z), radius


def run_with(
    sacrum: SacrumModel, *balls: Ball, spacing_mm: float = 2.0, age_s: float = 400.0
) -> InjectionRun:
    """Cement of one age in these balls and nowhere else."""
    n = [round(extent / spacing_mm) + 1 for extent in (64, 40, 100)]
    origin = tuple(-spacing_mm * (m - 1) / 2 for m in n[::-1])
    grid = Grid.axis_aligned((n[0], n[1], n[2]), origin, (spacing_mm,) * 3, FRAME)  # type: ignore[arg-type]
    points = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).xyz
    inside = np.zeros(len(points), dtype=bool)
    for middle, radius in balls:
        inside |= np.linalg.norm(points - middle, axis=1) < radius
    held = inside.reshape(grid.shape)
    cement = CementField(Volume(np.where(held, PORES, 0.0).astype(np.float32), grid))
    nothing = np.zeros(0)
    return InjectionRun(
        arrival_time_s=Volume(np.where(held, 1.0, np.inf).astype(np.float32), grid),
        porosity=Volume(np.full(grid.shape, PORES, dtype=np.float32), grid),
        age_s=Volume(np.where(held, age_s, 0.0).astype(np.float32), grid),
        cement=cement,
        timeline=Timeline(nothing, np.zeros(0, dtype=np.int64), nothing, nothing, nothing, nothing),
        leaks=classify_leaks(cement, sacrum),
        injected_mm3=(cement.volume_mm3,),
        mass_error=0.0,
        findings=(),
    )
