"""`sacroplasty rehearse`: from a CT to a report."""

from dataclasses import replace

from sacroplasty.cli import options
from sacroplasty.cli.injection_options import InjectionOptions
from sacroplasty.cli.needle_options import NeedleOptions
from sacroplasty.cli.option_groups import spread_options
from sacroplasty.cli.patient_options import PatientOptions

EXAMPLE = "Example: sacroplasty rehearse scan/ --out case/ --cement 'medium viscosity'"


@spread_options
def rehearse(
    asked: PatientOptions,
    needles: NeedleOptions,
    injection: InjectionOptions,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Find the sacrum, plan its needles, inject, and write the case folder with report.html."""
    del debug
    from sacroplasty import compose
    from sacroplasty.cli.telling import rehearse_and_tell

    settings = compose.case_settings(
        compose.RehearsalRequest(needles.request(), injection.request())
    )
    segmenter, scan = asked.segmenter(), asked.scan()
    wanted = settings.needles.drawn(needles.own(scan), needles.vessels_on(scan))
    settings = replace(settings, needles=wanted)
    rehearse_and_tell(asked.patient(scan), segmenter, settings, asked.out, as_json=as_json)
