"""A virtual MRI: a STIR-like image of a virtual patient who lies elsewhere than in the CT.

What it is good for: testing a registration and an oedema marker against a known answer. Signal is
set by tissue, not by relaxation times: fat suppressed and dark, cortex and air black, muscle grey,
fluid white, and oedema bright round a fracture. A smooth coil bias, thick oblique-coronal slices
(along the sacrum) and Rician noise are laid over it. No real pelvic MRI was at hand to compare with.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Frame, Grid, Rigid, Volume
from sacroplasty.imaging import AIR_HU
from sacroplasty.phantom.moved_patient import moved_patient
from sacroplasty.phantom.request import VirtualPatient
from sacroplasty.phantom.virtual_patient import virtual_uid

# Signal of a STIR image, fluid 1; relative brightness as a radiologist would order it.
_FAT, _MUSCLE, _FLUID, _MARROW, _OEDEMA, _DISC = 0.07, 0.40, 1.0, 0.14, 0.75, 0.35
_SPACING_MM = (0.9, 0.9, 4.0)  # in the slice, in the slice, between slices
_FIELD_MM = (260.0, 240.0, 112.0)
_CENTRE_BELOW_ENDPLATE_MM = 45.0
_PARTS_OF_A_SLICE = 4
_OEDEMA_REACH_MM = 9.0
_NOISE = 0.02
_BIAS = 0.25  # signal varies by this share across the field
_SCALE = 1000.0
_QUIET_MM = 1.0  # the CT's noise must not be in the MRI: it would make registration too easy


@dataclass(frozen=True, eq=False, slots=True)
class VirtualMRI:
    """The image (k, j, i) int16 on its own oblique grid in its own frame, and its truth.

    mri_from_ct: where a point of the CT lies in the MRI. oedema: bright marrow, on the grid of the
    patient's true sacrum.
    """

    volume: Volume[np.int16]
    mri_from_ct: Rigid
    oedema: Volume[np.bool_]


def make_virtual_mri(
    patient: VirtualPatient,
    seed: int,
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> VirtualMRI:
    """The MRI of a virtual patient who lies turned and shifted against the CT.

    turn_deg: rotation vector about the centre of the S1 endplate, shift_mm: then a shift, both
    along the CT's axes. The same patient, seed and position give the same bytes. Raises `BadUsage`
    for a negative seed.
    """
    if seed < 0:
        raise BadUsage(f"Seed {seed} of a virtual MRI is negative: choose 0 or more.")
    rng = np.random.default_rng([seed, patient.seed])
    frame = Frame(virtual_uid(patient.request, patient.seed, f"mri {seed} {turn_deg} {shift_mm}"))
    mri_from_ct = moved_patient(patient, frame, turn_deg, shift_mm)
    oedema = _oedema(patient)
    signal = _signal(patient, oedema)
    grid = _slices(patient, mri_from_ct)
    image = _sampled(signal, mri_from_ct.inverse, grid) * _coil(grid, rng)
    real, imaginary = rng.normal(0.0, _NOISE, (2, *grid.shape))
    noisy = np.hypot(image + real, imaginary)
    values = np.clip(np.rint(noisy * _SCALE), 0, 32767).astype(np.int16)
    return VirtualMRI(Volume(values, grid), mri_from_ct, oedema)


def _oedema(patient: VirtualPatient) -> Volume[np.bool_]:
    """Marrow within some 9 mm of a cleft."""
    clefts = patient.fracture.clefts
    near = np.zeros(clefts.values.shape, dtype=bool)
    if clefts.values.any():
        far = ndimage.distance_transform_edt(
            clefts.values == 0, sampling=clefts.grid.spacing_kji_mm
        )
        near = (far <= _OEDEMA_REACH_MM) & patient.truth.mask(Structure.SACRUM)
    return Volume(near, clefts.grid)


def _signal(patient: VirtualPatient, oedema: Volume[np.bool_]) -> Volume[np.float32]:
    """Signal of every voxel of the CT, from its true label and, in soft tissue, fat or water."""
    labels, grid = patient.labels_on_ct.values, patient.ct.grid
    sigmas = [_QUIET_MM / step for step in grid.spacing_kji_mm]
    hu = ndimage.gaussian_filter(patient.ct.hu.astype(np.float32), sigmas)
    water = np.clip((hu + 75.0) / 90.0, 0.0, 1.0)  # fat about −100, muscle about 50 HU
    signal = _FAT + (_MUSCLE - _FAT) * water
    signal[hu < 0.5 * AIR_HU] = 0.0
    bones = [Structure.SACRUM, Structure.ILIUM_LEFT, Structure.ILIUM_RIGHT, Structure.L5]
    bone = np.isin(labels, [int(s) for s in bones])
    signal[bone] = _MARROW
    signal[labels == Structure.CANAL] = _FLUID
    signal[labels == Structure.DISC_L5S1] = _DISC
    soaked = oedema.on(grid, order=0).values & bone
    signal[soaked] = _OEDEMA
    # Cortex (and any other dense bone) is black in every sequence.
    signal *= 1.0 - np.clip((hu - 250.0) / 200.0, 0.0, 1.0) * ~soaked
    return Volume(signal.astype(np.float32), grid)


def _slices(patient: VirtualPatient, mri_from_ct: Rigid) -> Grid:
    """Oblique-coronal: i to the left, j down the sacrum, k dorsal, centred on the sacrum."""
    mri_from_sacrum = mri_from_ct @ patient.truth.scanner_from_sacrum
    axes = mri_from_sacrum.rotation @ np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
    counts = [round(f / s) for f, s in zip(_FIELD_MM, _SPACING_MM, strict=True)]
    half = np.array([0.5 * (n - 1) * s for n, s in zip(counts, _SPACING_MM, strict=True)])
    centre = mri_from_sacrum.translation + _CENTRE_BELOW_ENDPLATE_MM * axes[:, 1]
    origin = centre - axes @ half
    ni, nj, nk = counts
    return Grid((nk, nj, ni), tuple(origin.tolist()), _SPACING_MM, axes, mri_from_ct.to)


def _sampled(signal: Volume[np.float32], ct_from_mri: Rigid, grid: Grid) -> NDArray[np.float64]:
    """Mean over the thickness of each slice."""
    total = np.zeros(grid.shape)
    for part in range(_PARTS_OF_A_SLICE):
        along = ((part + 0.5) / _PARTS_OF_A_SLICE - 0.5) * grid.spacing_mm[2]
        origin = np.asarray(grid.origin_mm) + along * grid.direction[:, 2]
        here = Grid(
            grid.shape,
            tuple((ct_from_mri.rotation @ origin + ct_from_mri.translation).tolist()),
            grid.spacing_mm,
            ct_from_mri.rotation @ grid.direction,
            signal.frame,
        )
        total += signal.on(here, order=1).values
    return total / _PARTS_OF_A_SLICE


def _coil(grid: Grid, rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth sensitivity: a plane and a bowl in normalised coordinates, about 1 in the middle."""
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in grid.shape), indexing="ij")
    slopes = rng.uniform(-1.0, 1.0, 3)
    tilt = sum(slope * axis for slope, axis in zip(slopes, axes, strict=True))
    bowl = sum(axis**2 for axis in axes)
    return np.asarray(1.0 + _BIAS * (tilt / 2.0 - bowl / 3.0))
