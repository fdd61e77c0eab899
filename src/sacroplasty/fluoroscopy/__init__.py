"""Virtual fluoroscopy: physical line integrals through the patient, from poses a radiographer names."""

from sacroplasty.fluoroscopy.attenuation import (
    attenuation_of_hu,
    cement_attenuation_per_mm,
    cement_contrast_per_mm,
)
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.blur import penumbra_mm
from sacroplasty.fluoroscopy.bone_split import bone_hu, bone_share, water_share
from sacroplasty.fluoroscopy.bone_to_fill import bone_to_fill
from sacroplasty.fluoroscopy.brightness_control import BrightnessControl
from sacroplasty.fluoroscopy.carm import CArm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.carm_poses import angles_of, beam_direction, carm_view, pose_at
from sacroplasty.fluoroscopy.collimation import Collimation, shuttered_to_patient
from sacroplasty.fluoroscopy.detector_settings import DetectorSettings, ideal_detector
from sacroplasty.fluoroscopy.display import Window, level_of, to_display, window_of
from sacroplasty.fluoroscopy.expose import expose, with_cement, with_inserted, with_needles
from sacroplasty.fluoroscopy.frame import (
    ExpectedFrame,
    FluoroscopicFrame,
    expected_frame,
    fluoroscopic_frame,
)
from sacroplasty.fluoroscopy.frame_memory import FrameMemory
from sacroplasty.fluoroscopy.frame_view import FrameView
from sacroplasty.fluoroscopy.gpu import GpuProjector
from sacroplasty.fluoroscopy.inserted import Inserted
from sacroplasty.fluoroscopy.leak_places import LeakPlace, leak_places
from sacroplasty.fluoroscopy.live_fluoroscopy import LiveFluoroscopy
from sacroplasty.fluoroscopy.material_paths import (
    MaterialPaths,
    paths_with_cement,
    paths_with_needle,
    patient_paths,
    split_paths,
)
from sacroplasty.fluoroscopy.materials import (
    Material,
    cement_material,
    cortical_bone,
    scan_energy_kev,
    steel,
    steel_attenuation_per_mm,
    water,
)
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
from sacroplasty.fluoroscopy.needle_shadow import needle_path_mm
from sacroplasty.fluoroscopy.needle_view import en_face_view
from sacroplasty.fluoroscopy.observer import Observer, anatomical_noise, detectability
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
from sacroplasty.fluoroscopy.prepared_view import (
    PreparedView,
    Technique,
    prepare_view,
    prepare_views,
)
from sacroplasty.fluoroscopy.project import project
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.radiographic_sight import RadiographicSight
from sacroplasty.fluoroscopy.rays import pixel_points, project_points
from sacroplasty.fluoroscopy.reference_projection import reference_projection
from sacroplasty.fluoroscopy.screen import Screen
from sacroplasty.fluoroscopy.spectrum import Spectrum, effective_energy_kev, half_value_layer_mm
from sacroplasty.fluoroscopy.stacked import StackedVolume
from sacroplasty.fluoroscopy.stacked_patient import StackedPatient
from sacroplasty.fluoroscopy.standing_needles import standing_needles
from sacroplasty.fluoroscopy.subtraction import averaged, roadmap, subtracted
from sacroplasty.fluoroscopy.taken_view import LineIntegralView, TakenView, Taking
from sacroplasty.fluoroscopy.transmission import Absorbed, absorbed_signal
from sacroplasty.fluoroscopy.tube import tube_output
from sacroplasty.fluoroscopy.view_pair import ViewPair, places_at_risk, recommended_pair
from sacroplasty.fluoroscopy.visibility import LeakVisibility, VisibilityTable, visibility_table

__all__ = [
    "NAMED_VIEWS",
    "Absorbed",
    "Beam",
    "BrightnessControl",
    "CArm",
    "CArmPose",
    "Collimation",
    "DetectorSettings",
    "ExpectedFrame",
    "FluoroscopicFrame",
    "FrameMemory",
    "FrameView",
    "GpuProjector",
    "Inserted",
    "LeakPlace",
    "LeakVisibility",
    "LineIntegralView",
    "LiveFluoroscopy",
    "Lying",
    "Material",
    "MaterialPaths",
    "Observer",
    "PositionerAngles",
    "PreparedView",
    "Radiograph",
    "RadiographicSight",
    "Screen",
    "Spectrum",
    "StackedPatient",
    "StackedVolume",
    "TakenView",
    "Taking",
    "Technique",
    "ViewPair",
    "VisibilityTable",
    "Window",
    "absorbed_signal",
    "anatomical_noise",
    "angles_of",
    "ap_view",
    "attenuation_of_hu",
    "averaged",
    "beam_direction",
    "bone_hu",
    "bone_share",
    "bone_to_fill",
    "carm_from_scanner",
    "carm_view",
    "cement_attenuation_per_mm",
    "cement_contrast_per_mm",
    "cement_material",
    "cortical_bone",
    "detectability",
    "effective_energy_kev",
    "en_face_view",
    "expected_frame",
    "expose",
    "fluoroscopic_frame",
    "half_value_layer_mm",
    "ideal_detector",
    "inlet_view",
    "isocentre",
    "l5s1_normal",
    "lateral_view",
    "leak_places",
    "level_of",
    "named_view",
    "needle_path_mm",
    "outlet_view",
    "paths_with_cement",
    "paths_with_needle",
    "patient_paths",
    "penumbra_mm",
    "pixel_points",
    "places_at_risk",
    "pose_at",
    "prepare_view",
    "prepare_views",
    "project",
    "project_points",
    "projection_matrix",
    "recommended_pair",
    "reference_projection",
    "require_view",
    "roadmap",
    "scan_energy_kev",
    "scanner_from_levelled",
    "scanner_from_sacral_axes",
    "scanner_from_table",
    "shuttered_to_patient",
    "split_paths",
    "standing_needles",
    "steel",
    "steel_attenuation_per_mm",
    "subtracted",
    "to_display",
    "tube_output",
    "view_from_scanner",
    "visibility_table",
    "water",
    "water_share",
    "window_of",
    "with_cement",
    "with_inserted",
    "with_needles",
]
