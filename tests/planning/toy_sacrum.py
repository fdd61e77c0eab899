"""An analytic sacrum of planes and cylinders, so that every clearance has a closed form.

Sacral frame: +x left, +y dorsal, +z cranial, origin on the S1 endplate. Body and alae are a block,
its back is convex (highest in the midline), the canal is a tube, the foramina are tubes whose
ventral mouth lies more lateral than the dorsal one, the SI joints are sheets, and the iliac spines
overhang the back of the joint.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import (
    Foramen,
    Level,
    SacrumModel,
    Side,
    Structure,
    foramen_structure,
)
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Rigid, Volume
from sacroplasty.imaging import Acquisition, CTVolume

SCANNER = Frame("1.2.3.4")
FRONT_Y, ALA_TOP_Z, JOINT_X, CAUDAL_Z = -25.0, -6.0, 48.0, -70.0
CANAL_Y, CANAL_RADIUS = 8.0, 8.0
FORAMEN_Z = {Level.S1: -28.0, Level.S2: -50.0}
SKIN_Y = 62.0
PASSED = (Finding("toy", Verdict.PASS, "A toy is what it is."),)


@dataclass(frozen=True)
class Toy:
    """What can be moved: lengths in mm, angles in degrees."""

    foramen_dorsal_x: float = 20.0
    foramen_ventral_x: float = 28.0
    foramen_radius: float = 5.0
    left_foramen_shift: float = 0.0
    spacing_mm: float = 1.5
    turned_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shifted_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mirrored: bool = False
    has_skin: bool = True
    scan_from_z: float = -80.0
    without: tuple[Structure, ...] = ()
    findings: tuple[Finding, ...] = PASSED

    @property
    def mirror(self) -> "Toy":
        return replace(self, mirrored=True)


def foramen_axis(
    toy: Toy, level: Level, side: Side
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ventral and dorsal mouth in the sacral frame."""
    anatomical = (Side.RIGHT if side is Side.LEFT else Side.LEFT) if toy.mirrored else side
    shift = toy.left_foramen_shift if anatomical is Side.LEFT else 0.0
    z = FORAMEN_Z[level]
    ventral = np.array([side.sign * (toy.foramen_ventral_x + shift), FRONT_Y, z])
    dorsal = np.array([side.sign * (toy.foramen_dorsal_x + shift), 15.0, z])
    return ventral, dorsal


def pose(toy: Toy) -> Rigid:
    a, b, c = np.deg2rad(toy.turned_deg)
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return Rigid(
        rz @ ry @ rx, np.array(toy.shifted_mm), to=SCANNER, source=SCANNER.attached("sacrum")
    )


