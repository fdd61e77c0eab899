"""nanodrr on the CPU (torch's grid_sample): 512 samples on each ray."""

import nanodrr
import numpy as np
import torch
import torchio
from exchange import read_scene, report
from nanodrr.camera import make_k_inv
from nanodrr.data import Subject
from nanodrr.drr import DRR

SAMPLES = 512
RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0])


def main() -> None:
    """Render and time."""
    scene = read_scene()
    affine = np.eye(4)
    affine[:3, :3] = RAS_FROM_LPS @ np.diag(scene.spacing_mm)
    affine[:3, 3] = RAS_FROM_LPS @ scene.origin_mm
    tensor = torch.from_numpy(scene.attenuation_per_mm.transpose(2, 1, 0).copy())[None]
    subject = Subject.from_images(
        torchio.ScalarImage(tensor=tensor, affine=affine), convert_to_mu=False
    )
    pose = np.eye(4)
    pose[:3, :3] = RAS_FROM_LPS @ np.stack([scene.right, scene.down, scene.beam], axis=1)
    pose[:3, 3] = RAS_FROM_LPS @ scene.source
    size, pixel = (scene.rows, scene.columns), scene.pixel_mm
    k_inv = make_k_inv(scene.distance_mm, pixel, pixel, 0.0, 0.0, *size)
    drr = DRR(k_inv, torch.tensor([scene.distance_mm]), *size)
    rt_inv = torch.from_numpy(pose[None]).float()

    def render() -> np.ndarray:
        with torch.no_grad():
            return drr(subject, rt_inv, n_samples=SAMPLES)[0].sum(dim=0).numpy()

    version = getattr(nanodrr, "__version__", "")
    report(render, scene.repeats, f"{version} torch {torch.__version__}, {SAMPLES} samples a ray")


if __name__ == "__main__":
    main()
