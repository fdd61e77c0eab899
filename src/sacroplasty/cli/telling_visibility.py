"""What `fluoro --visibility` says on a terminal: a line a compartment, and the pair."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sacroplasty.pathway import LeakViews


def visibility_text(views: "LeakViews") -> str:
    """The report's own table, in columns."""
    from sacroplasty import NOT_A_DEVICE
    from sacroplasty.adapters.report.visibility_section import visibility_section

    section = visibility_section(views)
    table = [section.heads, *section.rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(section.heads))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([*lines, *section.says, section.aside, NOT_A_DEVICE])
