"""How many millimetres of each material every ray has met."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementField, CementRecipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy.bone_split import bone_to_water
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.cement_shadow import cement_shadow
from sacroplasty.fluoroscopy.materials import (
    Material,
    cement_material,
    cortical_bone,
    steel,
    water,
)
from sacroplasty.fluoroscopy.needle_shadow import needle_path_mm
from sacroplasty.fluoroscopy.project import project
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.stacked_patient import BONE_STEPS, MILLIWATER, StackedPatient
from sacroplasty.geometry import require_same_frame
from sacroplasty.planning import Needle
from sacroplasty.reference import constant

FloatImage = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class MaterialPaths:
    """Path lengths in mm, (rows, columns) float32 each, of a view; read-only.

    water_mm: soft tissue and marrow as water of density 1. bone_mm: as solid cortical bone.
    cement_mm: of pure cement of `recipe`. steel_mm: of needles.
    """

    water_mm: FloatImage
    bone_mm: FloatImage
    cement_mm: FloatImage
    steel_mm: FloatImage
    pose: CArmPose
    recipe: CementRecipe | None = None

    def __post_init__(self) -> None:
        for name in ("water_mm", "bone_mm", "cement_mm", "steel_mm"):
            image = np.asarray(getattr(self, name), dtype=np.float32)
            if image.shape != self.pose.shape:
                raise BadInput(
                    f"A picture of {image.shape} does not fit a detector of {self.pose.shape}."
                )
            if not np.isfinite(image).all() or image.min() < -1e-2:
                raise BadInput(f"A ray cannot have met less than nothing ({name}).")
            sealed = np.maximum(image, 0.0)
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)
        if self.recipe is None and self.cement_mm.any():
            raise BadUsage("Cement on a ray needs its recipe: pass the CementRecipe of it.")

    @property
    def materials(self) -> tuple[tuple[Material, FloatImage], ...]:
        """Each material with its path, those that are there at all."""
        present = [(water(), self.water_mm), (cortical_bone(), self.bone_mm)]
        if self.recipe is not None:
            present.append((cement_material(self.recipe), self.cement_mm))
        return (*present, (steel(), self.steel_mm))

    @property
    def through_patient(self) -> NDArray[np.bool_]:
        """Rays that have met more than clothes or a table would stop; the others are open."""
        return np.asarray(self.water_mm + self.bone_mm > constant("open_ray_limit").value)

    def at_energy(self, energy_kev: float) -> Radiograph:
        """∫ μ dl of a beam of one energy; at `scan_energy_kev` it is the picture of `expose`."""
        total = sum(
            image.astype(np.float64) * float(material.attenuation_per_mm(energy_kev))
            for material, image in self.materials
        )
        return Radiograph(np.asarray(total, dtype=np.float32), self.pose)


def patient_paths(patient: StackedPatient, pose: CArmPose) -> MaterialPaths:
    """The patient's own paths: two projections, of everything and of the bone in it.

    `patient`: `StackedPatient.of(ct)`, made once for many poses. Raises what `project` raises.
    """
    all_mm = project(patient.everything, pose) / np.float32(MILLIWATER)
    bone_mm = project(patient.bone, pose) / np.float32(BONE_STEPS)
    return split_paths(all_mm, bone_mm, pose)


def split_paths(all_mm: FloatImage, bone_mm: FloatImage, pose: CArmPose) -> MaterialPaths:
    """Water and bone from two projections of a patient, (rows, columns) float32.

    all_mm: ∫(1 + HU/1000) dl = L_water + L_bone·μ_b/μ_w at the scan's energy, in mm of water.
    bone_mm: L_bone. What is left is water.
    """
    water_mm = np.maximum(all_mm - np.float32(bone_to_water()) * bone_mm, 0.0)
    nothing = np.zeros(pose.shape, dtype=np.float32)
    return MaterialPaths(water_mm, bone_mm, nothing, nothing, pose)


def paths_with_cement(
    paths: MaterialPaths, cement: CementField, recipe: CementRecipe
) -> MaterialPaths:
    """`paths` plus a cement's own, which takes the place of as much marrow.

    Only the box that holds cement is projected; rays that miss it stay the same to the bit.
    """
    require_same_frame(paths.pose, cement)
    if paths.recipe is not None and paths.recipe != recipe:
        raise BadUsage("Two cements in one picture must be of one recipe.")
    window, added_mm = cement_path_mm(cement, paths.pose)
    r0, r1, c0, c1 = window
    marrow = np.float32(1.0 + constant("radiograph_marrow_hu").value / 1000.0)
    cement_mm, water_mm = paths.cement_mm.copy(), paths.water_mm.copy()
    cement_mm[r0:r1, c0:c1] += added_mm
    water_mm[r0:r1, c0:c1] -= marrow * added_mm
    return replace(paths, cement_mm=cement_mm, water_mm=np.maximum(water_mm, 0.0), recipe=recipe)


def paths_with_needle(paths: MaterialPaths, needle: Needle) -> MaterialPaths:
    """`paths` plus the steel of a needle, which takes the place of as much water."""
    require_same_frame(paths.pose, needle)
    (r0, r1, c0, c1), wall_mm = needle_path_mm(needle, paths.pose)
    steel_mm, water_mm = paths.steel_mm.copy(), paths.water_mm.copy()
    steel_mm[r0:r1, c0:c1] += wall_mm
    water_mm[r0:r1, c0:c1] -= wall_mm
    return replace(paths, steel_mm=steel_mm, water_mm=np.maximum(water_mm, 0.0))


def cement_path_mm(
    cement: CementField, pose: CArmPose
) -> tuple[tuple[int, int, int, int], FloatImage]:
    """∫ fraction dl in mm, and the window (rows, columns) of the picture it fills."""
    shadow = cement_shadow(cement.fraction, pose)
    if shadow is None:
        return (0, 0, 0, 0), np.zeros((0, 0), dtype=np.float32)
    return shadow.window, shadow.path_mm
