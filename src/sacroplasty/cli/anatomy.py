"""`sacroplasty anatomy`: the sacrum of a CT, checked, measured and pictured; nothing is planned."""

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty anatomy scan/ --out case/"


def anatomy(
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
    fracture: options.FractureDrawing = None,
    fracture_plane: options.FracturePlane = None,
    mri: options.Mri = None,
    pseudonym: options.Pseudonym = None,
    dicom_seg: options.DicomSeg = None,
    accept_anatomy: options.AcceptAnatomy = False,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find sacrum, canal, foramina and joints; write anatomy/ and anatomy.html into a case folder.

    Ends with 3 where a check failed; `rehearse` with the same --out goes on from here.
    """
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress
    from sacroplasty.cli.telling import say_line, tell_examination

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
    if dicom_seg:
        compose.require_dicom(scan)
    patient = compose.patient_of(
        scan, pseudonym=pseudonym, fracture=fracture, fracture_plane=fracture_plane, mri=mri
    )
    with stage_progress() as watcher:
        seen, case = compose.examine_into(patient, segmenter, out, watcher=watcher)
    if dicom_seg:
        compose.write_segmentation(seen, ct, dicom_seg)
    tell_examination(seen, case, accepted=accept_anatomy, as_json=as_json)
