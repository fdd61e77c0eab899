"""Makes `pelvis_points.csv`, the coarse pelvis that the built-in engine looks for.

    python benchmarks/pelvis_template.py

Twelve virtual patients (both sexes, whole bone) are laid on each other by three landmarks, the
centre of the S1 endplate and the centroids of the two ilia, and scaled to one distance of the ilia.
Points are then read off their mean on a lattice: bone where the ilium, the sacrum or L5 lies in most
of them, empty where bone lies in none but is near. Real scans are not used: they stay unseen.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.geometry import Grid, Volume
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    Sex,
    VirtualPatient,
    make_virtual_patient,
)

_TABLE = Path(__file__).parents[1] / "src/sacroplasty/anatomy/builtin/pelvis_points.csv"
_SEEDS = range(9001, 9013)
_LOW_MM, _HIGH_MM, _STEP_MM = (-159.0, -129.0, -69.0), (159.0, 99.0, 81.0), 3.0
# The frame: where the S1 endplate's centre lies, and how the line from it to the midpoint of the
# ilia leans forward, so that the axes are about a supine patient's own.
_ENDPLATE_MM, _LEAN_DEG, _BETWEEN_ILIA_MM = (0.0, -12.0, 21.0), 2.0, 140.0
_BLUR_MM = 2.0
_BONE_LATTICE_MM, _EMPTY_LATTICE_MM = 9.0, 24.0
# Below this hip joints begin, which vary much; only the dorsal bone and the hollow are read there.
_HIPS_MM, _DORSAL_MM, _HOLLOW_MM = -14.0, 10.0, 45.0
_ILIA = (Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT)
_PARTS = {"ilium": _ILIA, "sacrum": (Structure.SACRUM,), "l5": (Structure.L5,)}
_LEAST_SHARE = {"ilium": 0.40, "sacrum": 0.55, "l5": 0.75}  # a wing is thin and strays more
_MOST_BONE = 0.01  # mean bone-ness of an empty point, blurred by what a pose may err
_STRAY_MM = 7.0
_EMPTY_REACH_MM = (12.0, 45.0)  # from bone: too near strays into it, too far says nothing


@dataclass(frozen=True)
class MeanPelvis:
    """Shares (nk, nj, ni) of patients with bone there, by part, and mean bone-ness of any kind."""

    parts: dict[str, NDArray[np.float64]]
    bone: NDArray[np.float64]
    xyz: NDArray[np.float64]


def patients() -> Iterator[VirtualPatient]:
    """Unbroken patients, coarse slices: the template is coarser still."""
    for seed in _SEEDS:
        print(f"virtual patient {seed}", file=sys.stderr)
        sex, age = (Sex.FEMALE, Sex.MALE)[seed % 2], 55 + 3 * (seed % 12)
        scanner = ScannerSettings(in_plane_mm=1.5, slice_mm=2.0)
        yield make_virtual_patient(PatientRequest(sex, age, FracturePattern.NONE, scanner), seed)


def template_grid(patient: VirtualPatient) -> Grid:
    """The template's lattice laid on one patient."""
    labels = patient.labels_on_ct
    left, right = (
        labels.grid.points_at(np.argwhere(labels.values == ilium)).xyz.mean(axis=0)
        for ilium in _ILIA
    )
    endplate = np.asarray(patient.truth.scanner_from_sacrum.translation)
    across = (left - right) / np.linalg.norm(left - right)
    down = (left + right) / 2 - endplate
    down -= (down @ across) * across
    down /= np.linalg.norm(down)
    lean = np.deg2rad(_LEAN_DEG)
    cranial = -np.cos(lean) * down - np.sin(lean) * np.cross(across, down)
    rotation = np.stack([across, np.cross(cranial, across), cranial], axis=1)
    scale = float(np.linalg.norm(left - right)) / _BETWEEN_ILIA_MM
    corner = endplate + scale * rotation @ (np.asarray(_LOW_MM) - _ENDPLATE_MM)
    ni, nj, nk = (np.rint(np.subtract(_HIGH_MM, _LOW_MM) / _STEP_MM).astype(int) + 1).tolist()
    return Grid((nk, nj, ni), tuple(corner), (_STEP_MM * scale,) * 3, rotation, patient.ct.frame)


