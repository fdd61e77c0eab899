"""What must hold of every rehearsed case, checked from its files alone, by other code than wrote them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import nibabel as nib
import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray

from sacroplasty.adapters.schemas import SCHEMAS

DOCUMENTS = {
    "case.json": "case",
    "anatomy/model.json": "model",
    "plan.json": "plan",
    "injection/leaks.json": "leaks",
    "heat/heat.json": "heat",
    "odds/odds.json": "odds",
}


def read_json(path: Path) -> Any:
    """The document in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def require_valid_documents(case: Path) -> None:
    """Every document of a case keeps its schema."""
    for name, schema in DOCUMENTS.items():
        jsonschema.validate(read_json(case / name), SCHEMAS[schema])


def labels_at(case: Path, points_lps_mm: NDArray[np.float64]) -> NDArray[np.int64]:
    """Labels of points by nibabel's RAS affine: a second route from millimetres to voxels."""
    image = nib.load(case / "anatomy" / "labels.nii.gz")
    ras = points_lps_mm * [-1.0, -1.0, 1.0]
    ijk = np.rint(apply_affine(np.linalg.inv(image.affine), ras)).astype(int)
    ijk = np.clip(ijk, 0, np.asarray(image.shape) - 1)
    values: NDArray[np.int64] = np.asarray(image.dataobj)[tuple(ijk.T)].astype(np.int64)
    return values


def centroid_lps_mm(case: Path, label: int) -> NDArray[np.float64]:
    """Centre of one structure, LPS mm, by nibabel."""
    image = nib.load(case / "anatomy" / "labels.nii.gz")
    ijk = np.argwhere(np.asarray(image.dataobj) == label)
    return np.asarray(apply_affine(image.affine, ijk.mean(axis=0)) * [-1.0, -1.0, 1.0])


def require_safe_needles(case: Path) -> None:
    """Both needles end in sacral bone and pass through no foramen, canal, joint or ilium."""
    model, plan = read_json(case / "anatomy/model.json"), read_json(case / "plan.json")
    values = model["labels"]
    forbidden = {v for name, v in values.items() if name.startswith(("foramen", "canal", "ilium"))}
    for needle in plan["needles"]:
        entry, tip = np.array(needle["entry_lps_mm"]), np.array(needle["target_lps_mm"])
        shaft = entry + np.linspace(0, 1, 400)[:, None] * (tip - entry)
        assert not forbidden & set(labels_at(case, _thick(shaft, tip - entry, needle)).tolist())
        assert labels_at(case, tip[None])[0] == values["sacrum"]


def require_own_sides(case: Path) -> None:
    """Each needle is on the patient's side that it names: by the canal, and by the nearer ilium."""
    model, plan = read_json(case / "anatomy/model.json"), read_json(case / "plan.json")
    canal = np.array(model["canal_lps_mm"])
    ilia = {s: centroid_lps_mm(case, model["labels"][f"ilium_{s}"]) for s in ("left", "right")}
    assert ilia["left"][0] > ilia["right"][0]
    for needle in plan["needles"]:
        tip = np.array(needle["target_lps_mm"])
        midline = canal[np.argmin(np.abs(canal[:, 2] - tip[2]))]
        assert ("left" if tip[0] > midline[0] else "right") == needle["side"]
        nearer = min(ilia, key=lambda side: float(np.linalg.norm(ilia[side] - tip)))
        assert nearer == needle["side"]


def _thick(
    shaft: NDArray[np.float64], along: NDArray[np.float64], needle: dict[str, Any]
) -> NDArray[np.float64]:
    """Points on the needle's surface as well as on its axis."""
    axis = along / np.linalg.norm(along)
    across = np.cross(axis, [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    other = np.cross(axis, across)
    radius = needle["outer_diameter_mm"] / 2
    ring = [np.cos(a) * across + np.sin(a) * other for a in np.linspace(0, 2 * np.pi, 8)]
    return np.concatenate([shaft, *(shaft + radius * r for r in ring)])
