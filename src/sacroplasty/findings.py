"""Findings: what a check answered. No findings is not a pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The three answers that a check may give."""

    PASS = "pass"
    FAIL = "fail"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, its answer, and one sentence that a clinician can act on.

    `measured` and `limit` are text with units ("4.1 mm", "at least 3 mm") or None.
    `where_lps_mm` is the point to look at (x, y, z in mm, patient axes LPS), or None.
    """

    check: str
    verdict: Verdict
    says: str
    measured: str | None = None
    limit: str | None = None
    where_lps_mm: tuple[float, float, float] | None = None


def overall_verdict(findings: Iterable[Finding]) -> Verdict:
    """Fail if any check failed; pass only if at least one passed and none was left unchecked."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.NOT_CHECKED
