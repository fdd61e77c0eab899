"""`sacroplasty anatomy`: the sacrum of a CT, checked, measured and pictured; nothing is planned."""

import json

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
    from sacroplasty.anatomy import require_trusted
    from sacroplasty.cli.progress import stage_progress
    from sacroplasty.cli.telling import examination_text, say_line

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
    with stage_progress() as watcher:
        seen, case = compose.examine_into(patient, segmenter, out, watcher=watcher)
    if dicom_seg:
        compose.write_segmentation(seen, ct, dicom_seg)
    if as_json:
        print(json.dumps(case.anatomy_document(), indent=2))
    else:
        print(examination_text(seen))
        print(case.root / "anatomy.html")
    if not accept_anatomy:
        require_trusted(seen.sacrum)
