"""Every refusal has one exit code and one home in the tree."""

import inspect

import pytest

from sacroplasty import errors


def _tree() -> list[type[errors.SacroplastyError]]:
    return [
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.SacroplastyError)
    ]


@pytest.mark.parametrize("cls", _tree(), ids=lambda cls: cls.__name__)
def test_every_error_is_drawn_in_the_tree(cls: type[errors.SacroplastyError]) -> None:
    assert cls.__name__ in (errors.__doc__ or "")


def test_exit_codes_are_those_of_the_design() -> None:
    assert errors.MixedPatients("").exit_code == 2
    assert errors.FrameMismatch("").exit_code == 2
    assert errors.NoSafeCorridor("").exit_code == 3
    assert errors.EngineMissing("").exit_code == 4
