"""The plan of a case folder for other programs."""

from pathlib import Path

from sacroplasty.adapters.plan_export.export_files import ExportRequest, export_case

__all__ = ["ExportRequest", "export_plan"]


def export_plan(case: Path, wanted: ExportRequest, out: Path) -> tuple[Path, ...]:
    """Write or send what is wanted of the case's plan; raises the `BadInput` errors of the formats."""
    return export_case(case, wanted, out)
