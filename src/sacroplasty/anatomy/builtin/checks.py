"""Is it a pelvis, the right way up, with a whole sacrum in it?

No single number decides: all questions must be answered. What the template's place shows is asked
first (`require_pelvis`), what was labelled there second (`require_trust`). The two that no impostor
passed are independent of the width of a joint: how far the template misses the labelled bones, and
how far left misses right. Each limit says what real and virtual pelves and impostors reach.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from sacroplasty.anatomy.builtin.agreement import mirror_distance_mm, template_residual_mm
from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.joints import JointSurface
from sacroplasty.anatomy.builtin.pose import HEADER_ORIENTATION
from sacroplasty.anatomy.builtin.solid_bone import CORTEX_HU
from sacroplasty.anatomy.builtin.template_place import WING_REACH_MM, TemplatePlace
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.geometry import Volume
from sacroplasty.reference import constant
from sacroplasty.units import ml_from_mm3

_LEAST_WING = 0.50  # share of a generic wing that must be bone; 0.75 in a fractured, cut pelvis
_LEAST_OWN_WING = 0.45  # the same for one connected ilium: 0.73 there, ribs up to 0.21
_MOST_CLUTTER = 0.10  # share of generic empty space that may be bone; pelves below 0.03
_MOST_AIR = 0.25  # pelves 0.00 without bowel gas between the wings; chests 0.4 and more
LEAST_SYMMETRY = 0.45  # fractured and rotated pelves keep more than this
MOST_RESIDUAL_MM = 6.0  # real pelves 2.5 to 4.2, fractured ones included; dense abdomens 6.7 to 25
MOST_UNLIKE_MM = 6.0  # ilia: real pelves 1.4 to 3.2; dense abdomens 8.3 to 32
_LEAST_ALA_ML = 5.0  # real and virtual alae 14 to 24; the lesser of a dense abdomen 0 to 2.6
_VOLUME_DOUBT = 2.0  # a coarse scan loses marrow, a spur adds bone: how far beyond the real range
_ALA_MM, _ALA_LEVELS_MM = (26.0, 42.0), (-25.0, 20.0)
_NEAR_MM = 8.0  # a joint with its cortices is thinner than this
_NEXT_STEP = "choose a CT that shows the whole sacrum and both ilia."
_CUT = "The scan is cut through the sacrum: S1 to S3 with both alae are not all inside it"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the engine labelled on the way, for the checks to look at."""

    place: TemplatePlace
    labels: Volume[np.uint8]
    plane: DiscPlane
    joints: dict[Side, JointSurface]

    def volume_ml(self, bone: Structure) -> float:
        """Volume of one labelled bone in mL."""
        voxels = int((self.labels.values == bone).sum())
        return ml_from_mm3(voxels * self.labels.grid.voxel_mm3)

    @property
    def ilia_ml(self) -> dict[Side, float]:
        """Volumes of the two ilia."""
        return {side: self.volume_ml(ilium_structure(side)) for side in Side}

    @cached_property
    def residual_mm(self) -> float:
        """How far the template misses the labelled bones."""
        return template_residual_mm(self.place, self.labels)

    @cached_property
    def unlike_mm(self) -> dict[str, float]:
        """How far the ilia, and the halves of the sacrum, miss each other's mirror image."""
        return mirror_distance_mm(self.labels)

    @property
    def symmetry(self) -> float:
        """Smaller ilium by larger, 0 to 1."""
        ilia = self.ilia_ml.values()
        return min(ilia) / max(max(ilia), 1e-9)

    def own_wing(self, side: Side) -> float:
        """Share of the template wing that the one connected ilium covers; ribs are many pieces."""
        points = self.place.wing_points(side)
        size = 2 * round(WING_REACH_MM / self.place.axes.step_mm) + 1
        ilium = (self.labels.values == ilium_structure(side)).view(np.uint8)
        return float(self.place.at(ndimage.maximum_filter(ilium, size) > 0, points).mean())

    def joint_area_mm2(self, side: Side) -> float:
        """Area over which the sacrum faces the ilium within 8 mm, whatever the gap between them.

        Behind a gap g, a face of area A has the bone A (8 - g) within 8 mm, at the mean distance
        (8 + g) / 2: so A is that bone's volume over 2 (8 - mean distance).
        """
        near = self.labels.values[::2, ::2, ::2]
        ilium, step = near == ilium_structure(side), 2 * self.labels.grid.spacing_mm[0]
        if not ilium.any():
            return 0.0
        away = ndimage.distance_transform_edt(~ilium)[near == Structure.SACRUM] * step
        facing = away[away < _NEAR_MM]
        if not len(facing):
            return 0.0
        return float(len(facing) * step**3 / (2.0 * (_NEAR_MM - facing.mean())))

    def ala_ml(self, side: Side) -> float:
        """Sacral bone between the body of S1 and the joint; a lumbar vertebra has none."""
        a = self.place.axes
        low, high = sorted(a.index("x", side.sign * x) for x in _ALA_MM)
        levels = slice(a.index("z", _ALA_LEVELS_MM[0]), a.index("z", _ALA_LEVELS_MM[1]))
        part = self.labels.values[levels, :, low : high + 1] == Structure.SACRUM
        return ml_from_mm3(float(part.sum()) * self.labels.grid.voxel_mm3)

    def gap(self, side: Side) -> float:
        """Mean depth (0…1) of the dark gap where the joint's synovial part is."""
        a = self.place.axes
        rows = slice(a.index("z", -25.0), a.index("z", 15.0))
        return float(self.joints[side].valley[rows, a.index("y", 0.0) : a.index("y", 35.0)].mean())


