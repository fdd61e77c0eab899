"""A radiograph as a person is given it: windowed, with the side marker and what it is burnt in."""

import numpy as np
from numpy.typing import NDArray

from sacroplasty.adapters.radiograph_export.lettering import burn, fits
from sacroplasty.adapters.radiograph_export.side_marker import SideMarker
from sacroplasty.fluoroscopy import Radiograph, Window, to_display

SIMULATED = "SIMULATED"
# Letters grow with the picture: one font dot on this many pixels of its height.
_DOT_SHARE = 256
_MARKER_ENLARGED = 2
_MARKER_ROW = 0.12


def marked_picture(
    radiograph: Radiograph, window: Window, marker: SideMarker, caption: str, exposure: str = ""
) -> NDArray[np.uint8]:
    """Grey 0…255 (rows, columns), bone white; L and R at the patient's own sides.

    On top the word that it is simulated and how it was exposed, at the bottom `caption`, in as many
    lines as it needs.
    """
    grey = to_display(radiograph, window).copy()
    dot = max(grey.shape[0] // _DOT_SHARE, 1)
    for text, column in ((marker.left_edge, 0.02), (marker.right_edge, 0.98)):
        burn(grey, text, _MARKER_ROW, column, _MARKER_ENLARGED * dot)
    if marker.detector_side:
        burn(grey, marker.detector_side, _MARKER_ROW, 0.98, _MARKER_ENLARGED * dot)
    burn(grey, SIMULATED, 0.0, 0.0, dot)
    burn(grey, exposure, 0.0, 1.0, dot)
    burn(grey, "\n".join(_lines(caption, grey.shape[1], dot)), 1.0, 0.0, dot)
    return grey


def _lines(caption: str, columns: int, dot: int) -> list[str]:
    """The caption's parts (two spaces between) in lines that fit; one that fits none is cut off."""
    first, *others = caption.split("  ")
    lines = [first]
    for part in others:
        longer = f"{lines[-1]}  {part}"
        if fits(longer, columns, dot):
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
