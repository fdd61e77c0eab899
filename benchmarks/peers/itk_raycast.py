"""ITK's own ray caster, through its resampling filter."""

import itk
import numpy as np
from exchange import read_scene, report


def main() -> None:
    """Render and time."""
    scene = read_scene()
    image_type = itk.Image[itk.F, 3]
    volume = itk.image_from_array(scene.attenuation_per_mm)
    volume.SetSpacing(scene.spacing_mm.tolist())
    volume.SetOrigin(scene.origin_mm.tolist())
    still = itk.TranslationTransform[itk.D, 3].New()
    still.SetIdentity()
    caster = itk.RayCastInterpolateImageFunction[image_type, itk.D].New()
    caster.SetTransform(still)
    caster.SetFocalPoint(scene.source.tolist())
    caster.SetThreshold(0.0)
    first = (
        scene.detector
        - (scene.columns - 1) / 2 * scene.pixel_mm * scene.right
        - (scene.rows - 1) / 2 * scene.pixel_mm * scene.down
    )
    direction = np.stack([scene.right, scene.down, scene.beam], axis=1)

    def render() -> np.ndarray:
        resample = itk.ResampleImageFilter[image_type, image_type].New()
        resample.SetInput(volume)
        resample.SetDefaultPixelValue(0.0)
        resample.SetTransform(still)
        resample.SetInterpolator(caster)
        resample.SetSize([scene.columns, scene.rows, 1])
        resample.SetOutputSpacing([scene.pixel_mm, scene.pixel_mm, 1.0])
        resample.SetOutputOrigin(first.tolist())
        resample.SetOutputDirection(itk.matrix_from_array(direction))
        resample.Update()
        return itk.array_from_image(resample.GetOutput())[0]

    report(render, scene.repeats, f"RayCastInterpolateImageFunction, ITK {itk.__version__}")


if __name__ == "__main__":
    main()
