"""The heat of cement in a patient: conserved, on its own side, and told to who must know."""

import math
from dataclasses import replace

import numpy as np
import pytest
from placed_cement import ALA, mirrored, run_with

from box_patient import (
    FORAMEN_X,
    toy_ct,
    toy_grid,
    toy_labels,
    toy_needle,
    toy_plan,
    toy_sacrum,
)
from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, foramen_structure
from sacroplasty.cement import recipe
from sacroplasty.errors import BadInput, BadUsage, FrameMismatch
from sacroplasty.findings import Verdict
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.injection import (
    DamageIntegral,
    HeatRun,
    HeatSettings,
    InjectionSettings,
    TimeAbove,
    cure_heat,
    heat_picture,
    inject,
    necrotic_bone_ml,
)
from sacroplasty.reference import constant

LOW = recipe("low viscosity")
S1_LEFT = foramen_structure(Level.S1, Side.LEFT)
S1_RIGHT = foramen_structure(Level.S1, Side.RIGHT)


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def left(sacrum: SacrumModel) -> HeatRun:
    return cure_heat(run_with(sacrum, ALA), sacrum, LOW, HeatSettings())


@pytest.fixture(scope="module")
def right(sacrum: SacrumModel) -> HeatRun:
    return cure_heat(run_with(sacrum, mirrored(ALA)), sacrum, LOW, HeatSettings())


def peak(heat: HeatRun, structure: Structure) -> float:
    root = heat.root(structure)
    assert root is not None
    return root.peak_c


def test_the_heat_that_is_released_is_found_again(left: HeatRun, sacrum: SacrumModel) -> None:
    budget = left.budget
    assert budget.error < 1e-6
    together = budget.stored_j + budget.lost_j + budget.taken_j
    assert budget.released_j == pytest.approx(together, rel=1e-6)
    held_ml = run_with(sacrum, ALA).cement.volume_mm3 / 1000.0
    cured = left.end_degree - left.start_degree
    assert budget.released_j == pytest.approx(held_ml * 1.1 * 100.0 * cured, rel=1e-4)
    assert min(budget.stored_j, budget.lost_j, budget.taken_j) > 0


def test_only_the_foramen_beside_the_cement_gets_warm_by_two_routes(left: HeatRun) -> None:
    assert peak(left, S1_LEFT) > 39.0
    assert peak(left, S1_RIGHT) < 37.3
    hottest = max(left.roots, key=lambda root: root.peak_c)
    # Route one: the name on the label map. Route two: LPS, in which x grows to the patient's left.
    assert (hottest.level, hottest.side) == (Level.S1, Side.LEFT)
    assert hottest.where.xyz[0, 0] == pytest.approx(FORAMEN_X + 4.0, abs=2.0)
    weight = left.peak_c.values - 37.0
    x = left.peak_c.grid.points_at(np.indices(weight.shape).reshape(3, -1).T).xyz[:, 0]
    assert float((weight.ravel() * x).sum() / weight.sum()) == pytest.approx(30.0, abs=1.0)


def test_the_mirrored_patient_is_warm_in_the_mirror(left: HeatRun, right: HeatRun) -> None:
    np.testing.assert_allclose(
        left.peak_c.values, right.peak_c.values[:, :, ::-1], rtol=0, atol=1e-4
    )
    for root in left.roots:
        if root.side is None or root.level is None:
            twin = right.root(Structure.CANAL)
        else:
            other = Side.RIGHT if root.side is Side.LEFT else Side.LEFT
            twin = right.root(foramen_structure(root.level, other))
        assert twin is not None
        assert twin.peak_c == pytest.approx(root.peak_c, abs=1e-6)
        assert twin.cem43_min == pytest.approx(root.cem43_min, abs=1e-6)
        assert twin.distance_mm == pytest.approx(root.distance_mm, abs=1e-9)


def test_roots_are_cooler_the_farther_they_are(left: HeatRun) -> None:
    on_side = [left.root(foramen_structure(level, Side.LEFT)) for level in Level]
    distances = [root.distance_mm for root in on_side if root is not None]
    peaks = [root.peak_c for root in on_side if root is not None]
    assert distances == sorted(distances)
    assert peaks == sorted(peaks, reverse=True)
    assert distances[0] == pytest.approx(30.0 - 9.0 - FORAMEN_X - 4.0, abs=1.5)
    assert {f.verdict for f in left.findings} == {Verdict.PASS}
    assert len(left.findings) == 9 + 3


def test_cement_in_a_foramen_burns_its_root_and_that_is_said(sacrum: SacrumModel) -> None:
    # Voxels of the flow that lie askew to those of the labels: none of the centres coincide.
    leaked = run_with(sacrum, ALA, ((-FORAMEN_X, 0.0, 5.0), 5.0), spacing_mm=2.3)
    heat = cure_heat(leaked, sacrum, LOW, HeatSettings())
    root = heat.root(S1_RIGHT)
    assert root is not None
    assert root.distance_mm == 0.0
    assert root.peak_c > constant("nerve_peak_limit").value
    assert root.where.xyz[0, 0] < 0
    failed = [finding for finding in heat.findings if finding.verdict is Verdict.FAIL]
    assert [finding.check for finding in failed] == ["heat at S1 right"]
    assert "cement lies in it" in failed[0].says
    assert peak(heat, S1_LEFT) < 45.0


