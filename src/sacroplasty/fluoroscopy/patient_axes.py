"""What the angles of a C-arm are counted against: the table, the levelled patient, or the sacrum.

Each is a transform to the scanner whose +x runs to the patient's left, +y dorsally, +z to the head,
with its origin at the isocentre. The three differ in a patient who lies turned, and in the tilt of
the sacrum:

* **table**: the scanner's own axes; what the machine's display counts from;
* **levelled**: +z is the table's long axis, +x the sacral left–right axis levelled to it. A patient
  who lies rotated is still seen straight. Named views hang on it;
* **sacral**: the sacral frame; in it "outlet" has no tilt and "inlet" −90°.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.anatomy import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Points, Rigid, require_same_frame
from sacroplasty.reference import constant


def isocentre(sacrum: SacrumModel) -> Points:
    """The point in the scanner frame that the C-arm turns about: midline at S1–S2."""
    below = constant("carm_isocentre_below_endplate").value
    to_scanner = sacrum.scanner_from_sacrum
    centre = to_scanner(Points.at([0.0, 0.0, -below], to_scanner.source))
    if not sacrum.labels.grid.contains(centre).all():
        raise BadInput(
            "The isocentre (midline at S1–S2) lies outside the volume that the sacrum was found "
            "in; check the sacral frame."
        )
    return centre


def scanner_from_table(sacrum: SacrumModel, at: Points | None = None) -> Rigid:
    """The table's axes at the isocentre, or `at` another single point."""
    return _axes(sacrum, at, "table", np.eye(3))


def scanner_from_levelled(sacrum: SacrumModel, at: Points | None = None) -> Rigid:
    """The patient's own left–right axis levelled to the table, at the isocentre or `at`."""
    table = np.array([0.0, 0.0, 1.0])
    left = sacrum.scanner_from_sacrum.turn(np.array([1.0, 0.0, 0.0]))
    left = left - (left @ table) * table
    length = float(np.linalg.norm(left))
    if length < 0.5:
        raise BadInput(
            "The sacrum's left–right axis stands on end to the table, so there is no AP; check the "
            "sacral frame."
        )
    left = left / length
    return _axes(sacrum, at, "levelled", np.stack([left, np.cross(table, left), table], axis=1))


def scanner_from_sacral_axes(sacrum: SacrumModel, at: Points | None = None) -> Rigid:
    """The axes of the sacral frame, at the isocentre or `at`."""
    return _axes(sacrum, at, "sacral axes", sacrum.scanner_from_sacrum.rotation)


def _axes(
    sacrum: SacrumModel, at: Points | None, name: str, rotation: NDArray[np.float64]
) -> Rigid:
    origin = isocentre(sacrum) if at is None else at
    require_same_frame(sacrum, origin)
    return Rigid(rotation, origin.single, to=sacrum.frame, source=sacrum.frame.attached(name))
