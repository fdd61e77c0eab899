"""Virtual fluoroscopy: physical line integrals through the patient, from poses a radiographer names."""

from sacroplasty.fluoroscopy.attenuation import (
    attenuation_of_hu,
    cement_attenuation_per_mm,
    cement_contrast_per_mm,
)
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import (
    NAMED_VIEWS,
    CArm,
    ap_view,
    carm_view,
    inlet_view,
    lateral_view,
    named_view,
    outlet_view,
)
from sacroplasty.fluoroscopy.display import Window, to_display, window_of
from sacroplasty.fluoroscopy.expose import expose, with_cement
from sacroplasty.fluoroscopy.gpu import GpuProjector
from sacroplasty.fluoroscopy.live_fluoroscopy import LiveFluoroscopy
from sacroplasty.fluoroscopy.needle_shadow import needle_path_mm
from sacroplasty.fluoroscopy.project import project
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.fluoroscopy.reference_projection import reference_projection
from sacroplasty.fluoroscopy.stacked import StackedVolume

__all__ = [
    "NAMED_VIEWS",
    "CArm",
    "CArmPose",
    "GpuProjector",
    "LiveFluoroscopy",
    "Radiograph",
    "StackedVolume",
    "Window",
    "ap_view",
    "attenuation_of_hu",
    "carm_view",
    "cement_attenuation_per_mm",
    "cement_contrast_per_mm",
    "expose",
    "inlet_view",
    "lateral_view",
    "named_view",
    "needle_path_mm",
    "outlet_view",
    "pixel_points",
    "project",
    "project_points",
    "reference_projection",
    "to_display",
    "window_of",
    "with_cement",
]
