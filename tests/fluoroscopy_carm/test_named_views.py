"""Named views by what a radiographer expects to see in them."""

import numpy as np
import pytest
from carm_bench import beam_of, disc_normal, mirrored, sacrum_at, tilted_sacrum

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy import (
    NAMED_VIEWS,
    en_face_view,
    l5s1_normal,
    named_view,
    project_points,
    require_view,
)
from sacroplasty.geometry import Points
from sacroplasty.planning import Needle, NeedleGauge
from xray_room import FRAME


def needle(entry: tuple[float, float, float], tip: tuple[float, float, float]) -> Needle:
    return Needle(Points.at(entry, FRAME), Points.at(tip, FRAME), NeedleGauge.of(11))


def test_laterals_are_named_after_the_side_at_the_detector() -> None:
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    for name, sign in (("lateral", 1), ("lateral-left", 1), ("lateral-right", -1)):
        assert named_view(name, sacrum).detector_centre.single[0] * sign > 100


def test_both_laterals_are_seen_from_the_source_with_the_belly_on_its_own_edge() -> None:
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    belly = Points.at([0.0, -30.0, -30.0], FRAME)
    assert project_points(named_view("lateral-left", sacrum), belly)[0, 1] > 255.5
    assert project_points(named_view("lateral-right", sacrum), belly)[0, 1] < 255.5


@pytest.mark.parametrize("treated", Side)
def test_the_contralateral_oblique_leans_away_from_the_treated_side(treated: Side) -> None:
    pose = named_view(f"oblique-for-{treated.value}", sacrum_at(np.eye(3), np.zeros(3)))
    level = beam_of(pose) * [1, 1, 0]
    level /= np.linalg.norm(level)
    assert level @ [treated.sign, 0, 0] == pytest.approx(-0.5)  # sin 30°, to the other side
    assert level @ [0, 1, 0] == pytest.approx(np.sqrt(0.75))


@pytest.mark.parametrize("sacrum", [tilted_sacrum(), mirrored(tilted_sacrum())])
@pytest.mark.parametrize("treated", Side)
def test_the_contralateral_oblique_is_parallel_to_the_disc(sacrum, treated) -> None:  # type: ignore[no-untyped-def]
    normal = sacrum.scanner_from_sacrum.turn(disc_normal())
    assert l5s1_normal(sacrum) @ normal == pytest.approx(1.0, abs=2e-4)
    beam = beam_of(named_view(f"oblique-for-{treated.value}", sacrum))
    assert np.degrees(np.arcsin(abs(beam @ normal))) < 1.0
    assert beam[2] > 0.3  # up to the head, as the endplate slopes


def test_the_whole_needle_is_one_point_in_the_middle_of_the_bulls_eye() -> None:
    down = needle((50.0, 90.0, -35.0), (32.0, -2.0, -20.0))
    pose = en_face_view(tilted_sacrum(), down, "needle")
    seen = project_points(pose, down.along(5.0))
    np.testing.assert_allclose(seen, 255.5, atol=1e-6)
    assert beam_of(pose) @ down.direction == pytest.approx(-1.0)
    hub = np.linalg.norm(down.entry.single - pose.detector_centre.single)
    tip = np.linalg.norm(down.tip.single - pose.detector_centre.single)
    assert hub < tip, "the detector stands on the operator's side, the tube below the patient"


def test_no_carm_looks_down_a_needle_along_the_table() -> None:
    along = needle((0.0, 5.0, -90.0), (0.0, 0.0, 0.0))
    with pytest.raises(BadInput, match="beyond ±80"):
        en_face_view(tilted_sacrum(), along, "needle")


def test_pa_hangs_like_ap_and_magnifies_what_ap_does_not() -> None:
    """Both put the patient's left on the right; PA enlarges the back, which is nearer to its tube."""
    sacrum = sacrum_at(np.eye(3), np.zeros(3))
    back = Points.at([[40.0, 50.0, -30.0]], FRAME)
    ap, pa = (project_points(named_view(n, sacrum), back)[0, 1] - 255.5 for n in ("ap", "pa"))
    assert pa > ap > 0


@pytest.mark.parametrize("name", NAMED_VIEWS)
def test_a_mirrored_patient_gives_the_mirrored_view(name: str) -> None:
    sides = {"left": "right", "right": "left", "lateral": "lateral-right"}
    first, _, last = name.rpartition("-")
    other = f"{first}-{sides[last]}" if first else sides.get(name, name)
    here = named_view(name, tilted_sacrum())
    there = named_view(other, mirrored(tilted_sacrum()))
    point = np.array([25.0, -14.0, 33.0])
    seen = project_points(here, Points(point, FRAME))[0]
    seen_there = project_points(there, Points(point * [-1, 1, 1], FRAME))[0]
    assert seen_there[0] == pytest.approx(seen[0], abs=0.5)  # the disc's voxels are not mirrored
    assert seen_there[1] == pytest.approx(511.0 - seen[1], abs=0.5)


def test_an_unknown_view_lists_the_known_ones() -> None:
    with pytest.raises(BadUsage, match=r"'judet'.*ap, lateral.*oblique-for-right"):
        require_view("judet")
