"""RTK's Joseph projector on the CPU.

RTK's circular geometry: x is the patient's left, y head, z from detector to source, so the scan is
turned by exchanging axes. Only for the AP pose through the origin.
"""

import itk
import numpy as np
from exchange import read_scene, report
from itk import RTK


def main() -> None:
    """Render and time."""
    scene = read_scene()
    dx, dy, dz = scene.spacing_mm.tolist()
    x0, y0, z0 = scene.origin_mm.tolist()
    image_type = itk.Image[itk.F, 3]
    turned = np.ascontiguousarray(scene.attenuation_per_mm.transpose(1, 0, 2)[::-1])
    volume = itk.image_from_array(turned)
    volume.SetSpacing([dx, dz, dy])
    volume.SetOrigin([x0, z0, -(y0 + dy * (len(turned) - 1))])
    geometry = RTK.ThreeDCircularProjectionGeometry.New()
    geometry.AddProjection(float(np.linalg.norm(scene.source)), scene.distance_mm, 0.0)
    blank = RTK.ConstantImageSource[image_type].New()
    blank.SetSize([scene.columns, scene.rows, 1])
    blank.SetSpacing([scene.pixel_mm, scene.pixel_mm, 1.0])
    blank.SetOrigin([-(n - 1) / 2 * scene.pixel_mm for n in (scene.columns, scene.rows)] + [0.0])
    blank.Update()

    def render() -> np.ndarray:
        projector = RTK.JosephForwardProjectionImageFilter[image_type, image_type].New()
        projector.SetInput(0, blank.GetOutput())
        projector.SetInput(1, volume)
        projector.SetGeometry(geometry)
        projector.Update()
        return itk.array_from_image(projector.GetOutput())[0][::-1].copy()

    report(render, scene.repeats, f"JosephForwardProjectionImageFilter, ITK {itk.__version__}")


if __name__ == "__main__":
    main()
