"""Where the perpendicular from the source meets the detector."""

import numpy as np

from sacroplasty.fluoroscopy import CArmPose, beam_direction


def source_distance_mm(pose: CArmPose) -> float:
    """From the source to the detector's plane, along its normal."""
    away = pose.detector_centre.single - pose.source.single
    return float(away @ beam_direction(pose))


def principal_point(pose: CArmPose) -> tuple[float, float]:
    """(row, column) in pixels, fractions allowed; the picture's middle for a centred detector."""
    away = pose.source.single - pose.detector_centre.single
    middle = (np.asarray(pose.shape) - 1) / 2.0
    return (
        float(middle[0] + away @ pose.down / pose.pixel_mm),
        float(middle[1] + away @ pose.right / pose.pixel_mm),
    )
