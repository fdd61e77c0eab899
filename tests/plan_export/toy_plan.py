"""A plan made by hand on a toy sacrum: two needles, one per side, with every number filled in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume
from sacroplasty.planning import Margins, Needle, NeedleGauge, PlannedNeedle, TrajectoryPlan
from sacroplasty.planning.guidance import CArmAngles, DepthMarks, NeedleGuidance
from sacroplasty.planning.placement_risk import Chance, PlacementRisk

SCANNER = Frame("1.2.3.4")
SKIN_Y, BONE_Y = 60.0, 22.0
DRAWS = 200


def skin_y(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the back is, LPS y in mm at LPS x."""
    return SKIN_Y - (x / 40.0) ** 2


def bone_surface_y(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the dorsal cortex is."""
    return BONE_Y - (x / 15.0) ** 2


def toy_needle(
    side: Side,
    *,
    entry: Sequence[float] | None = None,
    target: Sequence[float] | None = None,
    frame: Frame = SCANNER,
    gauge: int = 11,
) -> PlannedNeedle:
    """A short-axis needle; a left one by default enters lateral of where it ends, tip to the head."""
    s = side.sign
    a = Points.at(entry or (42.0 * s, SKIN_Y, -30.0), frame)
    b = Points.at(target or (34.0 * s, -4.0, -18.0), frame)
    needle = Needle(a, b, NeedleGauge.of(gauge))
    walked = np.linspace(0.0, needle.length_mm, 2000)
    x, y, _ = (needle.entry.single + walked[:, None] * needle.direction).T
    bone_mm = float(walked[np.argmax(y < bone_surface_y(x))])
    clearances = {"foramina": 4.2, "canal": 17.0, "si_joint": 5.1, "anterior_cortex": 9.0}
    breach = {"foramina": Chance.of(6, DRAWS), "canal": Chance.of(0, DRAWS)}
    risk = PlacementRisk(
        DRAWS,
        breach,
        Chance.of(6, DRAWS),
        Chance.of(9, DRAWS),
        Chance.of(12, DRAWS),
        {name: mm - 2.0 for name, mm in clearances.items()},
    )
    guidance = NeedleGuidance(
        table_position_mm=float(a.single[2]),
        lateral_offset_mm=abs(float(a.single[0])),
        axial_angle_deg=-7.1,
        sagittal_angle_deg=10.6,
        en_face=CArmAngles(7.1 * s, 10.6),
        profile=CArmAngles(90.0 * s, 0.0),
        depth=DepthMarks(bone_mm, needle.length_mm, needle.length_mm + 9.0),
        needle_length_mm=100.0,
        dead_volume_ml=0.45,
        cement_basis="pore space of the ala",
    )
    return PlannedNeedle(
        name=f"{side.value} S1",
        side=side,
        approach="short_axis",
        level=Level.S1,
        needle=needle,
        cement_ml=3.0,
        clearance_mm=clearances,
        bone_entry_depth_mm=bone_mm,
        risk=risk,
        guidance=guidance,
        reason="The widest path that keeps every margin.",
    )


def toy_plan(*needles: PlannedNeedle, frame: Frame = SCANNER) -> TrajectoryPlan:
    chosen = needles or tuple(toy_needle(side, frame=frame) for side in Side)
    passed = (Finding("foramina_clearance", Verdict.PASS, "Far enough."),)
    return TrajectoryPlan(chosen, Margins(), passed, (), 7)


def toy_back(*, frame: Frame = SCANNER, skin: bool = True, spines: bool = False) -> SacrumModel:
    """A block of sacrum with a convex back, wide ±48 mm, z −70…0, canal through it, under a back.

    Voxel centres lie half a millimetre off the planes. spines: iliac spines overhang the sacrum.
    """
    grid = Grid.axis_aligned((112, 128, 170), (-84.5, -45.5, -90.5), (1.0,) * 3, frame)
    nk, nj, ni = grid.shape
    z, y, x = np.ogrid[-90.5 : nk - 91.0, -45.5 : nj - 46.0, -84.5 : ni - 85.0]
    labels = np.full(grid.shape, int(Structure.SOFT_TISSUE), dtype=np.uint8)
    wide = np.abs(x)
    sacral = (y > -25) & (y < bone_surface_y(x)) & (z < 0) & (z > -70) & (wide < 48)
    labels[sacral] = Structure.SACRUM
    labels[(np.hypot(x, y - 5) < 7) & (z < 0) & (z > -70)] = Structure.CANAL
    if spines:
        for side in Side:
            spine = (x * side.sign > 44) & (wide < 62) & (y > 22) & (y < 34) & (z < 0) & (z > -70)
            labels[spine] = Structure[f"ILIUM_{side.name}"]
    if skin:
        labels[np.broadcast_to(y > skin_y(x), grid.shape)] = Structure.OUTSIDE
    zones = (labels == Structure.SACRUM).astype(np.uint8)
    return SacrumModel(
        Volume(labels, grid),
        Volume(zones, grid),
        Rigid(np.eye(3), np.zeros(3), to=frame, source=frame.attached("sacrum")),
        (),
        Points.at([(0, 5, -5), (0, 5, -60)], frame),
        {},
        (Finding("toy", Verdict.PASS, "A toy is what it is."),),
        "toy",
    )


def toy_scan(sacrum: SacrumModel) -> CTVolume:
    """Bone 400 HU, soft tissue 40, air −1000, with a bright marker on the patient's left only."""
    labels = sacrum.labels.values
    hu = np.select([labels == Structure.SACRUM, labels == 0], [400, -1000], 40).astype(np.int16)
    marker = Points.at((40.0, 0.0, -18.0), sacrum.frame)
    k, j, i = np.round(sacrum.labels.grid.kji_at(marker)[0]).astype(int)
    hu[k - 2 : k + 3, j - 2 : j + 3, i - 2 : i + 3] = 2500
    return CTVolume(hu, sacrum.labels.grid, Acquisition("0" * 64, "toy"))
