"""The words that the schemas are written with."""

from enum import StrEnum
from typing import Any

from sacroplasty.anatomy import Level, Side
from sacroplasty.findings import Verdict

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES_NO: Schema = {"type": "boolean"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def word_of(kinds: type[StrEnum], says: str = "") -> Schema:
    """One of an enumeration's words."""
    said = {"description": says} if says else {}
    return {"enum": [kind.value for kind in kinds], **said}


SIDE = word_of(Side, "the patient's own side")
LEVEL = word_of(Level)
VERDICT = word_of(Verdict)


def optional(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Schema, *, at_least: int = 0) -> Schema:
    """A list of such things."""
    return {"type": "array", "items": schema, "minItems": at_least}


def numbers(count: int, says: str) -> Schema:
    """Exactly `count` numbers."""
    return {
        "type": "array",
        "items": NUMBER,
        "minItems": count,
        "maxItems": count,
        "description": says,
    }


def record(**fields: Schema) -> Schema:
    """An object with exactly these keys, all required."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def or_refused(schema: Schema, refusal: Schema) -> Schema:
    """What is described even where it is refused: the refusal may stand in the same document."""
    return {**schema, "properties": {**schema["properties"], **refusal["properties"]}}


def mapping(values: Schema) -> Schema:
    """An object with any keys and such values."""
    return {"type": "object", "additionalProperties": values}


POINT = numbers(3, "x, y, z in mm, patient axes LPS")
# Keys that records of several documents hold together.
PLACE: dict[str, Schema] = {"level": optional(LEVEL), "side": optional(SIDE)}
VERDICTS: dict[str, Schema] = {"anatomy": VERDICT, "plan": VERDICT}
FINDING = record(
    check=TEXT,
    verdict=VERDICT,
    says=TEXT,
    measured=optional(TEXT),
    limit=optional(TEXT),
    where_lps_mm=optional(POINT),
)
GRID = record(
    shape_kji=numbers(3, "voxels along z, y, x of the array"),
    origin_lps_mm=POINT,
    spacing_ijk_mm=numbers(3, "mm along i, j, k"),
    direction=listed(numbers(3, "row of the direction matrix"), at_least=3),
)
RIGID = record(
    to=TEXT,
    source=TEXT,
    rotation=listed(numbers(3, "row"), at_least=3),
    translation_mm=POINT,
)
