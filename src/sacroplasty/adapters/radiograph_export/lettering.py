"""Letters in a picture, the same on every machine: the fixed font that comes with the drawing library."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_BORDER = 2


def letters_mask(text: str, enlarged: int) -> NDArray[np.bool_]:
    """Where ink is, (rows, columns), every dot of the font being `enlarged` pixels wide."""
    font = ImageFont.load_default_imagefont()
    canvas = Image.new("1", (1, 1))
    box = ImageDraw.Draw(canvas).textbbox((0, 0), text, font=font)
    left, top, right, bottom = (int(edge) for edge in box)
    canvas = Image.new("1", (right - left, bottom - top))
    ImageDraw.Draw(canvas).text((-left, -top), text, fill=1, font=font)
    return np.kron(np.asarray(canvas, dtype=bool), np.ones((enlarged, enlarged), dtype=bool))


def fits(text: str, columns: int, enlarged: int) -> bool:
    """Whether `burn` can write a line of text into a picture of so many columns without cutting it."""
    return letters_mask(text, enlarged).shape[1] <= columns - 2 * _BORDER


def label_places(
    shape: tuple[int, int], mask: NDArray[np.bool_], row_share: float, column_share: float
) -> tuple[slice, slice]:
    """Where a mask lies whose free play within the picture is used up by these shares (0…1)."""
    rows, columns = mask.shape
    row = round(row_share * max(shape[0] - rows - 2 * _BORDER, 0)) + _BORDER
    column = round(column_share * max(shape[1] - columns - 2 * _BORDER, 0)) + _BORDER
    return slice(row, row + rows), slice(column, column + columns)


def burn(
    grey: NDArray[np.uint8], text: str, row_share: float, column_share: float, enlarged: int
) -> None:
    """Write white letters on black into `grey` (changed in place); what does not fit is cut off."""
    if not text:
        return
    mask = letters_mask(text, enlarged)
    rows, columns = label_places(grey.shape[:2], mask, row_share, column_share)
    under = grey[rows, columns]
    under[:] = np.where(mask[: under.shape[0], : under.shape[1]], 255, 0)
