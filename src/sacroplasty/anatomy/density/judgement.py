"""What may be said about a density: how it was calibrated, contrast, and whether it looks osteoporotic."""

from sacroplasty.anatomy.density.calibration import Calibration, CalibrationMethod
from sacroplasty.anatomy.density.sacral_density import RegionDensity
from sacroplasty.findings import Finding, Verdict
from sacroplasty.reference import constant


def judge_density(
    regions: tuple[RegionDensity, ...],
    l5: RegionDensity | None,
    calibration: Calibration,
    contrast: bool | None,
) -> tuple[Finding, ...]:
    """Findings on calibration, contrast medium, the sacrum's and L5's density.

    Opportunistic: a low CT density is a reason for densitometry, never a diagnosis.
    """
    whole = regions[0] if regions and regions[0].zone is None else None
    return (
        _calibration(calibration),
        _contrast(contrast),
        _sacrum(whole),
        _l5(l5, contrast),
    )


def _calibration(calibration: Calibration) -> Finding:
    known = calibration.method is not CalibrationMethod.LITERATURE
    return Finding(
        "density calibration",
        Verdict.PASS if known else Verdict.NOT_CHECKED,
        calibration.says,
        f"density = {calibration.slope:.3f} · HU {calibration.intercept:+.1f} mg/cm³",
    )


def _contrast(contrast: bool | None) -> Finding:
    check = "contrast medium"
    if contrast is None:
        return Finding(
            check,
            Verdict.NOT_CHECKED,
            "Whether contrast medium was given is not known; it raises the HU of marrow, so a "
            "density may read too high.",
        )
    if contrast:
        return Finding(
            check,
            Verdict.FAIL,
            "The scan was made with contrast medium, which raises the HU of marrow by an unknown "
            "amount: take densities as upper limits and flag nothing as normal.",
        )
    return Finding(check, Verdict.PASS, "The scan was made without contrast medium.")


def _sacrum(whole: RegionDensity | None) -> Finding:
    """No published threshold is known for the sacrum, so none is applied."""
    says = (
        "No published HU or density threshold for osteoporosis is known here for the sacrum; those "
        "of QCT apply to L1 and L2, and the sacrum reads lower. Judge by densitometry."
    )
    if whole is None:
        says = "There is too little sacral marrow clear of cortex to measure. " + says
    measured = whole and (
        f"{whole.mean_hu:.0f} HU, {whole.density_mg_cm3:.0f} ± {whole.uncertainty_mg_cm3:.0f} mg/cm³"
    )
    return Finding("osteoporosis in the sacrum", Verdict.NOT_CHECKED, says, measured or None)


def _l5(l5: RegionDensity | None, contrast: bool | None) -> Finding:
    """L5 beside the published lumbar HU of women and men with and without sacral fractures.

    The limit lies equally many SD above the mean of the fracture group and below that of the
    other: with mean m and SD s of each, (m1 s2 + m2 s1)/(s1 + s2). It is derived here from the
    four published numbers and was validated by nobody.
    """
    check = "osteoporosis in L5"
    broken, intact = constant("lumbar_hu_with_fracture"), constant("lumbar_hu_without_fracture")
    s1, s2 = ((row.high - row.low) / 4.0 for row in (broken, intact))
    limit = (broken.value * s2 + intact.value * s1) / (s1 + s2)
    source = (
        f"lumbar marrow of patients with sacral insufficiency fractures read {broken.value:.0f} ± "
        f"{s1:.0f} HU, of others {intact.value:.0f} ± {s2:.0f} HU"
    )
    if l5 is None:
        return Finding(check, Verdict.NOT_CHECKED, f"L5 cannot be measured; {source}.")
    measured, at_least = f"{l5.mean_hu:.0f} HU in L5", f"{limit:.0f} HU, midway in SD"
    if l5.mean_hu < limit:
        return Finding(
            check,
            Verdict.FAIL,
            f"L5 reads like the fracture group: {source}. This suggests low bone density and is a "
            "reason for densitometry; the published lumbar levels may not include L5.",
            measured,
            at_least,
        )
    if contrast is not False:
        return Finding(
            check,
            Verdict.NOT_CHECKED,
            f"L5 reads like the group without fractures ({source}), but contrast medium, which "
            "raises HU, is not excluded.",
            measured,
            at_least,
        )
    return Finding(
        check,
        Verdict.PASS,
        f"L5 reads like the group without fractures: {source}. Normal density is not proven by it.",
        measured,
        at_least,
    )
