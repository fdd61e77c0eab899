"""Bone density, findings and the scanner, seen in the CT."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadInput
from sacroplasty.geometry import Frame, Grid, Volume
from sacroplasty.phantom import (
    FracturePattern,
    Incidental,
    PatientRequest,
    ReconstructionKernel,
    SacralVariant,
    ScannerSettings,
    Sex,
    VirtualPatient,
    draw_request,
    draw_t_score,
    make_virtual_patient,
    render_labels,
)
from sacroplasty.phantom.image_chain import blurred, noise_field

SMALL = ScannerSettings(in_plane_mm=2.0, slice_mm=2.0, noise_hu=0.0, field_mm=(200.0, 200.0, 140.0))
SEED = 3


def scanned(scanner: ScannerSettings = SMALL, **asked: object) -> VirtualPatient:
    request = PatientRequest(fracture=FracturePattern.NONE, scanner=scanner)
    return make_virtual_patient(dataclasses.replace(request, **asked), SEED)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plain() -> VirtualPatient:
    return scanned()


def test_a_lower_t_score_empties_the_bone() -> None:
    means = []
    for t_score in (-1.0, -4.0):
        made = scanned(t_score=t_score)
        bone = ndimage.binary_erosion(made.labels_on_ct.values == Structure.SACRUM, iterations=2)
        means.append(made.ct.hu[bone].mean())
    assert means[0] > means[1] + 60.0


def test_contrast_brightens_vessels_and_leaves_bone(plain: VirtualPatient) -> None:
    change = scanned(incidentals=frozenset({Incidental.IV_CONTRAST})).ct.hu - plain.ct.hu
    assert (change > 90).sum() > 500
    bone = ndimage.binary_erosion(plain.labels_on_ct.values == Structure.SACRUM, iterations=2)
    assert np.abs(change[bone]).max() == 0


def test_a_screw_is_metal_through_both_joints_and_makes_streaks(plain: VirtualPatient) -> None:
    made = scanned(incidentals=frozenset({Incidental.TRANSSACRAL_SCREW}))
    metal = made.ct.hu > 2500
    x = made.ct.grid.points_at(np.argwhere(metal)).xyz[:, 0]
    assert np.ptp(x) > 130.0
    near = ndimage.binary_dilation(metal, iterations=12) & ~ndimage.binary_dilation(
        metal, iterations=3
    )
    off = made.ct.hu.astype(int) - plain.ct.hu
    assert off[near].std() > 15.0
    slices = metal.any(axis=(1, 2))
    assert np.abs(off[~ndimage.binary_dilation(slices, iterations=3)]).max() == 0
    assert (made.labels_on_ct.values == plain.labels_on_ct.values).all()


def test_arthritis_narrows_the_joints_and_hardens_the_bone_beside(plain: VirtualPatient) -> None:
    made = scanned(incidentals=frozenset({Incidental.ARTHRITIC_SI_JOINTS}))
    joints = (Structure.SI_JOINT_LEFT, Structure.SI_JOINT_RIGHT)
    before, after = (np.isin(p.labels_on_ct.values, joints).sum() for p in (plain, made))
    assert after < 0.85 * before
    beside = ndimage.binary_dilation(np.isin(plain.labels_on_ct.values, joints), iterations=3)
    assert made.ct.hu[beside].mean() > plain.ct.hu[beside].mean() + 25.0


def test_a_bone_kernel_overshoots_at_edges_and_its_noise_is_fine_grained() -> None:
    grid = Grid.axis_aligned((4, 64, 64), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), Frame("edge"))
    edge = np.zeros(grid.shape, np.float32)
    edge[:, :, 32:] = 1000.0
    overshoot, neighbours = [], []
    for kernel in ReconstructionKernel:
        settings = ScannerSettings(noise_hu=20.0, kernel=kernel)
        overshoot.append(blurred(edge.copy(), grid, settings).max() - 1000.0)
        noise = noise_field((8, 128, 128), settings, np.random.default_rng(1))
        assert noise.std() == pytest.approx(20.0, rel=0.01)
        neighbours.append((noise[:, :, 1:] * noise[:, :, :-1]).mean() / noise.var())
    assert overshoot[0] == pytest.approx(0.0, abs=1.0)
    assert overshoot[1] > 50.0
    assert neighbours[0] > 0.3 > neighbours[1]


def test_a_tilted_gantry_and_a_shifted_field_show_the_same_patient(plain: VirtualPatient) -> None:
    other = dataclasses.replace(SMALL, gantry_tilt_deg=15.0, field_shift_mm=(30.0, 0.0, 0.0))
    made = scanned(other)
    assert made.ct.grid.direction[2, 1] == pytest.approx(-np.sin(np.radians(15.0)))
    ours = plain.labels_on_ct
    theirs = Volume(made.labels_on_ct.values, Grid(
        made.ct.grid.shape, made.ct.grid.origin_mm, made.ct.grid.spacing_mm,
        made.ct.grid.direction, ours.frame,
    )).on(ours.grid, order=0)  # fmt: skip
    both = theirs.values > 0
    agree = (ours.values == theirs.values)[both]
    assert agree.mean() > 0.93
    x = made.ct.grid.corners.xyz[:, 0]
    assert 0.5 * (x.min() + x.max()) == pytest.approx(30.0)


def test_the_population_is_old_osteoporotic_and_repeatable() -> None:
    drawn = [draw_request(seed) for seed in range(300)]
    assert draw_request(5) == drawn[5]
    assert np.mean([r.sex is Sex.FEMALE for r in drawn]) == pytest.approx(0.92, abs=0.05)
    assert np.mean([r.t_score for r in drawn]) < -2.5
    assert {i for r in drawn for i in r.incidentals} == set(Incidental)
    assert {r.scanner.slice_mm for r in drawn} <= {1.0, 1.25, 1.5, 2.0, 2.5, 3.0}
    typical = np.mean([r.variant is SacralVariant.TYPICAL for r in drawn])
    assert typical == pytest.approx(1.0 - 0.30 - 0.04 - 0.08, abs=0.08)
    rng = np.random.default_rng(0)
    young, old = (
        [draw_t_score(Sex.FEMALE, age, False, rng) for _ in range(60)] for age in (50, 85)
    )
    assert np.mean(young) > np.mean(old) + 1.0


def test_a_rendered_label_map_has_cortex_marrow_and_no_steps() -> None:
    shape, spacing = (14, 60, 60), (1.0, 1.0, 3.0)
    grid = Grid.axis_aligned(shape, (0.0, 0.0, 0.0), spacing, Frame("label map"))
    k, j, i = np.indices(shape)
    slant = 12.0 + 2.0 * k  # a face that steps 2 mm from slice to slice
    bone = (np.abs(j - 30) < 14) & (i > slant) & (i < slant + 20)
    labels = Volume(np.where(bone, 3, 0).astype(np.uint8), grid)
    thin = ScannerSettings(in_plane_mm=1.0, slice_mm=1.0, noise_hu=0.0)
    ct = render_labels(labels, (3,), thin, 1)
    assert ct.grid.shape == (42, 60, 60)
    edge = [np.argmax(ct.hu[n, 30] > 250) for n in range(8, 34)]
    assert max(np.abs(np.diff(edge))) <= 1
    centre = ct.hu[20, 30, 32:40]
    assert ct.hu[20, 30].max() > 500 > centre.mean() > -50
    again = render_labels(labels, (3,), thin, 1)
    assert np.array_equal(ct.hu, again.hu)
    with pytest.raises(BadInput, match="none of the bones"):
        render_labels(labels, (9,), thin, 1)
