"""A simulated radiograph as DICOM X-Ray Angiographic Image (decision 0011): 16 bit, pose in attributes.

Stored values are line integrals ∫ μ dl at a fixed scale, 1/2000 a step, whatever the picture:
RescaleSlope takes them back. Of a fluoroscopic frame they are −ln(signal/open), of a subtraction
its change; both may lie below 0, so their RescaleIntercept does. Steel that a ray follows for
centimetres stops more than 16 bits can say: such a ray is stored as the greatest value, where less
than 1e-12 of the beam is left, and the image comments say so. Nothing is burnt in; side letters and
the word SIMULATED lie in an overlay plane. Patient identity is the case's pseudonym, unless a CT
header of the study is given.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UID, XRayAngiographicImageStorage
from pydicom.valuerep import DSfloat

from sacroplasty.adapters.label_export.derived_object import (
    SeriesWords,
    derived_object,
    dicom_bytes,
)
from sacroplasty.adapters.radiograph_export.lettering import label_places, letters_mask
from sacroplasty.adapters.radiograph_export.marked_picture import SIMULATED
from sacroplasty.adapters.radiograph_export.side_marker import SideMarker
from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy import Lying, PositionerAngles, Radiograph, Window
from sacroplasty.imaging import direction_letters
from sacroplasty.provenance import digest

LINE_INTEGRAL_STEP = 0.0005
FRAME_FROM = -4.0
_MOST = 65535
_SERIES = SeriesWords("XA", 97, "Simulated radiographs from CT (research software)", in_frame=False)
_DERIVATION = "Simulated radiograph computed from a CT; research software, not for clinical use"


@dataclass(frozen=True, slots=True)
class ImageWords:
    """What the pixels do not say: the view's words, its angles against the table, its distances.

    source_isocentre_mm: DICOM's DistanceSourceToPatient. instance: number within the series.
    tube_kv: of a simulated beam; None for line integrals of one energy.
    """

    says: str
    angles: PositionerAngles
    source_detector_mm: float
    source_isocentre_mm: float
    lying: Lying
    instance: int
    tube_kv: float | None = None


def xa_image(
    radiograph: Radiograph, window: Window, marker: SideMarker, words: ImageWords, header: Any
) -> bytes:
    """The DICOM file. header: of a CT slice, or `pseudonymous_header`.

    Raises `BadInput` for a line integral below the stored range. Above it (32.7; a pelvis reaches
    15, a needle seen on end 60) it is stored as the greatest value.
    """
    least = 0.0 if words.tube_kv is None else FRAME_FROM
    stored = np.rint((radiograph.line_integrals.astype(np.float64) - least) / LINE_INTEGRAL_STEP)
    if not stored.min() >= 0:
        raise BadInput(
            f"View {radiograph.pose.name!r}: line integrals from "
            f"{radiograph.line_integrals.min():.1f} on do not fit a file that begins at {least:.0f}."
        )
    content = ("radiograph", radiograph.pose.name, digest(radiograph.line_integrals), words)
    made = derived_object(
        header, XRayAngiographicImageStorage, _SERIES, content, instance=words.instance
    )
    # One series for all views of a case, whatever their content.
    made.SeriesInstanceUID = _uid(str(header.SeriesInstanceUID), "simulated radiographs")
    if header.get("PatientIdentityRemoved") == "YES":
        made.PatientIdentityRemoved = "YES"
        said = header.get("DeidentificationMethod")
        made.DeidentificationMethod = said or "As in the CT that it was computed from"
    _put_pose(made, radiograph, words)
    if stored.max() > _MOST:
        most = least + _MOST * LINE_INTEGRAL_STEP
        made.ImageComments = f"{words.says}; line integrals above {most:.1f} are stored as that"
    _put_pixels(made, np.minimum(stored, _MOST).astype(np.uint16), window, least)
    _put_overlay(made, overlay_plane(radiograph.pose.shape, marker), marker)
    return dicom_bytes(made)


def pseudonymous_header(pseudonym: str, source_digest: str) -> Dataset:
    """Stands in for the CT's header: a study of its own that names nobody but the pseudonym."""
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.PatientName = header.PatientID = pseudonym
    header.PatientBirthDate = header.PatientSex = ""
    header.StudyInstanceUID = _uid(source_digest, pseudonym, "study")
    header.SeriesInstanceUID = _uid(source_digest, pseudonym, "series")
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethod = "Computed from a CT; identity replaced by a pseudonym"
    return header


