"""One cone-beam picture by RTK's Joseph projector on the CPU; runs in the peers' own environment.

``python rtk_radiograph.py scan.npz out.npz``: reads attenuation (1/mm) with RTK's axes (z, y, x),
writes the line integrals and the median of the timed repeats.
"""

import sys
import time

import itk
import numpy as np
from itk import RTK

REPEATS = 5


def main() -> None:
    """Render and time."""
    scan = np.load(sys.argv[1])
    image_type = itk.Image[itk.F, 3]
    volume = itk.image_from_array(scan["attenuation_per_mm"])
    volume.SetSpacing(scan["spacing_mm"].tolist())
    volume.SetOrigin(scan["origin_mm"].tolist())
    geometry = RTK.ThreeDCircularProjectionGeometry.New()
    geometry.AddProjection(
        float(scan["source_isocentre_mm"]), float(scan["source_detector_mm"]), 0.0
    )
    n, pixel = int(scan["pixels"]), float(scan["pixel_mm"])
    blank = RTK.ConstantImageSource[image_type].New()
    blank.SetSize([n, n, 1])
    blank.SetSpacing([pixel, pixel, 1.0])
    blank.SetOrigin([-(n - 1) / 2 * pixel, -(n - 1) / 2 * pixel, 0.0])
    times = []
    for _ in range(REPEATS + 1):
        projector = RTK.JosephForwardProjectionImageFilter[image_type, image_type].New()
        projector.SetInput(0, blank.GetOutput())
        projector.SetInput(1, volume)
        projector.SetGeometry(geometry)
        start = time.perf_counter()
        projector.Update()
        times.append(time.perf_counter() - start)
    picture = itk.array_from_image(projector.GetOutput())[0]
    np.savez(sys.argv[2], line_integrals=picture, seconds=np.median(times[1:]))


if __name__ == "__main__":
    main()
