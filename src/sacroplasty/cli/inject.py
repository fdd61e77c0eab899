"""`sacroplasty inject`: cement through the planned needles, and what comes of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sacroplasty.cli import options
from sacroplasty.cli.injection_options import InjectionOptions
from sacroplasty.cli.needle_options import NeedleOptions
from sacroplasty.cli.option_groups import options_given, spread_options
from sacroplasty.cli.patient_options import ScanOptions
from sacroplasty.errors import BadUsage

if TYPE_CHECKING:
    from pathlib import Path

    from sacroplasty.adapters.case_folder import CaseFolder
    from sacroplasty.pathway import CaseInjection

EXAMPLE = "Example: sacroplasty inject scan/ --out case/ --cement 'high viscosity' --stop usual"


@spread_options
def inject(
    asked: ScanOptions,
    needles: NeedleOptions,
    injection: InjectionOptions,
    out: options.OptionalOut = None,
    as_json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Inject cement through planned needles; write injection/ and injection.html into the case.

    CT may also be a case folder that holds a plan: its needles are used as they are. A scan is
    examined and planned first. Stages that are done are not done again.
    """
    del debug
    from sacroplasty.cli.telling_injection import tell_injection

    injected, case = (
        _into_case(asked, needles, injection, out)
        if _is_case(asked.ct)
        else _into_scan(asked, needles, injection, out)
    )
    tell_injection(injected, case, as_json=as_json)


def _is_case(path: "Path") -> bool:
    return (path / "case.json").is_file()


def _into_case(
    asked: ScanOptions, needles: NeedleOptions, injection: InjectionOptions, out: "Path | None"
) -> "tuple[CaseInjection, CaseFolder]":
    """Through the needles that the case holds."""
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    if out is not None and out.resolve() != asked.ct.resolve():
        raise BadUsage(f"{asked.ct} is a case already; leave --out {out} away, or give its scan.")
    of_a_plan = options_given(asked, "ct") + options_given(needles, "volume_ml")
    if of_a_plan:
        raise BadUsage(
            f"{' and '.join(of_a_plan)} would make another plan, and the case {asked.ct} keeps "
            "its own; give the scan instead of the case, with --out."
        )
    settings = compose.case_settings(
        compose.RehearsalRequest(needles.request(), injection.request(needles.volume_ml))
    )
    with stage_progress() as watcher:
        return compose.inject_case(asked.ct, settings, watcher=watcher)


def _into_scan(
    asked: ScanOptions, needles: NeedleOptions, injection: InjectionOptions, out: "Path | None"
) -> "tuple[CaseInjection, CaseFolder]":
    """The whole way from the scan."""
    from sacroplasty import compose
    from sacroplasty.cli.progress import stage_progress

    settings = compose.case_settings(
        compose.RehearsalRequest(needles.request(), injection.request())
    )
    if out is None:
        raise BadUsage(
            f"{asked.ct} holds no case.json and is taken for a scan, whose case needs a folder: "
            "give --out, or name the case folder."
        )
    segmenter, scan = asked.segmenter(), asked.scan()
    wanted = settings.needles.drawn(needles.own(scan), needles.vessels_on(scan))
    with stage_progress() as watcher:
        return compose.inject_into(
            asked.patient(scan), segmenter, replace(settings, needles=wanted), out, watcher=watcher
        )
