"""The page of `bench injection` pools patients before it divides."""

from dataclasses import asdict

import pytest

from sacroplasty.bench.injection_page import injection_page
from sacroplasty.bench.leak_population import THICK, THIN, LeakArm


def arm(anatomy: str, cement: str, leaks: int, large: int) -> dict[str, object]:
    return asdict(
        LeakArm(anatomy, cement, 20, leaks, 0, 0.1 * leaks, {}, {}, {"0.01": large, "0.05": 0})
    )


def row(thin: int, thick: int, large: tuple[int, int]) -> dict[str, object]:
    arms = [
        arm("found", THIN, thin, large[0]),
        arm("found", THICK, thick, large[1]),
        arm("true", THIN, 0, 0),
    ]
    return {"refused": None, "arms": arms}


def test_leaks_of_all_patients_are_pooled_and_set_against_each_other() -> None:
    page = injection_page([row(10, 2, (8, 1)), row(2, 4, (0, 3))], [], 0.1, [])
    assert "2 virtual patients" in page
    # 12 of 40 and 6 of 40: half the risk; of the larger ones 8 and 4.
    assert "| any leak | 18 % | 30 % (18–45) | 15 % (7–29) | 0 % (0–9) |" in page
    assert "any leak 0.50 (0.21–1.20); more than 0.01 mL 0.50 (0.16–1.53)" in page
    assert "more than 0.05 mL: too few" in page


@pytest.mark.parametrize("rows", [[], [{"refused": "no needle"}]])
def test_nothing_measured_is_said_so(rows: list[dict[str, object]]) -> None:
    page = injection_page(rows, [], 0.1, [])
    assert "Not measured." in page or "None of 1 patients" in page
