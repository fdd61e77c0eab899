"""Which part of a CT number is bone.

A scan knows one number a voxel, HU = 1000·(μ/μ_w − 1) at its own energy; a beam of many energies
must know of what material it comes. Between the ceiling of soft tissue h₀ and solid cortical bone
h_b a voxel is a mixture by volume of soft tissue (at h₀) and cortical bone:

    f = (HU − h₀)/(h_b − h₀),      μ(E) = (1 − f)·(1 + h₀/1000)·μ_w(E) + f·μ_b(E),

below h₀ it is water of density 1 + HU/1000, above h_b bone of higher density. h_b is the CT
number of ICRU-44 bone at the scan's energy, so μ at that energy is μ_w(1 + HU/1000) throughout:
continuous in HU, and the same as the mono-energetic picture. Trabecular bone is such a mixture.
Contrast medium and metal in the scan count as bone.
"""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.fluoroscopy.materials import cortical_bone, scan_energy_kev, water
from sacroplasty.reference import constant


def bone_to_water() -> float:
    """μ_b/μ_w at the scan's energy."""
    energy = scan_energy_kev()
    return float(cortical_bone().attenuation_per_mm(energy) / water().attenuation_per_mm(energy))


def bone_hu() -> float:
    """CT number of solid cortical bone, h_b."""
    return 1000.0 * (bone_to_water() - 1.0)


def bone_share(hu: NDArray[np.generic]) -> NDArray[np.float64]:
    """f: mm of cortical bone in each mm of a voxel, any shape; above one for denser bone."""
    numbers = np.asarray(hu, dtype=np.float64)
    soft, solid = constant("bone_split_soft_tissue").value, bone_hu()
    mixed = (numbers - soft) / (solid - soft)
    dense = (1.0 + numbers / 1000.0) / bone_to_water()
    return np.asarray(np.where(numbers > solid, dense, np.maximum(mixed, 0.0)))


def water_share(hu: NDArray[np.generic]) -> NDArray[np.float64]:
    """mm of water in each mm of a voxel: what is left of 1 + HU/1000 beside the bone."""
    numbers = np.asarray(hu, dtype=np.float64)
    left = np.maximum(1.0 + numbers / 1000.0, 0.0) - bone_share(numbers) * bone_to_water()
    return np.asarray(np.maximum(left, 0.0))
