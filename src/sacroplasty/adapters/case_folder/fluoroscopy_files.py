"""`fluoroscopy/`: line integrals as numbers; the pictures beside them are only windows on them."""

from pathlib import Path

import numpy as np

from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.pose_files import pose_document, pose_from
from sacroplasty.adapters.report import write_radiograph_png
from sacroplasty.fluoroscopy import Radiograph
from sacroplasty.pathway import View


def write_views(views: tuple[View, ...], root: Path) -> None:
    """Per view: NAME.json (pose), NAME.npz (patient, before, after), NAME_before and _after.png."""
    folder = root / "fluoroscopy"
    folder.mkdir(parents=True)
    write_json(
        folder / "views.json",
        {
            "views": [view.before.pose.name for view in views],
            "cement": views[0].cement if views else "",
            "withdraw_mm_per_ml": views[0].withdraw_mm_per_ml if views else 0.0,
        },
    )
    for view in views:
        pose = view.before.pose
        write_json(folder / f"{pose.name}.json", pose_document(pose))
        np.savez_compressed(
            folder / f"{pose.name}.npz",
            patient=view.patient.line_integrals,
            before=view.before.line_integrals,
            after=view.after.line_integrals,
        )
        for moment, picture in (("before", view.before), ("after", view.after)):
            write_radiograph_png(
                folder / f"{pose.name}_{moment}.png", picture, windowed_like=view.patient
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
                    Radiograph(integrals["patient"], pose),
                    Radiograph(integrals["before"], pose),
                    Radiograph(integrals["after"], pose),
                    listed["cement"],
                    listed["withdraw_mm_per_ml"],
                )
            )
    return tuple(views)


def injected_how(root: Path) -> tuple[str, float | None]:
    """Of the views that `write_views` wrote: the name of the cement, empty if it was not kept; and
    by how many mm for each mL the needles were drawn back, None if that was not.
    """
    listed = read_json(root / "fluoroscopy" / "views.json")
    return str(listed.get("cement", "")), listed.get("withdraw_mm_per_ml")
