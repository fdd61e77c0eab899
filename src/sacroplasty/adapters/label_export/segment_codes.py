"""How a structure is coded in DICOM: SNOMED CT where the code is known here, else a private code."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from sacroplasty.adapters.label_export.derived_object import PRIVATE_SCHEME, coded
from sacroplasty.anatomy import Structure
from sacroplasty.reference import naming_table

_CATEGORY = ("91723000", "SCT", "Anatomical Structure")


def category_code() -> Dataset:
    """The category that every segment belongs to."""
    return coded(*_CATEGORY)


def type_code(structure: Structure) -> Dataset:
    """The type of a structure, with its side as a modifier."""
    side = next((s for s in ("left", "right") if structure.label.endswith(f"_{s}")), None)
    whole = structure.label.removesuffix(f"_{side}")
    found = _snomed(whole)
    code = coded(*found) if found else coded(whole, PRIVATE_SCHEME, whole.replace("_", " "))
    if side is not None and (modifier := _snomed(side)):
        code.SegmentedPropertyTypeModifierCodeSequence = Sequence([coded(*modifier)])
    return code


def _snomed(concept: str) -> tuple[str, str, str] | None:
    """Value, scheme and meaning of the first SNOMED CT code of a concept."""
    for row in naming_table("structure_codes"):
        if row["structure"] == concept and row["scheme"] == "SCT":
            return row["value"], row["scheme"], row["meaning"]
    return None
