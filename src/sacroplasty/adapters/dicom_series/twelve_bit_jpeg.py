"""Lossy 12-bit JPEG, which pydicom's plugins decline and GDCM itself decodes."""

import tempfile
from pathlib import Path
from typing import Any

import gdcm  # type: ignore[import-untyped,import-not-found,unused-ignore]
import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.dicom_series.listing import DicomSource

TWELVE_BIT_JPEG = {
    "1.2.840.10008.1.2.4.51",  # extended sequential
    "1.2.840.10008.1.2.4.53",  # spectral selection (retired)
    "1.2.840.10008.1.2.4.55",  # full progression (retired)
}


def decode_twelve_bit(source: DicomSource) -> NDArray[Any]:
    """Stored pixels (rows, columns) of one single-frame object; raises `ValueError`."""
    with tempfile.TemporaryDirectory() as folder, source.open() as original:
        file = Path(folder) / "slice.dcm"
        file.write_bytes(original.read())
        reader = gdcm.ImageReader()
        reader.SetFileName(str(file))
        if not reader.Read():
            raise ValueError("GDCM cannot read it")
        image = reader.GetImage()
        stored = image.GetPixelFormat()
        columns, rows = image.GetDimension(0), image.GetDimension(1)
        kind = "i" if stored.GetPixelRepresentation() else "u"
        content = image.GetBuffer().encode("utf-8", "surrogateescape")
    numbers = np.frombuffer(content, dtype=f"<{kind}{stored.GetBitsAllocated() // 8}")
    return numbers.reshape(rows, columns)
