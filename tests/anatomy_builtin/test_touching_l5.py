"""Where the sacrum ends above: at a dark disc, and at the seam where L5 touches it without one."""

import numpy as np
import pytest
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.anatomy.builtin.disc import DiscPlane, find_disc
from sacroplasty.anatomy.builtin.disc_surface import below_disc
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import PelvisPose
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.phantom import ScannerSettings, draw_request, make_virtual_patient, render_labels

_STEP_MM, _CORTEX_MM = 1.25, 2.0
_MIDDLE = DiscPlane(-10.0, 16.0, 0.0, 1.0)  # of the endplate, as in an ordinary pelvis


def _axes() -> PelvisAxes:
    centres = [np.arange(-70.0, high, _STEP_MM) for high in (70.1, 90.0, 80.0)]
    x, y, z = centres
    grid = Grid.axis_aligned((len(z), len(y), len(x)), (-70.0,) * 3, (_STEP_MM,) * 3, Frame("1.2"))
    return PelvisAxes(grid, x, y, z)


def _bodies(axes: PelvisAxes, tilt_deg: float, disc_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Sacrum with alae, and L5 on it; the endplate of S1 lies on the plane."""
    turn = np.deg2rad(tilt_deg)
    y, z = axes.y_mm[None, :, None] - _MIDDLE.y_mm, axes.z_mm[:, None, None] - _MIDDLE.z_mm
    x = np.abs(axes.x_mm)[None, None, :]
    along, up = np.cos(turn) * y + np.sin(turn) * z, np.cos(turn) * z - np.sin(turn) * y
    body = (x < 25) & (np.abs(along) < 17) & (up > -50) & (up < 0)
    ala = (x < 55) & (along > -12) & (along < 16) & (up > -40) & (up < -9)
    l5 = (x < 24) & (np.abs(along) < 17) & (up > disc_mm) & (up < disc_mm + 27)
    return body | ala, l5


def _scanned(bones: tuple[np.ndarray, ...], axes: PelvisAxes) -> Volume[np.float32]:
    """Every bone with its own cortex, in muscle; with a scanner's blur and noise."""
    hu = np.full(axes.grid.shape, 50.0)
    for bone in bones:
        inside = ndimage.distance_transform_edt(bone) * _STEP_MM
        hu[bone] = np.where(inside[bone] > _CORTEX_MM, 120.0, 700.0)
    noise = np.random.default_rng(5).normal(0.0, 15.0, hu.shape)
    return Volume((ndimage.gaussian_filter(hu, 0.7) + noise).astype(np.float32), axes.grid)


def _height_mm(plane: DiscPlane, tilt_deg: float) -> float:
    """The plane's middle above the true endplate."""
    turn = np.deg2rad(tilt_deg)
    dy, dz = plane.y_mm - _MIDDLE.y_mm, plane.z_mm - _MIDDLE.z_mm
    return float(np.cos(turn) * dz - np.sin(turn) * dy)


@pytest.mark.parametrize("tilt_deg", [40.0, 80.0])
def test_the_endplate_is_found_where_l5_touches_the_sacrum(tilt_deg: float) -> None:
    axes = _axes()
    found = find_disc(_scanned(_bodies(axes, tilt_deg, 0.0), axes), axes)
    assert abs(_height_mm(found, tilt_deg)) <= 3.0
    assert abs(found.tilt_deg - tilt_deg) <= 10.0


@pytest.mark.parametrize("disc_mm", [8.0])
def test_a_dark_disc_is_found_between_the_plates_and_not_at_one_of_them(disc_mm: float) -> None:
    axes = _axes()
    found = find_disc(_scanned(_bodies(axes, 40.0, disc_mm), axes), axes)
    assert 0.0 < _height_mm(found, 40.0) < disc_mm
    assert abs(found.tilt_deg - 40.0) <= 10.0


def test_touching_bones_of_a_sacrum_that_lies_flat_are_parted_at_their_seam() -> None:
    axes = _axes()
    sacrum, l5 = _bodies(axes, 80.0, 0.0)
    ct = _scanned((sacrum, l5), axes)
    below = below_disc(ct, sacrum | l5, axes, find_disc(ct, axes))
    assert below[sacrum].mean() > 0.96
    assert below[l5].mean() < 0.08


@pytest.mark.slow
def test_a_virtual_patient_without_disc_space_keeps_its_endplate() -> None:
    """L5 is drawn down onto S1, as by a bridged or worn-out disc, and the labels are scanned anew."""
    truth = make_virtual_patient(draw_request(3), 3).truth
    values = truth.labels.values.copy()
    upper = np.pad(np.isin(values, (Structure.DISC_L5S1, Structure.L5)), 4)
    upper = ndimage.binary_closing(upper, iterations=4)[4:-4, 4:-4, 4:-4]  # no slits between them
    values[upper & (values != Structure.SACRUM)] = Structure.L5
    bones = (Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5)
    ct = render_labels(
        Volume(values, truth.labels.grid), tuple(map(int, bones)), ScannerSettings(), 0
    )
    endplate = truth.scanner_from_sacrum.translation
    pose = PelvisPose(np.eye(3), endplate - (0.0, -12.0, 21.0), 1.0, 1.0, "as the header says")
    axes = PelvisAxes.around(pose, ct.frame)
    hu = ct.volume.on(axes.grid, order=1, outside=-1024).values.astype(np.float32)
    found = find_disc(Volume(hu, axes.grid), axes)
    up = truth.scanner_from_sacrum.rotation[:, 2]
    middle = pose.origin_mm + np.array([0.0, found.y_mm, found.z_mm])
    assert abs(float((middle - endplate) @ up)) <= 3.0
    assert abs(found.tilt_deg - np.degrees(np.arctan2(-up[1], up[2]))) <= 15.0
