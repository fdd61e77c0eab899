"""`sacroplasty schema`: the JSON Schema of a document."""

from typing import Annotated

import typer

from sacroplasty.cli import options

EXAMPLE = "Example: sacroplasty schema plan"


def schema(
    name: Annotated[str, typer.Argument(help="case, model, plan, leaks, rehearse, …")],
    debug: options.Debug = False,
) -> None:
    """Print the JSON Schema that a document of this software keeps."""
    del debug
    from sacroplasty.adapters.schemas import schema_text

    print(schema_text(name), end="")
