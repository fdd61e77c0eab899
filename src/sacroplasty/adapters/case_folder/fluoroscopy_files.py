"""`fluoroscopy/`: line integrals as numbers; the pictures beside them are only windows on them."""

from pathlib import Path

import numpy as np

from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.pose_files import pose_document, pose_from
from sacroplasty.adapters.report import write_radiograph_png
from sacroplasty.fluoroscopy import Radiograph
from sacroplasty.pathway import View


def write_views(views: tuple[View, ...], root: Path) -> None:
    """Per view: NAME.json (pose), NAME.npz (before, after), NAME_before.png, NAME_after.png."""
    folder = root / "fluoroscopy"
    folder.mkdir(parents=True)
    write_json(
        folder / "views.json",
        {
            "views": [view.before.pose.name for view in views],
            "cement": views[0].cement if views else "",
        },
    )
    for view in views:
        pose = view.before.pose
        write_json(folder / f"{pose.name}.json", pose_document(pose))
        np.savez_compressed(
            folder / f"{pose.name}.npz",
            before=view.before.line_integrals,
            after=view.after.line_integrals,
        )
        for moment, picture in (("before", view.before), ("after", view.after)):
            write_radiograph_png(
                folder / f"{pose.name}_{moment}.png", picture, windowed_like=view.before
            )


def read_views(root: Path) -> tuple[View, ...]:
    """The views that `write_views` wrote."""
    folder = root / "fluoroscopy"
    views = []
    listed = read_json(folder / "views.json")
    for name in listed["views"]:
        pose = pose_from(read_json(folder / f"{name}.json"))
        with np.load(folder / f"{name}.npz") as integrals:
            views.append(
                View(
                    Radiograph(integrals["before"], pose),
                    Radiograph(integrals["after"], pose),
                    listed["cement"],
                )
            )
    return tuple(views)


def injected_cement(root: Path) -> str:
    """The name of the cement in the views that `write_views` wrote; empty if it was not kept."""
    return str(read_json(root / "fluoroscopy" / "views.json").get("cement", ""))
