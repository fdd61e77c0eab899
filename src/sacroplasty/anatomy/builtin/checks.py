"""Is it a pelvis, the right way up, with a whole sacrum in it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sacroplasty.anatomy.builtin.disc import DiscPlane
from sacroplasty.anatomy.builtin.joints import JointSurface
from sacroplasty.anatomy.builtin.pelvis_axes import PelvisAxes
from sacroplasty.anatomy.builtin.pose import HEADER_ORIENTATION, PelvisPose
from sacroplasty.anatomy.builtin.solid_bone import CORTEX_HU
from sacroplasty.anatomy.builtin.template import empty_points, wing_points
from sacroplasty.anatomy.structures import Side, Structure, ilium_structure
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume

_LEAST_WING = 0.40  # share of a generic iliac wing that must be bone; 0.57 in a fractured pelvis
_MOST_CLUTTER = 0.15  # share of generic empty space that may be bone; real pelves stay below 0.02
_LEAST_ILIUM_ML = 100.0
_LEAST_SYMMETRY = 0.45  # fractured and rotated pelves keep more than this
_SACRUM_ML = (70.0, 500.0)  # solid sacra are 150 to 300 mL; coarse CTs lose marrow
_SEEN_GAP = 0.2
_HIT_MM = 5.0
_THROUGH_S3_MM = ((0.0, 0.0, 4.0), (0.0, 40.0, -35.0), (0.0, 52.0, -62.0))
_LATERAL_MM = 48.0


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """What the engine found on the way, for the checks to look at."""

    ct: CTVolume
    labels: Volume[np.uint8]
    solid: NDArray[np.bool_]
    axes: PelvisAxes
    pose: PelvisPose
    plane: DiscPlane
    joints: dict[Side, JointSurface]

    def volume_ml(self, bone: Structure) -> float:
        """Volume of one labelled bone in mL."""
        return float((self.labels.values == bone).sum() * self.axes.grid.voxel_mm3 / 1000.0)

    @property
    def ilia_ml(self) -> dict[Side, float]:
        """Volumes of the two ilia."""
        return {side: self.volume_ml(ilium_structure(side)) for side in Side}

    @property
    def symmetry(self) -> float:
        """Smaller ilium by larger, 0 to 1."""
        ilia = self.ilia_ml.values()
        return min(ilia) / max(max(ilia), 1e-9)

    def template_hits(self) -> tuple[dict[Side, float], float]:
        """Share of each template wing that is bone, and of the template's empty space."""
        stride = max(round(_HIT_MM / self.axes.step_mm / 1.5), 1)
        thick = ndimage.maximum_filter(self.solid[::stride, ::stride, ::stride], 3)
        thin = self.solid[::stride, ::stride, ::stride]
        wing, empty = wing_points() * self.pose.scale, empty_points() * self.pose.scale
        wings = {
            side: float(self._at(thick, wing * (side.sign, 1.0, 1.0), stride).mean())
            for side in Side
        }
        return wings, float(self._at(thin, empty, stride).mean())

    def _at(
        self, mask: NDArray[np.bool_], points: NDArray[np.float64], stride: int
    ) -> NDArray[np.bool_]:
        low = (self.axes.z_mm[0], self.axes.y_mm[0], self.axes.x_mm[0])
        kji = np.rint((points[:, ::-1] - low) / (self.axes.step_mm * stride)).astype(int)
        inside = np.clip(kji, 0, np.asarray(mask.shape) - 1)
        return np.asarray(mask[tuple(inside.T)])

    def gap(self, side: Side) -> float:
        """Mean depth (0…1) of the dark gap where the joint's synovial part is."""
        a = self.axes
        rows = slice(a.index("z", -25.0), a.index("z", 15.0))
        return float(self.joints[side].valley[rows, a.index("y", 0.0) : a.index("y", 35.0)].mean())

    def shows_s1_to_s3(self) -> bool:
        """Whether the scan itself reaches from the L5/S1 disc and both alae to S3."""
        heights = np.array(_THROUGH_S3_MM)
        shift = (0.0, 0.0, min(self.plane.z_mm, 12.0))
        ala = np.array([(s * _LATERAL_MM, 15.0, -12.0) for s in (-1.0, 1.0)])
        points = np.concatenate([heights, ala]) + shift
        lps = points @ self.axes.grid.direction.T + self.pose.origin_mm
        return bool(self.ct.grid.contains(Points(lps, self.ct.frame)).all())


