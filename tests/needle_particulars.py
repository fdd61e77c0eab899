"""Risk and guidance of a needle that a test makes by hand and does not ask about."""

from sacroplasty.planning import (
    CArmAngles,
    Chance,
    DepthMarks,
    NeedleGuidance,
    PlacementRisk,
)

RISK = PlacementRisk(
    draws=200,
    breach={"canal": Chance.of(0, 200), "foramina": Chance.of(6, 200)},
    any_breach=Chance.of(6, 200),
    off_target=Chance.of(2, 200),
    mishap=Chance.of(7, 200),
    clearance_p05_mm={"canal": 8.25, "foramina": 0.5},
)
GUIDANCE = NeedleGuidance(
    table_position_mm=-812.5,
    lateral_offset_mm=35.25,
    axial_angle_deg=12.0,
    sagittal_angle_deg=-8.0,
    en_face=CArmAngles(-12.0, 8.0),
    profile=CArmAngles(78.0, 0.0),
    depth=DepthMarks(dorsal_cortex_mm=40.0, target_mm=60.0, anterior_cortex_mm=72.0),
    needle_length_mm=100.0,
    dead_volume_ml=0.45,
    cement_basis="as set",
)
