"""How well what was labelled agrees with the template and with its own mirror image, in mm."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.template import pelvis_template
from sacroplasty.anatomy.builtin.template_place import TemplatePlace
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.geometry import Volume

Labels = Volume[np.uint8]
_EVERY = 2  # distances of millimetres need no finer grid than 2.5 mm


def template_residual_mm(place: TemplatePlace, labels: Labels) -> float:
    """Mean distance of the template's bone points inside the scan from the bone they stand for.

    The wings are measured to the ilium of their side, the rest to sacrum and L5; labels lie on the
    pelvis's own axes. Infinite where a bone is missing.
    """
    template = pelvis_template()
    spine = np.isin(labels.values, (Structure.SACRUM, Structure.L5))
    pairs = [(template.wings[s][0], labels.values == ilium_structure(s)) for s in Side]
    found = []
    for points, bone in [*pairs, (template.spine[0], spine)]:
        here = points * place.pose.scale
        here = here[place.seen(here)]
        away = _distance_mm(bone, labels)
        found.append(away[tuple((place.indices(here) // _EVERY).T)])
    return float(np.concatenate(found).mean()) if sum(map(len, found)) else np.inf


def mirror_distance_mm(labels: Labels) -> dict[str, float]:
    """Mean distance by which each bone misses its mirror image in the pelvic midplane.

    Keys "ilia" (left against right) and "sacrum" (against itself); inside the image counts zero.
    """
    left, right = (labels.values == ilium_structure(side) for side in Side)
    sacrum = labels.values == Structure.SACRUM
    return {
        "ilia": (_miss(left, right[..., ::-1], labels) + _miss(right[..., ::-1], left, labels)) / 2,
        "sacrum": _miss(sacrum, sacrum[..., ::-1], labels),
    }


def _miss(bone: NDArray[np.bool_], image: NDArray[np.bool_], labels: Labels) -> float:
    """Mean distance of a bone's voxels from the image."""
    away = _distance_mm(image, labels)[bone[::_EVERY, ::_EVERY, ::_EVERY]]
    return float(away.mean()) if len(away) else np.inf


def _distance_mm(bone: NDArray[np.bool_], labels: Labels) -> NDArray[np.float64]:
    """Distance from a bone on every second voxel; infinite where there is none."""
    coarse = bone[::_EVERY, ::_EVERY, ::_EVERY]
    if not coarse.any():
        return np.full(coarse.shape, np.inf)
    return np.asarray(
        ndimage.distance_transform_edt(~coarse) * (_EVERY * labels.grid.spacing_mm[0])
    )
