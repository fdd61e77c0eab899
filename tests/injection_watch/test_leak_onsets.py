"""When a leak began, at what pressure, and through which gap."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from leaky_patient import MEDIUM, NEAR_FRONT, cracked, injected
from numpy.typing import NDArray

from box_patient import FRAME, toy_ct, toy_grid, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.geometry import Grid, Volume
from sacroplasty.injection import (
    InjectionRun,
    InjectionSession,
    InjectionSettings,
    Timeline,
    build_medium,
)
from sacroplasty.injection.leak_onsets import Course, Passages, with_onsets
from sacroplasty.leaks import (
    Leak,
    LeakOnset,
    LeakPath,
    LeakReport,
    LeakSite,
    LocatedLeaks,
    NeuralContact,
)

# A column of voxels along i: five of bone, then five of something else; 2 s a voxel.
COLUMN = Grid.axis_aligned((1, 1, 10), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), FRAME)
TIGHT, OPEN = 1e-8, 1e-2  # mm²: cortex, marrow


@pytest.fixture(scope="module")
def sacrum() -> SacrumModel:
    return toy_sacrum()


@pytest.fixture(scope="module")
def leaky(sacrum: SacrumModel) -> InjectionRun:
    return injected(cracked(sacrum), sacrum, toy_needle(Side.LEFT, 5.0, NEAR_FRONT))


def onset(
    behind: Structure, *, wall_mm2: float = OPEN, arrival: NDArray[np.float64] | None = None,
    passages: Passages | None = None,
) -> LeakOnset | None:  # fmt: skip
    """The onset of a leak that fills the last five voxels of the column, one needle after one."""
    labels = np.full((1, 1, 10), int(Structure.SACRUM), dtype=np.uint8)
    labels[..., 5:] = behind
    permeability = np.full((1, 1, 10), OPEN)
    permeability[..., 4] = wall_mm2
    times = np.arange(10.0)[None, None, :] * 2.0 if arrival is None else arrival
    time_s = np.array([0.0, 8.0, 12.0, 30.0])
    line = Timeline(
        time_s=time_s,
        needle=np.array([0, 1, 1, 1]),
        volume_mm3=time_s,
        tip_pressure_mpa=np.array([9.0, 0.02, 0.04, 0.04]),
        syringe_pressure_mpa=time_s,
        rate_mm3_per_s=np.array([9.0, 50.0, 30.0, 30.0]),
    )
    leak = Leak(LeakSite.PRESACRAL, None, None, 5.0, 5.0, NeuralContact.NONE, 1.0)
    report = LeakReport((leak,), 10.0, 5.0, 5.0, 5.0, {})
    voxels = Volume(labels != Structure.SACRUM, COLUMN)
    course = Course(times, permeability, labels, line, ("A", "B"), passages or Passages())
    return with_onsets(LocatedLeaks(report, (voxels,)), course).leaks[0].onset


def only(index: int) -> Volume[np.bool_]:
    """A passage of one voxel of the column."""
    mask = np.zeros((1, 1, 10), dtype=np.bool_)
    mask[..., index] = True
    return Volume(mask, COLUMN)


def test_the_onset_is_the_first_arrival_with_the_pressure_of_that_time() -> None:
    found = onset(Structure.SOFT_TISSUE)
    assert found is not None
    assert found.time_s == 10.0  # the sixth voxel
    assert found.needle == "B"
    assert found.tip_pressure_mpa == pytest.approx(0.03)  # half way from 8 to 12 s
    assert found.rate_mm3_per_s == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("behind", "wall_mm2", "path"),
    [
        (Structure.SOFT_TISSUE, OPEN, LeakPath.CORTICAL_DEFECT),
        (Structure.SOFT_TISSUE, TIGHT, LeakPath.INTACT_CORTEX),
        (Structure.FORAMEN_S2_LEFT, OPEN, LeakPath.FORAMEN_WALL),
        (Structure.CANAL, TIGHT, LeakPath.CANAL_WALL),
        (Structure.SI_JOINT_RIGHT, OPEN, LeakPath.JOINT),
        (Structure.DISC_L5S1, OPEN, LeakPath.ENDPLATE),
    ],
)
def test_the_wall_that_was_passed_names_the_path(
    behind: Structure, wall_mm2: float, path: LeakPath
) -> None:
    found = onset(behind, wall_mm2=wall_mm2, arrival=np.arange(10.0)[None, None] + 20.0)
    assert found is not None
    assert found.path is path


@pytest.mark.parametrize(
    ("key", "path"),
    [("cleft", LeakPath.FRACTURE_CLEFT), ("vein", LeakPath.VEIN), ("tract", LeakPath.NEEDLE_TRACT)],
)
def test_a_known_passage_counts_where_it_crosses_the_wall(key: str, path: LeakPath) -> None:
    arrival = np.arange(10.0)[None, None] + 20.0
    through = onset(Structure.FORAMEN_S1_LEFT, arrival=arrival, passages=Passages(**{key: only(4)}))
    assert through is not None
    assert through.path is path
    deep = onset(Structure.FORAMEN_S1_LEFT, arrival=arrival, passages=Passages(**{key: only(0)}))
    assert deep is not None
    assert deep.path is LeakPath.FORAMEN_WALL


def test_a_leak_of_partly_full_voxels_begins_when_its_neighbour_was_full() -> None:
    arrival = np.arange(10.0)[None, None, :] * 2.0 + 12.0
    arrival[..., 5:] = np.inf
    found = onset(Structure.SOFT_TISSUE, arrival=arrival)
    assert found is not None
    assert found.time_s == 20.0
    assert found.path is LeakPath.CORTICAL_DEFECT


def test_a_leak_to_which_no_full_voxel_leads_has_no_onset() -> None:
    assert onset(Structure.SOFT_TISSUE, arrival=np.full((1, 1, 10), np.inf)) is None


def test_the_onset_of_a_run_lies_between_its_leaking_and_its_tight_half(
    leaky: InjectionRun, sacrum: SacrumModel
) -> None:
    (leak,) = leaky.leaks.leaks
    found = leak.onset
    assert found is not None
    assert leak.side is Side.LEFT
    assert found.needle == "S1 ala left"
    assert found.path is LeakPath.CORTICAL_DEFECT
    labels = sacrum.labels.on(leaky.arrival_time_s.grid, order=0).values
    arrival = leaky.arrival_time_s.values
    # Nothing outside the bone before the onset; something right after it.
    assert not ((arrival < found.time_s - 1e-3) & (labels == Structure.SOFT_TISSUE)).any()
    assert ((arrival < found.time_s + 1e-3) & (labels == Structure.SOFT_TISSUE)).any()
    line = leaky.timeline
    expected = np.interp(found.time_s, line.time_s, line.tip_pressure_mpa)
    assert found.tip_pressure_mpa == pytest.approx(expected)
    assert 0.0 < found.time_s < line.time_s[-1]
    says = next(f.says for f in leaky.findings if f.check == "cement stays in bone")
    assert f"from {found.time_s:.0f} s through a gap in the cortex" in says


def test_a_mirrored_patient_leaks_at_the_same_time_on_the_other_side(
    leaky: InjectionRun, sacrum: SacrumModel
) -> None:
    x, y, z = NEAR_FRONT
    other = injected(cracked(sacrum, Side.RIGHT), sacrum, toy_needle(Side.RIGHT, 5.0, (x, y, z)))
    (leak,), (mirrored,) = leaky.leaks.leaks, other.leaks.leaks
    assert mirrored.side is Side.RIGHT
    assert leak.onset is not None
    assert mirrored.onset is not None
    assert mirrored.onset.needle == "S1 ala right"
    assert mirrored.onset.time_s == pytest.approx(leak.onset.time_s, rel=1e-4)
    assert mirrored.onset.path is leak.onset.path
    # The second route to the side: where the early cement outside the bone lies.
    fraction = other.cement.fraction
    outside = sacrum.labels.on(fraction.grid, order=0).values == Structure.SOFT_TISSUE
    points = fraction.grid.points_at(np.argwhere((fraction.values > 0) & outside)).xyz
    assert (points[:, 0] < 0).all()


def test_a_foramen_that_is_open_to_the_bone_is_entered_by_its_wall(sacrum: SacrumModel) -> None:
    labels, grid = sacrum.labels.values, toy_grid()
    ct = toy_ct(sacrum)
    k, j, i = np.indices(grid.shape)
    x, z = i + grid.origin_mm[0], k + grid.origin_mm[2]
    near = (np.hypot(x - 15.0, z - 5.0) <= 6.0) & (labels == Structure.SACRUM)
    hu = ct.hu.copy()
    hu[near & (j > 2) & (j < 78)] = 0
    run = injected(replace(ct, hu=hu), sacrum, toy_needle(Side.LEFT, 2.0, (23.0, 0.0, 5.0)))
    leak = run.leaks.leaks[0]
    assert (leak.site, leak.level, leak.side) == (LeakSite.FORAMEN, Level.S1, Side.LEFT)
    assert leak.onset is not None
    assert leak.onset.path is LeakPath.FORAMEN_WALL


def test_a_needle_that_is_drawn_out_of_the_bone_leaves_cement_in_its_tract(
    sacrum: SacrumModel,
) -> None:
    needle = replace(toy_needle(Side.LEFT, 4.0, (32.0, 14.0, 5.0)), bone_entry_depth_mm=45.0)
    run = injected(toy_ct(sacrum), sacrum, needle, withdraw_mm_per_ml=20.0)
    sites: dict[LeakSite, Any] = {leak.site: leak.onset for leak in run.leaks.leaks}
    assert LeakSite.NEEDLE_TRACT in sites
    assert sites[LeakSite.NEEDLE_TRACT].path is LeakPath.NEEDLE_TRACT


Where = Callable[[NDArray[np.float64]], NDArray[np.bool_]]


def injected_where_known(sacrum: SacrumModel, cleft: Where, vein: Where) -> InjectionRun:
    """The cracked patient, of whom some voxels are known to be a cleft or a vein; by their points."""
    ct, needle = cracked(sacrum), toy_needle(Side.LEFT, 4.0, NEAR_FRONT)
    grid = Grid.axis_aligned((51, 51, 51), (7.0, -40.0, -20.0), (1.0, 1.0, 1.0), FRAME)
    xyz = grid.points_at(np.indices(grid.shape).reshape(3, -1).T).xyz
    known = [Volume(where(xyz).reshape(grid.shape), grid) for where in (cleft, vein)]
    medium = replace(build_medium(ct, sacrum, grid), cleft=known[0], vein=known[1])
    held = InjectionSession(medium, sacrum, toy_plan(needle), MEDIUM, InjectionSettings())
    held.start(0)
    held.run(lambda _: None)
    return held.finish()


def test_the_mediums_own_cleft_and_veins_name_leak_and_path(sacrum: SacrumModel) -> None:
    x, _, z = NEAR_FRONT

    def crack(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
        across, along = np.abs(xyz[:, 0] - x) <= 1.5, np.abs(xyz[:, 2] - z) <= 12.5
        return np.asarray(across & along & (xyz[:, 1] <= -15.0) & (xyz[:, 1] >= -20.5))

    def nowhere(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.zeros(len(xyz), dtype=np.bool_)

    def before(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(xyz[:, 1] < -20.5)

    (cleft,) = injected_where_known(sacrum, crack, nowhere).leaks.leaks
    assert cleft.onset is not None
    assert (cleft.site, cleft.onset.path) == (LeakSite.PRESACRAL, LeakPath.FRACTURE_CLEFT)
    (vein,) = injected_where_known(sacrum, nowhere, before).leaks.leaks
    assert vein.onset is not None
    assert (vein.site, vein.side, vein.onset.path) == (LeakSite.VEIN, Side.LEFT, LeakPath.VEIN)
    assert vein.volume_mm3 == pytest.approx(cleft.volume_mm3)
