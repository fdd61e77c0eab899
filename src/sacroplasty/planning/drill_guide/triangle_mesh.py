"""A closed surface of triangles in the patient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Points


@dataclass(frozen=True, eq=False, slots=True)
class TriangleMesh:
    """vertices: LPS mm. faces: (m, 3) row numbers of `vertices`, counter-clockwise from outside."""

    vertices: Points
    faces: NDArray[np.int64]

    def __post_init__(self) -> None:
        faces = self.faces.view()
        faces.flags.writeable = False
        object.__setattr__(self, "faces", faces)

    @property
    def corners(self) -> NDArray[np.float64]:
        """(m, 3, 3): triangle, corner, xyz in LPS mm."""
        return self.vertices.xyz[self.faces]

    @property
    def normals(self) -> NDArray[np.float64]:
        """Unit normals (m, 3), pointing out of the solid."""
        a, b, c = np.moveaxis(self.corners, 1, 0)
        across = np.cross(b - a, c - a)
        return np.asarray(across / np.linalg.norm(across, axis=1, keepdims=True))

    @property
    def volume_mm3(self) -> float:
        """By the divergence theorem: a sixth of Σ a·(b × c); positive where normals point out."""
        a, b, c = np.moveaxis(self.corners - self.corners[0, 0], 1, 0)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
