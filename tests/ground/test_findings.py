"""A check answers pass, fail or not checked; no findings is not a pass."""

from hypothesis import given
from hypothesis import strategies as st

from sacroplasty.findings import Finding, Verdict, overall_verdict


def _findings(verdicts: list[Verdict]) -> list[Finding]:
    return [Finding("check", verdict, "says") for verdict in verdicts]


def test_no_findings_is_not_a_pass() -> None:
    assert overall_verdict([]) is Verdict.NOT_CHECKED


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_one_failure_fails_and_one_gap_is_no_pass(verdicts: list[Verdict]) -> None:
    answer = overall_verdict(_findings(verdicts))
    assert (answer is Verdict.FAIL) == (Verdict.FAIL in verdicts)
    assert (answer is Verdict.PASS) == (set(verdicts) == {Verdict.PASS})
