"""The options by which a command is told of a patient."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sacroplasty.cli import options

if TYPE_CHECKING:
    from sacroplasty.anatomy import Segmenter
    from sacroplasty.imaging import CTVolume
    from sacroplasty.pathway import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """The scan, who finds the bones, and what is known besides the CT."""

    ct: options.Ct
    labels: options.Labels = None
    label_map: options.LabelMap = None
    engine: options.Engine = None
    weights: options.Weights = None
    series: options.Series = None
    acquisition: options.Acquisition = None
    repair_tilt: options.RepairTilt = False
    repair_gaps: options.RepairGaps = False
    fracture: options.FractureDrawing = None
    fracture_plane: options.FracturePlane = None
    mri: options.Mri = None
    pseudonym: options.Pseudonym = None

    def segmenter(self) -> "Segmenter":
        """Who finds the bones; raises the errors of `compose.segmenter_for`."""
        from sacroplasty import compose
        from sacroplasty.cli.telling import say_line

        return compose.segmenter_for(
            self.labels, self.label_map, engine=self.engine, weights=self.weights, tell=say_line
        )

    def scan(self) -> "CTVolume":
        """The CT; raises the errors of the reader."""
        from sacroplasty import compose

        return compose.read_scan(
            self.ct,
            series=self.series,
            acquisition=self.acquisition,
            repair_tilt=self.repair_tilt,
            repair_gaps=self.repair_gaps,
        )

    def patient(self, scan: "CTVolume") -> "Patient":
        """The CT with all that is known besides."""
        from sacroplasty import compose

        return compose.patient_of(
            scan,
            pseudonym=self.pseudonym,
            fracture=self.fracture,
            fracture_plane=self.fracture_plane,
            mri=self.mri,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientOptions(ScanOptions):
    """The same, with the case folder to work in."""

    out: options.Out
