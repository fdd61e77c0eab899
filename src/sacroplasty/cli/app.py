"""`sacroplasty`: the commands, and how each of them ends.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

import io
import sys
from typing import Any, NoReturn

import typer

from sacroplasty import NOT_A_DEVICE
from sacroplasty.cli import (
    anatomy,
    bench,
    demo,
    doctor,
    export,
    fluoro,
    inject,
    phantom,
    placed,
    plan,
    rehearse,
    schema,
)
from sacroplasty.cli.ending import flush, refuse
from sacroplasty.errors import BadInput, SacroplastyError

INTERRUPTED = 130
INTERNAL_ERROR = 1
BAD_INPUT = BadInput.exit_code
# The base of every complaint about an option or argument; typer exports only this child of it.
_WRONG_USAGE: type[Exception] = typer.BadParameter.mro()[1]

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Plan, rehearse and check a sacroplasty on the patient's own CT. " + NOT_A_DEVICE,
    epilog="Exit codes: 0 done, 2 bad usage or input, 3 refused for safety, 4 an engine is missing.",
)
app.command(epilog=rehearse.EXAMPLE)(rehearse.rehearse)
app.command(epilog=anatomy.EXAMPLE)(anatomy.anatomy)
app.command(epilog=plan.EXAMPLE)(plan.plan)
app.command(epilog=inject.EXAMPLE)(inject.inject)
app.command(epilog=placed.EXAMPLE)(placed.placed)
app.command(epilog=fluoro.EXAMPLE)(fluoro.fluoro)
app.command(epilog=export.EXAMPLE)(export.export)
app.command(epilog=phantom.EXAMPLE)(phantom.phantom)
app.command(epilog=demo.EXAMPLE)(demo.demo)
app.command(epilog=bench.EXAMPLE)(bench.bench)
app.command(epilog=doctor.EXAMPLE)(doctor.doctor)
app.command(epilog=schema.EXAMPLE)(schema.schema)


def main() -> None:
    """Run a command; a refusal is one sentence on stderr and an exit code, never a traceback."""
    _print_whatever_the_terminal_can()
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="sacroplasty", standalone_mode=False)
        flush()
    except BrokenPipeError:
        sys.exit(INTERNAL_ERROR)
    except Exception as problem:  # noqa: BLE001 - every failure is told, and raised with --debug
        if not _is_interruption(problem):
            _tell(problem)
        code = INTERRUPTED
    if code == INTERRUPTED:
        refuse("Interrupted. Run the same command again to resume.", "Interrupted", INTERRUPTED)
    sys.exit(code or 0)


def _is_interruption(problem: Exception) -> bool:
    """Ctrl-C that meets a compiled kernel comes out of it as the cause of a `SystemError`."""
    return isinstance(problem, SystemError) and isinstance(problem.__cause__, KeyboardInterrupt)


def _tell(problem: Exception) -> NoReturn:
    """Every way to fail, as one sentence; a defect is raised again where --debug asks for it."""
    kind = type(problem).__name__
    if isinstance(problem, SacroplastyError):
        refuse(str(problem), kind, problem.exit_code)
    if isinstance(problem, _WRONG_USAGE):
        refuse(_wrong_usage(problem), "BadUsage", BAD_INPUT)
    if isinstance(problem, OSError) and problem.errno is not None:
        where = f" ({problem.filename!r})" if problem.filename else ""
        refuse(
            f"A file could not be read or written: {problem.strerror}{where}. Check permissions "
            "and free space, then run the same command again.",
            "FileRefused",
            BAD_INPUT,
        )
    if isinstance(problem, MemoryError):
        refuse(
            "There is not enough memory for this scan. Crop it to the pelvis, or use a machine "
            "with more.",
            "NotEnoughMemory",
            BAD_INPUT,
        )
    if "--debug" in sys.argv:
        raise problem
    refuse(
        f"This is a defect of the software ({kind}: {problem}). Nothing half-written "
        "was kept; run again with --debug for the details to report.",
        "Defect",
        INTERNAL_ERROR,
    )


def _wrong_usage(problem: Any) -> str:
    """The parser's complaint as sentences, with the help that lists what exists."""
    message = str(problem.format_message()).strip().replace("Value error, ", "")
    command = problem.ctx.command_path if problem.ctx else "sacroplasty"
    return f"{message.rstrip('.')}. {command} --help lists what there is."


def _print_whatever_the_terminal_can() -> None:
    """A letter that the terminal's encoding lacks is shown as its number, never a failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