def overlay_plane(shape: tuple[int, int], marker: SideMarker) -> NDArray[np.bool_]:
    """Letters (rows, columns) to be drawn over the picture: sides, and that it is simulated."""
    plane = np.zeros(shape, dtype=bool)
    for text, row, column in (
        (SIMULATED, 0.0, 0.0),
        (marker.left_edge, 0.12, 0.02),
        (marker.right_edge or marker.detector_side, 0.12, 0.98),
    ):
        if text:
            mask = letters_mask(text, max(shape[0] // 256, 1) * (1 if len(text) > 1 else 2))
            rows, columns = label_places(shape, mask, row, column)
            under = plane[rows, columns]
            under |= mask[: under.shape[0], : under.shape[1]]
    return plane


def _put_pose(made: FileDataset, radiograph: Radiograph, words: ImageWords) -> None:
    pose = radiograph.pose
    made.ImageType = ["DERIVED", "SECONDARY", "SINGLE PLANE"]
    made.DerivationDescription = _DERIVATION
    made.ImageComments = words.says
    made.BodyPartExamined = "SSPINE"
    made.PatientPosition = words.lying.patient_position
    made.PatientOrientation = [direction_letters(pose.right), direction_letters(pose.down)]
    made.PositionerMotion = "STATIC"
    made.PositionerPrimaryAngle = DSfloat(words.angles.primary_deg, auto_format=True)
    made.PositionerSecondaryAngle = DSfloat(words.angles.secondary_deg, auto_format=True)
    made.DistanceSourceToDetector = DSfloat(words.source_detector_mm, auto_format=True)
    made.DistanceSourceToPatient = DSfloat(words.source_isocentre_mm, auto_format=True)
    magnification = words.source_detector_mm / words.source_isocentre_mm
    made.EstimatedRadiographicMagnificationFactor = DSfloat(magnification, auto_format=True)
    made.ImagerPixelSpacing = [DSfloat(pose.pixel_mm, auto_format=True)] * 2
    # No tube made this picture; of a simulated beam the voltage is known.
    made.RadiationSetting = "SC"
    made.KVP = None if words.tube_kv is None else DSfloat(words.tube_kv, auto_format=True)
    made.XRayTubeCurrent = made.ExposureTime = made.Exposure = None


def _put_pixels(
    made: FileDataset, stored: NDArray[np.uint16], window: Window, least: float
) -> None:
    made.Rows, made.Columns = stored.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 0
    made.PixelIntensityRelationship = "LOG"
    made.RescaleIntercept, made.RescaleSlope = f"{least:g}", DSfloat(LINE_INTEGRAL_STEP)
    made.RescaleType = "US"
    made.WindowCenter = DSfloat((window.low + window.high) / 2.0, auto_format=True)
    made.WindowWidth = DSfloat(window.high - window.low, auto_format=True)
    # The usual LINEAR takes half a step and a whole step off, as if values were integers.
    made.VOILUTFunction = "LINEAR_EXACT"
    made.LossyImageCompression, made.BurnedInAnnotation = "00", "NO"
    made.PixelData = stored.astype("<u2").tobytes()


def _put_overlay(made: FileDataset, plane: NDArray[np.bool_], marker: SideMarker) -> None:
    rows, columns = plane.shape
    packed = np.packbits(plane.ravel(), bitorder="little").tobytes()
    made.add_new((0x6000, 0x0010), "US", rows)
    made.add_new((0x6000, 0x0011), "US", columns)
    made.add_new((0x6000, 0x0022), "LO", f"{SIMULATED}; {marker.says}")
    made.add_new((0x6000, 0x0040), "CS", "G")
    made.add_new((0x6000, 0x0050), "SS", [1, 1])
    made.add_new((0x6000, 0x0100), "US", 1)
    made.add_new((0x6000, 0x0102), "US", 0)
    made.add_new((0x6000, 0x3000), "OW", packed + b"\0" * (len(packed) % 2))


def _uid(*content: str) -> UID:
    return UID(f"2.25.{int(digest(*content)[:32], 16)}")
