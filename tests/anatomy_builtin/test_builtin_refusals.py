"""Where there is no whole sacrum, the engine says so instead of drawing one."""

from collections.abc import Callable

import other_body_parts as made_up
import pytest

from sacroplasty.anatomy import BuiltinSegmenter
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.imaging import CTVolume


@pytest.mark.parametrize(
    "scan", [made_up.chest, made_up.head, made_up.noise, made_up.empty], ids=lambda f: f.__name__
)
def test_a_scan_without_a_pelvis_is_refused(scan: Callable[[], CTVolume]) -> None:
    with pytest.raises(AnatomyNotTrusted, match=r"^No .*choose a CT") as refusal:
        BuiltinSegmenter().segment(scan())
    assert refusal.value.exit_code == 3


def test_water_is_refused() -> None:
    with pytest.raises(AnatomyNotTrusted, match="No bone"):
        BuiltinSegmenter().segment(made_up.empty(0.0))
