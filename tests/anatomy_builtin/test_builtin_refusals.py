"""Where there is no whole sacrum, the engine says so instead of drawing one."""

from collections.abc import Callable
from functools import partial

import other_body_parts as made_up
import pytest

from sacroplasty.anatomy import BuiltinSegmenter
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.imaging import CTVolume

_QUICK: dict[str, Callable[[], CTVolume]] = {
    "plain chest": partial(made_up.chest),
    "noise": partial(made_up.noise),
    "air": partial(made_up.empty),
}
_LONG: dict[str, Callable[[], CTVolume]] = {
    f"chest, {name}": partial(made_up.chest, kind) for name, kind in made_up.CHESTS.items()
}
_LONG |= {
    "head": partial(made_up.head),
    "osteoporotic head": partial(made_up.head, 2, 0.6),
    "dense head": partial(made_up.head, 3, 1.3),
    "abdomen": partial(made_up.abdomen),
    "contrast, osteoporotic abdomen": partial(made_up.abdomen, 2, 300.0, 0.6),
    "contrast, dense abdomen": partial(made_up.abdomen, 3, 200.0, 1.4),
    "very dense abdomen": partial(made_up.abdomen, 4, 250.0, 1.6),
    "thighs": partial(made_up.legs),
    "knees": partial(made_up.legs, 2, True),
    "ball of bone": partial(made_up.ball_of_bone),
}


def _is_refused(scan: Callable[[], CTVolume]) -> None:
    with pytest.raises(AnatomyNotTrusted, match=r"^No .*; choose a CT that shows") as refusal:
        BuiltinSegmenter().segment(scan())
    assert refusal.value.exit_code == 3
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", _QUICK)
def test_a_scan_without_a_pelvis_is_refused(name: str) -> None:
    _is_refused(_QUICK[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", _LONG)
def test_another_body_part_is_refused(name: str) -> None:
    _is_refused(_LONG[name])


def test_water_is_refused() -> None:
    with pytest.raises(AnatomyNotTrusted, match="No bone"):
        BuiltinSegmenter().segment(made_up.empty(0.0))
