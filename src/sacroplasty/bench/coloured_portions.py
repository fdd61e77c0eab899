"""Four coloured portions of a millilitre, one after the other: do they mix?

Zderic and others (2016) cut foam blocks open and saw each portion inside the one before, with no
interfusion. In even foam the cement that left the tip at t lies, at the end T, on the sphere

    r³ = R³ (1 − t/T),    R³ = 3 V / (4π φ),

outside of all that came later. The age that the flow carries tells when the cement of a voxel left
the tip: in a block that ages it twice as fast as the syringe does, every second there counts double.
"""

import math

import numpy as np

from sacroplasty.bench.foam_rig import free_block, straight_needle
from sacroplasty.cement import PreparedCement, recipe
from sacroplasty.injection import inject_block
from sacroplasty.reference import constant
from sacroplasty.units import mm3_from_ml

_PORTIONS, _RATE_ML_PER_S, _ROOM_C = 4, 0.1, 22.0


def portion_error_mm(block_c: float) -> float:
    """RMS distance of a voxel's cement from where its own portion's layer should be.

    Over all voxels that are full and lie farther than two voxels from the tip. block_c must be
    warmer than the room: age tells times apart only then.
    """
    cement = PreparedCement(
        recipe("medium viscosity"), constant("cement_usual_wait").value, _ROOM_C
    )
    medium = free_block()
    run = inject_block(medium, straight_needle(), cement, float(_PORTIONS), _RATE_ML_PER_S, block_c)
    end_s = _PORTIONS / _RATE_ML_PER_S
    faster = float(cement.recipe.rheology.ageing_rate(block_c))
    full = np.isfinite(run.arrival_time_s.values)
    left_s = (cement.age_in_syringe(0.0) + faster * end_s - run.age_s.values[full]) / (
        faster - float(cement.recipe.rheology.ageing_rate(_ROOM_C))
    )
    points = medium.grid.points_at(np.argwhere(full)).xyz
    radius = np.linalg.norm(points, axis=1)
    whole = 3.0 * mm3_from_ml(_PORTIONS) / (4.0 * math.pi * constant("foam_porosity").value)
    layer = np.cbrt(whole * np.clip(1.0 - left_s / end_s, 0.0, None))
    away = radius > 2.0 * medium.grid.spacing_mm[0]
    return float(np.sqrt(np.mean((radius - layer)[away] ** 2)))
