"""A real scan from the named views, ours beside plastimatch's."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.radiograph_export.marked_picture import marked_picture
from sacroplasty.adapters.radiograph_export.side_marker import SideMarker, side_marker
from sacroplasty.adapters.report.png import encode_png
from sacroplasty.anatomy import BuiltinSegmenter, build_sacrum
from sacroplasty.bench.fluoroscopy_peers import plastimatch_picture
from sacroplasty.fluoroscopy import LiveFluoroscopy, Radiograph, Screen, named_view

_SCAN = "ct/tcga_ov_09_2043"
_SHRUNK = 2  # the letters' dots are two pixels wide
_VIEWS = ("ap", "lateral", "inlet", "outlet")
# plastimatch counts nothing at or below -800 HU (found by trying: only then is its factor the same in
# every view). Both get a scan in which that is so, so that the projectors alone differ.
_THEIR_AIR_HU, _AIR_HU = -800, -1000


@dataclass(frozen=True, eq=False, slots=True)
class RealRadiograph:
    """Two pictures of a view and how alike they are; theirs by the one factor that fits all views.

    rms: of the picture's peak.
    """

    view: str
    marker: SideMarker
    ours: Radiograph
    theirs: Radiograph
    correlation: float
    rms: float


def measure_real_radiographs(data: Path, progress: Callable[[float], None]) -> list[RealRadiograph]:
    """A row per view; none where scan or plastimatch is absent."""
    if not (data / _SCAN).exists() or shutil.which("plastimatch") is None:
        return []
    read = read_ct(data / _SCAN)
    sacrum = build_sacrum(read, BuiltinSegmenter())
    dense = np.where(read.hu > _THEIR_AIR_HU, read.hu, _AIR_HU).astype(np.int16)
    ct = replace(read, hu=dense)
    live = LiveFluoroscopy(ct)
    pairs = {}
    with tempfile.TemporaryDirectory() as folder:
        for n, view in enumerate(_VIEWS):
            progress(n / len(_VIEWS))
            ours = live.move_to(named_view(view, sacrum))
            pairs[view] = ours, plastimatch_picture(ct, ours.pose, Path(folder))[0]
    theirs2 = sum(float((theirs**2).sum()) for _, theirs in pairs.values())
    gain = sum(float((o.line_integrals * theirs).sum()) for o, theirs in pairs.values()) / theirs2
    return [
        _row(view, side_marker(ours.pose, sacrum), ours, gain * theirs)
        for view, (ours, theirs) in pairs.items()
    ]


def _row(
    view: str, marker: SideMarker, picture: Radiograph, theirs: NDArray[np.float64]
) -> RealRadiograph:
    ours = picture.line_integrals.astype(np.float64)
    return RealRadiograph(
        view,
        marker,
        picture,
        replace(picture, line_integrals=theirs.astype(np.float32)),
        float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]),
        float(np.sqrt(((theirs - ours) ** 2).mean()) / ours.max()),
    )


def side_by_side(rows: list[RealRadiograph]) -> bytes:
    """A PNG: ours above, theirs below, a column a view; both on the screen that is set by ours."""
    columns = []
    for row in rows:
        screen = Screen.of(row.ours)
        both = (("sacroplasty", row.ours), ("plastimatch", row.theirs))
        shown = [
            marked_picture(screen.shown(picture), screen.window, row.marker, f"{row.view}, {whose}")
            for whose, picture in both
        ]
        columns.append(np.vstack(shown))
    return encode_png(np.hstack(columns)[::_SHRUNK, ::_SHRUNK])
