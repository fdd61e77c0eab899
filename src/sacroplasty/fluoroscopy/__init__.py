"""Virtual fluoroscopy: physical line integrals through the patient, from poses a radiographer names."""

from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.radiograph import Radiograph

__all__ = ["CArmPose", "Radiograph"]
