"""Virtual fluoroscopy: physical line integrals through the patient, from poses a radiographer names."""

from sacroplasty.fluoroscopy.attenuation import (
    attenuation_of_hu,
    cement_attenuation_per_mm,
    cement_contrast_per_mm,
)
from sacroplasty.fluoroscopy.carm import CArm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import angles_of, beam_direction, carm_view, pose_at
from sacroplasty.fluoroscopy.display import Window, to_display, window_of
from sacroplasty.fluoroscopy.expose import expose, with_cement
from sacroplasty.fluoroscopy.named_views import (
    NAMED_VIEWS,
    ap_view,
    inlet_view,
    l5s1_normal,
    lateral_view,
    named_view,
    outlet_view,
    require_view,
)
from sacroplasty.fluoroscopy.needle_view import en_face_view
from sacroplasty.fluoroscopy.patient_axes import (
    isocentre,
    scanner_from_levelled,
    scanner_from_sacral_axes,
    scanner_from_table,
)
from sacroplasty.fluoroscopy.pose_frames import (
    carm_from_scanner,
    projection_matrix,
    view_from_scanner,
)
from sacroplasty.fluoroscopy.positioner import Lying, PositionerAngles
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.fluoroscopy.reference_projection import reference_projection

__all__ = [
    "NAMED_VIEWS",
    "CArm",
    "CArmPose",
    "Lying",
    "PositionerAngles",
    "Radiograph",
    "Window",
    "angles_of",
    "ap_view",
    "attenuation_of_hu",
    "beam_direction",
    "carm_from_scanner",
    "carm_view",
    "cement_attenuation_per_mm",
    "cement_contrast_per_mm",
    "en_face_view",
    "expose",
    "inlet_view",
    "isocentre",
    "l5s1_normal",
    "lateral_view",
    "named_view",
    "outlet_view",
    "pixel_points",
    "pose_at",
    "project_points",
    "projection_matrix",
    "reference_projection",
    "require_view",
    "scanner_from_levelled",
    "scanner_from_sacral_axes",
    "scanner_from_table",
    "to_display",
    "view_from_scanner",
    "window_of",
    "with_cement",
]
