"""A patient made ready for a beam of many energies: two volumes, everything and the bone in it."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.fluoroscopy.bone_split import bone_share
from sacroplasty.fluoroscopy.stacked import StackedVolume
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

MILLIWATER = 1000.0  # steps of `everything` in a mm of water
# The projector reads whole numbers; 5000 steps for a mm of solid bone lose nothing that shows, what
# they lose stays in the water, and the hardest number that a scan can hold still fits.
BONE_STEPS = 5000.0
_INT16 = 2**15
_UINT16_MOST = 2**16 - 1


@dataclass(frozen=True, eq=False, slots=True)
class StackedPatient:
    """`everything` in milliwater, `bone` in steps of 1/5000 mm of cortical bone; for many poses."""

    everything: StackedVolume
    bone: StackedVolume

    @classmethod
    def of(cls, ct: CTVolume) -> "StackedPatient":
        """Both volumes of a scan; stacks are made when a beam first asks for them, and kept."""
        return cls(StackedVolume.of_scan(ct), StackedVolume(bone_steps(ct)))


def bone_steps(ct: CTVolume) -> Volume[np.uint16]:
    """The bone of every voxel in whole steps, read from a table of every possible CT number."""
    every = np.arange(-_INT16, _INT16)
    steps = np.clip(np.rint(BONE_STEPS * bone_share(every)), 0, _UINT16_MOST).astype(np.uint16)
    table = np.roll(steps, _INT16)  # index −1 is the number −1
    return Volume(np.take(table, ct.hu.view(np.uint16)), ct.grid)
