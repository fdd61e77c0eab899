"""The small things that several documents hold: findings, places, points, grids, transforms."""

from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from sacroplasty.anatomy import Level, Side
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Frame, Grid, Points, Rigid


class Placed(Protocol):
    """Something at a level and on a side; None in the middle, or where no level is meant."""

    @property
    def level(self) -> Level | None: ...
    @property
    def side(self) -> Side | None: ...


def place_document(thing: Placed | None) -> dict[str, str | None]:
    """{level, side}; `side` is the patient's own."""
    level, side = (thing.level, thing.side) if thing else (None, None)
    return {"level": level.value if level else None, "side": side.value if side else None}


def level_from(row: dict[str, Any]) -> Level | None:
    """The level of a place."""
    return Level(row["level"]) if row["level"] else None


def side_from(row: dict[str, Any]) -> Side | None:
    """The patient's own side of a place."""
    return Side(row["side"]) if row["side"] else None


def findings_document(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """[{check, verdict, says, measured, limit, where_lps_mm}]."""
    return [asdict(finding) for finding in findings]


def findings_from(document: list[dict[str, Any]]) -> tuple[Finding, ...]:
    """The findings that `findings_document` wrote."""
    return tuple(
        Finding(
            **{
                **row,
                "verdict": Verdict(row["verdict"]),
                "where_lps_mm": _point_from(row.get("where_lps_mm")),
            }
        )
        for row in document
    )


def _point_from(numbers: list[float] | None) -> tuple[float, float, float] | None:
    return None if numbers is None else (numbers[0], numbers[1], numbers[2])


def point_document(point: Points) -> list[float]:
    """[x, y, z] of a single point, LPS mm, to full precision."""
    numbers: list[float] = point.single.tolist()
    return numbers


def grid_document(grid: Grid) -> dict[str, Any]:
    """The exact grid: a NIfTI header holds it only in single precision."""
    return {
        "shape_kji": list(grid.shape),
        "origin_lps_mm": list(grid.origin_mm),
        "spacing_ijk_mm": list(grid.spacing_mm),
        "direction": grid.direction.tolist(),
    }


def grid_from(document: dict[str, Any], frame: Frame) -> Grid:
    """The grid that `grid_document` wrote."""
    return Grid(
        tuple(document["shape_kji"]),
        tuple(document["origin_lps_mm"]),
        tuple(document["spacing_ijk_mm"]),
        np.asarray(document["direction"]),
        frame,
    )


def rigid_document(rigid: Rigid) -> dict[str, Any]:
    """Rotation rows, translation in mm, and the two frames by UID."""
    return {
        "to": rigid.to.uid,
        "source": rigid.source.uid,
        "rotation": rigid.rotation.tolist(),
        "translation_mm": rigid.translation.tolist(),
    }


def rigid_from(document: dict[str, Any]) -> Rigid:
    """The transform that `rigid_document` wrote."""
    return Rigid(
        np.asarray(document["rotation"]),
        np.asarray(document["translation_mm"]),
        to=Frame(document["to"]),
        source=Frame(document["source"]),
    )
