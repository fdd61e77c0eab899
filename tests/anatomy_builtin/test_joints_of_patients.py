"""The SI joint that the engine labels on a virtual patient, against the true one."""

import numpy as np
import pytest

from sacroplasty.anatomy import (
    BuiltinSegmenter,
    Structure,
    build_sacrum,
    ilium_structure,
    si_joint_structure,
)
from sacroplasty.anatomy.structures import Side
from sacroplasty.phantom import (
    Incidental,
    PatientRequest,
    ScannerSettings,
    make_virtual_patient,
)

_ARTHRITIC = frozenset({Incidental.ARTHRITIC_SI_JOINTS})


def _median_thickness(mask: np.ndarray) -> float:
    """Voxels of 1 mm along x, over the columns that meet the joint."""
    count = mask.sum(axis=2)
    return float(np.median(count[count > 0]))


@pytest.mark.slow
def test_narrowed_joints_in_3_mm_slices_part_the_bones_and_are_not_painted_thick() -> None:
    request = PatientRequest(scanner=ScannerSettings(slice_mm=3.0), incidentals=_ARTHRITIC)
    patient = make_virtual_patient(request, 31)
    found = build_sacrum(patient.ct, BuiltinSegmenter())
    truth = patient.truth.labels
    labels = found.labels.on(truth.grid, order=0).values
    for side in Side:
        joint = si_joint_structure(side)
        true_mm = _median_thickness(truth.values == joint)
        assert 0 < _median_thickness(labels == joint) <= true_mm + 1.0  # one voxel of the model
        for bone, other in (
            (Structure.SACRUM, ilium_structure(side)),
            (ilium_structure(side), Structure.SACRUM),
        ):
            assert ((truth.values == bone) & (labels == other)).sum() < 300
