"""Sizes measured on a built sacrum, as an anatomist would measure the bone: not the drawn numbers.

Rulers are laid through the bone alone (`bare_sacrum`): a ruler is a straight line of samples, and a
run is the length of one stretch of bone, or of no bone, on it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from sacroplasty.anatomy import Level, Side
from sacroplasty.phantom.bare_sacrum import BareSacrum, bare_sacrum
from sacroplasty.phantom.dimensions import PatientDimensions, draw_dimensions
from sacroplasty.phantom.foramen_courses import FORK_S
from sacroplasty.phantom.landmarks import Mouths, foramen_mouths
from sacroplasty.phantom.request import PatientRequest
from sacroplasty.phantom.sacral_curve import TABLE_Y0, TABLE_Z0, S, SacralCurve
from sacroplasty.phantom.sacrum_solid import dorsal_surface, ventral_surface
from sacroplasty.phantom.shape import Shape, build_shape
from sacroplasty.phantom.solids import table_at

FloatArray = NDArray[np.float64]
SPACING_MM = 1.5
_RULER_MM = 0.25
_INSETS_MM = (
    1.5,
    2.5,
    3.5,
    4.5,
    6.0,
    8.0,
)  # how deep below the surface each wall of a mouth is looked for: the narrowest
_CORRIDOR_HALF_MM = 32.0  # a transsacral screw passes all foramina and enters both wings
_ENDPLATE_PART = (0.15, 0.70)  # of its depth, over which the slope of the endplate is fitted
_BELOW_ENDPLATE_MM = 3.0
_BESIDE_MM = 7.0  # on either side of a mouth, the surface whose direction counts
_X = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True, eq=False, slots=True)
class BuiltSacrum:
    """A built sacrum ready to be measured."""

    shape: Shape
    curve: SacralCurve
    bone: BareSacrum

    @classmethod
    def of(cls, shape: Shape, curve: SacralCurve, spacing_mm: float = SPACING_MM) -> "BuiltSacrum":
        """The bone of a shape on a grid, by default one fine enough to measure on."""
        return cls(shape, curve, bare_sacrum(shape, curve, spacing_mm))


def built_sacrum(
    request: PatientRequest, seed: int, spacing_mm: float = SPACING_MM
) -> tuple[BuiltSacrum, PatientDimensions]:
    """The unbroken sacrum of the virtual patient of this request and seed, and its drawn sizes.

    The same bone as `make_virtual_patient` makes, without its CT; never mirrored.
    """
    for_shape, _, _, for_sizes = np.random.default_rng(seed).spawn(6)[2:]
    drawn = draw_dimensions(request.sex, request.age_years, for_sizes)
    shape, curve = build_shape(drawn, seed, for_shape, (False, False), request.variant)
    return BuiltSacrum.of(shape, curve, spacing_mm), drawn


def measure_built(sacrum: BuiltSacrum) -> dict[str, float]:
    """Sizes by name, mm and degrees, mL for `volume`; named as the drawn sizes where they are one."""
    promontory, apex, slope = _profile(sacrum.bone, sacrum.shape.endplate_depth)
    found = {
        "sacral_slope": slope,
        "sacral_height": float(np.linalg.norm(apex - promontory)),
        "interauricular_width": _width(sacrum.bone),
        "s1_body_width": _endplate_width(sacrum),
        "volume": sacrum.bone.volume_ml,
        "s1_corridor": s1_corridor_mm(sacrum),
        "s2_corridor": s2_corridor_mm(sacrum),
    }
    mouths = foramen_mouths(sacrum.shape, sacrum.curve)
    both = [_foramina(sacrum, [m for m in mouths if m.side is side]) for side in Side]
    for name in both[0]:
        found[name] = 0.5 * (both[0][name] + both[1][name])
    found["s2_dorsal_foramen_spacing"] = 2.0 * found.pop("s2_medial_edge")
    offsets = [side["s1_dorsal_foramen_offset"] for side in both]
    found["s1_offset_left_minus_right"] = offsets[0] - offsets[1]
    return found


def s1_corridor_mm(sacrum: BuiltSacrum) -> float:
    """Diameter (mm) of the widest straight transverse cylinder in bone above the S1 foramina."""
    return _widest(sacrum, 0.0, sacrum.shape.foramina[0][FORK_S])


def s2_corridor_mm(sacrum: BuiltSacrum) -> float:
    """The same between the S1 and the S2 foramina."""
    return _widest(sacrum, sacrum.shape.foramina[0][FORK_S], sacrum.shape.foramina[1][FORK_S])


def _widest(sacrum: BuiltSacrum, low_s: float, high_s: float) -> float:
    """The widest cylinder along x whose axis lies between two stations of the sacral curve."""
    bone = sacrum.bone
    x = bone.origin[0] + bone.spacing_mm * np.arange(bone.field.shape[2])
    free = (bone.field[:, :, np.abs(x) <= _CORRIDOR_HALF_MM] < 0.0).all(axis=2)
    z, y = (bone.origin[a] + bone.spacing_mm * np.arange(bone.field.shape[2 - a]) for a in (2, 1))
    nodes = np.meshgrid(z - TABLE_Z0, y - TABLE_Y0, indexing="ij")
    s = map_coordinates(sacrum.shape.tables[S], nodes, order=1, mode="nearest")
    depth = distance_transform_edt(np.pad(free, 1))[1:-1, 1:-1] - 0.5
    depth[(s < low_s) | (s > high_s)] = 0.0
    return float(max(2.0 * depth.max() * bone.spacing_mm, 0.0))


def _midsagittal(bone: BareSacrum) -> NDArray[np.bool_]:
    """The bone (nz, ny) in the plane x = 0."""
    return bone.field[:, :, round(-bone.origin[0] / bone.spacing_mm)] < 0.0


def _profile(bone: BareSacrum, depth: float) -> tuple[FloatArray, FloatArray, float]:
    """Promontory and apex (y, z), ventral corners both, and slope of the endplate in degrees."""
    at = np.argwhere(_midsagittal(bone))[:, ::-1] * bone.spacing_mm + bone.origin[1:]
    slope = np.radians(40.0)
    for _ in range(4):
        back = np.array([np.cos(slope), np.sin(slope)])
        up = np.array([-back[1], back[0]])
        promontory = at[np.argmax(at @ (up - back))]
        along, height = (at - promontory) @ back, (at - promontory) @ up
        bins = np.arange(_ENDPLATE_PART[0] * depth, _ENDPLATE_PART[1] * depth, bone.spacing_mm)
        near = [np.abs(along - b) < 0.6 * bone.spacing_mm for b in bins]
        top = np.array([height[n].max() for n in near])
        slope += float(np.arctan(np.polyfit(bins, top, 1)[0]))
    apex = at[np.argmax(np.linalg.norm(at - promontory, axis=1))]
    chord = (apex - promontory) / np.linalg.norm(apex - promontory)
    apex = at[np.argmax(at @ (chord + np.array([chord[1], -chord[0]])))]
    return promontory, apex, float(np.degrees(slope))


def _width(bone: BareSacrum) -> float:
    x = bone.surface()[:, 0]
    return float(x.max() - x.min())


def _endplate_width(sacrum: BuiltSacrum) -> float:
    """Across the S1 body, just below the middle of its endplate."""
    shape = sacrum.shape
    down = np.array([0.0, shape.slope_sin, -shape.slope_cos])
    forward = np.array([0.0, -shape.slope_cos, -shape.slope_sin])
    at = _BELOW_ENDPLATE_MM * down + 0.25 * shape.endplate_depth * forward
    return _reach(sacrum.bone, at, _X, True) + _reach(sacrum.bone, at, -_X, True)


def _foramina(sacrum: BuiltSacrum, mouths: list[Mouths]) -> dict[str, float]:
    """S1 and S2 of one side: offset, widths, heights, medial edge; the bone above S1."""
    found: dict[str, float] = {}
    for mouth in mouths:
        if mouth.level not in (Level.S1, Level.S2):
            continue
        level, axis = mouth.level.value.lower(), mouth.dorsal - mouth.ventral
        axis /= np.linalg.norm(axis)
        side = mouth.side.sign
        for name, mouth_at, inward in (
            ("ventral", mouth.ventral, axis),
            ("dorsal", mouth.dorsal, -axis),
        ):
            along = _surface_direction(sacrum, mouth_at, dorsal=name == "dorsal")
            depths = [mouth_at + inset * inward for inset in _INSETS_MM]
            found[f"{level}_{name}_foramen_width"] = _passage(sacrum.bone, depths, _X)
            found[f"{level}_{name}_foramen_height"] = _passage(sacrum.bone, depths, along)
        inner = min(_reach(sacrum.bone, at, -side * _X, in_bone=False) for at in depths)
        found[f"{level}_medial_edge"] = side * float(mouth.dorsal[0]) - inner
        found[f"{level}_dorsal_foramen_offset"] = side * float(mouth.dorsal[0])
        found[f"{level}_ventral_lateral_shift"] = side * float(mouth.ventral[0] - mouth.dorsal[0])
    del found["s1_medial_edge"], found["s2_dorsal_foramen_offset"]
    return found


def _surface_direction(sacrum: BuiltSacrum, at: FloatArray, dorsal: bool) -> FloatArray:
    """The caudal direction (3,) along the bone's surface at a mouth: heights are measured so."""
    shape, curve = sacrum.shape, sacrum.curve
    surface = dorsal_surface if dorsal else ventral_surface
    s = float(table_at(shape.tables, S, at[1], at[2]))
    cranial, caudal = (
        np.array(curve.point(end, surface(shape, abs(at[0]), end)))
        for end in (s - _BESIDE_MM, s + _BESIDE_MM)
    )
    step = np.array([0.0, *(caudal - cranial)])
    return np.asarray(step / np.linalg.norm(step))


def _passage(bone: BareSacrum, depths: list[FloatArray], direction: FloatArray) -> float:
    """Width of the free passage: on a sloping surface the two walls begin at different depths."""
    return sum(
        min(_reach(bone, at, way, in_bone=False) for at in depths)
        for way in (direction, -direction)
    )


def _reach(bone: BareSacrum, at: FloatArray, direction: FloatArray, in_bone: bool) -> float:
    """How far (mm) the stretch of bone (or of no bone) about `at` goes in `direction`."""
    steps = _RULER_MM * np.arange(0, 320)
    points = at + steps[:, None] * direction
    index = ((points - bone.origin) / bone.spacing_mm)[:, ::-1].T
    value = map_coordinates(bone.field, index, order=1, mode="nearest")
    other = np.nonzero((value < 0.0) != in_bone)[0]
    return float(steps[other[0]]) if other.size else float(steps[-1])
