"""`sacroplasty anatomy`: the sacrum of a CT, checked, measured and pictured; nothing is planned."""

from sacroplasty.cli import options
from sacroplasty.cli.option_groups import spread_options
from sacroplasty.cli.patient_options import PatientOptions

EXAMPLE = "Example: sacroplasty anatomy scan/ --out case/"


@spread_options
def anatomy(
    asked: PatientOptions,
    dicom_seg: options.DicomSeg = None,
    accept_anatomy: options.AcceptAnatomy = False,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find sacrum, canal, foramina and joints; write anatomy/ and anatomy.html into a case folder.

    Ends with 3 where a check failed; `plan` and `rehearse` with the same --out go on from here.
    """
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress
    from sacroplasty.cli.telling import tell_examination

    segmenter, scan = asked.segmenter(), asked.scan()
    if dicom_seg:
        compose.require_dicom(scan)
    patient = asked.patient(scan)
    with stage_progress() as watcher:
        seen, case = compose.examine_into(patient, segmenter, asked.out, watcher=watcher)
    if dicom_seg:
        compose.write_segmentation(seen, asked.ct, dicom_seg)
    tell_examination(seen, case, accepted=accept_anatomy, as_json=as_json)
