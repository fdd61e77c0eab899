"""One frame of fluoroscopy: the mean picture, and one draw of its noise."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.blur import broad_blur, narrow_blur, penumbra_mm
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.collimation import Collimation
from sacroplasty.fluoroscopy.detector_settings import DetectorSettings
from sacroplasty.fluoroscopy.material_paths import MaterialPaths
from sacroplasty.fluoroscopy.radiograph import Radiograph
from sacroplasty.fluoroscopy.transmission import absorbed_signal
from sacroplasty.reference import constant

FloatImage = NDArray[np.float32]
_FEW_QUANTA = 50.0  # below, photons are counted by Poisson's law; above, it is a normal one
_ELECTRONIC_KEV = 60.0  # the photon that electronic noise is given in
_DARKEST_SHARE = 1e-7  # of an open pixel: the least signal that a logarithm is taken of


@dataclass(frozen=True, eq=False, slots=True)
class FluoroscopicFrame:
    """`signal_kev` (rows, columns) float32: energy absorbed in each pixel; never windowed.

    open_kev: what a pixel with nothing before it absorbs of the same beam on average.
    """

    signal_kev: FloatImage
    open_kev: float
    pose: CArmPose

    def __post_init__(self) -> None:
        if self.signal_kev.shape != self.pose.shape:
            raise BadInput(
                f"A picture of {self.signal_kev.shape} does not fit a detector of {self.pose.shape}."
            )
        sealed = self.signal_kev.view()
        sealed.flags.writeable = False
        object.__setattr__(self, "signal_kev", sealed)

    @property
    def apparent(self) -> Radiograph:
        """−ln(signal/open): what looks like a line integral, with noise, scatter and hardening."""
        share = self.signal_kev / np.float32(self.open_kev)
        return Radiograph(-np.log(np.maximum(share, np.float32(_DARKEST_SHARE))), self.pose)


@dataclass(frozen=True, eq=False, slots=True)
class ExpectedFrame:
    """The mean of a frame and the size of its quanta, both (rows, columns) in keV."""

    mean_kev: FloatImage
    quantum_kev: FloatImage
    open_kev: float
    pose: CArmPose
    detector: DetectorSettings

    @property
    def without_noise(self) -> FluoroscopicFrame:
        """The mean picture, as light in the scintillator blurs it."""
        mean = narrow_blur(self.mean_kev, self.detector.light_mm / self.pose.pixel_mm)
        return FluoroscopicFrame(mean, self.open_kev, self.pose)

    @property
    def log_variance(self) -> FloatImage:
        """Variance of ln(signal) of a pixel by photons and electronics, before the light blurs it."""
        electronic = (self.detector.electronic_quanta * _ELECTRONIC_KEV) ** 2
        variance = self.quantum_kev * self.mean_kev + np.float32(electronic)
        return np.asarray(variance / np.maximum(self.mean_kev, np.float32(1e-6)) ** 2)

    def drawn(self, rng: np.random.Generator) -> FluoroscopicFrame:
        """One frame: photons by Poisson's law in quanta of q, then light, then electronics.

        q·Poisson(m₁/q) has the mean m₁ and the variance q·m₁ = m₂ of the compound process.
        """
        counts = self.mean_kev / self.quantum_kev
        noisy = counts + np.sqrt(counts) * rng.standard_normal(counts.shape, dtype=np.float32)
        few = counts < _FEW_QUANTA
        noisy[few] = rng.poisson(counts[few])
        light = narrow_blur(noisy * self.quantum_kev, self.detector.light_mm / self.pose.pixel_mm)
        electronic = np.float32(self.detector.electronic_quanta * _ELECTRONIC_KEV)
        if electronic:
            light = light + electronic * rng.standard_normal(light.shape, dtype=np.float32)
        return FluoroscopicFrame(light, self.open_kev, self.pose)


def expected_frame(
    paths: MaterialPaths,
    beam: Beam,
    detector: DetectorSettings,
    collimation: Collimation | None = None,
) -> ExpectedFrame:
    """The mean picture: hardened primary, shutters, focal spot, scatter, glare, in this order.

    Scatter is a prior, not a simulation: what rays give off, spread by a broad Gaussian. Glare
    moves a share of all signal by another. The focal spot's half-shadow is that of the
    isocentre's depth.
    """
    absorbed = absorbed_signal(paths, beam.at_detector(paths.pose), detector)
    primary = absorbed.mean_kev
    if collimation is not None:
        primary = np.where(collimation.open_part(paths.pose), primary, np.float32(0.0))
    pixel = paths.pose.pixel_mm
    # A square spot's shadow is a box; its standard deviation is its width over √12.
    width = penumbra_mm(detector.focal_spot_mm, _magnification(paths.pose))
    mean = narrow_blur(primary, width / math.sqrt(12.0) / pixel)
    if detector.scatter_to_primary > 0:
        mean = mean + broad_blur(_given_off(primary, paths, detector), detector.scatter_mm / pixel)
    if detector.glare_share > 0:
        veil = broad_blur(mean, detector.glare_mm / pixel)
        share = np.float32(detector.glare_share)
        mean = (1 - share) * mean + share * veil
    return ExpectedFrame(mean, absorbed.quantum_kev, absorbed.open_kev, paths.pose, detector)


def _given_off(primary: FloatImage, paths: MaterialPaths, detector: DetectorSettings) -> FloatImage:
    """Scatter where it comes from: s · P · L/⟨L⟩, with L the water and bone that a ray has met.

    ⟨L⟩ is the mean of L weighted by P, so all scatter is s times all primary that has met the
    patient; open rays beside the patient give off none.
    """
    met = primary * (paths.water_mm + paths.bone_mm)
    behind = float(primary[paths.through_patient].sum(dtype=np.float64))
    total = float(met.sum(dtype=np.float64))
    if total <= 0:
        return np.zeros_like(primary)
    return np.asarray(met * np.float32(detector.scatter_to_primary * behind / total))


def _magnification(pose: CArmPose) -> float:
    """Of the isocentre's depth, which lies a fixed way from the focal spot."""
    reach = float(pose.source.distance_mm(pose.detector_centre)[0])
    return max(1.0, reach / constant("carm_source_isocentre").value)


def fluoroscopic_frame(
    paths: MaterialPaths,
    beam: Beam,
    detector: DetectorSettings,
    rng: np.random.Generator,
    collimation: Collimation | None = None,
) -> FluoroscopicFrame:
    """One noisy frame of what the rays have met."""
    return expected_frame(paths, beam, detector, collimation).drawn(rng)
