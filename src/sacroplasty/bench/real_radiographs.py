"""A real scan from the named views, ours beside plastimatch's."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.anatomy import BuiltinSegmenter, build_sacrum
from sacroplasty.bench.fluoroscopy_peers import plastimatch_picture
from sacroplasty.fluoroscopy import LiveFluoroscopy, named_view

_SCAN = "ct/tcga_ov_09_2043"
_VIEWS = ("ap", "lateral", "inlet", "outlet")
# plastimatch counts nothing at or below -800 HU (found by trying: only then is its factor the same in
# every view). Both get a scan in which that is so, so that the projectors alone differ.
_THEIR_AIR_HU, _AIR_HU = -800, -1000


@dataclass(frozen=True, slots=True)
class RealRadiograph:
    """How alike the two pictures of a view are; rms of the picture's peak."""

    view: str
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
            pose = named_view(view, sacrum)
            ours = live.move_to(pose).line_integrals.astype(np.float64)
            pairs[view] = ours, plastimatch_picture(ct, pose, Path(folder))[0]
    theirs2 = sum(float((theirs**2).sum()) for _, theirs in pairs.values())
    gain = sum(float((ours * theirs).sum()) for ours, theirs in pairs.values()) / theirs2
    return [
        RealRadiograph(
            view,
            float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1]),
            float(np.sqrt(((gain * theirs - ours) ** 2).mean()) / ours.max()),
        )
        for view, (ours, theirs) in pairs.items()
    ]