def structure_at(toy: Toy, xyz: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The structure at points (n, 3) of the sacral frame."""
    x, y, z = xyz.T
    wide = np.abs(x)
    labels = np.full(len(xyz), int(Structure.SOFT_TISSUE), dtype=np.uint8)
    if toy.has_skin:
        labels[(y > SKIN_Y - (x / 40) ** 2) | (y < -70) | (wide > 95)] = Structure.OUTSIDE
    back = 20.0 - (x / 15.0) ** 2
    top = np.where(wide < 24, 0.0, ALA_TOP_Z)
    bone = (y > FRONT_Y) & (y < back) & (z < top) & (z > CAUDAL_Z) & (wide < JOINT_X)
    labels[bone] = Structure.SACRUM
    for side in Side:
        own = x * side.sign > 0
        ilium = own & (wide >= JOINT_X + 2) & (wide < 75) & (y > -30) & (y < 35) & (z < 10)
        spine = own & (wide >= JOINT_X - 8) & (wide < 60) & (y > 20) & (y < 35) & (z < 10)
        joint = own & (wide >= JOINT_X) & (wide < JOINT_X + 2) & (y > FRONT_Y) & (y < 15) & (z < -4)
        labels[(ilium | spine) & (z > CAUDAL_Z)] = Structure[f"ILIUM_{side.name}"]
        labels[joint & (z > CAUDAL_Z)] = Structure[f"SI_JOINT_{side.name}"]
        for level in FORAMEN_Z:
            ventral, dorsal = foramen_axis(toy, level, side)
            tube = off_axis(xyz, ventral, dorsal) < toy.foramen_radius
            labels[tube & bone] = foramen_structure(level, side)
    labels[bone & (np.hypot(x, y - CANAL_Y) < CANAL_RADIUS)] = Structure.CANAL
    labels[(wide < 24) & (y > FRONT_Y) & (y < 5) & (z >= 0) & (z < 10)] = Structure.DISC_L5S1
    labels[(wide < 24) & (y > FRONT_Y) & (y < 25) & (z >= 10)] = Structure.L5
    labels[np.isin(labels, [int(s) for s in toy.without])] = Structure.SACRUM
    return labels


def off_axis(
    xyz: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of points (n, 3) from the line through two points."""
    along = (end - start) / np.linalg.norm(end - start)
    rest = xyz - start
    return np.asarray(np.linalg.norm(rest - (rest @ along)[:, None] * along, axis=1))


def build_toy(toy: Toy) -> SacrumModel:
    scanner_from_sacrum = pose(toy)
    h = toy.spacing_mm
    low, high = np.array([-88.0, -40.0, toy.scan_from_z]), np.array([88.0, 72.0, 22.0])
    ends = np.array(np.meshgrid(*zip(low, high, strict=True), indexing="ij")).reshape(3, -1).T
    ends = scanner_from_sacrum(Points(ends, scanner_from_sacrum.source)).xyz
    # Voxel centres symmetric about the patient's midline, so that a mirror maps voxels to voxels.
    low, high = np.floor(ends.min(axis=0) / h) * h + h / 2, np.ceil(ends.max(axis=0) / h) * h
    shape = tuple(np.ceil((high - low) / h).astype(int)[::-1].tolist())
    grid = Grid.axis_aligned(shape, tuple(low.tolist()), (h, h, h), SCANNER)
    points = grid.points_at(np.indices(shape).reshape(3, -1).T)
    xyz = scanner_from_sacrum.inverse(points).xyz
    labels = structure_at(toy, xyz).reshape(shape)
    zones = np.where(np.abs(xyz[:, 0]) > 26, 1, np.where(np.abs(xyz[:, 0]) > 15, 2, 3))
    zones = np.where(labels.ravel() == Structure.SACRUM, zones, 0).astype(np.uint8).reshape(shape)
    line = np.array([[0.0, CANAL_Y, z] for z in (0.0, -30.0, -60.0)])
    return SacrumModel(
        labels=Volume(labels, grid),
        zones=Volume(zones, grid),
        scanner_from_sacrum=scanner_from_sacrum,
        foramina=tuple(_foramina(toy, scanner_from_sacrum)),
        canal=scanner_from_sacrum(Points(line, scanner_from_sacrum.source)),
        absent={},
        findings=toy.findings,
        engine="toy",
    )


def _foramina(toy: Toy, scanner_from_sacrum: Rigid) -> list[Foramen]:
    found = []
    for side in Side:
        for level in FORAMEN_Z:
            if foramen_structure(level, side) in toy.without:
                continue
            mouths = [
                scanner_from_sacrum(Points(p, scanner_from_sacrum.source))
                for p in foramen_axis(toy, level, side)
            ]
            centre = Points((mouths[0].xyz + mouths[1].xyz) / 2, SCANNER)
            found.append(Foramen(level, side, centre, toy.foramen_radius, mouths[0], mouths[1]))
    return found


def toy_ct(sacrum: SacrumModel) -> CTVolume:
    """Enough of a CT for the planner: right frame and grid."""
    hu = np.where(sacrum.mask(Structure.OUTSIDE), -1000, 50).astype(np.int16)
    return CTVolume(hu, sacrum.labels.grid, Acquisition("0" * 64, "toy"))


def to_sacrum(sacrum: SacrumModel, points: Points) -> NDArray[np.float64]:
    return np.asarray(sacrum.scanner_from_sacrum.inverse(points).xyz)
