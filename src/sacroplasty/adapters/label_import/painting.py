"""Masks that may overlap, painted into one label map in an order that does not depend on the file."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import Structure
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Volume

# Where masks overlap the later one wins: the sacrum over its neighbours, spaces over bone.
_BONES = (
    Structure.L5,
    Structure.COCCYX,
    Structure.ILIUM_LEFT,
    Structure.ILIUM_RIGHT,
    Structure.SACRUM,
)
_SPACES = (
    Structure.DISC_L5S1,
    Structure.SI_JOINT_LEFT,
    Structure.SI_JOINT_RIGHT,
    Structure.CANAL,
    *(s for s in Structure if s.is_foramen),
)
_RANK = np.zeros(256, dtype=np.uint8)
for _rank, _structure in enumerate((*_BONES, *_SPACES), start=1):
    _RANK[_structure] = _rank
# Neighbouring masks share a skin of voxels at most; more is a drawing mistake worth a look.
_MOST_OVERLAP = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """The label map in a file, and what a person should know about it."""

    labels: Volume[np.uint8]
    findings: tuple[Finding, ...] = ()


class LabelPainter:
    """Collects masks on one array (k, j, i)."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.labels: NDArray[np.uint8] = np.zeros(shape, dtype=np.uint8)
        self._contested = 0

    def add(
        self, structure: Structure, mask: NDArray[np.bool_], box: tuple[slice, ...] | int
    ) -> None:
        """Paint `mask`, which covers the part `box` of the array."""
        there = self.labels[box]
        contested = mask & (there != structure) & (there != 0)
        if structure in _BONES and contested.any():
            self._contested += int(np.isin(there[contested], _BONES).sum())
        there[mask & (_RANK[there] < _RANK[structure])] = structure

    def overlap_findings(self) -> tuple[Finding, ...]:
        """Empty where bones share next to nothing."""
        share = self._contested / max(int((self.labels == Structure.SACRUM).sum()), 1)
        if share <= _MOST_OVERLAP:
            return ()
        return (
            Finding(
                "masks apart",
                Verdict.NOT_CHECKED,
                "Masks of different bones overlap; the sacrum was kept. Look at the masks.",
                f"{share:.0%} of the sacrum's volume",
                f"at most {_MOST_OVERLAP:.0%}",
            ),
        )


def unknown_names(count: int) -> tuple[Finding, ...]:
    """A finding for names that say nothing here; the names stay out of the case: one may be a patient's."""
    if not count:
        return ()
    return (
        Finding(
            "label names",
            Verdict.NOT_CHECKED,
            f"{count} of the labels have names that are not known here and were left out; rename "
            "them, or give --label-map.",
        ),
    )


def empty_masks(structures: Sequence[Structure]) -> tuple[Finding, ...]:
    """A finding that names structures whose mask holds nothing."""
    if not structures:
        return ()
    names = ", ".join(s.label for s in sorted(set(structures)))
    return (
        Finding(
            "masks filled",
            Verdict.NOT_CHECKED,
            f"The labels name {names}, but not one voxel of it; it counts as absent.",
        ),
    )
