"""Where things are: frames, points, rigid transforms and voxel grids, in DICOM patient axes (LPS, mm).

The front door of the room. Nothing else in the package turns an index into a point.
"""

from sacroplasty.geometry.frame import Frame, require_same_frame
from sacroplasty.geometry.grid import Grid
from sacroplasty.geometry.points import Points
from sacroplasty.geometry.rigid import Rigid
from sacroplasty.geometry.volume import Volume

__all__ = ["Frame", "Grid", "Points", "Rigid", "Volume", "require_same_frame"]
