"""A folder with one mask file per structure, as TotalSegmentator 1 and 2 and Slicer's export write it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.label_import.common_lattice import common_lattice
from sacroplasty.adapters.label_import.painting import (
    LabelPainter,
    Reading,
    empty_masks,
    unknown_names,
)
from sacroplasty.adapters.label_import.structure_names import (
    is_known,
    shown,
    structure_called,
    words_of,
)
from sacroplasty.adapters.volume_files import read_volume, volume_suffix
from sacroplasty.anatomy import Structure
from sacroplasty.errors import UnreadableInput
from sacroplasty.geometry import Frame, Volume


@dataclass(frozen=True, slots=True)
class MaskFiles:
    """The files that are used, in the order of their names, and how many names said nothing."""

    used: tuple[tuple[Path, Structure], ...]
    unknown: int


def mask_files(folder: Path) -> MaskFiles:
    """Which files of `folder` are masks of what; hidden files are passed over.

    Raises `UnreadableInput` where no name means the sacrum, or two names mean the same.
    """
    used: list[tuple[Path, Structure]] = []
    unknown: list[str] = []
    first: dict[tuple[str, ...], str] = {}
    for path in _volume_files(folder):
        stem = path.name[: -len(volume_suffix(path) or "")]
        structure = structure_called(stem)
        if structure is None:
            unknown += [] if is_known(stem) else [stem]
            continue
        if (other := first.setdefault(words_of(stem), path.name)) != path.name:
            raise UnreadableInput(
                f"{other[:60]!r} and {path.name[:60]!r} are names of the same mask; keep one."
            )
        used.append((path, structure))
    if Structure.SACRUM not in {structure for _, structure in used}:
        seen = f" Names that mean nothing here: {shown(unknown)}." if unknown else ""
        raise UnreadableInput(f"The folder {folder.name!r} holds no mask file called sacrum.{seen}")
    return MaskFiles(tuple(used), len(unknown))


def read_mask_folder(folder: Path, frame: Frame) -> Reading:
    """All masks of `folder` in one label map, taken to lie in `frame`.

    Masks may be cropped pieces of one lattice. Raises `UnreadableInput` (not masks, on other
    lattices), `BrokenGeometry`.
    """
    files = mask_files(folder)
    masks = [(path, structure, _mask(path, frame)) for path, structure in files.used]
    placed = common_lattice({path.name: mask.grid for path, _, mask in masks})
    painter = LabelPainter(placed.grid.shape)
    for path, structure, mask in masks:
        painter.add(structure, mask.values, placed.boxes[path.name])
    filled = {structure for _, structure, mask in masks if mask.values.any()}
    empty = [s for _, s in files.used if s not in filled and s is not Structure.SACRUM]
    findings = (
        *unknown_names(files.unknown),
        *empty_masks(empty),
        *painter.overlap_findings(),
    )
    return Reading(Volume(painter.labels, placed.grid), findings)


def _volume_files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if volume_suffix(path) and not path.name.startswith(".")
        )
    except OSError as problem:
        raise UnreadableInput(
            f"The folder {folder.name!r} cannot be listed ({problem.strerror}); check --labels."
        ) from None


def _mask(path: Path, frame: Frame) -> Volume[np.bool_]:
    volume = read_volume(path, frame)
    return Volume(_inside(volume.values, path.name), volume.grid)


def _inside(values: NDArray[Any], name: str) -> NDArray[np.bool_]:
    """A mask has one value besides 0, or shares between 0 and 1, of which at least a half is inside."""
    if values.dtype == np.bool_:
        return np.asarray(values)
    least, most = values.min(), values.max()
    if not (np.isfinite(least) and np.isfinite(most)) or least < 0:
        raise UnreadableInput(
            f"Mask {name!r} holds NaN or negative values; a mask is 0 outside and 1 inside."
        )
    if most <= 1:
        return np.asarray(values >= 0.5)
    if ((values != 0) & (values != most)).any():
        raise UnreadableInput(
            f"{name!r} holds several values up to {most:.0f} and not one mask; give a label map as "
            "a file with --label-map."
        )
    return np.asarray(values != 0)
