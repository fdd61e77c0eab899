"""What a plan must be, whoever the patient is."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from toy_sacrum import PASSED, SKIN_Y, Toy, build_toy, to_sacrum, toy_ct

from sacroplasty.anatomy import SacrumModel, Side, Structure
from sacroplasty.errors import AnatomyNotTrusted, BadUsage, FrameMismatch, NoSafeCorridor
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.planning import (
    ApproachChoice,
    Margins,
    Needle,
    NeedleGauge,
    PlannedNeedle,
    PlanningSettings,
    TrajectoryPlan,
    build_clearance_fields,
    judge_clearances,
    measure_needle,
    plan_trajectories,
)

SHORT_AXIS = PlanningSettings(approach=ApproachChoice.SHORT_AXIS)
FORBIDDEN = tuple(
    s
    for s in Structure
    if s.is_foramen or s.name.startswith(("ILIUM", "SI_JOINT", "CANAL", "DISC", "L5"))
)


@lru_cache(maxsize=16)
def model(toy: Toy) -> SacrumModel:
    return build_toy(toy)


@lru_cache(maxsize=16)
def planned(toy: Toy, settings: PlanningSettings | None = None) -> TrajectoryPlan:
    sacrum = model(toy)
    return plan_trajectories(toy_ct(sacrum), sacrum, settings or SHORT_AXIS)


def by_side(plan: TrajectoryPlan, side: Side) -> PlannedNeedle:
    return next(n for n in plan.needles if n.side is side)


def voxels_in_needle(
    sacrum: SacrumModel, needle: Needle
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Labels inside the needle's cylinder, sampled on a fine lattice of its own: no distance field."""
    d = needle.direction
    u = np.cross(d, [0.0, 0.0, 1.0])
    u /= np.linalg.norm(u)
    v = np.cross(d, u)
    radius = needle.gauge.outer_diameter_mm / 2
    s = np.arange(0.0, needle.length_mm, 0.25)
    r, a = np.meshgrid(np.linspace(0, radius, 7), np.linspace(0, 2 * np.pi, 24), indexing="ij")
    disc = r.ravel()[:, None] * (np.cos(a.ravel())[:, None] * u + np.sin(a.ravel())[:, None] * v)
    xyz = (needle.tip.single - s[:, None, None] * d + disc[None]).reshape(-1, 3)
    points = Points(xyz, needle.frame)
    inside = sacrum.labels.grid.contains(points)
    return sacrum.labels.at(Points(xyz[inside], needle.frame), order=0).astype(np.uint8)


POSES = (
    Toy(),
    Toy(turned_deg=(25.0, 8.0, -12.0), shifted_mm=(13.3, -210.0, 77.7)),
    Toy(foramen_ventral_x=31.0, foramen_dorsal_x=22.0),
)


@pytest.mark.parametrize("toy", POSES, ids=["straight", "turned", "lateral foramina"])
def test_no_needle_touches_a_forbidden_structure(toy: Toy) -> None:
    for needle in planned(toy).needles:
        touched = set(voxels_in_needle(model(toy), needle.needle).tolist())
        assert not touched & {int(s) for s in FORBIDDEN}
        assert int(Structure.SACRUM) in touched


@pytest.mark.parametrize("toy", POSES, ids=["straight", "turned", "lateral foramina"])
def test_the_tip_lies_in_bone_with_the_anterior_margin_ahead(toy: Toy) -> None:
    sacrum = model(toy)
    for item in planned(toy).needles:
        d = item.needle.direction
        ahead = item.needle.tip.single + np.linspace(0.0, 4.5, 10)[:, None] * d
        labels = sacrum.labels.at(Points(ahead, item.needle.frame), order=0)
        assert (labels == Structure.SACRUM).all()


def test_every_margin_of_every_needle_is_a_finding_that_passes() -> None:
    plan = planned(Toy())
    assert plan.verdict is Verdict.PASS
    for item in plan.needles:
        mine = [f for f in plan.findings if f.check.startswith(f"{item.name}: clearance")]
        assert len(mine) == 7
        assert all(f.measured and f.limit for f in mine)


def test_needles_enter_from_the_skin_of_the_back_and_end_in_the_upper_outer_ala() -> None:
    sacrum = model(Toy())
    for item in planned(Toy()).needles:
        entry, tip = to_sacrum(sacrum, item.needle.entry)[0], to_sacrum(sacrum, item.needle.tip)[0]
        assert entry[1] == pytest.approx(SKIN_Y - (entry[0] / 40) ** 2, abs=1.5)
        assert 26 < abs(tip[0]) < 48
        assert -28 < tip[2] < -6
        assert tip[1] < 0
        assert tip[0] * item.side.sign > 0


