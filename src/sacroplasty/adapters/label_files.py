"""Bone masks from files: one label map with a mapping, or a folder with one mask per structure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from sacroplasty.adapters.volume_files import read_volume, volume_suffix
from sacroplasty.anatomy import BoneMasks, Segmenter, Structure
from sacroplasty.errors import AnatomyNotTrusted, BadUsage, FrameMismatch, UnreadableInput
from sacroplasty.geometry import Grid, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.provenance import digest

# File names of TotalSegmentator (the same in versions 1 and 2 for these structures).
_FOLDER_NAMES = {
    "vertebrae_L5": Structure.L5,
    "hip_left": Structure.ILIUM_LEFT,
    "hip_right": Structure.ILIUM_RIGHT,
    "vertebrae_S1": Structure.SACRUM,
    "sacrum": Structure.SACRUM,
}
_NAMES = {s.label.lower(): s for s in Structure}
_PAIR = re.compile(r"^(\d+)(?:-(\d+))?$")
_LEAST_INSIDE = 0.98


def parse_label_mapping(source: str | Path) -> dict[int, Structure]:
    """Label values to structures, from pairs or a small YAML file.

    Pairs: ``1=sacrum,2=sacrum,11-19=ilium_left``. YAML: ``sacrum: [1, 2]`` or ``1: sacrum`` per
    line, ranges as text. Raises `BadUsage` naming every name and value it does not understand,
    `UnreadableInput` for a file that is not such a YAML.
    """
    text = str(source)
    if Path(text).suffix.lower() in {".yaml", ".yml"}:
        pairs = _yaml_pairs(Path(text))
    else:
        pairs = []
        for part in filter(None, (p.strip() for p in text.split(","))):
            values, _, name = part.partition("=")
            pairs.append((values.strip(), name.strip()))
    unknown = sorted({name or "(nothing)" for _, name in pairs if name.lower() not in _NAMES})
    if unknown or not pairs:
        raise BadUsage(
            f"Unknown structures in the label mapping: {', '.join(unknown) or '(empty mapping)'}; "
            f"known are {', '.join(_NAMES)}. Write pairs such as 1=sacrum,11-19=ilium_left."
        )
    mapping: dict[int, Structure] = {}
    for values, name in pairs:
        for value in _values(values):
            if mapping.setdefault(value, _NAMES[name.lower()]) != _NAMES[name.lower()]:
                raise BadUsage(f"Label value {value} is given to two structures; keep one.")
    return mapping


def _yaml_pairs(path: Path) -> list[tuple[str, str]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise UnreadableInput(
            f"The label mapping {path.name!r} cannot be read as YAML."
        ) from problem
    if not isinstance(content, dict):
        raise UnreadableInput(
            f"The label mapping {path.name!r} must hold lines such as 'sacrum: [1, 2]'."
        )
    pairs = []
    for key, value in content.items():
        if _PAIR.match(str(key)):
            pairs.append((str(key), str(value)))
        else:
            pairs += [(str(v), str(key)) for v in (value if isinstance(value, list) else [value])]
    return pairs


def _values(text: str) -> range:
    match = _PAIR.match(text)
    if match is None:
        raise BadUsage(f"Label value {text!r} is not a number or a range such as 11-19.")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 0 < first <= last <= 65535:
        raise BadUsage(f"Label range {text!r} must run upwards between 1 and 65535.")
    return range(first, last + 1)


def labelled_segmenter(source: Path, mapping: Mapping[int, Structure] | None = None) -> Segmenter:
    """A segmenter that reads masks from `source`.

    `source` is a label map (NIfTI, NRRD, MetaImage; `mapping` needed) or a folder with one mask
    file per structure as TotalSegmentator writes it (no mapping). The files are taken to lie in
    the CT's frame. Segmenting raises `FrameMismatch` (no overlap with the CT), `AnatomyNotTrusted`
    (no sacrum, sacrum outside the CT, ilia on the wrong sides), `UnreadableInput`. Its name holds a
    digest of the files and the mapping: other labels are another anatomy.
    """
    if source.is_dir():
        if mapping is not None:
            raise BadUsage(
                "A folder of masks takes its names from the files; leave the mapping out."
            )
        files = _mask_files(source)
        return _LabelledSegmenter(source, None, digest([(n, _content(files[n])) for n in files]))
    if mapping is None:
        raise BadUsage(f"Label map {source.name!r} needs a mapping such as 1=sacrum,2=ilium_left.")
    meaning = [(value, mapping[value].label) for value in sorted(mapping)]
    return _LabelledSegmenter(source, dict(mapping), digest(_content(source), meaning))


def _content(path: Path) -> str:
    """SHA-256 of a file as it lies there; a wrong path is met before any work is done."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise UnreadableInput(
            f"The label file {path.name!r} cannot be read ({problem.strerror}); check --labels."
        ) from None


