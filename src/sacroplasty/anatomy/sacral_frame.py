"""The sacral frame: midline plane by symmetry, S1–S2 axis by the ventral surface, S1 endplate."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize

from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Rigid, Volume

Array = NDArray[np.float64]

# Pure search settings: sample size of the symmetry score, half width of the midline slab, and
# the stretch of the ventral surface below the promontory that defines the S1–S2 axis.
_SAMPLES = 12000
_SLAB_MM = 7.0
_AXIS_FROM_MM, _AXIS_TO_MM = 4.0, 45.0
_BODY_DEPTH_MM = 30.0
# How far the endplate may rise above the promontory on its way back.
_ENDPLATE_RISE_MM = 12.0


def find_sacral_frame(sacrum: Volume[np.bool_]) -> tuple[Rigid, tuple[Finding, ...]]:
    """`scanner_from_sacrum` and the finding on its signs.

    1. The midline plane is the mirror plane under which the mask overlaps itself best
       (three parameters, started from the scanner's sagittal plane).
    2. In the midline slab, +z is the line along the ventral surface of S1–S2.
    3. The origin is the middle of the upper endplate.
    Signs come from the scanner (LPS); the anatomy (wide end cranial, hollow side ventral) is the
    second route, and a disagreement is a FAIL. Raises `AnatomyNotTrusted` for a mask without
    a midline.
    """
    xyz = sacrum.grid.points_at(np.argwhere(sacrum.values)).xyz
    if len(xyz) < 1000:
        raise AnatomyNotTrusted(f"The sacrum mask has {len(xyz)} mm³, too few to find a midline.")
    normal, middle = _midline_plane(sacrum, xyz)
    centre = xyz.mean(axis=0)
    centre = centre - normal * (normal @ centre - middle)
    slab = xyz[np.abs(xyz @ normal - middle) < _SLAB_MM] - centre
    if len(slab) < 200:
        raise AnatomyNotTrusted("The sacrum mask has no bone at its midline; correct the mask.")
    cranial, dorsal, promontory = _axes_in_midplane(slab, normal)
    origin = centre + _endplate_centre(slab, cranial, dorsal, promontory)
    rotation = np.stack([normal, dorsal, cranial], axis=1)
    frame = Rigid(rotation, origin, to=sacrum.frame, source=Frame(f"{sacrum.frame.uid}/sacrum"))
    return frame, (_sign_finding(frame, xyz),)


def _midline_plane(sacrum: Volume[np.bool_], xyz: Array) -> tuple[Array, float]:
    """Unit normal (towards the patient's left) and offset of the best mirror plane."""
    soft = Volume(ndimage.gaussian_filter(sacrum.values.astype(np.float32), 2.0), sacrum.grid)
    sample = xyz[:: max(1, len(xyz) // _SAMPLES)]
    middle = (xyz[:, 0].min() + xyz[:, 0].max()) / 2
    pivot = np.array([middle, *xyz.mean(axis=0)[1:]])

    def lost_overlap(parameters: Array) -> float:
        normal = _tilted(parameters)
        far = (sample - pivot) @ normal - parameters[2]
        mirrored = sample - 2 * far[:, None] * normal
        kji = (mirrored - np.asarray(sacrum.grid.origin_mm)) @ sacrum.grid.direction
        kji = (kji / np.asarray(sacrum.grid.spacing_mm))[:, ::-1]
        seen = ndimage.map_coordinates(soft.values, kji.T, order=1, prefilter=False)
        return -float(seen.mean())

    best = min(
        (
            optimize.minimize(
                lost_overlap,
                [a, b, 0.0],
                method="Nelder-Mead",
                options={
                    "xatol": 1e-3,
                    "fatol": 1e-5,
                    "maxiter": 200,
                    "initial_simplex": np.array([a, b, 0.0])
                    + np.vstack([np.zeros(3), np.diag([0.12, 0.12, 5.0])]),
                },
            )
            for a in (-0.2, 0.0, 0.2)
            for b in (0.0,)
        ),
        key=lambda found: float(found.fun),
    )
    normal = _tilted(best.x)
    return normal, float(normal @ pivot + best.x[2])


def _tilted(parameters: Array) -> Array:
    normal = np.array([1.0, parameters[0], parameters[1]])
    return normal / np.linalg.norm(normal)


def _axes_in_midplane(slab: Array, normal: Array) -> tuple[Array, Array, Array]:
    """Cranial (+z) and dorsal (+y) unit vectors, from the ventral line of S1–S2; the promontory."""
    up = np.array([0.0, 0.0, 1.0])
    cranial = _flat(np.linalg.svd(slab - slab.mean(axis=0), full_matrices=False)[2][0], normal)
    cranial = cranial if cranial @ up > 0 else -cranial
    promontory = _promontory(slab, cranial, np.cross(cranial, normal))
    for _ in range(3):
        dorsal = np.cross(cranial, normal)
        z, y = slab @ cranial, slab @ dorsal
        top = float(promontory @ cranial)
        steps = np.arange(top - _AXIS_TO_MM, top - _AXIS_FROM_MM, 1.0)
        edge = [
            (s, np.percentile(y[np.abs(z - s) < 1], 2))
            for s in steps
            if (np.abs(z - s) < 1).sum() > 10
        ]
        line = np.array(edge)
        slope = np.polyfit(line[:, 0], line[:, 1], 1)[0] if len(line) > 8 else 0.0
        cranial = _flat(cranial + slope * dorsal, normal)
    return cranial, np.cross(cranial, normal), promontory


def _promontory(slab: Array, cranial: Array, dorsal: Array) -> Array:
    """The ventral upper corner: furthest up and to the front along the chord of the whole sacrum.

    A spinous process of L5 that a mask took in lies higher, but far behind; the hooked lower end
    lies in front, but far below.
    """
    score = slab @ (cranial - dorsal)
    return np.asarray(np.median(slab[score >= np.percentile(score, 99.5)], axis=0))


def _flat(vector: Array, normal: Array) -> Array:
    flat = vector - normal * (vector @ normal)
    return np.asarray(flat / np.linalg.norm(flat))


def _endplate_centre(slab: Array, cranial: Array, dorsal: Array, promontory: Array) -> Array:
    """Middle of the upper endplate, relative to the slab's centre."""
    z, y = slab @ cranial, slab @ dorsal
    top = float(promontory @ cranial)
    front = np.percentile(y[(z > top - 15) & (z < top + _ENDPLATE_RISE_MM)], 1)
    body = (y > front + 4) & (y < front + _BODY_DEPTH_MM - 4)
    body &= (z > top - 30) & (z < top + _ENDPLATE_RISE_MM)
    heights = [
        z[body & (np.abs(y - s) < 1)].max(initial=-np.inf)
        for s in np.arange(front + 5, front + _BODY_DEPTH_MM - 4)
    ]
    height = float(np.median([h for h in heights if np.isfinite(h)]))
    return np.asarray(cranial * height + dorsal * (front + _BODY_DEPTH_MM / 2))


def _sign_finding(frame: Rigid, xyz: Array) -> Finding:
    """Anatomy against scanner: wide end cranial, hollow side ventral."""
    local = (xyz - frame.translation) @ frame.rotation
    x, y, z = local.T
    low, high = np.percentile(z, [2, 98])
    third = (high - low) / 3
    upper = np.ptp(np.percentile(x[z > high - third], [2, 98]))
    lower = np.ptp(np.percentile(x[z < low + third], [2, 98]))
    slab = np.abs(x) < _SLAB_MM
    ends = [
        np.percentile(y[slab & (np.abs(z - s) < 3)], 5)
        for s in (high - 12, (low + high) / 2, low + 8)
        if (slab & (np.abs(z - s) < 3)).any()
    ]
    hollow = float(ends[1] - (ends[0] + ends[2]) / 2) if len(ends) == 3 else 0.0
    agrees = upper > lower and hollow > 0
    return Finding(
        "sacral axes by two routes",
        Verdict.PASS if agrees else Verdict.FAIL,
        "Wide end cranial and hollow side ventral agree with the scanner's axes."
        if agrees
        else "The shape says another head or front end than the scanner's axes; check the patient's orientation.",
        f"upper width {upper:.0f} mm, lower {lower:.0f} mm, hollow {hollow:.1f} mm",
        "upper wider than lower, hollow above 0 mm",
    )
