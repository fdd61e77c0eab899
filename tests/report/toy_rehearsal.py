"""A made-up rehearsal: an ellipsoid of bone with tunnels, two needles, a little cement, two views."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import (
    Foramen,
    Level,
    RegionDensity,
    SacralDensity,
    SacrumModel,
    Side,
    Structure,
    literature_calibration,
)
from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.findings import Finding, Verdict
from sacroplasty.fluoroscopy import (
    CArmPose,
    LeakVisibility,
    Observer,
    Radiograph,
    VisibilityTable,
    recommended_pair,
)
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.injection import InjectionRun, InjectionSettings, Timeline
from sacroplasty.leaks import Leak, LeakReport, LeakSite, NeuralContact
from sacroplasty.pathway import CaseReport, Examination, LeakViews, Provenance, View
from sacroplasty.planning import (
    CArmAngles,
    Chance,
    DepthMarks,
    Needle,
    NeedleGauge,
    NeedleGuidance,
    PlacementRisk,
    PlannedNeedle,
    PlanningSettings,
    TrajectoryPlan,
)

SCANNER = Frame("1.2.3")
_TIP_X = 30.0


def toy_rehearsal(pseudonym: str = "TOY-1", *, leaks: tuple[Leak, ...] = ()) -> CaseReport:
    """Both needles short-axis; one anatomy check passes and one plan check fails."""
    grid = Grid.axis_aligned((50, 50, 70), (-70.0, -50.0, -50.0), (2.0, 2.0, 2.0), SCANNER)
    labels = _labels(grid)
    hu = np.where(labels == Structure.SACRUM, 300, 40).astype(np.int16)
    hu[:, -4:, :] = -1000
    hu[_in_shell(grid)] = 900
    needles = tuple(_planned(side) for side in (Side.LEFT, Side.RIGHT))
    provenance = Provenance(
        pseudonym,
        "ab" * 32,
        "sacroplasty 0.1.0",
        PlanningSettings(),
        InjectionSettings(),
        ("margin_neural", "needle_outer_diameter_11g"),
    )
    plan_findings = (
        Finding("foramina_clearance", Verdict.FAIL, "Too near.", "2.1 mm", "at least 3 mm"),
        Finding("skin", Verdict.NOT_CHECKED, "The scan does not reach the skin."),
    )
    return CaseReport(
        Examination(
            CTVolume(hu, grid, Acquisition("ab" * 32, "toy", repairs=("sheared back a tilt",))),
            _sacrum(grid, labels),
            _density(),
            None,
            None,
            pseudonym,
        ),
        TrajectoryPlan(needles, PlanningSettings().margins, plan_findings, (), 0),
        CementRecipe.of_constant_viscosity("toy cement", 100.0, 0.3, 1.2),
        _run(grid, leaks),
        tuple(
            View(_radiograph(name, 0.0), _radiograph(name, 0.0), _radiograph(name, 1.5))
            for name in ("AP", "lateral")
        ),
        toy_leak_views(),
        provenance,
    )


def toy_leak_views() -> LeakViews:
    """Two places in two views: AP shows the foramen, nothing the joint, the lateral nearly."""

    def row(
        site: LeakSite, level: Level | None, view: str, live: float, ml: float | None
    ) -> LeakVisibility:
        place = " ".join(str(part) for part in (site, level, Side.LEFT) if part)
        return LeakVisibility(
            site, Side.LEFT, level, place, view, 5.0, 1.5, 0.5, live, 2.0 * live, ml, 0.01
        )

    foramen, joint = LeakSite.FORAMEN, LeakSite.SI_JOINT
    rows = (
        row(foramen, Level.S1, "ap", 12.0, 0.004), row(foramen, Level.S1, "lateral", 0.0, None),
        row(joint, None, "ap", 0.0, None), row(joint, None, "lateral", 3.0, 0.25),
    )  # fmt: skip
    table = VisibilityTable(rows, ("ap", "lateral"), 0.2, 4.0, Observer.EYE)
    at_risk = (rows[0].place, rows[2].place)
    return LeakViews(table, recommended_pair(table, at_risk), at_risk, "toy cement")


def with_findings(case: CaseReport, *findings: Finding) -> CaseReport:
    """The case with other findings on its plan."""
    return replace(case, plan=replace(case.plan, findings=findings))


def empty_rehearsal() -> CaseReport:
    """No needle, no cement, no view, no check of the plan."""
    case = toy_rehearsal()
    nothing = np.zeros(0)
    run = replace(
        case.run,
        cement=CementField(Volume(np.zeros(case.ct.grid.shape, np.float32), case.ct.grid)),
        timeline=Timeline(nothing, nothing.astype(np.int64), nothing, nothing, nothing, nothing),
        leaks=LeakReport((), 0.0, 0.0, 0.0, 0.0, {}),
        injected_mm3=(),
    )
    plan = replace(case.plan, needles=(), findings=())
    return replace(case, plan=plan, run=run, views=())


def _xyz(grid: Grid) -> NDArray[np.float64]:
    indices = np.indices(grid.shape).reshape(3, -1).T
    return grid.points_at(indices).xyz.reshape(*grid.shape, 3)


def _radius(grid: Grid) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(_xyz(grid) / np.array([55.0, 22.0, 40.0]), axis=-1))


def _in_shell(grid: Grid) -> NDArray[np.bool_]:
    radius = _radius(grid)
    return np.asarray((radius <= 1.0) & (radius > 0.9))


def _labels(grid: Grid) -> NDArray[np.uint8]:
    xyz, labels = _xyz(grid), np.full(grid.shape, int(Structure.SOFT_TISSUE), dtype=np.uint8)
    inside = _radius(grid) <= 1.0
    labels[inside] = Structure.SACRUM
    for side, structure in (
        (Side.LEFT, Structure.FORAMEN_S1_LEFT),
        (Side.RIGHT, Structure.FORAMEN_S1_RIGHT),
    ):
        tunnel = np.hypot(xyz[..., 0] - 16 * side.sign, xyz[..., 2] - 8) < 5
        labels[tunnel & inside] = structure
    labels[(np.hypot(xyz[..., 0], xyz[..., 1] - 10) < 6) & inside] = Structure.CANAL
    for side, joint in (
        (Side.LEFT, Structure.SI_JOINT_LEFT),
        (Side.RIGHT, Structure.SI_JOINT_RIGHT),
    ):
        rim = (_radius(grid) > 1.0) & (_radius(grid) < 1.12) & (xyz[..., 0] * side.sign > 40)
        labels[rim] = joint
    return labels


def _sacrum(grid: Grid, labels: NDArray[np.uint8]) -> SacrumModel:
    zones = np.where(labels == Structure.SACRUM, 1, 0).astype(np.uint8)
    spots = {
        side: [Points.at((16.0 * side.sign, y, 8.0), SCANNER) for y in (0.0, -15.0, 15.0)]
        for side in (Side.LEFT, Side.RIGHT)
    }
    return SacrumModel(
        Volume(labels, grid),
        Volume(zones, grid),
        Rigid(np.eye(3), np.array([0.0, 0.0, 40.0]), to=SCANNER, source=SCANNER.attached("sacrum")),
        tuple(
            Foramen(Level.S1, side, centre, 5.0, ventral, dorsal)
            for side, (centre, ventral, dorsal) in spots.items()
        ),
        Points.at([(0, 10, 30), (0, 10, -30)], SCANNER),
        {"foramen_S4_left": "below the scan"},
        (Finding("sides", Verdict.PASS, "Left and right agree by two routes."),),
        "toy engine",
    )


def _density() -> SacralDensity:
    whole = RegionDensity(None, None, None, 9000, 72.0, 61.4, 38.0, 58.0, 50.6, 9.0)
    voids = {Side.LEFT: 0.31, Side.RIGHT: 0.28}
    return SacralDensity((whole,), None, voids, literature_calibration(), (), {})


def _planned(side: Side) -> PlannedNeedle:
    needle = Needle(
        Points.at((40.0 * side.sign, 44.0, 10.0), SCANNER),
        Points.at((_TIP_X * side.sign, -6.0, 10.0), SCANNER),
        NeedleGauge.of(11),
    )
    clearances = {"foramina": 2.1, "canal": 12.0, "si_joint": 9.5, "anterior_cortex": 8.0}
    return PlannedNeedle(
        f"{side.value} S1",
        side,
        "short-axis",
        Level.S1,
        needle,
        3.0,
        clearances,
        25.0,
        _risk(clearances),
        _guidance(side, needle),
        "The widest path.",
    )


def _risk(clearances: dict[str, float]) -> PlacementRisk:
    """Foramina are touched by 40 of 1000 placements, nothing else is."""
    breach = {key: Chance.of(40 if key == "foramina" else 0, 1000) for key in clearances}
    worst = {key: value - 2.5 for key, value in clearances.items()}
    return PlacementRisk(
        1000, breach, Chance.of(40, 1000), Chance.of(15, 1000), Chance.of(50, 1000), worst
    )


def _guidance(side: Side, needle: Needle) -> NeedleGuidance:
    """As the toy's needle lies: level with the table, tip 10 mm nearer to the midline."""
    medial_deg = float(np.degrees(np.arctan2(10.0, 50.0)))
    return NeedleGuidance(
        table_position_mm=10.0,
        lateral_offset_mm=40.0,
        axial_angle_deg=-medial_deg,
        sagittal_angle_deg=0.0,
        en_face=CArmAngles(side.sign * medial_deg, 0.0),
        profile=CArmAngles(side.sign * (medial_deg - 90.0), 0.0),
        depth=DepthMarks(25.0, needle.length_mm, needle.length_mm + 8.0),
        needle_length_mm=100.0,
        dead_volume_ml=0.45,
        cement_basis="3 mL per needle as set",
    )


