"""Which poses a person asked for: by name, by angles, down a needle, from a file."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sacroplasty.adapters.case_folder import ImagedCase
from sacroplasty.adapters.pose_files import read_pose
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy import (
    CArm,
    CArmPose,
    Lying,
    PositionerAngles,
    beam_direction,
    en_face_view,
    isocentre,
    named_view,
    pose_at,
    require_view,
    scanner_from_table,
)
from sacroplasty.geometry import require_same_frame
from sacroplasty.planning import PlannedNeedle

USUAL_VIEWS = ("ap", "lateral", "inlet", "outlet")
_SHORT_NAME = re.compile(r"([LR])([1-9])", re.IGNORECASE)
_UNFIT = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class PosesAsked:
    """views: names. lao_deg, cranial_deg: dialled against the table from the place over the patient.

    needles: of the plan, "L1" (the first on the left) or by name. files: poses as JSON.
    """

    views: tuple[str, ...] = ()
    lao_deg: float | None = None
    cranial_deg: float | None = None
    needles: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    lying: Lying = Lying.PRONE

    def __post_init__(self) -> None:
        for name in self.views:
            require_view(name)
        if self.lying is Lying.SUPINE and not self.dialled:
            raise BadUsage(
                "--supine says from where --lao and --cranial are counted; give one of them. Of a "
                "supine patient by name there is --view pa."
            )

    @property
    def dialled(self) -> bool:
        """Whether angles were given."""
        return self.lao_deg is not None or self.cranial_deg is not None


def poses_of(case: ImagedCase, asked: PosesAsked) -> tuple[CArmPose, ...]:
    """The poses, in the order view, angles, needle, file; the usual four where nothing was asked.

    Raises `BadUsage` for a needle that the plan lacks or two different poses of one name,
    `FrameMismatch` for another patient's pose, `BadInput` where source or detector stands wrong.
    """
    poses = [named_view(name, case.sacrum) for name in dict.fromkeys(asked.views)]
    if asked.dialled:
        poses.append(_dialled(case, asked))
    for name in dict.fromkeys(asked.needles):
        planned = _needle(case, name)
        short = _UNFIT.sub("-", planned.name).strip("-")
        poses.append(en_face_view(case.sacrum, planned.needle, f"down-{short}"))
    for path in dict.fromkeys(asked.files):
        poses.append(read_pose(path))
        require_same_frame(case.ct, poses[-1])
    if not poses:
        poses = [named_view(name, case.sacrum) for name in USUAL_VIEWS]
    if len({pose.name for pose in poses}) < len(poses):
        raise BadUsage(
            "Two poses have one name and would overwrite each other's files; rename one in its file."
        )
    for pose in poses:
        _require_isocentre_between(case, pose)
    return tuple(poses)


def _dialled(case: ImagedCase, asked: PosesAsked) -> CArmPose:
    lao, cranial = asked.lao_deg or 0.0, asked.cranial_deg or 0.0
    angles = PositionerAngles.dialled(asked.lying, lao_deg=lao, cranial_deg=cranial)
    parts = [
        f"{'lao' if lao >= 0 else 'rao'}{abs(lao):g}",
        f"{'cra' if cranial >= 0 else 'cau'}{abs(cranial):g}",
        *(["supine"] if asked.lying is Lying.SUPINE else []),
    ]
    name = "-".join(parts).replace(".", "_")
    axes = scanner_from_table(case.sacrum)
    return pose_at(angles, axes, name, carm=CArm(), lying=asked.lying)


def _needle(case: ImagedCase, name: str) -> PlannedNeedle:
    if case.plan is None:
        raise BadUsage(
            f"--needle {name}: the case has no plan yet; run `sacroplasty plan` into it first."
        )
    needles = case.plan.needles
    short = _SHORT_NAME.fullmatch(name)
    if short:
        letter, number = short[1].upper(), int(short[2])
        on_side = [one for one in needles if one.side.value[0].upper() == letter]
        if number <= len(on_side):
            return on_side[number - 1]
    for planned in needles:
        if planned.name == name:
            return planned
    known = ", ".join(_short_names(needles))
    raise BadUsage(f"--needle {name!r}: the plan has no such needle; it has {known}.")


def _short_names(needles: tuple[PlannedNeedle, ...]) -> list[str]:
    counted = {"L": 0, "R": 0}
    said = []
    for planned in needles:
        letter = planned.side.value[0].upper()
        counted[letter] += 1
        said.append(f"{letter}{counted[letter]} ({planned.name})")
    return said


def _require_isocentre_between(case: ImagedCase, pose: CArmPose) -> None:
    """Source before the sacrum, detector behind it, along the beam."""
    beam = beam_direction(pose)
    to_isocentre = float((isocentre(case.sacrum).single - pose.source.single) @ beam)
    to_detector = float((pose.detector_centre.single - pose.source.single) @ beam)
    if not (0.0 < to_isocentre < to_detector) or not math.isfinite(float(np.sum(beam))):
        raise BadInput(
            f"View {pose.name!r}: the sacrum lies {to_isocentre:.0f} mm before the source and the "
            f"detector {to_detector:.0f} mm; it must lie between the two. Turn the beam round, or "
            "move the detector."
        )
