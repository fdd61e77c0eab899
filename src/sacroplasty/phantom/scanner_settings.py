"""How the virtual scanner is set."""

from dataclasses import dataclass
from enum import StrEnum

from sacroplasty.errors import BadUsage

_LEAST_FIELD_MM = (100.0, 100.0, 40.0)


class ReconstructionKernel(StrEnum):
    """Soft: smooth edges, blotchy noise. Bone: edges enhanced, fine-grained noise."""

    SOFT = "soft"
    BONE = "bone"


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The CT scanner: sampling, blur and noise.

    in_plane_mm and slice_mm are spacings (slices are contiguous: each averages its thickness);
    blur_fwhm_mm is the in-plane point spread before the kernel's edge enhancement; noise_hu the SD
    of the noise; table_rotation_deg turns the patient about the long axis (positive: left side
    down); gantry_tilt_deg leans the slices about the left-right axis (positive: the front edge
    goes head-wards). field_mm is the reconstructed box, patient left-right, front-back, head-foot,
    and field_shift_mm moves its centre (left, dorsal, cranial), so that anatomy may be cut off.
    """

    in_plane_mm: float = 1.0
    slice_mm: float = 1.0
    blur_fwhm_mm: float = 1.1
    noise_hu: float = 14.0
    table_rotation_deg: float = 0.0
    field_mm: tuple[float, float, float] = (420.0, 300.0, 256.0)
    kernel: ReconstructionKernel = ReconstructionKernel.SOFT
    gantry_tilt_deg: float = 0.0
    field_shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        limits = {
            "in_plane_mm": (0.5, 3.0),
            "slice_mm": (0.5, 5.0),
            "blur_fwhm_mm": (0.0, 4.0),
            "noise_hu": (0.0, 100.0),
            "table_rotation_deg": (-30.0, 30.0),
            "gantry_tilt_deg": (-30.0, 30.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadUsage(f"Virtual scanner: {name} {value} lies outside {low}–{high}.")
        if not all(
            low <= f <= 600.0 for f, low in zip(self.field_mm, _LEAST_FIELD_MM, strict=True)
        ):
            raise BadUsage(
                f"Virtual scanner: field {self.field_mm} mm must be 100–600 mm a side, and 40–600 mm "
                "from head to foot."
            )
        if not all(abs(f) <= 200.0 for f in self.field_shift_mm):
            raise BadUsage(
                f"Virtual scanner: field shift {self.field_shift_mm} mm must be at most 200 mm."
            )
