"""Pictures of the plan as DICOM Secondary Capture in the CT's study, for viewers that know no lines.

Every picture carries a burned-in line that says what it is. A secondary capture has no place in
the patient; `PatientOrientation` says how it is turned.
"""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.uid import SecondaryCaptureImageStorage
from pydicom.valuerep import DSfloat

from sacroplasty.adapters.label_export.ct_slices import ct_slices
from sacroplasty.adapters.label_export.derived_object import (
    SeriesWords,
    derived_object,
    dicom_bytes,
)
from sacroplasty.adapters.plan_export.plan_codes import planned_content
from sacroplasty.adapters.plan_export.plan_pictures import (
    PlanPicture,
    along_picture,
    axial_picture,
    draw_picture,
)
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.adapters.whole_file import write_for_a_person
from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.geometry import require_same_frame
from sacroplasty.imaging import CTVolume, ViewPlane
from sacroplasty.planning import TrajectoryPlan

BURNED_IN = "planned path, research software, not for clinical use"
_SERIES = SeriesWords("OT", 96, "Pictures of planned needles (research software)", in_frame=False)
# Screen pixels per picture pixel, so that letters can be read.
_ENLARGED = 4
_DOTS_PER_INCH = 150
# LPS letters of DICOM's PatientOrientation; a second letter from 22.5° on, a third likewise.
_TOWARDS = (("L", "R"), ("P", "A"), ("H", "F"))
_COUNTS = 0.383


def write_secondary_captures(
    plan: TrajectoryPlan, sacrum: SacrumModel, ct: CTVolume, source: Path, folder: Path
) -> tuple[Path, ...]:
    """Two pictures per needle into `folder`: axial at the target, and along the needle.

    They carry the study's patient identity. Raises `BadInput` (no needle, not DICOM),
    `FrameMismatch`, `CaseConflict` where a file cannot be written.
    """
    if not plan.needles:
        raise BadInput("The plan holds no needle, so there is no picture to write.")
    require_same_frame(ct, plan.needles[0].needle)
    header = ct_slices(source, ct.acquisition.series_uid, plan.needles[0].needle.frame)[0].header
    scene = Scene.of_needles(ct, sacrum, plan.needles)
    pictures = [
        make(scene, planned) for planned in plan.needles for make in (axial_picture, along_picture)
    ]
    written = []
    for number, picture in enumerate(pictures, start=1):
        content = ("capture", planned_content(plan))
        made = derived_object(
            header, SecondaryCaptureImageStorage, _SERIES, content, instance=number
        )
        _put(made, burned_in(scene, picture), picture)
        path = folder / f"plan-{number:02d}.dcm"
        write_for_a_person(path, dicom_bytes(made))
        written.append(path)
    return tuple(written)


def burned_in(scene: Scene, picture: PlanPicture) -> NDArray[np.uint8]:
    """The picture with all that is drawn over it, (rows, columns, 3) RGB."""
    rows, columns = (n * _ENLARGED for n in picture.plane.shape)
    figure = Figure(figsize=(columns / _DOTS_PER_INCH, rows / _DOTS_PER_INCH), dpi=_DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    draw_picture(figure.add_axes((0.0, 0.0, 1.0, 1.0)), scene, picture)
    box = {"facecolor": "black", "edgecolor": "none", "pad": 1.5}
    figure.text(
        0.5, 0.075, BURNED_IN, color="#ffd75e", fontsize=7, ha="center", va="bottom", bbox=box
    )
    figure.text(0.02, 0.985, picture.title, color="white", fontsize=7, va="top", bbox=box)
    canvas.draw()  # type: ignore[no-untyped-call]
    drawn = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return np.asarray(drawn)[:, :, :3].copy()


def patient_orientation(plane: ViewPlane) -> list[str]:
    """Where the picture's columns and rows run to in the patient, as DICOM writes it."""
    return [_letters(plane.right), _letters(plane.down)]


def _letters(direction: NDArray[np.float64]) -> str:
    by_share: list[int] = np.argsort(-np.abs(direction), kind="stable").tolist()
    said = [a for n, a in enumerate(by_share) if n == 0 or abs(direction[a]) > _COUNTS]
    return "".join(_TOWARDS[a][0 if direction[a] > 0 else 1] for a in said)


def _put(made: FileDataset, pixels: NDArray[np.uint8], picture: PlanPicture) -> None:
    made.ConversionType = "WSD"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.DerivationDescription = f"{picture.title}; {BURNED_IN}"
    made.BurnedInAnnotation = "YES"
    made.PatientOrientation = patient_orientation(picture.plane)
    made.Laterality = ""
    made.Rows, made.Columns = pixels.shape[:2]
    made.PixelSpacing = [DSfloat(picture.plane.pixel_mm / _ENLARGED, auto_format=True)] * 2
    made.SamplesPerPixel, made.PhotometricInterpretation = 3, "RGB"
    made.PlanarConfiguration = 0
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = pixels.tobytes()
