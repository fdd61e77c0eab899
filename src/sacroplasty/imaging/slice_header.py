"""What one CT slice says about itself, free of any file format and of the patient's name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """One image plane: a single-frame object, or one frame of a multi-frame object.

    `key` is the reader's own handle. `patient` holds one-way hashes of identifier, name and birth
    date ("" where absent): equal or not is all that is ever asked of them. `row` points along
    increasing column index, `column` along increasing row index (DICOM ImageOrientationPatient);
    `position_mm` is the centre of the first voxel, LPS. `pixel_spacing_mm` is (between rows,
    between columns). Geometry is None where the object states none.
    """

    key: tuple[int, int]
    uid: str
    series_uid: str
    patient: tuple[str, str, str] = ("", "", "")
    modality: str = "CT"
    image_type: tuple[str, ...] = ()
    picture: bool = False
    series_number: int | None = None
    description: str = ""
    acquisition: int | None = None
    frame_uid: str = ""
    position_mm: Vector | None = None
    row: Vector | None = None
    column: Vector | None = None
    pixel_spacing_mm: tuple[float, float] | None = None
    rows: int = 0
    columns: int = 0
    kernel: str = ""
    kvp: float | None = None
    manufacturer: str = ""
    patient_position: str = ""
    slice_thickness_mm: float | None = None
    stated_tilt_deg: float | None = None

    @property
    def is_localiser(self) -> bool:
        """A scout view: an overview that must never become a slice."""
        return any(word in self.image_type for word in ("LOCALIZER", "SCOUT", "TOPOGRAM"))

    @property
    def is_derived(self) -> bool:
        """Computed from other images (reformat, projection, secondary capture)."""
        words = self.image_type[:1] + self.image_type[2:]
        return any(
            word in words for word in ("DERIVED", "REFORMATTED", "MPR", "MIP", "PROJECTION IMAGE")
        )

    @property
    def plane(self) -> NDArray[np.float64]:
        """(3, 3): rows are the position, `row` and `column`; NaN where the object states none."""
        unknown = (np.nan,) * 3
        return np.array([v or unknown for v in (self.position_mm, self.row, self.column)])

    @property
    def pixel_mm(self) -> NDArray[np.float64]:
        """Distance between voxels along i and j, shape (2,): DICOM states rows first."""
        between_rows, between_columns = self.pixel_spacing_mm or (np.nan, np.nan)
        return np.array([between_columns, between_rows])

    @property
    def has_geometry(self) -> bool:
        """Whether the object says where it lies, in finite numbers and pixels of some size."""
        return bool(np.isfinite(self.plane).all() and (self.pixel_mm > 0).all())
