"""The patient lies otherwise in a second scan: a turn about the S1 endplate, then a shift."""

import numpy as np

from sacroplasty.geometry import Frame, Rigid
from sacroplasty.phantom.request import VirtualPatient


def moved_patient(
    patient: VirtualPatient,
    frame: Frame,
    turn_deg: tuple[float, float, float],
    shift_mm: tuple[float, float, float],
) -> Rigid:
    """From the patient's own scanner frame to `frame`: Rodrigues' rotation about the endplate."""
    vector = np.radians(turn_deg)
    angle = float(np.linalg.norm(vector))
    rotation = np.eye(3)
    if angle > 0.0:
        x, y, z = vector / angle
        cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    about = patient.truth.scanner_from_sacrum.translation
    return Rigid(rotation, about - rotation @ about + shift_mm, to=frame, source=patient.ct.frame)