@dataclass(frozen=True)
class _LabelledSegmenter:
    source: Path
    mapping: dict[int, Structure] | None
    content: str

    @property
    def name(self) -> str:
        """Without the file's own name: it may be a patient's."""
        kind = "folder of masks" if self.mapping is None else "label map"
        return f"labels: {kind}, SHA-256 {self.content[:16]}"

    def segment(self, ct: CTVolume) -> BoneMasks:
        labels = (
            _folder(self.source, ct)
            if self.mapping is None
            else _map(self.source, self.mapping, ct)
        )
        _require_inside(labels, ct.grid)
        _require_sides(labels)
        return BoneMasks(labels, self.name)


def _map(path: Path, mapping: dict[int, Structure], ct: CTVolume) -> Volume[np.uint8]:
    volume = read_volume(path, ct.frame)
    values = _whole_numbers(volume.values, path)
    labels = np.zeros(values.shape, dtype=np.uint8)
    for value, structure in mapping.items():
        labels[values == value] = structure
    _require_all_named(labels, mapping, path)
    return Volume(labels, volume.grid)


def _require_all_named(
    labels: NDArray[np.uint8], mapping: Mapping[int, Structure], path: Path
) -> None:
    """A structure without a voxel is a slip of the mapping, and would silence the check of sides."""
    there = set(np.unique(labels).tolist())
    for structure in sorted(set(mapping.values()) - {Structure.SACRUM}):
        if structure not in there:
            values = ", ".join(str(v) for v, s in sorted(mapping.items()) if s is structure)
            raise BadUsage(
                f"{path.name!r} has no voxel of {structure.label} (value {values}); correct the "
                "mapping, or leave that structure out of it."
            )


def _whole_numbers(values: NDArray[np.generic], path: Path) -> NDArray[np.int64]:
    numbers = np.asarray(values)
    if not np.isfinite(numbers).all() or (numbers != np.rint(numbers)).any():
        raise UnreadableInput(f"{path.name!r} holds fractions or NaN: it is not a label map.")
    return numbers.astype(np.int64)


def _mask_files(folder: Path) -> dict[str, Path]:
    files = {}
    for path in sorted(folder.iterdir()):
        suffix = volume_suffix(path)
        if suffix and (stem := path.name[: -len(suffix)]) in _FOLDER_NAMES:
            files[stem] = path
    if "sacrum" not in files:
        raise UnreadableInput(f"The folder {folder.name!r} holds no mask file called sacrum.")
    return files


def _folder(folder: Path, ct: CTVolume) -> Volume[np.uint8]:
    files = _mask_files(folder)
    labels: NDArray[np.uint8] | None = None
    grid: Grid | None = None
    for stem in (name for name in _FOLDER_NAMES if name in files):
        mask = read_volume(files[stem], ct.frame)
        if labels is None or grid is None:
            labels, grid = np.zeros(mask.values.shape, dtype=np.uint8), mask.grid
        if mask.grid != grid:
            raise UnreadableInput(
                f"Mask {files[stem].name!r} lies on another grid than its neighbours."
            )
        labels[np.asarray(mask.values) > 0.5] = _FOLDER_NAMES[stem]
    assert labels is not None
    assert grid is not None
    return Volume(labels, grid)


def _require_inside(labels: Volume[np.uint8], ct: Grid) -> None:
    low = np.maximum(labels.grid.corners.xyz.min(axis=0), ct.corners.xyz.min(axis=0))
    high = np.minimum(labels.grid.corners.xyz.max(axis=0), ct.corners.xyz.max(axis=0))
    if (high <= low).any():
        raise FrameMismatch("The labels and the CT do not overlap anywhere; are they of one scan?")
    sacrum = np.argwhere(labels.values == Structure.SACRUM)
    if not len(sacrum):
        raise AnatomyNotTrusted("No voxel of the label file is called sacrum; check the mapping.")
    inside = float(ct.contains(labels.grid.points_at(sacrum)).mean())
    if inside < _LEAST_INSIDE:
        raise AnatomyNotTrusted(
            f"Only {inside:.0%} of the labelled sacrum lies inside the CT (at least {_LEAST_INSIDE:.0%}); "
            "are labels and CT of one scan?"
        )


def _require_sides(labels: Volume[np.uint8]) -> None:
    """Left ilium on +x of the sacrum, right ilium on −x: else labels or image are mirrored."""
    middle = _median_x(labels, Structure.SACRUM)
    for ilium, sign in ((Structure.ILIUM_LEFT, 1), (Structure.ILIUM_RIGHT, -1)):
        if (labels.values == ilium).any():
            offset = (_median_x(labels, ilium) - middle) * sign
            if offset <= 0:
                raise AnatomyNotTrusted(
                    f"{ilium.label} lies {-offset:.0f} mm on the wrong side of the sacrum: "
                    "the labels are swapped or the image is mirrored; check the mapping."
                )


def _median_x(labels: Volume[np.uint8], structure: Structure) -> float:
    return float(
        np.median(labels.grid.points_at(np.argwhere(labels.values == structure)).xyz[:, 0])
    )
