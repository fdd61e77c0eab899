"""`fluoroscopy/`: line integrals as numbers; the pictures beside them are only windows on them."""

from pathlib import Path

import numpy as np

from sacroplasty.adapters.case_folder.documents import point_document
from sacroplasty.adapters.case_folder.files import read_json, write_json
from sacroplasty.adapters.report import write_radiograph_png
from sacroplasty.fluoroscopy import CArmPose, Radiograph
from sacroplasty.geometry import Frame, Points
from sacroplasty.pathway import View


def write_views(views: tuple[View, ...], root: Path) -> None:
    """Per view: NAME.json (pose), NAME.npz (before, after), NAME_before.png, NAME_after.png."""
    folder = root / "fluoroscopy"
    folder.mkdir(parents=True)
    write_json(folder / "views.json", {"views": [view.before.pose.name for view in views]})
    for view in views:
        pose = view.before.pose
        write_json(
            folder / f"{pose.name}.json",
            {
                "name": pose.name,
                "frame_of_reference_uid": pose.frame.uid,
                "source_lps_mm": point_document(pose.source),
                "detector_centre_lps_mm": point_document(pose.detector_centre),
                "right": pose.right.tolist(),
                "down": pose.down.tolist(),
                "shape_rows_columns": list(pose.shape),
                "pixel_mm": pose.pixel_mm,
            },
        )
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
    for name in read_json(folder / "views.json")["views"]:
        document = read_json(folder / f"{name}.json")
        frame = Frame(document["frame_of_reference_uid"])
        pose = CArmPose(
            name=document["name"],
            source=Points.at(document["source_lps_mm"], frame),
            detector_centre=Points.at(document["detector_centre_lps_mm"], frame),
            right=np.asarray(document["right"]),
            down=np.asarray(document["down"]),
            shape=tuple(document["shape_rows_columns"]),
            pixel_mm=document["pixel_mm"],
        )
        with np.load(folder / f"{name}.npz") as integrals:
            views.append(
                View(Radiograph(integrals["before"], pose), Radiograph(integrals["after"], pose))
            )
    return tuple(views)