def test_the_same_patient_gives_the_same_plan() -> None:
    sacrum = model(Toy())
    again = plan_trajectories(toy_ct(sacrum), sacrum, SHORT_AXIS)
    for one, other in zip(planned(Toy()).needles, again.needles, strict=True):
        assert np.array_equal(one.needle.tip.xyz, other.needle.tip.xyz)
        assert np.array_equal(one.needle.entry.xyz, other.needle.entry.xyz)
        assert one.clearance_mm == other.clearance_mm
        assert one.reason == other.reason


def test_a_mirrored_patient_gets_the_mirrored_plan() -> None:
    lopsided = Toy(left_foramen_shift=4.0)
    plan, mirrored = planned(lopsided), planned(lopsided.mirror)
    flip = np.array([-1.0, 1.0, 1.0])
    for side, other in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
        one, two = by_side(plan, side), by_side(mirrored, other)
        assert np.allclose(one.needle.tip.xyz * flip, two.needle.tip.xyz, atol=0.1)
        assert np.allclose(one.needle.entry.xyz * flip, two.needle.entry.xyz, atol=0.1)
    left, right = by_side(plan, Side.LEFT), by_side(plan, Side.RIGHT)
    assert not np.allclose(left.needle.tip.xyz * flip, right.needle.tip.xyz, atol=0.5)


def test_a_shift_by_whole_voxels_shifts_the_plan() -> None:
    shift = (15.0, -30.0, 45.0)
    for one, two in zip(
        planned(Toy()).needles, planned(Toy(shifted_mm=shift)).needles, strict=True
    ):
        assert np.allclose(one.needle.tip.xyz + shift, two.needle.tip.xyz, atol=0.1)
        assert np.allclose(one.needle.entry.xyz + shift, two.needle.entry.xyz, atol=0.1)


def test_a_turned_patient_gets_a_plan_that_is_as_good() -> None:
    """Voxels fall differently, so the same corridor is found, not the same digits."""
    straight, turned = Toy(), Toy(turned_deg=(20.0, 5.0, -10.0))
    for one, two in zip(planned(straight).needles, planned(turned).needles, strict=True):
        tip = to_sacrum(model(straight), one.needle.tip)
        turned_tip = to_sacrum(model(turned), two.needle.tip)
        assert np.linalg.norm(tip - turned_tip) < 6.0
        for name in ("foramina", "si_joint", "anterior_cortex"):
            assert one.clearance_mm[name] == pytest.approx(two.clearance_mm[name], abs=3.0), name


def test_a_foramen_nearer_to_the_path_takes_clearance() -> None:
    """A vertical needle beside the foramen loses what the foramen gains, seen across its axis."""
    fields = [build_clearance_fields(model(Toy(left_foramen_shift=s))) for s in (0.0, 4.0)]
    ends = [Points.at((41.0, y, -28.0), model(Toy()).frame) for y in (40.0, -15.0)]
    needle = Needle(ends[0], ends[1], NeedleGauge.of(11))
    measured = [measure_needle(f, needle).clearance_mm["foramina"] for f in fields]
    across = 40.0 / np.hypot(40.0, 8.0)
    assert measured[0] - measured[1] == pytest.approx(4.0 * across, abs=0.8)


def test_a_foramen_in_the_way_is_named_with_its_side_and_the_best_clearance() -> None:
    toy = Toy(left_foramen_shift=11.0, foramen_radius=16.0)
    with pytest.raises(NoSafeCorridor) as refused:
        planned(toy)
    said = str(refused.value)
    assert "on the left" in said
    assert "the foramina (limit 3.0 mm)" in said
    assert "on the right: plan that side alone" in said
    assert refused.value.exit_code == 3


def test_one_side_is_planned_alone_only_when_asked() -> None:
    toy = Toy(left_foramen_shift=11.0, foramen_radius=16.0)
    plan = planned(toy, replace(SHORT_AXIS, sides=(Side.RIGHT,)))
    assert [n.side for n in plan.needles] == [Side.RIGHT]


def test_a_needle_that_is_too_short_is_refused_by_its_length() -> None:
    with pytest.raises(NoSafeCorridor, match="within 45 mm of needle"):
        planned(Toy(), replace(SHORT_AXIS, max_needle_length_mm=45.0))


def test_an_absent_foramen_is_never_a_pass() -> None:
    plan = planned(Toy(without=(Structure.FORAMEN_S1_LEFT,)))
    left = by_side(plan, Side.LEFT)
    assert "foramina" not in left.clearance_mm
    finding = next(f for f in plan.findings if f.check == f"{left.name}: clearance foramina")
    assert finding.verdict is Verdict.NOT_CHECKED
    assert plan.verdict is Verdict.NOT_CHECKED


