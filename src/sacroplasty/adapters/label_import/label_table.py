"""The table of names that a NIfTI file may carry in an extension of its header.

TotalSegmentator 2 writes it into multilabel files (``<Label Key="25"><![CDATA[sacrum]]></Label>``,
the Caret/Connectome Workbench form), and so do other programs.
"""

from pathlib import Path
from xml.etree import ElementTree

import nibabel as nib
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError

from sacroplasty.adapters.label_import.class_tables import ClassTable

_LONGEST_XML = 2**20
_UNREADABLE = (ImageFileError, HeaderDataError, EOFError, OSError, ValueError)


def table_in_header(path: Path) -> ClassTable | None:
    """The file's own class table, or None where it has none that can be read.

    What is wrong with the file itself is said by the reader of its voxels.
    """
    try:
        extensions = getattr(nib.load(path).header, "extensions", ())
        contents = [extension.get_content() for extension in extensions]
    except _UNREADABLE:
        return None
    for content in contents:
        if isinstance(content, bytes) and (classes := _classes(content)):
            return ClassTable("in the file", classes)
    return None


def _classes(xml: bytes) -> dict[int, str]:
    start = xml.find(b"<")
    text = xml[start:].rstrip(b"\0 \n\r\t") if start >= 0 else b""
    # A document type could define entities that swell; a label table never has one.
    if not text or len(text) > _LONGEST_XML or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return {}
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return {}
    return {
        int(key): (label.text or "").strip()
        for label in root.iter("Label")
        if (key := label.get("Key", "")).isascii() and key.isdigit() and int(key) > 0
    }
