"""The record of one simulated injection."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sacroplasty.cement import CementField
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding
from sacroplasty.geometry import Volume
from sacroplasty.injection.stop_event import StopEvent
from sacroplasty.leaks import LeakReport


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """One row per recorded step; all arrays have shape (n,).

    time_s since the first needle opened; needle index; volume_mm3 injected in total so far;
    tip_pressure_mpa at the needle tip; syringe_pressure_mpa with the needle's own resistance added;
    rate_mm3_per_s at which these hold.
    """

    time_s: NDArray[np.float64]
    needle: NDArray[np.int64]
    volume_mm3: NDArray[np.float64]
    tip_pressure_mpa: NDArray[np.float64]
    syringe_pressure_mpa: NDArray[np.float64]
    rate_mm3_per_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        for column in fields(self):
            name, values = column.name, getattr(self, column.name)
            if values.shape != self.time_s.shape:
                raise BadInput(
                    f"Timeline column {name} has {values.shape} rows, not {self.time_s.shape}."
                )
            sealed = values.view()
            sealed.flags.writeable = False
            object.__setattr__(self, name, sealed)


@dataclass(frozen=True, eq=False, slots=True)
class InjectionRun:
    """What went where and when.

    arrival_time_s: when cement filled each voxel (float32; inf where it never came).
    porosity: the pore fraction that the flow used, so that `cement_at` can be exact.
    age_s: chemical age at the end, in seconds at the cement's reference temperature (0 where there
    is no cement).
    cement: the field at the end, with partly filled front voxels.
    stop_events: what the stop rule met and the operator did, in the order of time.
    mass_error: relative difference between injected and found volume.
    """

    arrival_time_s: Volume[np.float32]
    porosity: Volume[np.float32]
    age_s: Volume[np.float32]
    cement: CementField
    timeline: Timeline
    leaks: LeakReport
    injected_mm3: tuple[float, ...]
    mass_error: float
    findings: tuple[Finding, ...]
    stop_events: tuple[StopEvent, ...] = ()

    def cement_at(self, time_s: float) -> CementField:
        """The cement field at a time: all voxels that were full by then."""
        full = self.arrival_time_s.values <= time_s
        fraction = np.where(full, self.porosity.values, np.float32(0.0))
        return CementField(Volume(fraction.astype(np.float32), self.arrival_time_s.grid))