def mean_pelvis(found: Iterator[VirtualPatient]) -> MeanPelvis:
    """The symmetric mean of the patients in the template's frame."""
    parts = dict.fromkeys(_PARTS, np.zeros(1))
    bone, count = np.zeros(1), 0
    for patient in found:
        grid, labels = template_grid(patient), patient.labels_on_ct
        blur = _BLUR_MM / np.asarray(labels.grid.spacing_kji_mm)
        for part, structures in _PARTS.items():
            mask = np.isin(labels.values, structures).astype(np.float32)
            shares = Volume(ndimage.gaussian_filter(mask, blur), labels.grid).on(grid).values
            parts[part] = parts[part] + shares
        hard = np.clip((patient.ct.hu.astype(np.float32) - 100.0) / 300.0, 0.0, 1.0)
        bone = bone + Volume(hard, labels.grid).on(grid).values
        count += 1
    shape = bone.shape
    z, y, x = (
        low + _STEP_MM * a for low, a in zip(_LOW_MM[::-1], np.indices(shape), strict=True)
    )
    return MeanPelvis(
        {part: (a + a[..., ::-1]) / (2 * count) for part, a in parts.items()},
        (bone + bone[..., ::-1]) / (2 * count),
        np.stack([x, y, z], axis=-1),
    )


def template_rows(mean: MeanPelvis) -> list[tuple[str, float, float, float, float]]:
    """(part, x, y, z, bone-ness) of the left half."""
    blurred = ndimage.gaussian_filter(mean.bone, _STRAY_MM / _STEP_MM)
    rows = []
    x, y, z = np.moveaxis(mean.xyz, -1, 0)
    any_bone = np.zeros(blurred.shape, dtype=bool)
    for part, share in mean.parts.items():
        there = share >= _LEAST_SHARE[part]
        any_bone |= share > 0.1
        chosen = there & ((z > _HIPS_MM) | (y > _DORSAL_MM)) & _lattice(mean.xyz, _BONE_LATTICE_MM)
        rows += [
            (part, *xyz, hard)
            for xyz, hard in zip(mean.xyz[chosen].tolist(), mean.bone[chosen].tolist(), strict=True)
        ]
    away = ndimage.distance_transform_edt(~any_bone) * _STEP_MM
    near, far = _EMPTY_REACH_MM
    empty = (away >= near) & (away <= far) & (blurred <= _MOST_BONE)
    chosen = empty & ((z > _HIPS_MM) | (x < _HOLLOW_MM)) & _lattice(mean.xyz, _EMPTY_LATTICE_MM)
    return rows + [("empty", *xyz, 0.0) for xyz in mean.xyz[chosen].tolist()]


def _lattice(xyz: NDArray[np.float64], pitch_mm: float) -> NDArray[np.bool_]:
    """Every `pitch_mm` in the left half: half a pitch off the midplane, so that no point is twice."""
    offset = np.array([pitch_mm / 2, 0.0, 0.0]) // _STEP_MM * _STEP_MM
    on = np.abs(np.mod(xyz - offset + 0.5 * _STEP_MM, pitch_mm) - 0.5 * _STEP_MM) < 0.1
    return np.asarray(on.all(axis=-1) & (xyz[..., 0] > 0))


def main() -> None:
    """Writes the table."""
    rows = template_rows(mean_pelvis(patients()))
    with _TABLE.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(("part", "x_mm", "y_mm", "z_mm", "bone"))
        table.writerows((p, f"{x:g}", f"{y:g}", f"{z:g}", f"{b:.2f}") for p, x, y, z, b in rows)


if __name__ == "__main__":
    main()
