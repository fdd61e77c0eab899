"""CT in: the volume that everything downstream trusts."""

from sacroplasty.imaging.ct_volume import AIR_HU, Acquisition, CTVolume
from sacroplasty.imaging.reslice import (
    EdgeLetters,
    ViewPlane,
    axial_plane,
    coronal_plane,
    direction_letters,
    edge_letters,
    reslice,
    sagittal_plane,
)

__all__ = [
    "AIR_HU",
    "Acquisition",
    "CTVolume",
    "EdgeLetters",
    "ViewPlane",
    "axial_plane",
    "coronal_plane",
    "direction_letters",
    "edge_letters",
    "reslice",
    "sagittal_plane",
]
