"""A moving picture as GIF: one palette for all frames, the same frames always giving the same bytes."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RGB = NDArray[np.uint8]
_COLOURS = 255


def encode_gif(frames: list[RGB], milliseconds: list[int]) -> bytes:
    """The GIF of `frames`, (rows, columns, 3) each shown for so long; it loops for ever.

    The palette comes from the first, the middle and the last frame, so that a colour that never
    changes is the same pixel value in every frame and costs nothing.
    """
    probes = [frames[0], frames[len(frames) // 2], frames[-1]]
    palette = Image.fromarray(np.concatenate(probes)).quantize(
        _COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    images = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE)
        for frame in frames
    ]
    content = io.BytesIO()
    images[0].save(
        content,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=milliseconds,
        loop=0,
        disposal=1,
        optimize=True,
    )
    return content.getvalue()
