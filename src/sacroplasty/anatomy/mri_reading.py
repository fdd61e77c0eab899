"""An MRI laid on the CT's sacrum: where its marrow is bright."""

from dataclasses import dataclass

from scipy import ndimage

from sacroplasty.anatomy.oedema import Oedema, mark_oedema
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.anatomy.structures import Structure
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume, MRVolume, Registered, carried, register_rigid

_AROUND_MM = 15  # muscle and fat beside the bone hold the images together


@dataclass(frozen=True, eq=False, slots=True)
class MriReading:
    """How the MRI lies on the CT, and the marrow that is bright on it."""

    registered: Registered
    oedema: Oedema


def read_marrow(mri: MRVolume, ct: CTVolume, sacrum: SacrumModel) -> MriReading:
    """Register the MRI rigidly to the sacrum of the CT and mark bright marrow, as a suggestion.

    Raises `FrameMismatch` where the two cannot be laid over each other, `BadInput` where the MRI
    shows less than half of the marrow.
    """
    step_mm = sacrum.labels.grid.spacing_mm[0]
    bone = sacrum.mask(Structure.SACRUM)
    near = ndimage.distance_transform_edt(~bone) * step_mm <= _AROUND_MM
    around = Volume(near, sacrum.labels.grid)
    registered = register_rigid(mri.volume, ct.volume, around)
    registered.require_trusted()
    laid = carried(mri.volume, registered.fixed_from_moving, sacrum.labels.grid)
    return MriReading(registered, mark_oedema(laid, sacrum))
