"""Settings whose default is a literature number."""

from dataclasses import field, fields
from typing import Any

from sacroplasty.reference.constants import constant

_ROW = "reference row"


def constant_default(name: str) -> Any:
    """A dataclass field whose default is the value of the row `name`, looked up when it is needed."""
    return field(default_factory=lambda: constant(name).value, metadata={_ROW: name})


def kept_defaults(settings: Any) -> list[str]:
    """The rows behind those fields of a dataclass that still hold their default."""
    rows = [(f.metadata[_ROW], f.name) for f in fields(settings) if _ROW in f.metadata]
    return [name for name, own in rows if getattr(settings, own) == constant(name).value]
