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
            if not pixels:
                _ = dataset.get("SOPClassUID")
    except DAMAGE as problem:
        raise UnreadableInput(
            f"{source.name!r} is damaged DICOM ({type(problem).__name__}); copy it again or take "
            "it out."
        ) from None
    return dataset
