"""Two engines' pictures of a scan side by side: one screen, the patient's sides marked in both."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from box_patient import toy_ct, toy_sacrum
from sacroplasty.adapters.radiograph_export.side_marker import side_marker
from sacroplasty.bench import side_by_side
from sacroplasty.bench.real_radiographs import RealRadiograph
from sacroplasty.fluoroscopy import expose, named_view


def test_a_brighter_picture_of_theirs_stays_brighter_below_ours() -> None:
    sacrum = toy_sacrum()
    ours = expose(toy_ct(sacrum), None, named_view("ap", sacrum))
    theirs = replace(ours, line_integrals=ours.line_integrals + np.float32(0.3))
    row = RealRadiograph("ap", side_marker(ours.pose, sacrum), ours, theirs, 1.0, 0.0)
    picture = np.asarray(Image.open(io.BytesIO(side_by_side([row, row]))))
    rows, columns = ours.pose.shape
    assert picture.shape == (rows, columns)  # two above each other and side by side, halved
    above, below = picture[: rows // 2], picture[rows // 2 :]
    middle = np.s_[rows // 8 : 3 * rows // 8, columns // 8 : 3 * columns // 8]
    assert below[middle].mean() > above[middle].mean() + 5
    np.testing.assert_array_equal(above[:, : columns // 2], above[:, columns // 2 :])
