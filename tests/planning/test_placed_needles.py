"""A needle seen in a control scan is where it was put, and is called what it is."""

from dataclasses import replace

import numpy as np
import pytest
from control_scans import (
    PLANNING,
    control,
    patient,
    planned_case,
    planned_needle,
    put_in,
    scanned,
)

from sacroplasty.anatomy import Side
from sacroplasty.errors import BadInput, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Points
from sacroplasty.phantom import (
    FracturePattern,
    Incidental,
    PatientRequest,
    SteelNeedle,
    make_virtual_patient,
    scan_with_needles,
)
from sacroplasty.planning import FoundNeedle, find_needles, name_needles, verify_placed

TIP_MM, ANGLE_DEG = 1.0, 1.0  # what the page on placed needles promises


def _angle_deg(found: FoundNeedle, true: SteelNeedle) -> float:
    return float(np.degrees(np.arccos(min(1.0, float(found.direction @ true.direction)))))


@pytest.mark.parametrize("slice_mm", [1.5, 3.0])
def test_a_needle_is_found_where_it_was_put(slice_mm: float) -> None:
    who = patient()
    steel = put_in(planned_needle(who, Side.LEFT), (2.0, 1.0, -1.0))
    scan = scanned(who, steel, scanner=control(slice_mm))
    (found,) = find_needles(scan.ct).needles
    (true,) = scan.needles
    assert found.tip.distance_mm(true.tip)[0] < TIP_MM
    assert _angle_deg(found, true) < ANGLE_DEG


def test_two_crossing_needles_are_two() -> None:
    who = patient()
    frame = who.ct.frame
    middle = planned_needle(who, Side.LEFT).needle.tip.single + np.array([0.0, 30.0, 6.0])
    ways = [np.array([0.35, -1.0, -0.05]), np.array([-0.25, -1.0, -0.1])]
    needles = tuple(
        SteelNeedle(
            Points.at(middle - 50.0 * way, frame),
            Points.at(middle + 30.0 * way, frame),
            3.05,
            2.39,
        )
        for way in ways
    )
    scan = scanned(who, *needles)
    found = find_needles(scan.ct).needles
    assert len(found) == 2
    for true in scan.needles:
        near = found[int(np.argmin([one.tip.distance_mm(true.tip)[0] for one in found]))]
        assert near.tip.distance_mm(true.tip)[0] < TIP_MM
        assert _angle_deg(near, true) < ANGLE_DEG


@pytest.mark.slow
def test_a_hip_prosthesis_is_no_needle() -> None:
    request = PatientRequest(
        scanner=PLANNING, incidentals=frozenset({Incidental.HIP_PROSTHESIS, Incidental.SI_SCREW})
    )
    who = make_virtual_patient(request, 1)
    wide = replace(
        control(),
        in_plane_mm=1.6,
        field_mm=(300.0, 210.0, 170.0),
        field_shift_mm=(0.0, 20.0, -20.0),
    )
    scan = scan_with_needles(who, (), wide, 1)
    assert scan.ct.hu.max() == 3071  # there is metal
    assert not find_needles(scan.ct).needles


def test_needles_are_named_and_measured_against_the_plan() -> None:
    who = patient()
    left, right = (planned_needle(who, side) for side in Side)
    off = (2.0, 1.0, 0.0)
    scan = scanned(who, put_in(right), put_in(left, off, off))
    report = verify_placed(scan.ct, planned_case(who, left, right))
    by_name = {placed.name: placed for placed in report.needles}
    assert set(by_name) == {"left S1", "right S1"}
    exact, moved = (by_name[name].deviation for name in ("right S1", "left S1"))
    assert exact is not None
    assert moved is not None
    assert exact.tip_mm < TIP_MM
    assert moved.tip_mm == pytest.approx(np.linalg.norm(off), abs=TIP_MM)
    assert moved.angle_deg < ANGLE_DEG
    assert moved.entry_mm == pytest.approx(moved.aside_mm, abs=TIP_MM)
    sides = [f.verdict for f in report.findings if f.check.endswith(": side")]
    assert sides == [Verdict.PASS, Verdict.PASS]


@pytest.mark.slow
def test_one_needle_fewer_is_said_and_not_guessed() -> None:
    who = patient()
    left, right = (planned_needle(who, side) for side in Side)
    report = verify_placed(scanned(who, put_in(left)).ct, planned_case(who, left, right))
    assert [placed.name for placed in report.needles] == ["left S1"]
    assert report.missing == (right,)
    assert report.verdict is Verdict.FAIL


def test_a_mirrored_scan_is_refused() -> None:
    who = patient()
    left = planned_needle(who, Side.LEFT)
    scan = scanned(who, put_in(left)).ct
    mirrored = replace(scan, hu=np.ascontiguousarray(scan.hu[:, :, ::-1]))
    with pytest.raises(FrameMismatch, match="mirrored"):
        verify_placed(mirrored, planned_case(who, left))


@pytest.mark.slow
def test_another_patient_is_refused_with_the_measured_similarity() -> None:
    who, other = patient(), patient(FracturePattern.NONE, 2)
    left = planned_needle(who, Side.LEFT)
    scan = scanned(other, put_in(planned_needle(other, Side.LEFT)))
    with pytest.raises(FrameMismatch, match=r"correlation 0\.\d\d, limit at least 0\.85"):
        verify_placed(scan.ct, planned_case(who, left))


def test_a_scan_without_a_needle_is_refused() -> None:
    who = patient()
    scan = scanned(who)
    with pytest.raises(BadInput, match="no needle in this scan: the longest straight metal"):
        verify_placed(scan.ct, planned_case(who, planned_needle(who, Side.LEFT)))


def test_a_needle_between_two_planned_ones_has_no_name() -> None:
    who = patient()
    left = planned_needle(who, Side.LEFT)
    frame = who.ct.frame

    def beside(off_mm: float) -> FoundNeedle:
        shift = np.array([off_mm, 0.0, 0.0])
        needle = left.needle
        return FoundNeedle(
            Points(needle.tip.single + shift, frame),
            Points(needle.entry.single + shift, frame),
            0,
            0,
        )

    shifted, aside = left.needle, np.array([10.0, 0.0, 0.0])
    twin = replace(
        left,
        name="twin",
        needle=replace(
            shifted,
            entry=Points(shifted.entry.single + aside, frame),
            tip=Points(shifted.tip.single + aside, frame),
        ),
    )
    assert name_needles((beside(5.0),), (left, twin)).planned == (None,)
    assert name_needles((beside(0.5),), (left, twin)).planned == (0,)
    assert name_needles((beside(0.5), beside(9.5)), (left, twin)).planned == (0, 1)
    assert name_needles((beside(60.0),), (left,)).missing == (0,)
