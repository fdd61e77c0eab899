"""Digital subtraction and roadmap: what has come since the mask.

With x = −ln(signal/open) of both frames the bone cancels, for it stands in both, and the cement is
left:

    D = x_live − x_mask ≈ Δμ · L_cement · P/(P + S).

P/(P + S) is the primary's part of the signal: scatter dilutes the contrast. Noise adds up: the
variance of D is that of both. Averaging n frames into the mask makes its part n times smaller.
"""

import numpy as np

from sacroplasty.errors import BadInput
from sacroplasty.fluoroscopy.frame import FluoroscopicFrame
from sacroplasty.fluoroscopy.radiograph import Radiograph


def subtracted(live: FluoroscopicFrame, mask: FluoroscopicFrame) -> Radiograph:
    """x_live − x_mask: positive where something stops more of the beam than in the mask.

    Raises `BadInput` for frames of two poses: bones would leave their edges as false cement.
    """
    _require_same_view(live, mask)
    return Radiograph(live.apparent.line_integrals - mask.apparent.line_integrals, live.pose)


def roadmap(
    live: FluoroscopicFrame, mask: FluoroscopicFrame, *, from_contrast: float, weight: float
) -> Radiograph:
    """The live picture with the cement that has come since the mask laid on top.

    from_contrast: line integral above which a change is drawn (a few standard deviations of the
    noise). weight: how much brighter it is drawn than it is; 1 adds the change once more.
    """
    if not (from_contrast >= 0 and weight >= 0):
        raise BadInput(
            f"A roadmap needs a threshold and a weight from 0 on; got {from_contrast} and {weight}."
        )
    change = subtracted(live, mask).line_integrals
    drawn = np.where(change >= from_contrast, np.float32(weight) * change, np.float32(0.0))
    return Radiograph(live.apparent.line_integrals + drawn, live.pose)


def averaged(*frames: FluoroscopicFrame) -> FluoroscopicFrame:
    """The mean of frames of one view and dose: a mask with less noise."""
    if not frames:
        raise BadInput("A mask is averaged from one frame or more.")
    for frame in frames[1:]:
        _require_same_view(frame, frames[0])
    mean = np.mean([frame.signal_kev for frame in frames], axis=0, dtype=np.float64)
    return FluoroscopicFrame(np.asarray(mean, dtype=np.float32), frames[0].open_kev, frames[0].pose)


def _require_same_view(one: FluoroscopicFrame, other: FluoroscopicFrame) -> None:
    a, b = one.pose, other.pose
    same = (
        a.shape == b.shape
        and a.frame == b.frame
        and np.array_equal(a.source.xyz, b.source.xyz)
        and np.array_equal(a.detector_centre.xyz, b.detector_centre.xyz)
        and np.array_equal(a.right, b.right)
        and np.array_equal(a.down, b.down)
        and a.pixel_mm == b.pixel_mm
    )
    if not same:
        raise BadInput(
            f"Frames of two poses ({a.name!r} and {b.name!r}) cannot be subtracted; take a new "
            "mask after moving the C-arm."
        )
