"""The page counts what was refused and missed, and never prints a mean of nothing."""

from dataclasses import asdict, replace

from sacroplasty.anatomy import Structure
from sacroplasty.bench import AnatomyCase, RealRow, anatomy_page

BONES = (
    Structure.SACRUM,
    Structure.CANAL,
    Structure.L5,
    Structure.DISC_L5S1,
    Structure.SI_JOINT_LEFT,
    Structure.SI_JOINT_RIGHT,
)
FOUND = AnatomyCase(
    seed=1,
    request={},
    refused=None,
    verdict="pass",
    dice={s.label: 0.9 for s in BONES},
    foramen_errors_mm={"S1 left": 1.0, "S1 right": None},
    radius_errors_mm={"S1 left": -0.5},
    axes_error_deg=2.0,
    swapped=False,
    limb_scores=(0.8, None),
    false_scores=(),
    seconds=20.0,
)
REFUSED = AnatomyCase(2, {}, "No left SI joint was found: 600 mm²", limb_scores=(None, None))


def _line(page: str, start: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(f"| {start}"))


def test_a_refused_patient_counts_as_refused_and_its_limbs_as_missed() -> None:
    page = anatomy_page([asdict(FOUND), asdict(REFUSED)], [])
    assert "1 of 2" in _line(page, "refused")
    assert "0.900" in _line(page, "sacrum Dice, median")
    assert _line(page, "share of 4 fracture limbs").rstrip("| ").endswith("0.25")
    assert "refused, 1×: No left SI joint was found" in page


def test_a_foramen_that_was_not_found_is_counted_and_not_averaged() -> None:
    page = anatomy_page([asdict(FOUND)], [])
    assert "1 of 2" in _line(page, "foramina S1–S3 found")
    assert "1.0 mm" in _line(page, "foramen centre error")


def test_swapped_sides_are_counted() -> None:
    page = anatomy_page([asdict(FOUND), asdict(replace(FOUND, swapped=True))], [])
    assert _line(page, "left and right swapped").endswith("| 0 | 1 |")


def test_nobody_found_and_no_scan_at_hand_are_said() -> None:
    page = anatomy_page([asdict(REFUSED)], [])
    assert "real scans are absent" in page
    page = anatomy_page([], [RealRow("a scan", "pass", 0.93, 0.95, 0.9, {"S1": (2, 23.0, 5.0)})])
    assert "2: 23 / 5.0" in page
