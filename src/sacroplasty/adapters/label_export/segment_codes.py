"""How a structure is coded in DICOM: SNOMED CT where the code is known here, else a private code."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sacroplasty.anatomy import Structure
from sacroplasty.reference import naming_table

_PRIVATE = "99SACROPLASTY"
_CATEGORY = ("91723000", "SCT", "Anatomical Structure")


def category_code() -> Dataset:
    """The category that every segment belongs to."""
    return _code(*_CATEGORY)


def type_code(structure: Structure) -> Dataset:
    """The type of a structure, with its side as a modifier."""
    side = next((s for s in ("left", "right") if structure.label.endswith(f"_{s}")), None)
    whole = structure.label.removesuffix(f"_{side}")
    found = _snomed(whole)
    code = _code(*found) if found else _code(whole, _PRIVATE, whole.replace("_", " "))
    if side is not None and (modifier := _snomed(side)):
        code.SegmentedPropertyTypeModifierCodeSequence = Sequence([_code(*modifier)])
    return code


def _snomed(concept: str) -> tuple[str, str, str] | None:
    """Value, scheme and meaning of the first SNOMED CT code of a concept."""
    for row in naming_table("structure_codes"):
        if row["structure"] == concept and row["scheme"] == "SCT":
            return row["value"], row["scheme"], row["meaning"]
    return None


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code