def test_the_edge_of_the_box_does_not_matter_to_the_nerves(
    left: HeatRun, sacrum: SacrumModel
) -> None:
    wide = cure_heat(run_with(sacrum, ALA), sacrum, LOW, HeatSettings(margin_mm=44.0))
    for near, far in zip(left.roots, wide.roots, strict=True):
        assert near.structure is far.structure
        assert near.peak_c == pytest.approx(far.peak_c, abs=0.05)
    assert peak(left, S1_LEFT) == pytest.approx(peak(wide, S1_LEFT), abs=0.005)
    assert left.interface_peak_c == pytest.approx(wide.interface_peak_c, abs=1e-3)
    tight = cure_heat(run_with(sacrum, ALA), sacrum, LOW, HeatSettings(margin_mm=8.0))
    assert "the box is wide enough" in {
        f.check for f in tight.findings if f.verdict is Verdict.FAIL
    }


def test_a_root_is_as_warm_on_a_finer_lattice(left: HeatRun, sacrum: SacrumModel) -> None:
    finer = cure_heat(
        run_with(sacrum, ALA, spacing_mm=1.5), sacrum, LOW, HeatSettings(duration_s=700.0)
    )
    assert peak(finer, S1_LEFT) == pytest.approx(peak(left, S1_LEFT), abs=0.5)
    assert finer.interface_mean_peak_c == pytest.approx(left.interface_mean_peak_c, abs=0.3)


def test_blood_cools_and_warm_cement_warms_the_interface(
    left: HeatRun, sacrum: SacrumModel
) -> None:
    run = run_with(sacrum, ALA)
    flooded = cure_heat(run, sacrum, LOW, HeatSettings(perfusion_w_per_m3_k=5000.0))
    cold = cure_heat(run, sacrum, LOW, HeatSettings(cement_temperature_c=20.0))
    assert peak(flooded, S1_LEFT) < peak(left, S1_LEFT)
    assert flooded.budget.taken_j > left.budget.taken_j
    assert flooded.interface_peak_c is not None
    assert left.interface_peak_c is not None
    assert cold.interface_peak_c is not None
    assert cold.interface_peak_c < left.interface_peak_c
    # Cold cement cures from its warm rim inwards, so its middle gets hotter, not cooler.
    assert float(cold.peak_c.values.max()) > float(left.peak_c.values.max())


def test_the_interface_is_cooler_than_the_middle_and_warmer_than_the_root(left: HeatRun) -> None:
    assert left.interface_mean_peak_c is not None
    assert left.interface_peak_c is not None
    assert peak(left, S1_LEFT) < left.interface_mean_peak_c <= left.interface_peak_c
    assert left.interface_peak_c < left.course.hottest_c.max()
    assert left.course.interface_c.max() <= left.interface_mean_peak_c + 1e-9
    column = [root.structure for root in left.roots].index(S1_LEFT)
    # Neighbours peak at different moments, so peaks interpolate to a little more than any moment.
    gap = peak(left, S1_LEFT) - left.course.roots_c[:, column].max()
    assert 0.0 <= gap < 0.3
    assert (np.diff(left.course.degree) >= 0).all()
    assert left.course.time_s[-1] == pytest.approx(constant("heat_duration").value)


def test_dead_bone_lies_outside_the_cement_and_its_criterion_can_be_exchanged(
    sacrum: SacrumModel,
) -> None:
    big = run_with(sacrum, ((30.0, 0.0, 5.0), 13.0))
    # A feverish patient without blood flow: in others the damage integral spares all bone.
    fever = HeatSettings(body_temperature_c=41.0, perfusion_w_per_m3_k=0.0)
    heat = cure_heat(big, sacrum, LOW, fever)
    eriksson, integral = (necrotic_bone_ml(heat, c) for c in (TimeAbove(), DamageIntegral()))
    assert 0.0 < integral < eriksson < 20.0
    assert necrotic_bone_ml(heat, TimeAbove(30.0)) >= eriksson
    assert not (heat.bone.values & heat.cement.values).any()
    dead = heat.bone.values & TimeAbove().kills(heat)
    assert heat.peak_c.values[dead].min() >= 47.0
    for wrong in (TimeAbove, DamageIntegral):
        with pytest.raises(BadUsage, match="nan"):
            wrong(math.nan)