def _run(grid: Grid, leaks: tuple[Leak, ...]) -> InjectionRun:
    xyz = _xyz(grid)
    away = np.stack(
        [np.linalg.norm(xyz - (_TIP_X * side, -6.0, 10.0), axis=-1) for side in (1, -1)]
    ).min(axis=0)
    porosity = np.full(grid.shape, 0.8, dtype=np.float32)
    cement = CementField(Volume(np.where(away < 8, 0.8, 0).astype(np.float32), grid))
    time = np.linspace(0.0, 120.0, 60)
    timeline = Timeline(
        time,
        (time > 60).astype(np.int64),
        time * 50.0,
        0.02 + 0.0005 * (time % 60),
        0.4 + 0.001 * (time % 60),
        np.full(time.size, 50.0),
    )
    total = cement.volume_mm3
    leaked = sum(leak.volume_mm3 for leak in leaks)
    report = LeakReport(
        leaks, total, total - leaked, total / 2, total / 2 - leaked, {1: total - leaked, 2: 0.0}
    )
    return InjectionRun(
        Volume(np.where(away < 8, away, np.inf).astype(np.float32), grid),
        Volume(porosity, grid),
        Volume(np.where(away < 8, 200.0, 0.0).astype(np.float32), grid),
        cement,
        timeline,
        report,
        (total / 2, total / 2),
        0.0004,
        (Finding("mass", Verdict.PASS, "Cement in equals cement found."),),
    )


def one_leak() -> Leak:
    """A small leak into a foramen on the right."""
    return Leak(LeakSite.FORAMEN, Side.RIGHT, Level.S1, 120.0, 6.5, NeuralContact.ABUTS, 1.0)


def _radiograph(name: str, added: float) -> Radiograph:
    row, column = np.mgrid[0:80, 0:100]
    picture = 3.0 * np.exp(-(((row - 40) / 25) ** 2) - ((column - 50) / 35) ** 2)
    picture = picture + added * np.exp(-(((row - 36) / 5) ** 2) - ((column - 70) / 5) ** 2)
    back, right = ((0, 1, 0), (1, 0, 0)) if name == "AP" else ((-1, 0, 0), (0, 1, 0))
    beam = np.array(back, dtype=float)
    pose = CArmPose(
        name,
        Points.at(beam * 600, SCANNER),
        Points.at(-beam * 400, SCANNER),
        np.array(right, dtype=float),
        np.array([0.0, 0.0, -1.0]),
        (80, 100),
        2.0,
    )
    return Radiograph(picture.astype(np.float32), pose)
