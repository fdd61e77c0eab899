# mypy: ignore-errors
"""Run by a Python that has diffdrr: source and detector pixels (RAS mm), and its picture of a scan."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffdrr.data import read  # noqa: E402
from diffdrr.drr import DRR  # noqa: E402
from diffdrr.pose import convert  # noqa: E402

asked = json.loads(sys.stdin.read())
subject = read(asked["scan"], orientation=asked["orientation"], center_volume=False)
drr = DRR(subject, renderer="trilinear", **asked["camera"]).to(torch.float64)
pose = convert(torch.tensor([asked["matrix"]], dtype=torch.float64), parameterization="matrix")
source, target = drr.detector(pose, None)
rows, columns = asked["camera"]["height"], asked["camera"]["width"]
with torch.no_grad():
    picture = drr(pose, n_points=400)
np.savez(
    asked["out"],
    source=source.numpy().reshape(3),
    target=target.numpy().reshape(rows, columns, 3),
    picture=picture.numpy().reshape(rows, columns),
)