def test_an_injection_that_was_simulated_cures(sacrum: SacrumModel) -> None:
    plan = toy_plan(toy_needle(Side.LEFT))
    run = inject(toy_ct(sacrum), sacrum, plan, LOW, InjectionSettings(grid_mm=2.0))
    told: list[float] = []
    heat = cure_heat(run, sacrum, LOW, HeatSettings(duration_s=900.0), told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert 45.0 < float(heat.peak_c.values.max()) < 120.0
    assert peak(heat, S1_LEFT) > peak(heat, S1_RIGHT)
    assert heat.peak_c.grid.points_at(np.zeros(3)).xyz[0] == pytest.approx(
        run.cement.fraction.grid.points_at(
            np.argwhere(run.cement.fraction.values > 0).min(axis=0) - 12
        ).xyz[0]
    )


def test_a_picture_shows_what_the_run_holds(left: HeatRun, sacrum: SacrumModel) -> None:
    picture = heat_picture(left, sacrum)
    axial, coronal, sagittal = picture.slices
    k, j, i = np.rint(left.peak_c.grid.kji_at(picture.where)[0]).astype(int)
    assert axial.peak_c[j, i] == coronal.peak_c[k, i] == sagittal.peak_c[k, j]
    assert axial.peak_c[j, i] == pytest.approx(peak(left, S1_LEFT), abs=2.0)
    assert (axial.labels == S1_LEFT).any()
    assert not (axial.labels == foramen_structure(Level.S2, Side.LEFT)).any()
    assert sagittal.across_mm == pytest.approx(picture.where.xyz[0, 0], abs=1.0)
    x0, x1, y0, y1 = axial.extent_mm
    assert x0 < 30.0 < x1
    assert (x1 - x0, y1 - y0) == pytest.approx(
        (2.0 * axial.peak_c.shape[1], 2.0 * axial.peak_c.shape[0])
    )
    at = (np.arange(axial.cement.shape[1]) + 0.5) * 2.0 + x0
    assert at[axial.cement.any(axis=0)].mean() == pytest.approx(30.0, abs=0.01)
    assert picture.root_names[0] == "canal"
    assert "S1 left" in picture.root_names


def test_a_foramen_that_was_not_found_is_not_passed() -> None:
    grid = toy_grid()
    labels = toy_labels(grid)
    labels[labels == S1_LEFT] = Structure.SACRUM
    sacrum = toy_sacrum(grid, labels)
    heat = cure_heat(run_with(sacrum, ALA), sacrum, LOW, HeatSettings(duration_s=10.0))
    verdicts = {finding.check: finding.verdict for finding in heat.findings}
    assert verdicts["heat at S1 left"] is Verdict.NOT_CHECKED
    assert verdicts["heat at S1 right"] is Verdict.PASS
    assert heat.root(S1_LEFT) is None


def test_a_cure_that_is_not_seen_whole_says_so(sacrum: SacrumModel) -> None:
    def verdict(run_age_s: float, duration_s: float) -> Verdict:
        heat = cure_heat(
            run_with(sacrum, ALA, age_s=run_age_s), sacrum, LOW, HeatSettings(duration_s=duration_s)
        )
        return next(f.verdict for f in heat.findings if f.check == "the whole cure was seen")

    assert verdict(400.0, 1200.0) is Verdict.PASS
    assert verdict(400.0, 320.0) is Verdict.FAIL
    assert verdict(850.0, 300.0) is Verdict.FAIL


def test_cement_that_cannot_be_computed_is_refused(sacrum: SacrumModel) -> None:
    run = run_with(sacrum, ALA)
    with pytest.raises(BadInput, match=r"has set.*5000 s.*%"):
        cure_heat(run_with(sacrum, ALA, age_s=5000.0), sacrum, LOW, HeatSettings())
    with pytest.raises(BadInput, match="age of some cement"):
        cure_heat(run_with(sacrum, ALA, age_s=math.nan), sacrum, LOW, HeatSettings())
    with pytest.raises(BadInput, match="no cement"):
        cure_heat(run_with(sacrum), sacrum, LOW, HeatSettings())
    field = run.cement.fraction
    flat = Grid.axis_aligned(field.grid.shape, field.grid.origin_mm, (2.0, 2.0, 3.0), field.frame)
    uneven = replace(run, cement=replace(run.cement, fraction=Volume(field.values, flat)))
    with pytest.raises(BadInput, match="cubes"):
        cure_heat(uneven, sacrum, LOW, HeatSettings())
    elsewhere = Grid.axis_aligned(
        field.grid.shape, field.grid.origin_mm, (2.0, 2.0, 2.0), Frame("9.9")
    )
    stranger = replace(run, cement=replace(run.cement, fraction=Volume(field.values, elsewhere)))
    with pytest.raises(FrameMismatch):
        cure_heat(stranger, sacrum, LOW, HeatSettings())


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("body_temperature_c", math.nan, "Blood at nan"),
        ("body_temperature_c", 45.1, "Blood at 45.1"),
        ("cement_temperature_c", math.nan, "Cement delivered at nan"),
        ("cement_temperature_c", -3.0, "Cement delivered at -3"),
        ("perfusion_w_per_m3_k", -1.0, "perfusion of -1"),
        ("duration_s", math.inf, "followed for inf"),
        ("longest_step_s", 0.0, "step of 0"),
        ("margin_mm", -5.0, "margin of -5"),
        ("necrosis_temperature_c", 20.0, "necrosis temperature of 20"),
    ],
)
def test_settings_that_make_no_sense_are_refused(name: str, value: float, says: str) -> None:
    with pytest.raises(BadUsage, match=says):
        HeatSettings(**{name: value})
