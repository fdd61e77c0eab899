"""Our label map as 3D Slicer's segmentation file: a NRRD with one named segment per structure."""

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.label_export.colours import colour_of, exported
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Grid, Volume

_COMPRESSION = 6


def write_slicer_segmentation(labels: Volume[np.uint8], path: Path) -> None:
    """Write `labels` (`Structure` values) to a ``.seg.nrrd`` file, in LPS mm.

    Same labels, same bytes. Raises `BadInput` for another suffix or labels without a structure,
    `CaseConflict` where the file cannot be written.
    """
    if not path.name.lower().endswith(".seg.nrrd"):
        raise BadInput(f"{path.name!r} must end with .seg.nrrd, or Slicer reads it as an image.")
    structures = exported(set(np.unique(labels.values).tolist()))
    if not structures:
        raise BadInput("The label map holds no structure, so there is no segmentation to write.")
    kept = np.where(np.isin(labels.values, structures), labels.values, 0).astype(np.uint8)
    header = [*_geometry(labels.grid)]
    for number, structure in enumerate(structures):
        header += _segment(number, structure, kept)
    header += [
        "Segmentation_ContainedRepresentationNames:=Binary labelmap|",
        "Segmentation_MasterRepresentation:=Binary labelmap",
        "Segmentation_ReferenceImageExtentOffset:=0 0 0",
    ]
    text = "\n".join(header) + "\n\n"
    write_for_a_person(path, text.encode() + gzip.compress(kept.tobytes(), _COMPRESSION, mtime=0))


def _geometry(grid: Grid) -> list[str]:
    """The NRRD fields; the first axis of the file is i."""
    steps = (grid.direction * np.asarray(grid.spacing_mm)).T
    nk, nj, ni = grid.shape
    return [
        "NRRD0004",
        "type: unsigned char",
        "dimension: 3",
        "space: left-posterior-superior",
        f"sizes: {ni} {nj} {nk}",
        "space directions: " + " ".join(_vector(step.tolist()) for step in steps),
        "kinds: domain domain domain",
        "encoding: gzip",
        f"space origin: {_vector(list(grid.origin_mm))}",
    ]


def _vector(numbers: list[float]) -> str:
    return "(" + ",".join(repr(float(number)) for number in numbers) + ")"


def _segment(number: int, structure: Structure, values: NDArray[np.uint8]) -> list[str]:
    """The fields of one segment; its extent is its box in voxels, i first, both ends included."""
    kji = np.argwhere(values == structure)
    box = [f"{a} {b}" for a, b in zip(kji.min(axis=0), kji.max(axis=0), strict=True)][::-1]
    red, green, blue = colour_of(structure)
    name = f"Segment{number}"
    return [
        f"{name}_Color:={red:.4f} {green:.4f} {blue:.4f}",
        f"{name}_Extent:={' '.join(box)}",
        f"{name}_ID:={structure.label}",
        f"{name}_LabelValue:={int(structure)}",
        f"{name}_Layer:=0",
        f"{name}_Name:={structure.label}",
    ]
