"""Named points of the sacrum, its segment planes and its angles, from a model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy.endplate import Endplate, find_endplate
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Level, Side, Structure
from sacroplasty.geometry import Points, Rigid, Volume

_MIDLINE_MM = 6.0
# Half height of the slice in which an ala's tip is looked for, about the height of the endplate.
_ALA_FROM_MM, _ALA_TO_MM = -35.0, 25.0
_SEGMENTS = ("S1", "S2", "S3", "S4", "S5")


@dataclass(frozen=True, eq=False, slots=True)
class SegmentPlane:
    """The upper border of a segment: a point on the midline and the cranial unit normal (3,)."""

    segment: str
    point: Points
    normal: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class SacralLandmarks:
    """Points (scanner frame, single) by name, segment planes, angles in degrees, what is absent.

    angles_deg: sacral_slope (S1 endplate against the scanner's horizontal plane, patient lying),
    inclination (S1–S2 axis against the scanner's long axis), sacral_kyphosis (S1–S2 axis against
    the line from the highest known foramina of S3 or S4 to the apex, seen from the side).
    """

    points: dict[str, Points]
    planes: tuple[SegmentPlane, ...]
    angles_deg: dict[str, float]
    absent: dict[str, str]


def find_landmarks(model: SacrumModel) -> SacralLandmarks:
    """Landmarks of a model: endplate, promontory, apex, ala tips, dorsal and ventral mouths.

    The border between two segments is taken at the foramina between them: S1 ends at the height of
    the S1 foramina (both sides needed), as dry bone shows it.
    """
    frame = model.scanner_from_sacrum
    bone = Volume(model.mask(Structure.SACRUM), model.labels.grid)
    endplate = find_endplate(bone, frame)
    xyz = frame.inverse(bone.grid.points_at(np.argwhere(bone.values))).xyz
    absent: dict[str, str] = {}
    points = {"sacral_apex": frame(Points(_apex(xyz)[None], frame.source))}
    if endplate is None:
        absent["S1_endplate"] = "no plane could be laid through the top of the S1 body"
    else:
        points |= _endplate_points(endplate)
    points |= _ala_tips(xyz, frame, absent)
    for found in model.foramina:
        name = f"{found.level.value}_{found.side.value}"
        points[f"dorsal_foramen_{name}"] = found.dorsal_mouth
        points[f"ventral_foramen_{name}"] = found.ventral_mouth
    planes = _planes(model, endplate, points["sacral_apex"], absent)
    return SacralLandmarks(points, planes, _angles(frame, endplate, planes, points), absent)


def _apex(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The caudal end in the midline, sacral frame: the lowest point of the hooked end."""
    middle = xyz[np.abs(xyz[:, 0]) <= _MIDLINE_MM]
    middle = middle if len(middle) else xyz
    lowest = middle[middle[:, 2] <= middle[:, 2].min() + 2.0]
    return np.asarray(lowest.mean(axis=0))


def _endplate_points(endplate: Endplate) -> dict[str, Points]:
    names = ("promontory", "S1_endplate_dorsal", "S1_endplate_left", "S1_endplate_right")
    corners = {
        name: Points(endplate.corners.xyz[n : n + 1], endplate.corners.frame)
        for n, name in enumerate(names)
    }
    return {"S1_endplate_center": endplate.centre, **corners}


def _ala_tips(xyz: NDArray[np.float64], frame: Rigid, absent: dict[str, str]) -> dict[str, Points]:
    """The most lateral millimetre of each ala at the height of S1."""
    high = xyz[(xyz[:, 2] > _ALA_FROM_MM) & (xyz[:, 2] < _ALA_TO_MM)]
    tips = {}
    for side in Side:
        out = high[:, 0] * side.sign
        if not (out > 0).any():
            absent[f"ala_tip_{side.value}"] = "there is no bone on this side of the midline"
            continue
        tip = high[out >= out.max() - 1.0].mean(axis=0)
        tips[f"ala_tip_{side.value}"] = frame(Points(tip[None], frame.source))
    return tips


def _planes(
    model: SacrumModel, endplate: Endplate | None, apex: Points, absent: dict[str, str]
) -> tuple[SegmentPlane, ...]:
    stations: list[tuple[str, NDArray[np.float64]]] = []
    if endplate is not None:
        stations.append((_SEGMENTS[0], endplate.centre.single))
    else:
        absent["plane_S1"] = "there is no S1 endplate"
    for level, segment in zip(Level, _SEGMENTS[1:], strict=True):
        pair = [f.centre.single for side in Side if (f := model.foramen(level, side))]
        if len(pair) == 2:
            stations.append((segment, np.mean(pair, axis=0)))
        else:
            absent[f"plane_{segment}"] = f"the {level.value} foramina are not both known"
    line = [at for _, at in stations] + [apex.single]
    left = model.scanner_from_sacrum.rotation[:, 0]
    planes = []
    for n, (segment, at) in enumerate(stations):
        along = line[max(n - 1, 0)] - line[n + 1]
        along = along - left * (along @ left)
        normal = along / np.linalg.norm(along)
        if segment == _SEGMENTS[0] and endplate is not None:
            normal = endplate.normal
        planes.append(SegmentPlane(segment, Points(at[None], model.frame), normal))
    return tuple(planes)


def _angles(
    frame: Rigid,
    endplate: Endplate | None,
    planes: tuple[SegmentPlane, ...],
    points: dict[str, Points],
) -> dict[str, float]:
    axis = frame.rotation[:, 2]
    angles = {"inclination": _leaning_deg(axis)}
    if endplate is not None:
        angles["sacral_slope"] = _leaning_deg(endplate.normal)
    lower = [plane for plane in planes if plane.segment in ("S4", "S5")]
    if lower:
        tail = frame.rotation.T @ (lower[0].point.single - points["sacral_apex"].single)
        angles["sacral_kyphosis"] = float(np.degrees(np.arctan2(abs(tail[1]), tail[2])))
    return angles


def _leaning_deg(direction: NDArray[np.float64]) -> float:
    """Angle of a cranial direction against the scanner's long axis, + leaning ventrally."""
    return float(np.degrees(np.arctan2(-direction[1], direction[2])))
