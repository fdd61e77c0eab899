"""Which stack is read: the only usable one, the one asked for, or a question back."""

import numpy as np

from sacroplasty.errors import AmbiguousSeries, BadUsage, UnreadableInput
from sacroplasty.imaging.read_options import ReadOptions
from sacroplasty.imaging.series_sorting import FEWEST_SLICES, ONE_POSITION_MM, SliceStack


def choose_stack(
    stacks: list[SliceStack], options: ReadOptions
) -> tuple[SliceStack, tuple[str, ...]]:
    """The one stack to read, and notes on what was left aside.

    Originals are preferred over derived series (reformats). Raises `UnreadableInput` where no
    stack has `FEWEST_SLICES` positions, `AmbiguousSeries` where several are usable, `BadUsage`
    where `options` name what does not exist.
    """
    usable = [s for s in stacks if s.positions >= FEWEST_SLICES]
    if not usable:
        most = max(stacks, key=lambda s: s.positions)
        raise UnreadableInput(
            f"This is not a volume: {len(most.slices)} CT image(s) at {most.positions} "
            f"position(s), and at least {FEWEST_SLICES} positions are needed; "
            "give the whole series."
        )
    chosen, notes = _by_request(usable, options.series)
    if small := len([s for s in stacks if s not in usable]):
        aside = sum(len(s.slices) for s in stacks if s not in usable)
        notes = (
            *notes,
            f"skipped {aside} image(s) in {small} other orientation(s), size(s) or series "
            f"with fewer than {FEWEST_SLICES} slices",
        )
    return _one_acquisition(chosen, options.acquisition, notes)


def _by_request(usable: list[SliceStack], wanted: str | None) -> tuple[SliceStack, tuple[str, ...]]:
    if wanted is not None:
        return _named(usable, wanted.strip()), ()
    originals = [s for s in usable if not s.is_derived] or usable
    if len(originals) > 1:
        raise AmbiguousSeries(
            f"There are {len(originals)} usable series here; choose one with --series:\n"
            f"{_list(usable)}"
        )
    notes: tuple[str, ...] = ()
    if len(usable) > 1:
        notes = (f"skipped {len(usable) - 1} derived series; --series would choose one",)
    if originals[0].is_derived:
        notes = ("the series is marked as derived (reformatted or processed), not original",)
    return originals[0], notes


def _named(usable: list[SliceStack], wanted: str) -> SliceStack:
    if wanted.isdecimal():
        if not 1 <= int(wanted) <= len(usable):
            raise BadUsage(f"There is no series number {wanted} here; there are:\n{_list(usable)}")
        return usable[int(wanted) - 1]
    matching = [s for s in usable if s.first.series_uid == wanted]
    if not matching:
        raise BadUsage(f"There is no series {wanted!r} here; there are:\n{_list(usable)}")
    if len(matching) > 1:
        raise AmbiguousSeries(
            f"Series {wanted!r} holds {len(matching)} stacks of different orientation, frame or "
            f"size; choose one by its number with --series:\n{_list(usable)}"
        )
    return matching[0]


def _list(stacks: list[SliceStack]) -> str:
    return "\n".join(f"  {n}: {_line(stack)}" for n, stack in enumerate(stacks, start=1))


def _line(stack: SliceStack) -> str:
    head = stack.first
    column, row = head.pixel_mm
    facts = [
        " ".join(head.description.split()) or "no description",
        f"{stack.positions} slices, {_typical_step_mm(stack):.2f} mm apart",
        f"pixels {row:.2f} × {column:.2f} mm",
        f"kernel {head.kernel or 'not stated'}",
    ]
    if stack.is_derived:
        facts.append("derived")
    return "; ".join(facts) + f" ({head.series_uid})"


def _typical_step_mm(stack: SliceStack) -> float:
    steps = np.diff(stack.along_mm)
    steps = steps[steps > ONE_POSITION_MM]
    return float(np.median(steps)) if len(steps) else 0.0


def _one_acquisition(
    stack: SliceStack, wanted: int | None, notes: tuple[str, ...]
) -> tuple[SliceStack, tuple[str, ...]]:
    """The slices of one acquisition, or of all where each turn of the tube has its own number."""
    numbers = sorted({s.acquisition for s in stack.slices}, key=lambda n: -1 if n is None else n)
    parts = {n: SliceStack(tuple(s for s in stack.slices if s.acquisition == n)) for n in numbers}
    if wanted:
        if wanted not in parts:
            raise BadUsage(f"There is no acquisition {wanted} in the series; {_parts(parts)}.")
        return parts[wanted], (*notes, f"read acquisition {wanted} of {len(parts)}")
    if len(parts) == 1:
        return stack, notes
    if wanted == 0:
        return stack, (*notes, f"joined {len(parts)} acquisitions on request")
    if sum(part.positions >= FEWEST_SLICES for part in parts.values()) > 0:
        raise AmbiguousSeries(
            f"The series mixes {len(parts)} acquisitions: {_parts(parts)}. Choose one with "
            "--acquisition N, or join them with --acquisition 0 if they adjoin."
        )
    return stack, (*notes, f"joined {len(parts)} step-and-shoot acquisitions of a few slices each")


def _parts(parts: dict[int | None, SliceStack]) -> str:
    return ", ".join(
        f"{'unnumbered' if n is None else f'number {n}'} has {part.positions} slice(s)"
        for n, part in parts.items()
    )
