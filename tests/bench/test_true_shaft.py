"""What a needle truly runs through is asked of the patient's solids."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.bench import ask_shaft
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    UnscannedPatient,
)
from sacroplasty.planning import Needle, NeedleGauge

SEED = 5


@lru_cache(maxsize=2)
def patient(pattern: FracturePattern) -> tuple[UnscannedPatient, SacrumModel]:
    made = UnscannedPatient.of(PatientRequest(fracture=pattern), SEED)
    return made, made.model(2.0)


def needle(model: SacrumModel, entry: tuple[float, ...], tip: tuple[float, ...]) -> Needle:
    """By two points of the sacral frame."""
    frame = model.scanner_from_sacrum
    ends = [frame(Points.at(end, frame.source)) for end in (entry, tip)]
    return Needle(ends[0], ends[1], NeedleGauge.of(11))


@pytest.mark.parametrize("pattern", [FracturePattern.LEFT_ALA, FracturePattern.RIGHT_ALA])
def test_points_asked_of_the_solids_agree_with_the_model_voxel_by_voxel(
    pattern: FracturePattern,
) -> None:
    """For the mirrored patient too, whose arrays the model flips."""
    made, model = patient(pattern)
    asked = made.labels_on(model.labels.grid).values
    assert (asked == model.labels.values).mean() > 0.99999


def test_a_needle_through_a_foramen_is_noticed() -> None:
    made, model = patient(FracturePattern.LEFT_ALA)
    foramen = model.foramen(Level.S1, Side.LEFT)
    assert foramen is not None
    way = foramen.ventral_mouth.single - foramen.dorsal_mouth.single
    ends = [foramen.dorsal_mouth.single - 0.5 * way, foramen.centre.single]
    entry, tip = (Points.at(end, model.frame) for end in ends)
    through = Needle(entry, tip, NeedleGauge.of(11))
    shaft = ask_shaft(made, model, through, Side.LEFT, transiliac=False)
    assert "foramen_S1_left" in shaft.touched
    assert not shaft.safe


def test_a_needle_out_of_the_front_is_noticed_and_one_short_of_it_is_not() -> None:
    made, model = patient(FracturePattern.LEFT_ALA)
    out = needle(model, (34.0, 60.0, -14.0), (34.0, -60.0, -14.0))
    assert ask_shaft(made, model, out, Side.LEFT, transiliac=False).anterior
    labels = model.labels.at(out.along(0.5), order=0)
    sacrum = np.flatnonzero(labels == Structure.SACRUM)
    inside = out.along(0.5).xyz[sacrum[len(sacrum) // 2]]
    short = replace(out, tip=Points.at(inside, model.frame))
    shaft = ask_shaft(made, model, short, Side.LEFT, transiliac=False)
    assert not shaft.anterior
    assert shaft.tip_in_bone == 1.0
