"""Veins that leave the sacrum: a network drawn by chance, never read from the patient.

Veins cross the anterior cortex into the presacral plexus and the wall of the canal into the
epidural plexus (the basivertebral veins among them). Their numbers are Poisson with a density per
area of cortex, their radii lognormal. Each begins in the marrow, crosses the cortex within a cone
about its normal and runs on along its plexus, up or down. The vein is open at both ends; its wall
keeps the cement from the tissue beside it. Veins of the foramina are left out: what runs there
counts as foraminal.
"""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import pdtrik

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.geometry import Grid
from sacroplasty.injection.bone_draw import BoneDraw
from sacroplasty.injection.tissues import Tissue, TissueMap
from sacroplasty.injection.tubes import Tube, tube_of, walk
from sacroplasty.reference import constant
from sacroplasty.units import rad_from_deg

Floats = NDArray[np.float64]

# Width of the smoothing of the bone's surface for its normals.
_NORMAL_MM = 1.5
# The anterior cortex faces forwards by at least this much.
_LEAST_FORWARD = 0.3
# Along its plexus a vein keeps off the bone by this slope.
_OFF_SLOPE = 0.2
# More veins than this in one box are not drawn; the largest density gives about a dozen.
_MOST_VEINS = 64
_LEAST_CELLS = 3
_MM2_PER_CM2 = 100.0


class Plexus(IntEnum):
    """Where a vein leads."""

    PRESACRAL = 0
    EPIDURAL = 1


@dataclass(frozen=True, eq=False, slots=True)
class VeinExits:
    """Cortical voxels of one plexus that a vein may cross.

    kji (n, 3). outward (n, 3): unit normals in the order k, j, i. area_mm2 (n,) of cortex. up
    (3,): the sacral z axis in the order k, j, i.
    """

    plexus: Plexus
    kji: NDArray[np.int64]
    outward: Floats
    area_mm2: Floats
    up: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Vein:
    """A tube and its radius."""

    tube: Tube
    radius_mm: float


@dataclass(frozen=True, eq=False, slots=True)
class _Rooms:
    """Masks (k, j, i): all bone of the sacrum, its marrow, and where a vein may run outside.

    A slanting vein passes more than one voxel of cortex, so cortex counts as outside, too.
    """

    bone: NDArray[np.bool_]
    marrow: NDArray[np.bool_]
    outside: NDArray[np.bool_]

    @classmethod
    def of(cls, tissues: TissueMap) -> Self:
        bone = tissues.labels == Structure.SACRUM
        cortex = bone & (tissues.kind == Tissue.CORTEX)
        return cls(bone, bone & ~cortex, cortex | (tissues.kind == Tissue.LOOSE))


def vein_exits(sacrum: SacrumModel, grid: Grid, tissues: TissueMap) -> tuple[VeinExits, ...]:
    """Where veins may leave, for each plexus."""
    bone = tissues.labels == Structure.SACRUM
    smooth = ndimage.gaussian_filter(bone.astype(np.float32), _NORMAL_MM / grid.spacing_mm[0])
    cortex = bone & (tissues.kind == Tissue.CORTEX)
    axes = (grid.direction.T @ sacrum.scanner_from_sacrum.rotation)[::-1]
    found = []
    for plexus, beyond in (
        (Plexus.PRESACRAL, Structure.SOFT_TISSUE),
        (Plexus.EPIDURAL, Structure.CANAL),
    ):
        faces = _faces_to(tissues.labels == beyond)
        kji = np.argwhere(cortex & (faces > 0))
        outward = -_gradient(smooth, kji)
        if plexus is Plexus.PRESACRAL:
            forward = -(outward @ axes[:, 1]) >= _LEAST_FORWARD
            kji, outward = kji[forward], outward[forward]
        lean = np.abs(outward).sum(axis=1)
        area = faces[tuple(kji.T)] * grid.spacing_mm[0] ** 2 / np.maximum(lean, 1.0)
        found.append(VeinExits(plexus, kji, outward, area, axes[:, 2]))
    return tuple(found)


