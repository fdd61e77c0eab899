"""The measures themselves, on shapes whose overlap is known."""

from dataclasses import replace

import numpy as np
import pytest
from toy_rehearsal import toy_rehearsal

from sacroplasty.anatomy import Structure
from sacroplasty.bench import dice, sides_swapped
from sacroplasty.geometry import Frame, Grid, Volume

FRAME = Frame("2.25.1")


def _slab(first: int, last: int) -> Volume[np.uint8]:
    values = np.zeros((10, 10, 20), dtype=np.uint8)
    values[:, :, first:last] = Structure.SACRUM
    return Volume(values, Grid.axis_aligned(values.shape, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), FRAME))


@pytest.mark.parametrize(("last", "overlap"), [(10, 1.0), (15, 0.8), (5, 2 / 3)])
def test_dice_of_overlapping_slabs(last: int, overlap: float) -> None:
    assert dice(_slab(0, 10), _slab(0, last), Structure.SACRUM) == pytest.approx(overlap)


def test_a_model_whose_ilia_carry_each_other_s_names_is_noticed() -> None:
    truth = toy_rehearsal().sacrum
    values = truth.labels.values.copy()
    middle = values.shape[2] // 2
    values[:5, :5, :middle] = Structure.ILIUM_RIGHT
    values[:5, :5, middle:] = Structure.ILIUM_LEFT
    truth = replace(truth, labels=Volume(values, truth.labels.grid))
    swapped = values.copy()
    swapped[values == Structure.ILIUM_RIGHT] = Structure.ILIUM_LEFT
    swapped[values == Structure.ILIUM_LEFT] = Structure.ILIUM_RIGHT
    assert not sides_swapped(truth, truth)
    assert sides_swapped(truth, replace(truth, labels=Volume(swapped, truth.labels.grid)))
