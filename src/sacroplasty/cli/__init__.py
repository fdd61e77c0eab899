"""The command line: a thin door on the corridor."""

from sacroplasty.cli.app import main

__all__ = ["main"]
