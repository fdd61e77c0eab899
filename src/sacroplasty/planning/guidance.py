"""What the operator needs in the room to set one needle, in the scanner's and C-arm's own terms."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CArmAngles:
    """A beam by its two angles in degrees, as `fluoroscopy.carm_view` takes them.

    rotation_deg: from the patient's own AP (beam from ventral to dorsal), counted towards the
    patient's left for the end where the detector stands; cranial_deg: leaning to the head.
    """

    rotation_deg: float
    cranial_deg: float


@dataclass(frozen=True, slots=True)
class DepthMarks:
    """Depths in mm along the needle from the skin; None where the scan does not show it.

    `anterior_cortex_mm` is where the needle would leave bone if it went on.
    """

    dorsal_cortex_mm: float
    target_mm: float
    anterior_cortex_mm: float | None


@dataclass(frozen=True, slots=True)
class NeedleGuidance:
    """How to set one needle.

    table_position_mm: LPS z of the skin entry, the coordinate of its axial slice.
    lateral_offset_mm: of the skin entry from the midline plane of the sacrum in that slice,
    positive towards the needle's own side.
    axial_angle_deg: seen in the axial plane, between needle and vertical; positive where the tip
    goes away from the midline. sagittal_angle_deg: seen from the side, between needle and
    axial plane; positive where the tip goes to the head.
    en_face: the C-arm looks down the needle. profile: across it, level with the table.
    needle_length_mm: the shortest length sold that reaches from skin to target with the hub
    outside, None where none does. dead_volume_ml: cement that stays in that cannula.
    cement_basis: what the planned volume rests on.
    """

    table_position_mm: float
    lateral_offset_mm: float
    axial_angle_deg: float
    sagittal_angle_deg: float
    en_face: CArmAngles
    profile: CArmAngles
    depth: DepthMarks
    needle_length_mm: float | None
    dead_volume_ml: float
    cement_basis: str
