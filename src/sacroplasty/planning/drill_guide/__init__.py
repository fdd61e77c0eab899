"""Printable templates that hold every needle on its planned line: on the skin or on bare bone."""

from sacroplasty.planning.drill_guide.guide import DrillGuide, build_guides
from sacroplasty.planning.drill_guide.guide_settings import GuideKind, GuideSettings
from sacroplasty.planning.drill_guide.triangle_mesh import TriangleMesh

__all__ = ["DrillGuide", "GuideKind", "GuideSettings", "TriangleMesh", "build_guides"]