def draw_veins(
    draw: BoneDraw, exits: tuple[VeinExits, ...], grid: Grid, tissues: TissueMap
) -> tuple[Vein, ...]:
    """The veins of one draw; none without a seed.

    With the same seed a higher density keeps the veins and adds to them.
    """
    if draw.vein_seed is None:
        return ()
    rooms = _Rooms.of(tissues)
    veins: list[Vein] = []
    for group in exits:
        rng = np.random.default_rng([draw.vein_seed, int(group.plexus)])
        level, chance = rng.random(), rng.random((_MOST_VEINS, 4))
        radii = _radii(draw, rng.standard_normal(_MOST_VEINS))
        density = constant(f"vein_density_{group.plexus.name.lower()}").value
        mean = draw.vein_density_factor * density * group.area_mm2.sum() / _MM2_PER_CM2
        for n in range(_poisson(level, mean)):
            tube = _course(group, chance[n], grid, rooms)
            if tube.cells.size >= _LEAST_CELLS:
                veins.append(Vein(tube, float(radii[n])))
    return tuple(veins)


def _radii(draw: BoneDraw, normal: Floats) -> Floats:
    row = constant("vein_radius")
    spread = np.exp(constant("vein_radius_sigma").value * normal)
    return np.clip(draw.vein_radius_mm * spread, row.low, row.high)


def _poisson(level: float, mean: float) -> int:
    """The number that a Poisson variable exceeds with the probability 1 − `level`."""
    if mean <= 0 or level <= math.exp(-mean):
        return 0
    return min(math.ceil(float(pdtrik(level, mean))), _MOST_VEINS)


def _course(group: VeinExits, chance: Floats, grid: Grid, rooms: _Rooms) -> Tube:
    """From the marrow through the cortex and along the plexus, as far as there is room."""
    h = grid.spacing_mm[0]
    along = np.cumsum(group.area_mm2)
    n = min(int(np.searchsorted(along, chance[0] * along[-1])), along.size - 1)
    exit_kji, normal = group.kji[n].astype(np.float64), group.outward[n]
    out = _tilted(normal, chance[1], chance[2])
    run = (1.0 if chance[3] < 0.5 else -1.0) * group.up
    run = run - (run @ normal) * normal
    run = run / max(float(np.linalg.norm(run)), 1e-9) + _OFF_SLOPE * normal
    run /= np.linalg.norm(run)
    begin = exit_kji - constant("vein_depth").value / h * out
    turn = exit_kji + constant("vein_off_bone").value / h * out
    end = turn + constant("vein_run").value / h * run
    inner, outer = np.stack([exit_kji, begin]), np.stack([exit_kji, turn, end])
    before, whole_in = walk(inner, rooms.bone)
    after, whole_out = walk(outer, rooms.outside)
    deep = np.flatnonzero(rooms.marrow.ravel()[before])
    if not deep.size:
        return Tube(after[:0], np.zeros(0, dtype=np.uint8), 1.0)
    before = before[: deep[-1] + 1]
    line = np.stack([begin, exit_kji, turn, end])
    cells = np.concatenate([before[:0:-1], after])
    return tube_of(cells, line, whole_in + whole_out - 1, grid.shape, h)


def _tilted(normal: Floats, turn: float, lean: float) -> Floats:
    """A unit vector in the cone about `normal`, even over its cap's disc."""
    angle = rad_from_deg(constant("vein_tilt").value) * math.sqrt(lean)
    aside = np.cross(normal, np.eye(3)[np.argmin(np.abs(normal))])
    aside /= np.linalg.norm(aside)
    other = np.cross(normal, aside)
    around = math.cos(2 * math.pi * turn) * aside + math.sin(2 * math.pi * turn) * other
    return np.asarray(math.cos(angle) * normal + math.sin(angle) * around)


def _faces_to(mask: NDArray[np.bool_]) -> Floats:
    """How many faces of every voxel lead into the mask."""
    cross = ndimage.generate_binary_structure(3, 1).astype(np.float64)
    return np.asarray(ndimage.convolve(mask.astype(np.float64), cross, mode="nearest"))


def _gradient(field: NDArray[np.float32], kji: NDArray[np.int64]) -> Floats:
    """Unit gradient (n, 3) at voxels; (0, 0, 1) where there is none."""
    found = np.zeros((len(kji), 3))
    top = np.asarray(field.shape) - 1
    for axis in range(3):
        step = np.eye(3, dtype=np.int64)[axis]
        above = field[tuple(np.minimum(kji + step, top).T)]
        below = field[tuple(np.maximum(kji - step, 0).T)]
        found[:, axis] = above - below
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(
        np.divide(found, length, out=np.tile([0.0, 0.0, 1.0], (len(kji), 1)), where=length > 0)
    )
