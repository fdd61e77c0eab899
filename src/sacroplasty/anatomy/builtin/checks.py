"""Is it a pelvis, the right way up, with a whole sacrum in it?"""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.joints import JointSurface
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import PelvisPose
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

_LEAST_SCORE = 0.12


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What the engine found on the way, for the checks to look at."""

    ct: CTVolume
    labels: Volume[np.uint8]
    axes: PelvisAxes
    pose: PelvisPose
    plane: DiscPlane
    joints: dict[Side, JointSurface]

    def volume_ml(self, bone: Structure) -> float:
        """Volume of one labelled bone in mL."""
        return float((self.labels.values == bone).sum() * self.axes.grid.voxel_mm3 / 1000.0)


def require_trust(evidence: Evidence) -> None:
    """Raises `AnatomyNotTrusted` in one sentence that says what was found instead."""
    if evidence.pose.score < _LEAST_SCORE:
        raise AnatomyNotTrusted(
            f"No pelvis was found: the best match with a pelvis scores {evidence.pose.score:.2f} "
            f"(at least {_LEAST_SCORE:.2f} is needed); choose a CT that shows the whole sacrum."
        )


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """What was checked, with numbers."""
    ilia = [evidence.volume_ml(ilium_structure(side)) for side in Side]
    ratio = min(ilia) / max(*ilia, 1e-9)
    return (
        Finding(
            "symmetric ilia",
            Verdict.PASS if ratio > 0.6 else Verdict.FAIL,
            "Both ilia were found in similar size.",
            f"{ratio:.2f}",
            "at least 0.60",
        ),
    )