def require_trust(evidence: Evidence) -> None:
    """Raises `AnatomyNotTrusted` in one sentence that says what was found instead."""
    reason = _why_not(evidence)
    if reason:
        raise AnatomyNotTrusted(f"{reason}; choose a CT that shows the whole sacrum and both ilia.")


def _why_not(evidence: Evidence) -> str | None:
    """The first thing that speaks against a whole, upright sacrum, or None."""
    if not evidence.solid.any():
        return f"No bone above {CORTEX_HU:.0f} HU was found in this CT"
    wings, clutter = evidence.template_hits()
    if clutter > _MOST_CLUTTER:
        return (
            f"No pelvis was found: {clutter:.0%} of the place for soft tissue is as dense as bone "
            f"(at most {_MOST_CLUTTER:.0%})"
        )
    worst = min(wings, key=lambda side: wings[side])
    if wings[worst] < _LEAST_WING:
        return (
            f"No pelvis was found: of the best match for a {worst.value} iliac wing only "
            f"{wings[worst]:.0%} is bone (at least {_LEAST_WING:.0%})"
        )
    return _wrong_volume(evidence) or _wrong_place(evidence)


def _wrong_place(evidence: Evidence) -> str | None:
    """A pelvis, but lying against the header, or cut."""
    if evidence.pose.orientation != HEADER_ORIENTATION:
        return f"The pelvis lies {evidence.pose.orientation}, against what the scan's header says"
    if not evidence.shows_s1_to_s3():
        return "The scan is cut through the sacrum: S1 to S3 with both alae are not all inside it"
    return None


def _wrong_volume(evidence: Evidence) -> str | None:
    """A bone that is too small, too large or unlike its twin."""
    for side, volume in evidence.ilia_ml.items():
        if volume < _LEAST_ILIUM_ML:
            return (
                f"No {side.value} ilium was found beside the sacrum: {volume:.0f} mL of bone "
                f"(at least {_LEAST_ILIUM_ML:.0f} mL)"
            )
    if evidence.symmetry < _LEAST_SYMMETRY:
        return (
            f"What was found is no pelvis: one ilium has {evidence.symmetry:.0%} of the other's "
            f"volume (at least {_LEAST_SYMMETRY:.0%})"
        )
    sacrum = evidence.volume_ml(Structure.SACRUM)
    low, high = _SACRUM_ML
    if not low <= sacrum <= high:
        return f"No whole sacrum was found: {sacrum:.0f} mL of bone ({low:.0f} to {high:.0f} mL)"
    return None


def findings_of(evidence: Evidence) -> tuple[Finding, ...]:
    """What was checked, with numbers; only masks that passed `require_trust` get here."""
    low, high = _SACRUM_ML
    sacrum = evidence.volume_ml(Structure.SACRUM)
    return (
        Finding("orientation", Verdict.PASS, "The pelvis lies as the scan's header says."),
        Finding(
            "symmetric ilia",
            Verdict.PASS,
            "Both ilia were found in similar size.",
            f"{evidence.symmetry:.2f}",
            f"at least {_LEAST_SYMMETRY:.2f}",
        ),
        Finding(
            "sacral volume",
            Verdict.PASS,
            "The sacrum has a credible volume.",
            f"{sacrum:.0f} mL",
            f"{low:.0f} to {high:.0f} mL",
        ),
        *(_gap_finding(evidence.gap(side), side) for side in Side),
    )


def _gap_finding(gap: float, side: Side) -> Finding:
    """A faint gap is no error of the patient's: the boundary then rests on smoothness alone."""
    seen = gap >= _SEEN_GAP
    says = (
        f"The {side.value} SI joint gap is seen."
        if seen
        else f"The {side.value} SI joint gap is faint; look at the boundary of sacrum and ilium."
    )
    return Finding(
        f"SI joint gap {side.value}",
        Verdict.PASS if seen else Verdict.NOT_CHECKED,
        says,
        f"{gap:.2f}",
        f"at least {_SEEN_GAP:.2f}",
    )
