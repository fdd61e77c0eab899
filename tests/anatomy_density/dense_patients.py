"""A box patient in soft tissue, with a density phantom under the back, known in closed form."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from box_patient import FRAME, toy_ct, toy_sacrum
from sacroplasty.anatomy import SacrumModel
from sacroplasty.geometry import Grid, Points, Volume
from sacroplasty.imaging import Acquisition, CTVolume

FAT_HU, MUSCLE_HU, AIR_HU = -103, 48, -1000
ROD_X = (-36.0, -12.0, 12.0, 36.0)
ROD_Y = 112.0
ROD_DENSITY = (50.0, 100.0, 150.0, 200.0)


def lying_patient(slope: float = 0.8, offset: float = -4.0, noise_hu: float = 0.0) -> CTVolume:
    """The box sacrum in muscle, fat and air on rods that obey density = slope · HU + offset."""
    sacrum = toy_sacrum()
    grid = Grid.axis_aligned((111, 220, 260), (-130.0, -90.0, -70.0), (1.0,) * 3, FRAME)
    x, y = (np.arange(260) - 130.0)[None, :], (np.arange(220) - 90.0)[:, None]
    plane = np.full((220, 260), AIR_HU)
    plane[(x / 110) ** 2 + (y / 80) ** 2 <= 1] = FAT_HU
    plane[(x / 90) ** 2 + (y / 65) ** 2 <= 1] = MUSCLE_HU
    plane[(np.abs(x) < 60) & (y > 95) & (y < 128)] = 10
    for at, density in zip(ROD_X, ROD_DENSITY, strict=True):
        plane[np.hypot(x - at, y - ROD_Y) <= 7] = round((density - offset) / slope)
    hu = np.repeat(plane[None], 111, axis=0).astype(np.float64)
    inside = toy_ct(sacrum).volume.on(grid, order=0, outside=0).values
    bone = sacrum.labels.on(grid, order=0).values
    here = (bone > 0) & (bone != 9)
    hu[here] = inside[here]
    if noise_hu:
        hu += np.random.default_rng(5).normal(0.0, noise_hu, hu.shape)
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("0", "made up"))


def rod_points() -> list[Points]:
    return [Points.at([x, ROD_Y, -15.0], FRAME) for x in ROD_X]


def shelled(sacrum: SacrumModel, thick_mm: float, marrow: float, shell: float) -> CTVolume:
    """HU of the sacrum as marrow in a shell of constant thickness; soft tissue 20 HU."""
    grid = sacrum.labels.grid
    bone = sacrum.labels.values == 1
    depth = ndimage.distance_transform_edt(bone)
    hu = np.full(bone.shape, 20.0)
    hu[bone] = np.where(depth[bone] <= thick_mm, shell, marrow)
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("0", "made up"))


def mirrored(sacrum: SacrumModel, ct: CTVolume) -> tuple[SacrumModel, CTVolume]:
    """Both flipped about x = 0 (the box patient's labels are symmetric, its grid too)."""
    swap: NDArray[np.uint8] = np.arange(256, dtype=np.uint8)
    for a, b in ((2, 3), (6, 7), (11, 21), (12, 22), (13, 23), (14, 24)):
        swap[a], swap[b] = b, a
    labels = Volume(swap[sacrum.labels.values[:, :, ::-1]], sacrum.labels.grid)
    zones = Volume(sacrum.zones.values[:, :, ::-1], sacrum.zones.grid)
    return replace(sacrum, labels=labels, zones=zones), replace(ct, hu=ct.hu[:, :, ::-1].copy())
