"""gVirtualXray with software OpenGL: the phantom as triangle meshes, for it has no voxels."""

import numpy as np
from exchange import read_scene, report
from gvxrPython3 import gvxr

AROUND, ALONG = 400, 200  # facets of one ellipsoid: 2 · 400 · 199
ENERGY_KEV = 70.0


def ellipsoid(one: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (n, 3) and triangles (m, 3)."""
    phi = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    theta = np.linspace(0, np.pi, ALONG + 1)
    sphere = np.stack(
        [
            np.outer(np.sin(theta), np.cos(phi)),
            np.outer(np.sin(theta), np.sin(phi)),
            np.outer(np.cos(theta), np.ones(AROUND)),
        ],
        axis=-1,
    )
    at = np.arange((ALONG + 1) * AROUND).reshape(ALONG + 1, AROUND)
    a, b = at[:-1], at[1:]
    c, d = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
    upper = np.stack([a, b, c], axis=-1)[1:].reshape(-1, 3)
    lower = np.stack([c, b, d], axis=-1)[:-1].reshape(-1, 3)
    return sphere.reshape(-1, 3) * one[3:6] + one[:3], np.concatenate([upper, lower])


def main() -> None:
    """Render and time."""
    scene = read_scene()
    gvxr.createOpenGLContext()
    triangles = 0
    for n, one in enumerate(scene.ellipsoids):
        vertices, faces = ellipsoid(one)
        triangles += len(faces)
        name = f"e{n}"
        gvxr.makeTriangularMesh(name, vertices.ravel().tolist(), faces.ravel().tolist(), "mm")
        per_cm = one[6] / 1000.0 * scene.water_per_mm * 10.0
        gvxr.setLinearAttenuationCoefficient(name, per_cm, "cm-1")
        gvxr.addPolygonMeshAsInnerSurface(name)
    gvxr.usePointSource()
    gvxr.setSourcePosition(*scene.source.tolist(), "mm")
    gvxr.setMonoChromatic(ENERGY_KEV, "keV", 1)
    gvxr.setDetectorPosition(*scene.detector.tolist(), "mm")
    gvxr.setDetectorUpVector(*(-scene.down).tolist())
    gvxr.setDetectorNumberOfPixels(scene.columns, scene.rows)
    gvxr.setDetectorPixelSize(scene.pixel_mm, scene.pixel_mm, "mm")

    def render() -> np.ndarray:
        seen = np.asarray(gvxr.computeXRayImage(), dtype=np.float64)
        paths = -np.log(np.maximum(seen / gvxr.getTotalEnergyWithDetectorResponse(), 1e-12))
        return paths[::-1]  # its first row is the lowest

    report(
        render,
        scene.repeats,
        f"{gvxr.getVersionOfCoreGVXR()}, {triangles} triangles, {gvxr.getOpenGlRenderer()}",
    )


if __name__ == "__main__":
    main()
