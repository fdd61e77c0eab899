"""The compartments around the sacrum, and what a leak into one of them looks like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.distance import pdist

from sacroplasty.anatomy import Level, Side, Structure
from sacroplasty.geometry import Rigid
from sacroplasty.leaks.cement_on_labels import CementOnLabels
from sacroplasty.leaks.leak import Leak, LeakSite, NeuralContact
from sacroplasty.reference import constant

_NEURAL = [int(s) for s in Structure if s.is_foramen or s is Structure.CANAL]
# From this many coarse voxels of cement on, a leak is certain to the grid.
_CERTAIN_VOXELS = 4.0
# A soft-tissue leak belongs to a side when this share of it lies there.
_ONE_SIDED = 0.8
# Directions in which the ends of a leak are looked for (within 1 % of the true diameter).
_DIRECTIONS = 400

_SITE = {
    Structure.CANAL: LeakSite.CANAL,
    Structure.SI_JOINT_LEFT: LeakSite.SI_JOINT,
    Structure.SI_JOINT_RIGHT: LeakSite.SI_JOINT,
    Structure.ILIUM_LEFT: LeakSite.ILIUM,
    Structure.ILIUM_RIGHT: LeakSite.ILIUM,
    Structure.L5: LeakSite.L5,
    Structure.DISC_L5S1: LeakSite.DISC_L5S1,
}


@dataclass(frozen=True, slots=True)
class Compartment:
    """A site with its side and level, where it has them."""

    site: LeakSite
    side: Side | None
    level: Level | None


def compartment_of(
    structure: Structure,
    here: NDArray[np.bool_],
    placed: CementOnLabels,
    nearest: NDArray[np.int32],
    scanner_from_sacrum: Rigid,
) -> list[tuple[Compartment, NDArray[np.bool_]]]:
    """The compartments of leaked voxels `here`, which all carry one label.

    Soft tissue is split by connected piece; nearest: (3, k, j, i), index of the nearest bone voxel.
    """
    side = _side_in_name(structure)
    if structure.is_foramen:
        level = Level(structure.name.split("_")[1])
        return [(Compartment(LeakSite.FORAMEN, side, level), here)]
    if structure in _SITE:
        return [(Compartment(_SITE[structure], side, None), here)]
    labelled, n = ndimage.label(here, structure=np.ones((3, 3, 3)))
    pieces = [labelled == piece for piece in range(1, n + 1)]
    return [(_soft_tissue(piece, placed, nearest, scanner_from_sacrum), piece) for piece in pieces]


def passage_pieces(
    site: LeakSite,
    here: NDArray[np.bool_],
    placed: CementOnLabels,
    scanner_from_sacrum: Rigid,
) -> list[tuple[Compartment, NDArray[np.bool_]]]:
    """Leaked voxels `here` of a vein or a needle tract, by connected piece, each on its side."""
    labelled, n = ndimage.label(here, structure=np.ones((3, 3, 3)))
    found = []
    for piece in range(1, n + 1):
        mask = labelled == piece
        cement = scanner_from_sacrum.inverse(placed.grid.points_at(np.argwhere(mask))).xyz
        found.append((Compartment(site, _side(cement, placed.cement_mm3[mask]), None), mask))
    return found


def _side(cement: NDArray[np.float64], volume: NDArray[np.float64]) -> Side | None:
    """The side that most of the volume (n,) at points (n, 3) of the sacral frame lies on."""
    left = float(volume[cement[:, 0] > 0].sum() / volume.sum())
    return Side.LEFT if left >= _ONE_SIDED else Side.RIGHT if left <= 1 - _ONE_SIDED else None


def _side_in_name(structure: Structure) -> Side | None:
    if structure.name.endswith("_LEFT"):
        return Side.LEFT
    return Side.RIGHT if structure.name.endswith("_RIGHT") else None


def _soft_tissue(
    piece: NDArray[np.bool_],
    placed: CementOnLabels,
    nearest: NDArray[np.int32],
    scanner_from_sacrum: Rigid,
) -> Compartment:
    """Presacral or posterior, by the way from the nearest bone to the cement, weighted by volume."""
    kji = np.argwhere(piece)
    volume = placed.cement_mm3[piece]
    sacrum_from_scanner = scanner_from_sacrum.inverse
    cement = sacrum_from_scanner(placed.grid.points_at(kji)).xyz
    bone = sacrum_from_scanner(placed.grid.points_at(nearest[:, piece].T)).xyz
    away = (cement - bone) / np.linalg.norm(cement - bone, axis=1, keepdims=True)
    site = LeakSite.POSTERIOR if volume @ away[:, 1] >= 0 else LeakSite.PRESACRAL
    return Compartment(site, _side(cement, volume), None)


def neural_gap_mm(placed: CementOnLabels) -> NDArray[np.float64]:
    """Gap from every voxel's surface to the nearest foramen or canal voxel; inf where there is none."""
    neural = np.isin(placed.labels, _NEURAL)
    if not neural.any():
        return np.full(placed.labels.shape, np.inf)
    centres = ndimage.distance_transform_edt(~neural, sampling=placed.grid.spacing_kji_mm)
    return np.asarray(np.maximum(0.0, centres - min(placed.grid.spacing_mm)))


def describe_leak(
    where: Compartment,
    mask: NDArray[np.bool_],
    placed: CementOnLabels,
    gap_mm: NDArray[np.float64],
) -> Leak:
    """Volume, extent, neural contact and confidence of the cement in one compartment."""
    volume = float(placed.cement_mm3[mask].sum())
    contact = NeuralContact.NONE
    if np.isin(placed.labels[mask], _NEURAL).any():
        contact = NeuralContact.ENCROACHES
    elif gap_mm[mask].min() <= constant("neural_abut_distance").value:
        contact = NeuralContact.ABUTS
    return Leak(
        site=where.site,
        side=where.side,
        level=where.level,
        volume_mm3=volume,
        extent_mm=_extent_mm(placed, mask),
        neural_contact=contact,
        confidence=min(1.0, volume / (_CERTAIN_VOXELS * placed.coarse_mm**3)),
    )


def _extent_mm(placed: CementOnLabels, mask: NDArray[np.bool_]) -> float:
    """Longest straight distance between voxel centres, plus one voxel."""
    points = placed.grid.points_at(np.argwhere(mask)).xyz
    n = np.arange(_DIRECTIONS)
    z = (n + 0.5) / _DIRECTIONS
    turn = n * np.pi * (3.0 - np.sqrt(5.0))
    flat = np.sqrt(1.0 - z**2)
    along = points @ np.stack([flat * np.cos(turn), flat * np.sin(turn), z])
    ends = np.unique(np.concatenate([along.argmin(axis=0), along.argmax(axis=0)]))
    longest = float(pdist(points[ends]).max()) if len(ends) > 1 else 0.0
    return longest + min(placed.grid.spacing_mm)
