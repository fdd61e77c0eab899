"""plastimatch `drr`: one picture by its detector's normal, in the CT's own LPS coordinates.

`--nrm` points from the isocentre to the source and `--vup` up the picture; `--sad` and `--sid` are
source to isocentre and source to image. Columns run along vup × nrm: the picture is seen from
the source. `--dim`, `--detector-size` and `--image-center` are column before row, whatever its help
says ("row col"): plastimatch 1.9 draws detectors that are not square so. The centre counts from
the first pixel's. Any point of the central ray serves as isocentre; the detector's plane is used.
Tests: tests/fluoroscopy_carm/test_peer_conventions.py.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.drr_peers.principal_point import principal_point, source_distance_mm
from sacroplasty.fluoroscopy import CArmPose, beam_direction


@dataclass(frozen=True, slots=True)
class PlastimatchView:
    """`arguments` of ``plastimatch drr``; where `columns_reversed`, mirror its picture's columns.

    That is so for a supine patient, whose picture we look at from the detector.
    """

    arguments: tuple[str, ...]
    columns_reversed: bool


def plastimatch_view(pose: CArmPose) -> PlastimatchView:
    """The pose for ``plastimatch drr``, without in- and output."""
    beam, distance = beam_direction(pose), source_distance_mm(pose)
    rows, columns = pose.shape
    row, column = principal_point(pose)
    reversed_ = _seen_from_detector(pose)
    if reversed_:
        column = columns - 1 - column
    at = pose.source.single + distance * beam
    return PlastimatchView(
        (
            "--nrm", _numbers(-beam),
            "--vup", _numbers(-pose.down),
            "--isocenter", _numbers(at),
            "--sad", repr(distance),
            "--sid", repr(distance),
            "--dim", f"{columns} {rows}",
            "--detector-size", f"{columns * pose.pixel_mm!r} {rows * pose.pixel_mm!r}",
            "--image-center", f"{column!r} {row!r}",
        ),
        reversed_,
    )  # fmt: skip


def _seen_from_detector(pose: CArmPose) -> bool:
    return bool(np.cross(pose.right, pose.down) @ beam_direction(pose) < 0)


def _numbers(xyz: NDArray[np.float64]) -> str:
    return " ".join(repr(float(x)) for x in xyz)
