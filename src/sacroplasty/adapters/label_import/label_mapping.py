"""What a person says that the values of a label map mean."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from sacroplasty.adapters.label_import.class_tables import ClassTable, class_tables
from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadUsage, UnreadableInput

_NAMES = {s.label.lower(): s for s in Structure}
_PAIR = re.compile(r"^(\d{1,9})(?:-(\d{1,9}))?$", re.ASCII)
MOST_VALUE = 65535

Meaning = Mapping[int, Structure] | ClassTable


def label_meaning(source: str) -> Meaning:
    """A known class table by its name, or else a mapping; raises as `parse_label_mapping` does."""
    tables = class_tables()
    if source.strip().lower() in tables:
        return tables[source.strip().lower()]
    if "=" not in source and Path(source).suffix.lower() not in {".yaml", ".yml"}:
        raise BadUsage(
            f"The label mapping {source[:60]!r} is neither pairs such as 1=sacrum,2=ilium_left, nor "
            f"a YAML file, nor a known table ({', '.join(sorted(tables))})."
        )
    return parse_label_mapping(source)


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
    if not 0 < first <= last <= MOST_VALUE:
        raise BadUsage(f"Label range {text!r} must run upwards between 1 and {MOST_VALUE}.")
    return range(first, last + 1)
