"""DiffDRR on the CPU, trilinear renderer, in patches that fit the memory.

DiffDRR normalises the volume that it reads; its density is replaced by the attenuation itself here.
"""

import numpy as np
import torch
import torchio
from diffdrr.data import read
from diffdrr.drr import DRR
from diffdrr.pose import convert
from exchange import read_scene, report

SAMPLES = 500
PATCH = 128
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])


def main() -> None:
    """Render and time."""
    scene = read_scene()
    affine = np.eye(4)
    affine[:3, :3] = RAS_FROM_LPS @ np.diag(scene.spacing_mm)
    affine[:3, 3] = RAS_FROM_LPS @ scene.origin_mm
    tensor = torch.from_numpy(scene.attenuation_per_mm.transpose(2, 1, 0).copy())[None]
    subject = read(
        torchio.ScalarImage(tensor=tensor, affine=affine), orientation=None, center_volume=False
    )
    up = -scene.down
    x = np.cross(up, scene.beam)
    drr = DRR(
        subject,
        sdd=scene.distance_mm,
        height=scene.rows,
        width=scene.columns,
        delx=scene.pixel_mm,
        renderer="trilinear",
        reverse_x_axis=bool(x @ scene.right < 0),
        patch_size=PATCH,
    )
    drr.density = tensor[0]
    pose = np.eye(4)
    pose[:3, :3] = RAS_FROM_LPS @ np.stack([x, up, scene.beam], axis=1)
    pose[:3, 3] = RAS_FROM_LPS @ scene.source
    matrix = convert(torch.from_numpy(pose[None]).float(), parameterization="matrix")

    def render() -> np.ndarray:
        with torch.no_grad():
            return drr(matrix, n_points=SAMPLES)[0, 0].numpy()

    report(
        render,
        scene.repeats,
        f"torch {torch.__version__}, trilinear, {SAMPLES} points, patches of {PATCH}",
    )


if __name__ == "__main__":
    main()
