"""Lay an intra-procedural CT on the planning CT by bone, whatever metal is in it, or refuse.

First mutual information finds the place (`imaging.register_rigid`, metal painted over), then the
squares of the differences are made least on the voxels about the planned tips (Gauss and Newton's
method with Huber's weights, so that streaks count little). Whether it is the same patient is asked
of the correlation of the two images there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from sacroplasty.anatomy import SacrumModel, Structure
from sacroplasty.errors import FrameMismatch
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Points, Rigid, Volume, require_same_frame
from sacroplasty.imaging import AIR_HU, CTVolume, register_rigid
from sacroplasty.planning.placed.metal import metal_mask
from sacroplasty.planning.trajectory_plan import TrajectoryPlan
from sacroplasty.reference import constant

FloatArray = NDArray[np.float64]

_BONES = (
    Structure.SACRUM,
    Structure.ILIUM_LEFT,
    Structure.ILIUM_RIGHT,
    Structure.L5,
)
_ABOUT_BONE_MM, _ABOUT_TIPS_MM = 5.0, 42.0
_PAINTED_HU, _PAINTED_MM = 50.0, 3.0
_LOW_HU, _HIGH_HU = -200.0, 1000.0  # soft tissue and bone; streaks and metal reach beyond
_SAMPLES = 30000
_SMOOTHED_MM = 0.8
_STEPS, _ENOUGH_MM = 25, 1e-3
_HUBER_HU = 80.0
_FEWEST = 500
_STREAKS_MM = 6.0  # about metal nothing is compared


@dataclass(frozen=True, eq=False, slots=True)
class LaidScan:
    """Where the scan lies on the planning CT.

    planning_from_scan takes points of the scan to the frame of the planning CT. similarity: the
    correlation (−1…1) of the two about the planned tips, metal left out. shift_mm: how far the
    sacrum had moved. residual_mm: the disagreement of the registration's own checks.
    """

    planning_from_scan: Rigid
    similarity: float
    shift_mm: float
    residual_mm: float
    findings: tuple[Finding, ...]


def lay_scan_on_plan(
    scan: CTVolume, ct: CTVolume, sacrum: SacrumModel, plan: TrajectoryPlan
) -> LaidScan:
    """Register the scan to the planning CT. Raises `FrameMismatch` for another patient or place."""
    require_same_frame(ct, sacrum)
    region = _about_tips(sacrum, plan)
    metal = _from_metal_mm(scan)
    painted = np.clip(scan.hu, AIR_HU, _HIGH_HU).astype(np.float32)
    painted[metal <= _PAINTED_MM] = _PAINTED_HU
    first = register_rigid(Volume(painted, scan.grid), ct.volume, region)
    found = _refined(painted, metal, scan, ct, region, first.fixed_from_moving)
    similarity = _similarity(painted, metal, scan, ct, region, found)
    limit = constant("placed_similarity_limit").value
    overlap = next(f for f in first.findings if f.check == "overlap of the images")
    if overlap.verdict is Verdict.FAIL:
        raise FrameMismatch(
            f"The scan shows {overlap.measured} about the planned tips, limit {overlap.limit}: it "
            "shows another place or another patient; give the CT with the needles in."
        )
    if similarity < limit:
        raise FrameMismatch(
            f"The scan is not of this patient, or the sacrum changed: laid over each other as well "
            f"as it goes, the two CTs correlate at {similarity:.2f}, limit {limit:.2f}; give the CT "
            "of the patient of this case."
        )
    endplate = Points(sacrum.scanner_from_sacrum.translation, ct.frame)
    there = found.inverse(endplate)
    return LaidScan(
        found,
        similarity,
        float(np.linalg.norm(there.single - endplate.single)),
        first.residual_mm,
        (_same_patient(similarity, limit), *first.findings),
    )


def _same_patient(similarity: float, limit: float) -> Finding:
    return Finding(
        "same patient",
        Verdict.PASS,
        "About the planned tips the scan shows the bone of the planning CT.",
        f"correlation {similarity:.2f}",
        f"at least {limit:.2f}",
    )


def _about_tips(sacrum: SacrumModel, plan: TrajectoryPlan) -> Volume[np.bool_]:
    """Bone and what is next to it, about the planned tips: what a scan of the needles must show."""
    grid = sacrum.labels.grid
    bone = sacrum.mask(*_BONES)
    near = ndimage.distance_transform_edt(~bone, sampling=grid.spacing_kji_mm) <= _ABOUT_BONE_MM
    at = np.argwhere(near)
    xyz = grid.points_at(at).xyz
    tips = np.stack([planned.needle.tip.single for planned in plan.needles])
    apart = np.min([np.linalg.norm(xyz - tip, axis=1) for tip in tips], axis=0)
    kept = at[apart <= _ABOUT_TIPS_MM]
    region = np.zeros(grid.shape, dtype=bool)
    region[tuple(kept.T)] = True
    return Volume(region, grid)


def _samples(region: Volume[np.bool_], ct: CTVolume) -> Points:
    at = np.argwhere(region.values)
    points = region.grid.points_at(at[:: max(1, len(at) // _SAMPLES)])
    return Points(points.xyz[ct.grid.contains(points)], ct.frame)


def _smoothed(values: NDArray[np.float32], volume: CTVolume) -> Volume[np.float32]:
    sigma = [_SMOOTHED_MM / s for s in volume.grid.spacing_kji_mm]
    return Volume(ndimage.gaussian_filter(values, sigma), volume.grid)


def _refined(
    painted: NDArray[np.float32],
    metal: FloatArray,
    scan: CTVolume,
    ct: CTVolume,
    region: Volume[np.bool_],
    start: Rigid,
) -> Rigid:
    """Least squares of HU over six small numbers (turn, shift) about the middle of the region.

    If the scan's image moves by ω × (y − m) + t, its value at y changes by −g · (ω × (y − m) + t)
    with g the slope, taken from the planning CT: so (y − m) × g and g are the columns.
    """
    points = _samples(region, ct)
    fixed = _smoothed(np.clip(ct.hu, _LOW_HU, _HIGH_HU).astype(np.float32), ct)
    moving = _smoothed(np.maximum(painted, _LOW_HU), scan)
    away = Volume(np.minimum(metal, 1e3).astype(np.float32), scan.grid)
    slopes = _slopes(fixed, points)
    wanted = fixed.at(points)
    middle = points.xyz.mean(axis=0)
    arm = points.xyz - middle
    columns = np.hstack([np.cross(arm, slopes), slopes])
    found = start
    for _ in range(_STEPS):
        there = found.inverse(points)
        use = (away.at(there, outside=0.0) > _STREAKS_MM) & scan.grid.contains(there)
        error = wanted - moving.at(there, outside=0.0)
        weight = use * np.minimum(1.0, _HUBER_HU / np.maximum(np.abs(error), 1e-6))
        normal = columns.T @ (columns * weight[:, None])
        change = -np.linalg.lstsq(normal, columns.T @ (error * weight), rcond=None)[0]
        found = _move(change, middle, found.to) @ found
        if np.linalg.norm(change[3:]) + 40.0 * np.linalg.norm(change[:3]) < _ENOUGH_MM:
            break
    return found


def _move(change: FloatArray, middle: FloatArray, frame: Frame) -> Rigid:
    """A small turn (rotation vector, rad) about a point and a shift (mm) within a frame."""
    rotation = Rotation.from_rotvec(change[:3]).as_matrix()
    return Rigid(rotation, middle - rotation @ middle + change[3:], to=frame, source=frame)


def _slopes(volume: Volume[np.float32], points: Points) -> FloatArray:
    """HU per mm along x, y and z (n, 3), by differences over a millimetre."""
    steps = 0.5 * np.eye(3)
    return np.stack(
        [
            volume.at(Points(points.xyz + step, points.frame))
            - volume.at(Points(points.xyz - step, points.frame))
            for step in steps
        ],
        axis=1,
    )


def _from_metal_mm(scan: CTVolume) -> FloatArray:
    """Distance of every voxel from metal; huge where there is none."""
    metal = metal_mask(scan)
    if not metal.any():
        return np.full(metal.shape, np.inf)
    far = ndimage.distance_transform_edt(~metal, sampling=scan.grid.spacing_kji_mm)
    return np.asarray(far)


def _similarity(
    painted: NDArray[np.float32],
    metal: FloatArray,
    scan: CTVolume,
    ct: CTVolume,
    region: Volume[np.bool_],
    found: Rigid,
) -> float:
    """Correlation of the two images in the region, where both are seen and no metal is near."""
    points = _samples(region, ct)
    there = found.inverse(points)
    away = Volume(np.minimum(metal, 1e3).astype(np.float32), scan.grid)
    use = (away.at(there, outside=0.0) > _STREAKS_MM) & scan.grid.contains(there)
    if use.sum() < _FEWEST:
        return 0.0
    fixed = _smoothed(np.clip(ct.hu, _LOW_HU, _HIGH_HU).astype(np.float32), ct)
    moving = _smoothed(np.maximum(painted, _LOW_HU), scan)
    pair = np.corrcoef(fixed.at(points)[use], moving.at(there)[use])
    return float(np.nan_to_num(pair[0, 1]))
