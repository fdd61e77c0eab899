"""leaks.json keeps onsets and stop events, holds its schema, and comes back the same."""

import json
from pathlib import Path

import jsonschema
import pytest
from leaky_patient import NEAR_FRONT, SeenFrom, cracked, injected

from box_patient import toy_needle, toy_sacrum
from sacroplasty.adapters.case_folder.injection_files import read_injection, write_injection
from sacroplasty.adapters.case_folder.leak_documents import leaks_document, leaks_from
from sacroplasty.adapters.schemas import SCHEMAS
from sacroplasty.anatomy import Side
from sacroplasty.injection import InjectionRun, KeepOff, Pause, StopRule
from sacroplasty.leaks import classify_leaks


@pytest.fixture(scope="module")
def run() -> InjectionRun:
    sacrum = toy_sacrum()
    rule = StopRule(
        most_ml=4.5,
        keep_off=KeepOff(anterior_mm=0.0),
        sight=SeenFrom(8.0, ("lateral", "inlet")),
        then=Pause(20.0, 10),
    )
    return injected(cracked(sacrum), sacrum, toy_needle(Side.LEFT, 5.0, NEAR_FRONT), rule=rule)


def test_a_run_on_disk_is_the_run(run: InjectionRun, tmp_path: Path) -> None:
    write_injection(run, tmp_path)
    document = json.loads((tmp_path / "injection" / "leaks.json").read_text())
    jsonschema.validate(document, SCHEMAS["leaks"])
    back = read_injection(tmp_path)
    assert back.stop_events == run.stop_events
    assert len(back.leaks.leaks) == len(run.leaks.leaks) > 0
    for leak, other in zip(back.leaks.leaks, run.leaks.leaks, strict=True):
        assert leak.onset is not None
        assert other.onset is not None
        assert leak.onset.path is other.onset.path
        assert leak.onset.time_s == other.onset.time_s
        assert leak.onset.needle == other.onset.needle


def test_the_keys_say_when_how_and_what_was_done(run: InjectionRun) -> None:
    document = leaks_document(run.leaks, run.stop_events)
    leak = document["leaks"][0]
    assert leak["path"] == "cortical_defect"
    assert leak["needle"] == "S1 ala left"
    assert 0.0 < leak["onset_s"] < run.timeline.time_s[-1]
    assert 0.0 < leak["onset_pressure_mpa"] < 0.2
    assert leak["onset_rate_ml_per_s"] == pytest.approx(0.05)
    causes = {event["cause"] for event in document["stop_events"]}
    assert causes == {"gap_mm", "seen_leak_ml"} or causes == {"gap_mm", "seen_leak_ml", "volume_ml"}
    wall = next(e for e in document["stop_events"] if e["cause"] == "gap_mm")
    assert (wall["site"], wall["side"], wall["level"]) == ("presacral", "left", None)
    seen = next(e for e in document["stop_events"] if e["cause"] == "seen_leak_ml")
    assert seen["views"] == ["lateral", "inlet"]
    assert seen["limit"] is None
    assert {e["deed"] for e in document["stop_events"]} >= {"paused"}


def test_real_cement_has_neither_onset_nor_stop_events(run: InjectionRun) -> None:
    report = classify_leaks(run.cement, toy_sacrum())
    document = leaks_document(report)
    jsonschema.validate(document, SCHEMAS["leaks"])
    assert document["stop_events"] == []
    keys = ("onset_s", "onset_pressure_mpa", "onset_rate_ml_per_s", "path", "needle")
    assert all(leak[key] is None for leak in document["leaks"] for key in keys)
    assert leaks_from(document) == leaks_from(json.loads(json.dumps(document))) or (
        leaks_from(document).leaks == report.leaks
    )
    # Simulated and real are classified alike: only the onsets differ.
    assert [(x.site, x.side, x.volume_mm3) for x in report.leaks] == [
        (x.site, x.side, x.volume_mm3) for x in run.leaks.leaks
    ]


@pytest.mark.parametrize(
    ("key", "bad"), [("path", "keyhole"), ("onset_s", "late"), ("site", "hip"), ("needle", 3)]
)
def test_a_word_that_the_schema_does_not_know_is_refused(
    run: InjectionRun, key: str, bad: object
) -> None:
    document = leaks_document(run.leaks, run.stop_events)
    document["leaks"][0][key] = bad
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMAS["leaks"])
