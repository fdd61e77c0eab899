"""A needle as an OpenIGTLink TRANSFORM message, for 3D Slicer and navigation software.

**The convention.** The message holds the 4 × 4 matrix ``scanner_from_needle`` in RAS mm, as
OpenIGTLink and Slicer use it (RAS is LPS with x and y turned round). The needle's frame has its
origin at the planned target, +z along the needle from entry to target, +x as near to the patient's
right as it can be at right angles to it (towards anterior for a needle that runs from side to
side), and +y by the right-hand rule. So the entry lies at (0, 0, −length).

**On the wire** (OpenIGTLink protocol, all big endian): a header of 58 bytes — version (uint16),
type (12 bytes), device name (20), timestamp (uint64, 0 where no clock vouches), body size (uint64),
CRC-64 of the body (ECMA-182 polynomial, not reflected, starting at 0) — and twelve float32: the
columns of the rotation, then the translation. A version-2 body begins with an extended header of
12 bytes (its own size, size of the metadata header, size of the metadata, message number) and ends
with the metadata header (no entries).
"""

import struct

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadUsage
from sacroplasty.planning import Needle, PlannedNeedle

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_ECMA_182 = 0x42F0E1EBA9EA3693
_MASK = (1 << 64) - 1
_HEADER = struct.Struct(">H12s20sQQQ")
_EXTENDED_HEADER = struct.Struct(">HHII")
_NO_METADATA = struct.pack(">H", 0)
_VERSIONS = (1, 2)
_LONGEST_NAME = 20
# Below this a needle runs so nearly from side to side that "right" gives no second axis.
_LEAST_ACROSS = 0.2


def scanner_from_needle_lps(needle: Needle) -> NDArray[np.float64]:
    """The needle's frame in the scanner, (4, 4) in LPS mm: origin at the tip, +z along the needle."""
    z = needle.direction
    across = np.array([-1.0, 0.0, 0.0])
    across = across - (across @ z) * z
    if np.linalg.norm(across) < _LEAST_ACROSS:
        across = np.array([0.0, -1.0, 0.0])
        across = across - (across @ z) * z
    x = across / np.linalg.norm(across)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = x, np.cross(z, x), z
    matrix[:3, 3] = needle.tip.single
    return matrix


def scanner_from_needle_ras(needle: Needle) -> NDArray[np.float64]:
    """The same in RAS mm."""
    return np.asarray(RAS_FROM_LPS @ scanner_from_needle_lps(needle))


def transform_message(planned: PlannedNeedle, *, version: int = 1) -> bytes:
    """One TRANSFORM message; the device name is the needle's own name and nothing else.

    Raises `BadUsage` for a protocol version other than 1 or 2.
    """
    if version not in _VERSIONS:
        raise BadUsage(f"OpenIGTLink version {version} is not written here; there are 1 and 2.")
    matrix = scanner_from_needle_ras(planned.needle)
    content = struct.pack(">12f", *matrix[:3, :].T.ravel())
    if version == 2:
        extended = _EXTENDED_HEADER.pack(_EXTENDED_HEADER.size, len(_NO_METADATA), 0, 0)
        content = extended + content + _NO_METADATA
    name = planned.name.encode("ascii", "replace")[:_LONGEST_NAME]
    return _HEADER.pack(version, b"TRANSFORM", name, 0, len(content), crc64(content)) + content


def crc64(content: bytes) -> int:
    """CRC-64 as OpenIGTLink uses it: ECMA-182 polynomial, most significant bit first, from 0."""
    remainder = 0
    for byte in content:
        remainder ^= byte << 56
        for _ in range(8):
            carry = remainder >> 63
            remainder = ((remainder << 1) & _MASK) ^ (_ECMA_182 if carry else 0)
    return remainder
