"""Content items of a DICOM structured report (PS3.3 C.17.3), each a dataset of its own."""

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID
from pydicom.valuerep import DSfloat

from sacroplasty.adapters.label_export.derived_object import coded
from sacroplasty.adapters.plan_export.plan_codes import Code
from sacroplasty.geometry import Points, require_same_frame


def container(value: str, meaning: str, items: list[Dataset], template: str = "") -> Dataset:
    """CONTAINS a CONTAINER of `items`; `template` is the number of its DCMR template."""
    item = _item("CONTAINS", "CONTAINER", (value, "DCM", meaning))
    item.ContinuityOfContent = "SEPARATE"
    if template:
        named = Dataset()
        named.MappingResource, named.TemplateIdentifier = "DCMR", template
        item.ContentTemplateSequence = Sequence([named])
    item.ContentSequence = Sequence(items)
    return item


def code_item(relation: str, value: str, meaning: str, says: Code, scheme: str = "DCM") -> Dataset:
    """A concept whose value is another concept."""
    item = _item(relation, "CODE", (value, scheme, meaning))
    item.ConceptCodeSequence = Sequence([coded(*says)])
    return item


def text_item(relation: str, value: str, meaning: str, says: str) -> Dataset:
    """A concept in words."""
    item = _item(relation, "TEXT", (value, "DCM", meaning))
    item.TextValue = says
    return item


def uid_item(relation: str, value: str, meaning: str, uid: UID) -> Dataset:
    """A concept that is a UID."""
    item = _item(relation, "UIDREF", (value, "DCM", meaning))
    item.UID = uid
    return item


def image_item(reference: Dataset) -> Dataset:
    """A reference to one image object."""
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "IMAGE"
    item.ReferencedSOPSequence = Sequence([reference])
    return item


def number_item(
    concept: Code,
    number: float,
    unit: Code,
    items: list[Dataset] | None = None,
    relation: str = "CONTAINS",
) -> Dataset:
    """A measurement with its unit; `items` tell more of it."""
    item = _item(relation, "NUM", concept)
    measured = Dataset()
    measured.NumericValue = DSfloat(float(number), auto_format=True)
    measured.MeasurementUnitsCodeSequence = Sequence([coded(*unit)])
    item.MeasuredValueSequence = Sequence([measured])
    if items:
        item.ContentSequence = Sequence(items)
    return item


def polyline_item(value: str, meaning: str, start: Points, end: Points) -> Dataset:
    """A line of two points in their own frame of reference: patient axes (LPS), mm."""
    require_same_frame(start, end)
    item = _item("CONTAINS", "SCOORD3D", (value, "DCM", meaning))
    item.GraphicType = "POLYLINE"
    item.GraphicData = np.concatenate([start.single, end.single]).tolist()
    item.ReferencedFrameOfReferenceUID = start.frame.uid
    return item


def _item(relation: str, kind: str, concept: Code) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    item.ConceptNameCodeSequence = Sequence([coded(*concept)])
    return item
