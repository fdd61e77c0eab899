"""`sacroplasty rehearse`: from a CT to a report."""

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty rehearse scan/ --out case/ --cement 'medium viscosity'"


def rehearse(
    ct: options.Ct,
    out: options.Out,
    labels: options.Labels = None,
    label_map: options.LabelMap = None,
    engine: options.Engine = None,
    weights: options.Weights = None,
    series: options.Series = None,
    acquisition: options.Acquisition = None,
    repair_tilt: options.RepairTilt = False,
    repair_gaps: options.RepairGaps = False,
    cement: options.Cement = options.DEFAULT_CEMENT,
    volume_ml: options.Volume = options.DEFAULT_VOLUME_ML,
    rate_ml_s: options.Rate = options.DEFAULT_RATE_ML_S,
    gauge: options.Gauge = options.DEFAULT_GAUGE,
    sides: options.WhichSides = options.Sides.BOTH,
    accept_anatomy: options.AcceptAnatomy = False,
    fracture: options.FractureDrawing = None,
    fracture_plane: options.FracturePlane = None,
    mri: options.Mri = None,
    pseudonym: options.Pseudonym = None,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find the sacrum, plan a needle per side, inject, and write the case folder with report.html."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.telling import rehearse_and_tell, say_line

    settings = compose.case_settings(
        compose.RehearsalRequest(
            cement=cement,
            volume_ml=volume_ml,
            rate_ml_per_s=rate_ml_s,
            gauge=gauge,
            sides=() if sides is options.Sides.BOTH else (sides.value,),
            accept_anatomy=accept_anatomy,
        )
    )
    segmenter = compose.segmenter_for(
        labels, label_map, engine=engine, weights=weights, tell=say_line
    )
    scan = compose.read_scan(
        ct,
        series=series,
        acquisition=acquisition,
        repair_tilt=repair_tilt,
        repair_gaps=repair_gaps,
    )
    patient = compose.patient_of(
        scan, pseudonym=pseudonym, fracture=fracture, fracture_plane=fracture_plane, mri=mri
    )
    rehearse_and_tell(patient, segmenter, settings, out, as_json=as_json)
