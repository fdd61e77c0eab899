"""Stored pixels of every common transfer syntax as Hounsfield units."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array

from sacroplasty.adapters.dicom_series.headers import find, frame_places
from sacroplasty.adapters.dicom_series.listing import DicomSource
from sacroplasty.adapters.dicom_series.parsing import DAMAGE, parse
from sacroplasty.adapters.dicom_series.twelve_bit_jpeg import TWELVE_BIT_JPEG, decode_twelve_bit
from sacroplasty.errors import UnreadableInput
from sacroplasty.imaging import hounsfield

_LOSSY_SYNTAXES = {
    *TWELVE_BIT_JPEG,
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
}


class SlicePixels:
    """Reads the slices of many objects, each object once; remembers what a reader should know."""

    def __init__(self, sources: list[DicomSource]) -> None:
        self._sources = sources
        self._open: tuple[int, Any, NDArray[Any]] | None = None
        self.lossy: set[int] = set()
        self.eight_bit: set[int] = set()

    def hu(self, key: tuple[int, int]) -> NDArray[np.int16]:
        """Hounsfield units (rows, columns) of one slice; raises `UnreadableInput`."""
        with self._naming_damage(key):
            return self._hounsfield(key)

    def signal(self, key: tuple[int, int]) -> NDArray[np.float64]:
        """MR signal (rows, columns) of one slice; a rescale is optional there and is obeyed."""
        with self._naming_damage(key):
            source, frame = key
            dataset, stored = self._object(source)
            places = frame_places(dataset, frame)
            slope, intercept = find(places, "RescaleSlope"), find(places, "RescaleIntercept")
            plane = np.asarray(stored[frame] if stored.ndim == 3 else stored, dtype=np.float64)
            return plane * float(1 if slope is None else slope) + float(intercept or 0)

    @contextmanager
    def _naming_damage(self, key: tuple[int, int]) -> Iterator[None]:
        try:
            yield
        except DAMAGE as problem:
            raise UnreadableInput(
                f"{self._sources[key[0]].name!r} is damaged DICOM ({type(problem).__name__}); "
                "copy it again."
            ) from None

    def _hounsfield(self, key: tuple[int, int]) -> NDArray[np.int16]:
        source, frame = key
        dataset, stored = self._object(source)
        places = frame_places(dataset, frame)
        slope, intercept = find(places, "RescaleSlope"), find(places, "RescaleIntercept")
        if slope is None or intercept is None:
            raise UnreadableInput(
                f"{self._sources[source].name!r} has no rescale slope or intercept, so its numbers "
                "are not Hounsfield units; export the original CT."
            )
        plane = stored[frame] if stored.ndim == 3 else stored
        return hounsfield(plane, float(slope), float(intercept), _padding(dataset, places))

    def _object(self, source: int) -> tuple[Any, NDArray[Any]]:
        if self._open is None or self._open[0] != source:
            dataset = parse(self._sources[source], pixels=True)
            self._open = (source, dataset, self._stored(source, dataset))
        return self._open[1], self._open[2]

    def _stored(self, source: int, dataset: Any) -> NDArray[Any]:
        name = self._sources[source].name
        syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
        if "PixelData" not in dataset:
            raise UnreadableInput(f"{name!r} has no pixels or ends before them; copy it again.")
        if str(dataset.get("PhotometricInterpretation", "MONOCHROME2")).strip() != "MONOCHROME2":
            raise UnreadableInput(
                f"{name!r} is a picture (colour or inverted grey), not a plain slice."
            )
        try:
            if syntax in TWELVE_BIT_JPEG and int(dataset.get("BitsStored") or 0) > 8:
                stored = decode_twelve_bit(self._sources[source])
            else:
                stored = dataset.pixel_array if syntax is None else pixel_array(dataset, raw=True)
        except DAMAGE as problem:
            cause = (str(problem).splitlines() or [type(problem).__name__])[0][:120]
            raise UnreadableInput(
                f"{name!r}: its pixels ({syntax.name if syntax else 'no transfer syntax'}) cannot "
                f"be decoded or are cut off ({cause}); copy it again or export it uncompressed."
            ) from None
        if str(dataset.get("LossyImageCompression", "")) == "01" or syntax in _LOSSY_SYNTAXES:
            self.lossy.add(source)
        if int(dataset.get("BitsStored") or 16) <= 8:
            self.eight_bit.add(source)
        return np.asarray(stored)


def _padding(dataset: Any, places: list[Any]) -> tuple[float, float] | None:
    """The stored values that mean "never measured", low and high, or None."""
    first = find(places, "PixelPaddingValue")
    if not isinstance(first, int):
        return None
    last = find(places, "PixelPaddingRangeLimit")
    bounds = [first, last if isinstance(last, int) else first]
    if int(dataset.get("PixelRepresentation") or 0) == 1:
        # Written as unsigned by some scanners although the pixels are signed.
        bounds = [b - 65536 if b > 32767 else b for b in bounds]
    return float(min(bounds)), float(max(bounds))
