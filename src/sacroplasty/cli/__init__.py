"""The command line: a thin door on the corridor."""


def main() -> None:
    """Entry point of `sacroplasty`."""
