"""What the page on injection shows does run, and says what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest
from leaky_patient import NEAR_FRONT, cracked

from box_patient import toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Side
from sacroplasty.injection import InjectionRun

PAGE = Path(__file__).resolve().parents[2] / "docs" / "watching-an-injection.md"


def test_the_examples_of_the_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    sacrum = toy_sacrum()
    given: dict[str, Any] = {
        "ct": cracked(sacrum),
        "sacrum": sacrum,
        "plan": toy_plan(toy_needle(Side.LEFT, 5.0, NEAR_FRONT)),
    }
    for example in examples:
        exec(example, given)
    said = capsys.readouterr().out
    assert "within 0.0 mm of the left anterior cortex" in said
    assert "1.0 mm beyond the left anterior cortex" in said
    assert "paused for 60 s" in said
    assert "presacral left None LeakOnset(" in said
    assert "0.40 mL, 0." in said
    assert "mm to the left foramen S1; 425 mm³ in" in said
    run = given["run"]
    assert isinstance(run, InjectionRun)
    assert run.injected_mm3[0] == pytest.approx(425.0)
