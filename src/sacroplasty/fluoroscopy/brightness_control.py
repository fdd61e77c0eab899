"""Automatic brightness: the generator follows the patient's thickness.

The mean signal in a measuring field (a disc in the middle of the detector, without the open rays
beside the patient, as controls that read a histogram do) is kept at what the detector asks for. The signal is proportional to the charge of a frame, so at a given voltage one
expected frame tells the charge that is needed; where the generator cannot give it, the voltage
goes up step by step, until it can or the highest voltage is reached. Then the picture stays
darker and noisier than asked, as it does in a thick patient.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.beam import Beam
from sacroplasty.fluoroscopy.carm_pose import CArmPose
from sacroplasty.fluoroscopy.collimation import Collimation
from sacroplasty.fluoroscopy.detector_settings import DetectorSettings
from sacroplasty.fluoroscopy.frame import ExpectedFrame, expected_frame
from sacroplasty.fluoroscopy.material_paths import MaterialPaths
from sacroplasty.fluoroscopy.materials import aluminium
from sacroplasty.fluoroscopy.tube import LEAST_KV, MOST_KV, tube_output
from sacroplasty.reference import constant, constant_default

_THIN = 8  # every so many-th ray is enough for a mean over the field


@dataclass(frozen=True, slots=True)
class BrightnessControl:
    """detector_dose_ngy: air kerma at the detector that a frame is to have, in the standard beam.

    most_mas, most_kv: what the generator can give; step_kv: by how much it raises the voltage.
    measured_part: radius of the measuring field over half the shorter edge of the detector.
    """

    detector_dose_ngy: float = constant_default("detector_dose_per_frame")
    least_mas: float = constant_default("beam_least_charge")
    most_mas: float = constant_default("beam_most_charge")
    most_kv: float = constant_default("beam_most_voltage")
    step_kv: float = constant_default("beam_voltage_step")
    measured_part: float = constant_default("brightness_field")

    def __post_init__(self) -> None:
        if not 0 < self.least_mas < self.most_mas:
            raise BadInput(
                f"Brightness control: charges of {self.least_mas}–{self.most_mas} mAs are no range."
            )
        if not LEAST_KV <= self.most_kv <= MOST_KV:
            raise BadInput(
                f"Brightness control: {self.most_kv} kV is outside {LEAST_KV:g}–{MOST_KV:g} kV."
            )
        if not (self.detector_dose_ngy > 0 and self.step_kv > 0 and 0 < self.measured_part <= 1):
            raise BadInput(
                "Brightness control: dose and voltage step must be positive and the measuring "
                f"field within 0–1; got {self.detector_dose_ngy} nGy, {self.step_kv} kV, "
                f"{self.measured_part}."
            )

    def asked_kev(self, pose: CArmPose, detector: DetectorSettings) -> float:
        """The mean signal of a pixel at that dose, in the beam that detectors are rated in.

        That beam is 70 kV behind 23.5 mm of aluminium (RQA 5 of IEC 61267).
        """
        standard = standard_beam_signal(detector)
        return self.detector_dose_ngy / 1000.0 * standard * pose.pixel_mm**2

    def beam_for(
        self,
        paths: MaterialPaths,
        beam: Beam,
        detector: DetectorSettings,
        collimation: Collimation | None = None,
    ) -> Beam:
        """`beam` with the charge, and where that is not enough the voltage, that the view needs."""
        thin = paths_thinned(paths, _THIN)
        asked = self.asked_kev(thin.pose, detector)
        tube_kv = beam.tube_kv
        while True:
            trial = beam.with_exposure(tube_kv=tube_kv, mas=1.0)
            frame = expected_frame(thin, trial, detector, collimation)
            per_mas = self.mean_in_field(frame, thin)
            needed = asked / per_mas if per_mas > 0 else np.inf
            if needed <= self.most_mas or tube_kv >= self.most_kv:
                mas = float(np.clip(needed, self.least_mas, self.most_mas))
                return beam.with_exposure(tube_kv=tube_kv, mas=mas)
            tube_kv = min(tube_kv + self.step_kv, self.most_kv)

    def mean_in_field(self, frame: ExpectedFrame, paths: MaterialPaths) -> float:
        """Mean signal in the measuring field, keV a pixel; 0 where it holds no patient."""
        measured = self.field(frame.pose) & paths.through_patient
        return float(frame.mean_kev[measured].mean()) if measured.any() else 0.0

    def field(self, pose: CArmPose) -> NDArray[np.bool_]:
        """The pixels that are measured."""
        down, right = ((np.arange(n) - (n - 1) / 2.0) for n in pose.shape)
        reach = 0.5 * self.measured_part * min(pose.shape)
        return np.asarray(np.hypot(down[:, None], right[None, :]) <= reach)


def standard_beam_signal(detector: DetectorSettings) -> float:
    """keV that a mm² of the scintillator absorbs per µGy of the RQA 5 beam."""
    tube_kv, filter_mm = (constant(f"rqa5_{name}").value for name in ("voltage", "aluminium"))
    beam = tube_output(tube_kv).through(aluminium(), filter_mm)
    absorbed = beam.photons * detector.absorbed_share(beam.energy_kev) @ beam.energy_kev
    return float(absorbed) / beam.air_kerma_ugy


def paths_thinned(paths: MaterialPaths, step: int) -> MaterialPaths:
    """Every `step`-th ray along rows and columns: the same view on a coarser detector."""
    pose = paths.pose
    kept = [np.arange(n)[(n - 1) % step // 2 :: step] for n in pose.shape]
    middle = [
        (part[0] + part[-1]) / 2.0 - (n - 1) / 2.0 for part, n in zip(kept, pose.shape, strict=True)
    ]
    centre = (
        pose.detector_centre.single
        + middle[0] * pose.pixel_mm * pose.down
        + middle[1] * pose.pixel_mm * pose.right
    )
    coarse = CArmPose(
        pose.name,
        pose.source,
        type(pose.detector_centre)(centre, pose.frame),
        pose.right,
        pose.down,
        (len(kept[0]), len(kept[1])),
        pose.pixel_mm * step,
    )
    rays = np.ix_(*kept)
    return MaterialPaths(
        paths.water_mm[rays],
        paths.bone_mm[rays],
        paths.cement_mm[rays],
        paths.steel_mm[rays],
        coarse,
        paths.recipe,
    )
