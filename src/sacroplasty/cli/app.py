"""`sacroplasty`: the commands, and how each of them ends.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

import json
import sys

import typer

from sacroplasty import NOT_A_DEVICE
from sacroplasty.cli import demo, doctor, phantom, rehearse, schema
from sacroplasty.errors import SacroplastyError

INTERRUPTED = 130
INTERNAL_ERROR = 1

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Plan, rehearse and check a sacroplasty on the patient's own CT. " + NOT_A_DEVICE,
    epilog="Exit codes: 0 done, 2 bad usage or input, 3 refused for safety, 4 an engine is missing.",
)
app.command(epilog=rehearse.EXAMPLE)(rehearse.rehearse)
app.command(epilog=phantom.EXAMPLE)(phantom.phantom)
app.command(epilog=demo.EXAMPLE)(demo.demo)
app.command(epilog=doctor.EXAMPLE)(doctor.doctor)
app.command(epilog=schema.EXAMPLE)(schema.schema)


def main() -> None:
    """Run a command; a refusal is one sentence on stderr and an exit code, never a traceback."""
    try:
        app()
    except SacroplastyError as refusal:
        _say(str(refusal), type(refusal).__name__, refusal.exit_code)
    except KeyboardInterrupt:
        _say("Interrupted. Run the same command again to resume.", "Interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.exit(INTERNAL_ERROR)
    except Exception as bug:
        if "--debug" in sys.argv:
            raise
        _say(
            f"This is a defect of the software ({type(bug).__name__}: {bug}). Nothing half-written "
            "was kept; run again with --debug for the details to report.",
            "Defect",
            INTERNAL_ERROR,
        )


def _say(message: str, kind: str, code: int) -> None:
    line = " ".join(message.split())
    print(f"sacroplasty: {line}", file=sys.stderr)
    if "--json" in sys.argv:
        print(json.dumps({"error": {"kind": kind, "message": line, "exit_code": code}}))
    sys.exit(code)
