"""PNG files from arrays: 8-bit grey or RGB, the same array always giving the same bytes.

Written here because the encoders at hand add a software name or a palette of their own choosing.
"""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_LEVEL = 6


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """The PNG of `pixels`, (rows, columns) grey or (rows, columns, 3) RGB, row 0 on top."""
    colour = _GREY if pixels.ndim == 2 else _RGB
    rows, columns = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour, 0, 0, 0)
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(_filtered(pixels), _LEVEL))
        + _chunk(b"IEND", b"")
    )


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """`pixels` as a ``data:`` address that a page can hold."""
    return "data:image/png;base64," + base64.b64encode(encode_png(pixels)).decode("ascii")


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def _filtered(pixels: NDArray[np.uint8]) -> bytes:
    """Each row less the row above it (PNG filter 2, "Up"): smooth pictures pack far better."""
    flat = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    up = np.vstack([flat[:1], flat[1:] - flat[:-1]])
    kinds = np.full((flat.shape[0], 1), 2, dtype=np.uint8)
    return np.hstack([kinds, up]).tobytes()
