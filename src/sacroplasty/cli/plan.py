"""`sacroplasty plan`: needles for a sacrum, found or your own, with the numbers that tell why."""

from sacroplasty.cli import options
from sacroplasty.cli.needle_options import NeedleOptions
from sacroplasty.cli.option_groups import spread_options
from sacroplasty.cli.patient_options import PatientOptions

EXAMPLE = "Example: sacroplasty plan scan/ --out case/ --approach auto"


@spread_options
def plan(
    asked: PatientOptions,
    needles: NeedleOptions,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find the sacrum, compare approaches, and write plan.json and plan.html into the case folder.

    Ends with 3 where no path keeps every margin, or your own needle breaks one.
    """
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress
    from sacroplasty.cli.telling import tell_plan

    wanted = compose.needles_asked(needles.request())
    segmenter, scan = asked.segmenter(), asked.scan()
    wanted = wanted.drawn(needles.own(scan), needles.vessels_on(scan))
    patient = asked.patient(scan)
    with stage_progress() as watcher:
        found, case = compose.plan_into(patient, segmenter, wanted, asked.out, watcher=watcher)
    tell_plan(found, case, as_json=as_json)
