"""Which calibration a scan allows: rods, else the patient's tissues, else the literature line."""

from collections.abc import Sequence

from sacroplasty.anatomy.density.calibration import Calibration, literature_calibration
from sacroplasty.anatomy.density.rods import Rod, calibrate_from_rods
from sacroplasty.anatomy.density.tissues import Tissue, calibrate_from_tissues, read_tissues
from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.errors import BadInput
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Points
from sacroplasty.imaging import CTVolume
from sacroplasty.reference import constant


def best_calibration(
    ct: CTVolume,
    sacrum: SacrumModel,
    rods: Sequence[Rod] = (),
    vessel: Points | None = None,
) -> tuple[Calibration, tuple[Finding, ...]]:
    """The best calibration that the scan allows, and what was seen on the way.

    Given rods are used or refused, never passed over. Tissues are used where the image holds them,
    and where they read like tissue on a scanner that is in order; else the literature line, with
    the reason in a finding. Raises `BadInput` as `calibrate_from_rods` does.
    """
    if rods:
        return calibrate_from_rods(ct, rods), ()
    check = "tissues for calibration"
    try:
        readings = read_tissues(ct, sacrum, vessel)
    except BadInput as missing:
        return literature_calibration(), (Finding(check, Verdict.NOT_CHECKED, str(missing)),)
    measured = ", ".join(f"{tissue.value} {hu:.0f} HU" for tissue, hu in readings.items())
    odd = [t for t, hu in readings.items() if not _is_usual(t, hu)]
    if odd:
        names = " and ".join(tissue.value for tissue in odd)
        finding = Finding(
            check,
            Verdict.FAIL,
            f"The patient's {names} reads outside its usual range (contrast medium, another tube "
            "voltage, oedema or a scanner that is off), so tissues do not calibrate this scan.",
            measured,
            ", ".join(_range(tissue) for tissue in odd),
        )
        return literature_calibration(), (finding,)
    try:
        calibration = calibrate_from_tissues(readings)
    except BadInput as few:
        finding = Finding(check, Verdict.NOT_CHECKED, str(few), measured)
        return literature_calibration(), (finding,)
    return calibration, (Finding(check, Verdict.PASS, "Tissues read as usual.", measured),)


def _is_usual(tissue: Tissue, hu: float) -> bool:
    row = constant(f"{tissue.value}_hu")
    return row.low <= hu <= row.high


def _range(tissue: Tissue) -> str:
    row = constant(f"{tissue.value}_hu")
    return f"{tissue.value} {row.low:.0f} to {row.high:.0f} HU"
