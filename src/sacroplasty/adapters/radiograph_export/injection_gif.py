"""An injection as it would be watched: frames of one view as a GIF."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sacroplasty.errors import BadInput

_FRAME_MS = 200
_LAST_MS = 2000


def injection_gif(frames: Sequence[NDArray[np.uint8]]) -> bytes:
    """The frames (rows, columns) in order, five a second, the last one held; then from the start.

    The same frames give the same bytes.
    """
    if not frames:
        raise BadInput("An injection without a frame cannot be shown.")
    pictures = [Image.fromarray(frame) for frame in frames]
    held = [_FRAME_MS] * (len(pictures) - 1) + [_LAST_MS]
    content = io.BytesIO()
    pictures[0].save(
        content, "GIF", save_all=True, append_images=pictures[1:], duration=held, loop=0,
        optimize=False,
    )  # fmt: skip
    return content.getvalue()
