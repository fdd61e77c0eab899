"""A moving picture as GIF: one palette for all frames, the same frames always giving the same bytes."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

RGB = NDArray[np.uint8]
_COLOURS = 255
# Spread of red, green and blue above which a pixel is a colour; of the others one in so many counts.
_COLOURFUL, _GREYS_SKIPPED = 40, 12
# A colour to be kept counts as so many pixels.
_WEIGHT = 4000


def encode_gif(frames: list[RGB], milliseconds: list[int], keep: tuple[str, ...] = ()) -> bytes:
    """The GIF of `frames`, (rows, columns, 3) each shown for so long; it loops for ever.

    All frames share one palette, so that a colour that never changes is the same pixel value in
    every frame and costs nothing. keep: colours (#rrggbb) that stay themselves however rare they are.
    """
    palette = _palette([frames[0], frames[len(frames) // 2], frames[-1]], keep)
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


def _palette(probes: list[RGB], keep: tuple[str, ...]) -> Image.Image:
    """Colours of a few frames. Greys count less than their number: CT would leave none for cement."""
    pixels = np.concatenate([probe.reshape(-1, 3) for probe in probes])
    colourful = np.ptp(pixels, axis=1) > _COLOURFUL
    inks = np.array([ImageColor.getrgb(one)[:3] for one in keep], dtype=np.uint8).reshape(-1, 3)
    weighty = np.repeat(inks, _WEIGHT, axis=0)
    chosen = np.concatenate([pixels[colourful], pixels[~colourful][::_GREYS_SKIPPED], weighty])
    return Image.fromarray(chosen[None]).quantize(
        _COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
