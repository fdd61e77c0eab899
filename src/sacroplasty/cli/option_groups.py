"""Options that go together are one argument of a command: a frozen dataclass of `options`."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints


def spread_options(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with each dataclass among its arguments spread into one option per field."""
    hints = get_type_hints(command, include_extras=True)
    given_as = inspect.signature(command).parameters
    groups = {name: hints[name] for name in given_as if is_dataclass(hints[name])}
    parameters = [
        spread
        for name, parameter in given_as.items()
        for spread in (
            _of_group(groups[name])
            if name in groups
            else [parameter.replace(kind=_KEYWORD, annotation=hints[name])]
        )
    ]

    def asked(**given: Any) -> None:
        gathered = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**gathered, **given)

    asked.__name__, asked.__doc__ = command.__name__, command.__doc__
    asked.__annotations__ = {one.name: one.annotation for one in parameters}
    asked.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return asked


def options_given(group: Any, *but: str) -> list[str]:
    """The options of a group that hold something else than their default, as they are typed."""
    return [
        f"--{field.name.replace('_', '-')}"
        for field in fields(group)
        if field.name not in but and getattr(group, field.name) != field.default
    ]


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _of_group(group: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    # What must be given comes first, also where a group adds it to another's.
    for field in sorted(fields(group), key=lambda one: one.default is not MISSING):
        default = inspect.Parameter.empty if field.default is MISSING else field.default
        yield inspect.Parameter(field.name, _KEYWORD, default=default, annotation=hints[field.name])
