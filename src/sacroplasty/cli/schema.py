"""`sacroplasty schema`: the JSON Schema of a document."""

from typing import Annotated

import typer

EXAMPLE = "Example: sacroplasty schema plan"


def schema(
    name: Annotated[str, typer.Argument(help="case, model, plan, leaks, rehearse, …")],
) -> None:
    """Print the JSON Schema that a document of this software keeps."""
    from sacroplasty.adapters.schemas import schema_text

    print(schema_text(name), end="")
