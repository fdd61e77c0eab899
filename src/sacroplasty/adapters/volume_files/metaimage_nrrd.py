"""NRRD and MetaImage through SimpleITK, which gives LPS; a header without orientation is refused."""

from pathlib import Path

import numpy as np
import SimpleITK
from numpy.typing import NDArray

from sacroplasty.adapters.volume_files.raw_volume import RawVolume, refuse_too_many_voxels
from sacroplasty.errors import BrokenGeometry, UnreadableInput

_NRRD_PATIENT_SPACES = {
    "left-posterior-superior", "lps",
    "right-anterior-superior", "ras",
    "left-anterior-superior", "las",
}  # fmt: skip


def read_metaimage_or_nrrd(path: Path, most_voxels: int) -> RawVolume:
    """The array and its matrix in LPS mm."""
    if path.suffix.lower() in (".nrrd", ".nhdr"):
        _require_patient_space(path)
    else:
        _require_stated_axes(path)
    reader = _opened(path, most_voxels)
    if reader.GetNumberOfComponents() != 1:
        raise UnreadableInput(
            f"it holds {reader.GetNumberOfComponents()} numbers per voxel and one is needed; "
            "export a scalar volume or a label map."
        )
    image = _voxels(reader)
    return RawVolume(SimpleITK.GetArrayFromImage(image), _lps_from_ijk(image))


def read_nrrd_layers(path: Path, most_voxels: int) -> RawVolume:
    """Like `read_metaimage_or_nrrd` for a NRRD with a list axis: array (k, j, i, layer)."""
    _require_patient_space(path)
    image = _voxels(_opened(path, most_voxels))
    values = SimpleITK.GetArrayFromImage(image)
    layers = image.GetNumberOfComponentsPerPixel()
    return RawVolume(values.reshape(*values.shape[:3], layers), _lps_from_ijk(image))


def _opened(path: Path, most_voxels: int) -> SimpleITK.ImageFileReader:
    """A reader that has read the header."""
    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as problem:
        raise UnreadableInput(f"its header cannot be read ({_cause(problem)}).") from None
    refuse_too_many_voxels((*reader.GetSize(), reader.GetNumberOfComponents()), most_voxels)
    return reader


def _voxels(reader: SimpleITK.ImageFileReader) -> SimpleITK.Image:
    try:
        return reader.Execute()
    except RuntimeError as problem:
        raise UnreadableInput(
            f"its voxels end too early or are damaged ({_cause(problem)}); copy it again."
        ) from None


def _lps_from_ijk(image: SimpleITK.Image) -> NDArray[np.float64]:
    """The spatial 4×4 matrix; further axes (time, phase) are judged by the caller."""
    axes = image.GetDimension()
    if axes < 3:
        raise UnreadableInput(f"it is a picture of {axes} axes, not a volume.")
    direction = np.asarray(image.GetDirection()).reshape(axes, axes)[:3, :3]
    matrix = np.eye(4)
    matrix[:3, :3] = direction * np.asarray(image.GetSpacing()[:3])
    matrix[:3, 3] = image.GetOrigin()[:3]
    return matrix


def _require_patient_space(path: Path) -> None:
    """A NRRD says its space in the header, or its axes mean nothing in a patient."""
    with path.open("rb") as file:
        head = file.read(65536)
    if not head.startswith(b"NRRD"):
        raise UnreadableInput("it is not a NRRD file; its first bytes are not 'NRRD'.")
    text = head.split(b"\n\n")[0].split(b"\r\n\r\n")[0].decode("latin-1")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    space = fields.get("space", "").strip().lower()
    if space.removesuffix("-time") not in _NRRD_PATIENT_SPACES:
        raise BrokenGeometry(
            f"its header names no patient space (space: {space or 'absent'}), so left and right "
            "are unknown; export it again with its orientation."
        )


def _require_stated_axes(path: Path) -> None:
    """A MetaImage states its axes and spacing, or its reader would invent them."""
    with path.open("rb") as file:
        head = file.read(65536).split(b"ElementDataFile")[0].decode("latin-1")
    stated = {line.split("=", 1)[0].strip() for line in head.splitlines() if "=" in line}
    if "NDims" not in stated:
        raise UnreadableInput("it is not a MetaImage file; its header names no NDims.")
    if not stated & {"TransformMatrix", "Orientation", "Rotation"}:
        raise BrokenGeometry(
            "its header states no TransformMatrix, so left and right are unknown; export it again "
            "with its orientation."
        )
    if not stated & {"ElementSpacing", "ElementSize"}:
        raise BrokenGeometry("its header states no ElementSpacing; export it again.")


def _cause(problem: RuntimeError) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return (lines or ["unknown cause"])[-1].rsplit(":", 1)[-1].strip()[:160] or "unknown cause"