def require_pelvis(place: TemplatePlace) -> None:
    """Raises `AnatomyNotTrusted` in one sentence where the template fits no pelvis, or a cut one."""
    _refuse(
        _clutter_or_air(place) or _no_wings(place) or (None if place.shows_s1_to_s3() else _CUT)
    )


def require_trust(evidence: Evidence) -> None:
    """Raises `AnatomyNotTrusted` in one sentence that says what was found instead."""
    _refuse(
        _wrong_bones(evidence)
        or _wrong_volume(evidence)
        or _no_agreement(evidence)
        or _wrong_place(evidence)
    )


def _refuse(reason: str | None) -> None:
    if reason:
        raise AnatomyNotTrusted(f"{reason}; {_NEXT_STEP}")


def _clutter_or_air(place: TemplatePlace) -> str | None:
    """What lies where a pelvis has soft tissue, or None."""
    if not place.shows_bone():
        return f"No bone above {CORTEX_HU:.0f} HU was found in this CT"
    clutter, air = place.clutter(), place.air()
    if clutter > _MOST_CLUTTER:
        return (
            f"No pelvis was found: {clutter:.0%} of the place for soft tissue is as dense as bone "
            f"(at most {_MOST_CLUTTER:.0%})"
        )
    if air > _MOST_AIR:
        return (
            f"No pelvis was found: {air:.0%} of the space between the best matches for iliac wings "
            f"is air (at most {_MOST_AIR:.0%})"
        )
    return None


def _no_wings(place: TemplatePlace) -> str | None:
    """Too little bone where the iliac wings are, or None."""
    wings = {side: place.wing_bone(side) for side in Side}
    worst = min(wings, key=lambda side: wings[side])
    if wings[worst] < _LEAST_WING:
        return (
            f"No pelvis was found: of the best match for a {worst.value} iliac wing only "
            f"{wings[worst]:.0%} is bone (at least {_LEAST_WING:.0%})"
        )
    return None


def _wrong_bones(evidence: Evidence) -> str | None:
    """An ilium in pieces like ribs, or one that does not face the sacrum."""
    least = constant("si_joint_area").low
    for side in Side:
        own, area = evidence.own_wing(side), evidence.joint_area_mm2(side)
        if own < _LEAST_OWN_WING:
            return (
                f"No pelvis was found: one connected bone covers only {own:.0%} of the best match "
                f"for a {side.value} iliac wing (at least {_LEAST_OWN_WING:.0%})"
            )
        if area < least:
            return (
                f"No {side.value} SI joint was found: ilium and sacrum face each other over "
                f"{area:.0f} mm² (at least {least:.0f} mm²)"
            )
    return None


def _no_agreement(evidence: Evidence) -> str | None:
    """Bones that are not where a pelvis has them, or a left half unlike the right one."""
    residual, unlike = evidence.residual_mm, evidence.unlike_mm["ilia"]
    if not residual <= MOST_RESIDUAL_MM:
        return (
            f"No pelvis was found: the bones lie {residual:.0f} mm from where a pelvis has them "
            f"(at most {MOST_RESIDUAL_MM:.0f} mm)"
        )
    if not unlike <= MOST_UNLIKE_MM:
        return (
            f"No pelvis was found: the left ilium misses the mirrored right one by {unlike:.0f} mm "
            f"(at most {MOST_UNLIKE_MM:.0f} mm)"
        )
    for side in Side:
        ala = evidence.ala_ml(side)
        if ala < _LEAST_ALA_ML:
            return (
                f"No {side.value} sacral ala was found: {ala:.0f} mL of bone beside S1 "
                f"(at least {_LEAST_ALA_ML:.0f} mL)"
            )
    return None


def _wrong_place(evidence: Evidence) -> str | None:
    """A pelvis, but lying against the header, or cut."""
    place = evidence.place
    if place.pose.orientation != HEADER_ORIENTATION:
        return f"The pelvis lies {place.pose.orientation}, against what the scan's header says"
    return None if place.shows_s1_to_s3(evidence.plane.z_mm) else _CUT


def sacrum_range_ml() -> tuple[float, float]:
    """Volumes in mL beyond which what was found is no sacrum."""
    row = constant("sacrum_volume")
    return row.low / _VOLUME_DOUBT, row.high * _VOLUME_DOUBT


def _wrong_volume(evidence: Evidence) -> str | None:
    """A bone that is too small, too large or unlike its twin."""
    least = constant("ilium_volume").low
    for side, volume in evidence.ilia_ml.items():
        if volume < least:
            return (
                f"No {side.value} ilium was found beside the sacrum: {volume:.0f} mL of bone "
                f"(at least {least:.0f} mL)"
            )
    if evidence.symmetry < LEAST_SYMMETRY:
        return (
            f"No pelvis was found: one ilium has {evidence.symmetry:.0%} of the other's "
            f"volume (at least {LEAST_SYMMETRY:.0%})"
        )
    sacrum = evidence.volume_ml(Structure.SACRUM)
    low, high = sacrum_range_ml()
    if not low <= sacrum <= high:
        return f"No whole sacrum was found: {sacrum:.0f} mL of bone ({low:.0f} to {high:.0f} mL)"
    return None
