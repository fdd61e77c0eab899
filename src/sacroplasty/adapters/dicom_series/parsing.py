"""pydicom, kept quiet and kept honest: its warnings may quote a patient, its errors are many."""

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from sacroplasty.adapters.dicom_series.listing import DicomSource
from sacroplasty.errors import UnreadableInput

# What pydicom and its decoders raise on damaged or hostile bytes.
DAMAGE = (
    InvalidDicomError,
    BytesLengthException,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def _plain_syntax(dataset: Any) -> UID:
    """An old file without file meta is uncompressed; the parser found out which way."""
    implicit, little = dataset.original_encoding
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian


@contextmanager
def quietly() -> Iterator[None]:
    """No warning and no log line of pydicom's: both may print a patient's name."""
    log = logging.getLogger("pydicom")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def parse(source: DicomSource, *, pixels: bool) -> Any:
    """The dataset of one object, with or without its pixels; raises `UnreadableInput`."""
    try:
        with source.open() as file:
            dataset = pydicom.dcmread(file, stop_before_pixels=not pixels, force=True)
            _ = dataset.get("SOPClassUID")
            if source.declared is False and not dataset.file_meta.get("TransferSyntaxUID"):
                dataset.file_meta.TransferSyntaxUID = _plain_syntax(dataset)
    except DAMAGE as problem:
        raise UnreadableInput(
            f"{source.name!r} is damaged DICOM ({type(problem).__name__}); copy it again or take "
            "it out."
        ) from None
    return dataset