def test_skin_that_is_not_imaged_is_said_and_the_entry_lies_behind_the_cortex() -> None:
    plan = planned(Toy(has_skin=False))
    for item in plan.needles:
        assert item.bone_entry_depth_mm == pytest.approx(20.0, abs=0.5)
    skin = [f for f in plan.findings if f.check.endswith("skin entry")]
    assert [f.verdict for f in skin] == [Verdict.NOT_CHECKED] * 2
    assert "not imaged" in skin[0].says


def test_an_anatomy_that_failed_is_refused_unless_accepted_and_then_it_is_said() -> None:
    failed = (Finding("engine", Verdict.FAIL, "Half of the sacrum is missing."),)
    toy = Toy(findings=failed)
    with pytest.raises(AnatomyNotTrusted, match=r"Half of the sacrum is missing"):
        planned(toy)
    plan = planned(toy, replace(SHORT_AXIS, accept_anatomy=True))
    assert plan.findings[0].verdict is Verdict.FAIL
    assert "accepted" in plan.findings[0].says


def test_left_and_right_must_agree_by_two_routes() -> None:
    """The sacral frame says left, a canal displaced to the far left says right."""
    sacrum = model(Toy())
    canal = Points(sacrum.canal.xyz + np.array([80.0, 0.0, 0.0]), sacrum.frame)
    confused = replace(sacrum, canal=canal)
    with pytest.raises(AnatomyNotTrusted, match="check left and right"):
        plan_trajectories(toy_ct(sacrum), confused, SHORT_AXIS)


def test_a_ct_of_another_scan_is_refused() -> None:
    sacrum = model(Toy())
    ct = toy_ct(sacrum)
    grid = ct.grid
    elsewhere = Grid(grid.shape, grid.origin_mm, grid.spacing_mm, grid.direction, Frame("9.9"))
    with pytest.raises(FrameMismatch):
        plan_trajectories(CTVolume(ct.hu, elsewhere, ct.acquisition), sacrum, PlanningSettings())


def test_more_cement_than_published_is_an_alert() -> None:
    plan = planned(Toy(), replace(SHORT_AXIS, cement_ml_per_needle=7.0))
    alerts = {f.check: f for f in plan.findings if f.check.startswith("cement")}
    assert alerts["cement per side"].verdict is Verdict.FAIL
    assert "above the published range" in alerts["cement per side"].says
    assert planned(Toy()).findings[-1].verdict is Verdict.PASS


def test_a_breached_margin_fails_with_value_and_limit() -> None:
    fields = build_clearance_fields(model(Toy()))
    needle = by_side(planned(Toy()), Side.LEFT).needle
    closer = replace(needle, tip=Points(needle.tip.xyz + 8.0 * needle.direction, needle.frame))
    judged = judge_clearances("moved", measure_needle(fields, closer), Margins())
    failed = [f for f in judged if f.verdict is Verdict.FAIL]
    assert [f.check for f in failed] == ["moved: clearance anterior_cortex"]
    assert failed[0].limit == "at least 5.0 mm"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sides": ()},
        {"sides": (Side.LEFT, Side.LEFT)},
        {"max_needle_length_mm": 5.0},
        {"max_tilt_deg": 95.0},
        {"needles_per_side": 3},
        {"draws": 5},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadUsage):
        PlanningSettings(**wrong)  # type: ignore[arg-type]


def test_toys_pass_their_own_checks() -> None:
    assert model(Toy()).verdict is PASSED[0].verdict


def test_a_labelled_vessel_is_kept_clear_of_and_an_unlabelled_one_is_not_spoken_of() -> None:
    """A tube laid across the first choice moves the needle away; without it no key claims safety."""
    sacrum = model(Toy())
    before = by_side(planned(Toy()), Side.LEFT)
    assert "vessels" not in before.clearance_mm
    grid = sacrum.labels.grid
    middle = before.needle.entry.single + 0.5 * before.needle.length_mm * before.needle.direction
    xyz = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).xyz
    tube = (np.hypot(xyz[:, 0] - middle[0], xyz[:, 1] - middle[1]) < 4.0).reshape(grid.shape)
    vessels = Volume(tube.astype(np.uint8), grid)
    plan = plan_trajectories(
        toy_ct(sacrum), sacrum, replace(SHORT_AXIS, sides=(Side.LEFT,)), vessels=vessels
    )
    after = plan.needles[0]
    assert after.clearance_mm["vessels"] >= Margins().vessel_mm
    assert not np.allclose(after.needle.tip.xyz, before.needle.tip.xyz, atol=0.5)
