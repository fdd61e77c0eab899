"""A drill guide as binary STL in LPS mm, ready for a slicer program or for 3D Slicer.

STL carries neither unit nor axes; the header of 80 bytes says both. 3D Slicer reads STL as LPS
unless a header says RAS. Nothing in the file names the patient.
"""

import struct
from pathlib import Path

import numpy as np

from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.planning import drill_guide

_HEADER_BYTES = 80
_SAYS = "SPACE=LPS mm; sacroplasty; research software, not a medical device"
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def stl_bytes(mesh: drill_guide.TriangleMesh) -> bytes:
    """The mesh as binary STL; the same mesh gives the same bytes."""
    triangles = np.zeros(len(mesh.faces), dtype=_TRIANGLE)
    triangles["normal"], triangles["corners"] = mesh.normals, mesh.corners
    header = _SAYS.encode("ascii").ljust(_HEADER_BYTES, b" ")
    return header + struct.pack("<I", len(triangles)) + triangles.tobytes()


def write_guide(guide: drill_guide.DrillGuide, path: Path) -> None:
    """Write one guide; raises `CaseConflict` where the file cannot be written."""
    write_for_a_person(path, stl_bytes(guide.mesh))
