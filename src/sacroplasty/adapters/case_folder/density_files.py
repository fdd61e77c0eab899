"""`anatomy/density.json`: densities by region, their calibration and what was said about them."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sacroplasty.adapters.case_folder.documents import findings_document, findings_from, side_from
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.anatomy import (
    Calibration,
    CalibrationMethod,
    RegionDensity,
    SacralDensity,
    Side,
)


def write_density(density: SacralDensity, root: Path) -> None:
    """anatomy/density.json below `root`."""
    folder = root / "anatomy"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "density.json", density_document(density))


def read_density(root: Path) -> SacralDensity:
    """The density that `write_density` wrote."""
    return density_from(read_json(root / "anatomy" / "density.json"))


def density_document(density: SacralDensity) -> dict[str, Any]:
    """`density.json`; `side` is the patient's own, null means both, all zones or all segments."""
    calibration = density.calibration
    return {
        "regions": [asdict(region) for region in density.regions],
        "l5": asdict(density.l5) if density.l5 else None,
        "void_fraction": {side.value: share for side, share in density.void_fraction.items()},
        "calibration": {
            "method": calibration.method.value,
            "slope_mg_cm3_per_hu": calibration.slope,
            "intercept_mg_cm3": calibration.intercept,
            "covariance": calibration.covariance.tolist(),
            "residual_mg_cm3": calibration.residual_mg_cm3,
            "says": calibration.says,
        },
        "findings": findings_document(density.findings),
        "absent": dict(density.absent),
    }


def density_from(document: dict[str, Any]) -> SacralDensity:
    """The density that `density_document` described."""
    row = document["calibration"]
    return SacralDensity(
        regions=tuple(_region_from(region) for region in document["regions"]),
        l5=_region_from(document["l5"]) if document["l5"] else None,
        void_fraction={Side(side): share for side, share in document["void_fraction"].items()},
        calibration=Calibration(
            CalibrationMethod(row["method"]),
            row["slope_mg_cm3_per_hu"],
            row["intercept_mg_cm3"],
            np.asarray(row["covariance"]),
            row["residual_mg_cm3"],
            row["says"],
        ),
        findings=findings_from(document["findings"]),
        absent=document["absent"],
    )


def _region_from(row: dict[str, Any]) -> RegionDensity:
    return RegionDensity(**{**row, "side": side_from(row)})
