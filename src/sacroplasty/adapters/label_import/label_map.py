"""One file of whole numbers, each number a structure."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.label_import.class_tables import ClassTable, class_tables
from sacroplasty.adapters.label_import.label_mapping import MOST_VALUE, Meaning
from sacroplasty.adapters.label_import.label_table import table_in_header
from sacroplasty.adapters.label_import.painting import Reading, unknown_names
from sacroplasty.adapters.label_import.structure_names import is_known
from sacroplasty.adapters.volume_files import read_volume, volume_suffix
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadUsage, UnreadableInput
from sacroplasty.findings import Finding
from sacroplasty.geometry import Frame, Volume


def read_label_map(path: Path, meaning: Meaning, frame: Frame) -> Reading:
    """The label map in `path` (NIfTI, NRRD, MetaImage), taken to lie in `frame`.

    Raises `UnreadableInput` (not a label map), `BadUsage` (the mapping does not fit the file),
    `BrokenGeometry`.
    """
    if isinstance(meaning, ClassTable):
        _require_agreement(path, meaning)
    volume = read_volume(path, frame)
    values = whole_numbers(volume.values, path.name)
    present = values_in(values)
    structures = meaning.structures if isinstance(meaning, ClassTable) else meaning
    findings: tuple[Finding, ...] = ()
    if isinstance(meaning, ClassTable):
        strange = [v for v in present if v and not is_known(meaning.classes.get(v, ""))]
        findings = unknown_names(len(strange))
    else:
        _require_all_named(present, meaning, path)
    lookup = np.zeros(MOST_VALUE + 1, dtype=np.uint8)
    for value, structure in structures.items():
        lookup[value] = structure
    return Reading(Volume(lookup[values], volume.grid), findings)


def meaning_in(path: Path) -> ClassTable:
    """The class table that the file itself carries; raises `BadUsage` where it carries none."""
    suffix = volume_suffix(path) or ""
    table = table_in_header(path) if suffix.startswith(".nii") else None
    if table is None:
        raise BadUsage(
            f"Label map {path.name!r} does not say what its values mean, and they are not guessed; "
            "give --label-map: pairs such as 1=sacrum,2=ilium_left, or one of "
            f"{', '.join(sorted(class_tables()))}."
        )
    return table


def whole_numbers(values: NDArray[np.generic], name: str) -> NDArray[np.uint16]:
    """`values` as label numbers; raises `UnreadableInput` for what no label map holds."""
    numbers = np.asarray(values)
    if numbers.dtype.kind == "f" and not (
        np.isfinite(numbers).all() and (numbers == np.rint(numbers)).all()
    ):
        raise UnreadableInput(f"{name!r} holds fractions or NaN: it is not a label map.")
    least, most = numbers.min(), numbers.max()
    if least < 0 or most > MOST_VALUE:
        raise UnreadableInput(
            f"{name!r} holds values from {least:.0f} to {most:.0f}, and labels run from 0 to "
            f"{MOST_VALUE}: it is not a label map. Is it the CT?"
        )
    return numbers.astype(np.uint16, copy=False)


def values_in(values: NDArray[np.uint16]) -> list[int]:
    """The label values that occur, ascending; slice by slice, to spare memory."""
    there = np.zeros(MOST_VALUE + 1, dtype=bool)
    for plane in values:
        there[plane] = True
    return np.flatnonzero(there).tolist()


def _require_all_named(present: list[int], meaning: Meaning, path: Path) -> None:
    """A structure without a voxel is a slip of the mapping, and would silence the check of sides."""
    assert not isinstance(meaning, ClassTable)
    there = {meaning[value] for value in present if value in meaning}
    for structure in sorted(set(meaning.values()) - {Structure.SACRUM} - there):
        values = ", ".join(str(v) for v, s in sorted(meaning.items()) if s is structure)
        raise BadUsage(
            f"{path.name!r} has no voxel of {structure.label} (value {values}); correct the "
            "mapping, or leave that structure out of it."
        )


def _require_agreement(path: Path, chosen: ClassTable) -> None:
    """The table that was asked for must not contradict the one in the file's own header."""
    own = table_in_header(path) if (volume_suffix(path) or "").startswith(".nii") else None
    if own is None:
        return
    for value, structure in sorted(chosen.structures.items()):
        if value in own.structures and own.structures[value] is structure:
            continue
        if value in own.classes:
            raise BadUsage(
                f"By --label-map {chosen.name} the value {value} is {structure.label}, but the file "
                f"itself calls it {own.classes[value][:40]!r}; leave --label-map out."
            )
