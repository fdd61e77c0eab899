"""A view made ready to be asked what it shows: the patient's rays, the beam, the mean frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementRecipe
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.brightness_control import BrightnessControl
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.collimation import shuttered_to_patient
from sacroplasty.fluoroscopy.detector_settings import DetectorSettings
from sacroplasty.fluoroscopy.frame import ExpectedFrame, expected_frame
from sacroplasty.fluoroscopy.joseph import joseph_projection, shadow_of
from sacroplasty.fluoroscopy.material_paths import MaterialPaths, patient_paths
from sacroplasty.fluoroscopy.spectrum import Spectrum
from sacroplasty.fluoroscopy.stacked_patient import StackedPatient
from sacroplasty.fluoroscopy.transmission import cement_change
from sacroplasty.geometry import Volume
from sacroplasty.imaging import CTVolume

FloatImage = NDArray[np.float64]
Window = tuple[int, int, int, int]
# A ray that meets less of the bone to be filled cannot hold a shadow of cement in it that matters.
_MISSES_MM = 1.0
_DARKEST = -0.999  # no shadow takes more than this share of a signal that holds scatter


@dataclass(frozen=True, slots=True)
class Technique:
    """How pictures are taken in a room: start of the beam, detector, brightness control."""

    beam: Beam
    detector: DetectorSettings
    control: BrightnessControl

    @classmethod
    def usual(cls) -> "Technique":
        """The reference rows."""
        return cls(Beam(), DetectorSettings(), BrightnessControl())


@dataclass(frozen=True, eq=False, slots=True)
class PreparedView:
    """A view of one patient, before any cement; pictures are (rows, columns).

    beam: as the brightness control set it; spectrum: its photons per mm² of an open detector.
    apparent: −ln(signal) without noise; log_variance: its variance in one pixel of one frame.
    lit: rays within the shutters. outside: rays that miss the bone to be filled, where cement can
    only be a leak.
    """

    paths: MaterialPaths
    beam: Beam
    spectrum: Spectrum
    frame: ExpectedFrame
    apparent: NDArray[np.float32]
    log_variance: NDArray[np.float32]
    lit: NDArray[np.bool_]
    outside: NDArray[np.bool_]

    @property
    def name(self) -> str:
        """The view's name."""
        return self.paths.pose.name

    @property
    def pose(self) -> CArmPose:
        """Where source and detector stand."""
        return self.paths.pose

    def shadow(
        self, window: Window, cement_mm: NDArray[np.float32], recipe: CementRecipe
    ) -> FloatImage:
        """By how much cement on the rays of a window darkens them: −Δ ln(signal), (rows, columns).

        Scatter stays that of the patient and dilutes the change; glare moves its share away.
        """
        detector = self.frame.detector
        change = cement_change(self.paths, window, cement_mm, recipe, self.spectrum, detector)
        r0, r1, c0, c1 = window
        mean = self.frame.mean_kev[r0:r1, c0:c1].astype(np.float64)
        kept = 1.0 - detector.glare_share
        lit = self.lit[r0:r1, c0:c1]
        share = np.divide(kept * change, mean, out=np.zeros_like(mean), where=lit & (mean > 0))
        return np.asarray(-np.log1p(np.maximum(share, _DARKEST)))


def prepare_views(
    ct: CTVolume,
    poses: Sequence[CArmPose],
    to_fill: Volume[np.bool_],
    technique: Technique | None = None,
) -> tuple[PreparedView, ...]:
    """Project the patient, shutter and expose him at each pose, and mark the rays that miss `to_fill`."""
    patient, how = StackedPatient.of(ct), technique or Technique.usual()
    return tuple(prepare_view(patient_paths(patient, pose), to_fill, how) for pose in poses)


def prepare_view(paths: MaterialPaths, to_fill: Volume[np.bool_], how: Technique) -> PreparedView:
    """One view from the patient's paths at its pose."""
    pose = paths.pose
    shutters = shuttered_to_patient(paths)
    beam = how.control.beam_for(paths, how.beam, how.detector, shutters)
    frame = expected_frame(paths, beam, how.detector, shutters)
    fill_mm = np.zeros(pose.shape, dtype=np.float32)
    r0, r1, c0, c1 = window = shadow_of(to_fill.grid, pose)
    fill_mm[r0:r1, c0:c1] = joseph_projection(
        to_fill.values.astype(np.float32), to_fill.grid, pose, window
    )
    return PreparedView(
        paths,
        beam,
        beam.at_detector(pose),
        frame,
        frame.without_noise.apparent.line_integrals,
        frame.log_variance,
        shutters.open_part(pose),
        fill_mm < _MISSES_MM,
    )
