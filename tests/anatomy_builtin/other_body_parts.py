"""Made-up CTs of body parts that hold no whole sacrum, for the refusals.

Shapes are crude on purpose; every dimension varies with a seed, so that no threshold fits one body.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.geometry import Frame, Grid
from sacroplasty.imaging import Acquisition, CTVolume

_STEP_MM = 2.5
Field = NDArray[np.float64]


def ct_of(hu: NDArray[np.generic], spacing_mm: float = _STEP_MM) -> CTVolume:
    """A CT of an array (k, j, i) on a plain grid."""
    grid = Grid.axis_aligned(hu.shape, (-50.0, 30.0, 700.0), (spacing_mm,) * 3, Frame("1.2.3"))
    return CTVolume(np.rint(hu).astype(np.int16), grid, Acquisition("0" * 64, "made up"))


@dataclass(frozen=True)
class ChestKind:
    """What one made-up thorax is like; the seed varies its sizes."""

    seed: int
    arms_up: bool = False
    bone: float = 1.0
    contrast_hu: float = 45.0
    scoliosis_mm: float = 0.0
    emphysema: float = 1.0
    reach_mm: float = 300.0


CHESTS = {
    "plain": ChestKind(1),
    "arms up": ChestKind(2, arms_up=True),
    "osteoporotic": ChestKind(3, bone=0.55),
    "contrast": ChestKind(4, contrast_hu=380.0),
    "scoliosis": ChestKind(5, scoliosis_mm=25.0),
    "fluid in both lungs": ChestKind(6, emphysema=-0.02),
    "dense ribs": ChestKind(7, bone=1.6, arms_up=True),
    "short field of view": ChestKind(8, reach_mm=200.0, contrast_hu=250.0),
    "wide barrel": ChestKind(9, emphysema=1.08, scoliosis_mm=-12.0),
    "kyphotic, fluid, arms up": ChestKind(10, emphysema=-0.02, arms_up=True, bone=0.8),
}


@dataclass(frozen=True)
class _Canvas:
    """A volume being painted, with its coordinates from the middle in mm."""

    hu: Field
    z: Field
    y: Field
    x: Field
    rng: np.random.Generator

    @classmethod
    def blank(cls, size_mm: tuple[float, float, float], seed: int) -> "_Canvas":
        shape = tuple(int(s / _STEP_MM) for s in size_mm)
        z, y, x = ((np.indices(shape)[a] - (n - 1) / 2) * _STEP_MM for a, n in enumerate(shape))
        return cls(np.full(shape, -1000.0), z, y, x, np.random.default_rng(seed))

    def near(self, middle: float, spread: float = 0.1) -> float:
        """A size that differs from body to body by about `spread`."""
        return middle * float(self.rng.uniform(1 - spread, 1 + spread))

    def ellipsoid(self, centre: tuple[float, float, float], radii: tuple[float, ...]) -> Field:
        """1 on the surface; centre and radii along x, y, z."""
        parts = [
            (a - c) / r for a, c, r in zip((self.x, self.y, self.z), centre, radii, strict=True)
        ]
        return np.asarray(np.sqrt(sum(p * p for p in parts)))

    def shell(self, distance: Field, wall: float, hard: float, soft: float) -> None:
        """Bone with a cortex `wall` thick (as a share of the radius) and marrow."""
        self.hu[distance < 1] = soft
        self.hu[(distance < 1) & (distance > 1 - wall)] = hard

    def spine(self, y0: float, bone: float, bend_mm: float = 0.0, size: float = 1.0) -> None:
        """Vertebral bodies with discs, arches and transverse processes."""
        x, y = self.x - bend_mm * np.sin(self.z / 60.0), self.y - y0
        level = np.mod(self.z, 30.0 * size)
        body = np.hypot(x / (19 * size), y / (15 * size))
        part = level < 24 * size
        self.hu[(body < 1) & part] = 150 * bone
        self.hu[(body < 1) & (body > 0.87) & part] = 450 * bone
        self.hu[(body < 1) & ((level < 2) | (np.abs(level - 23 * size) < 1.5))] = 450 * bone
        arch = np.hypot(x / (17 * size), (y - 24 * size) / (15 * size))
        self.hu[(np.abs(arch - 0.9) < 0.2) & (level < 18 * size)] = 450 * bone
        process = (np.abs(x) < 38 * size) & (np.abs(y - 22 * size) < 5)
        self.hu[process & (np.abs(level - 12 * size) < 5) & (arch > 1)] = 350 * bone

    def ct(self) -> CTVolume:
        """The painting with noise, blurred like a scan."""
        return ct_of(self.hu + self.rng.normal(0.0, 15.0, self.hu.shape))


def chest(kind: ChestKind = CHESTS["plain"]) -> CTVolume:
    """Lungs, heart, vessels, spine, ribs, sternum, shoulder girdle with humeral heads."""
    c = _Canvas.blank((kind.reach_mm, 280, 440), kind.seed)
    half, deep, bone = c.near(140), c.near(92), kind.bone
    taper = 1.0 - 0.28 * np.clip((c.z - 20) / 150, 0, 1) ** 2
    trunk = np.hypot(c.x / (half + 30), c.y / (deep + 22))
    c.hu[trunk < 1] = 40
    c.hu[(trunk < 1) & (trunk > 0.9)] = -100
    for sign in (-1.0, 1.0):
        lung = c.ellipsoid((sign * half * 0.52, 0, 0), (half * 0.42, deep * 0.92, 160))
        c.hu[lung < 1] = 40 - 890 * kind.emphysema
    c.hu[c.ellipsoid((20, -25, -30), (50, 45, 60)) < 1] = max(kind.contrast_hu, 45)
    c.hu[np.hypot(c.x - 22, c.y - deep * 0.35) < 12] = max(kind.contrast_hu, 45)
    cage = np.hypot(c.x / (half * taper), c.y / (deep * taper))
    pitch, lean = c.near(28), c.near(0.45, 0.4)
    level = np.mod(c.z - lean * -c.y, pitch)
    rib = (np.abs(cage - 0.97) < 0.045) & (np.abs(c.x) > 18)
    c.hu[rib & (level < 10)] = 450 * bone
    c.hu[rib & (level > 2.5) & (level < 7.5) & (np.abs(cage - 0.97) < 0.02)] = 180 * bone
    c.spine(deep * 0.62, bone, kind.scoliosis_mm)
    c.hu[(np.abs(c.x) < 17) & (np.abs(c.y + deep) < 6) & (c.z > -90)] = 300 * bone
    _shoulders(c, kind, half, deep)
    return c.ct()


def _shoulders(c: _Canvas, kind: ChestKind, half: float, deep: float) -> None:
    """Blades, collar bones and humeri, the arms up or down."""
    top = kind.reach_mm / 2 - c.near(60)
    for sign in (-1.0, 1.0):
        x = sign * c.x
        tilt = c.near(0.6, 0.3) if kind.arms_up else c.near(0.15, 0.5)
        across = x - 0.6 * half - tilt * (c.z - top + 60)
        blade = np.abs(c.y - deep * 0.95 + c.near(0.45) * (x - 0.5 * half)) < 4
        triangle = (np.abs(across) < 10 + 0.35 * np.clip(c.z - top + 130, 0, 110)) & (
            c.z < top + 10
        )
        c.hu[blade & triangle & (c.z > top - 130)] = 480 * kind.bone
        collar = np.hypot(c.y + 0.55 * deep - 0.5 * (x - 20), c.z - top - 0.1 * x)
        c.hu[(collar < 7) & (x > 20) & (x < half + 10)] = 550 * kind.bone
        head = (sign * (half + 22), 5.0, top)
        c.shell(c.ellipsoid(head, (25, 25, 25)), 0.15, 600 * kind.bone, 170 * kind.bone)
        shaft = np.hypot(x - half - 28, c.y - 5) / 13
        beyond = c.z > top if kind.arms_up else c.z < top
        c.hu[(shaft < 3.2) & beyond & (c.hu < -500)] = 40
        c.hu[(shaft < 1) & (shaft > 0.6) & beyond] = 1000 * kind.bone


def head(seed: int = 1, bone: float = 1.0) -> CTVolume:
    """Skull vault, base, jaw, orbits, sinuses and the cervical spine."""
    c = _Canvas.blank((260, 230, 190), seed)
    vault = c.ellipsoid((0, 0, 40), (c.near(72), c.near(92), c.near(72)))
    c.hu[vault < 1.07] = 20
    c.hu[(np.hypot(c.x / 60, (c.y - 10) / 60) < 1) & (c.z < 0)] = 40
    c.shell(vault, 0.09, 1100 * bone, 35)
    base = (np.abs(c.z + 8 - c.near(0.2, 0.5) * c.y) < 7) & (vault < 0.98)
    c.hu[base & (np.abs(np.hypot(c.x, c.y - 20) - 20) > 6)] = 700 * bone
    for sign in (-1.0, 1.0):
        c.shell(c.ellipsoid((sign * 32, -62, 0), (22, 22, 20)), 0.15, 500 * bone, -20)
        c.hu[c.ellipsoid((sign * 26, -60, -32), (15, 18, 14)) < 1] = -900
    jaw = np.hypot(c.x / c.near(50), (c.y + 40) / c.near(60))
    c.hu[(np.abs(jaw - 0.9) < 0.1) & (c.y < 0) & (c.z > -85) & (c.z < -50)] = 1000 * bone
    c.spine(25.0, 1.3 * bone, size=0.62)
    return c.ct()


def abdomen(seed: int = 1, contrast_hu: float = 60.0, bone: float = 1.0) -> CTVolume:
    """Lumbar spine, lower ribs, kidneys, aorta, bowel gas: nothing below L4."""
    c = _Canvas.blank((220, 260, 360), seed)
    half, deep = c.near(140), c.near(90)
    trunk = np.hypot(c.x / (half + 25), c.y / (deep + 20))
    c.hu[trunk < 1] = 45
    c.hu[(trunk < 1) & (trunk > 0.85)] = -100
    cage = np.hypot(c.x / half, c.y / deep)
    level = np.mod(c.z - 0.6 * -c.y, c.near(30))
    c.hu[(np.abs(cage - 0.97) < 0.045) & (level < 9) & (c.z > -30 - c.y) & (abs(c.x) > 18)] = (
        450 * bone
    )
    c.spine(deep * 0.45, bone)
    for sign in (-1.0, 1.0):
        c.hu[c.ellipsoid((sign * 70, 30, 10), (28, 25, 55)) < 1] = contrast_hu
    c.hu[np.hypot(c.x - 5, c.y - 5) < 11] = contrast_hu
    c.hu[c.ellipsoid((30, -50, -40), (60, 20, 20)) < 1] = -900
    return c.ct()


def legs(seed: int = 1, knees: bool = False) -> CTVolume:
    """Two thighs with their femora, or two knees."""
    c = _Canvas.blank((300, 200, 420), seed)
    for sign in (-1.0, 1.0):
        x = c.x - sign * c.near(95)
        c.hu[np.hypot(x, c.y) < 80] = 50
        flare = 1.0 + (1.6 * np.exp(-((c.z / 40) ** 2)) if knees else 0.0)
        shaft = np.hypot(x, c.y) / (15 * flare)
        gap = (np.abs(c.z) < 4) if knees else np.zeros_like(c.z, dtype=bool)
        c.hu[(shaft < 1) & ~gap] = 120 if knees else -80
        c.hu[(shaft < 1) & (shaft > (0.85 if knees else 0.6)) & ~gap] = 1100
    return c.ct()


def ball_of_bone() -> CTVolume:
    """One sphere of bone in water."""
    c = _Canvas.blank((300, 300, 300), 1)
    c.hu[:] = 0
    c.shell(c.ellipsoid((0, 0, 0), (60, 60, 60)), 0.1, 900, 200)
    return c.ct()


def noise() -> CTVolume:
    """Nothing but noise with the spread of a whole body."""
    return ct_of(np.random.default_rng(3).normal(0.0, 400.0, (60, 80, 80)))


def empty(value: float = -1000.0) -> CTVolume:
    """One value everywhere."""
    return ct_of(np.full((60, 80, 80), value))
