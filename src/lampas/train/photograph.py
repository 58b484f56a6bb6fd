"""Photographs made into what a network was trained on: a digit of any size and colour, or another picture."""

import numpy

import lampas
from lampas.train.problem import Problem

# MNIST's digits fit a square of 20 in the middle, by weight, of 28x28.
_SIDE, _DIGIT_SIDE = 28, 20
_BORDER_SHARE = 0.08
_BINS = 64


def read_picture(path):
    """Return a picture file as a Pillow image, upright; a Problem where it cannot be read."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        raise Problem("reading pictures needs the package pillow: pip install pillow") from error
    try:
        with Image.open(path) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
    except FileNotFoundError:
        raise Problem(f"there is no picture {path}") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Problem(f"{path} is no picture that can be read: {error}") from error
    if "A" in upright.getbands() or upright.mode == "P":  # what is transparent lies on white
        upright = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright)
    return upright.convert("RGB")


def _threshold(values):
    """Return the value between dark and light that parts them best. Source: N. Otsu, 1979."""
    counts, edges = numpy.histogram(values, bins=_BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = numpy.cumsum(counts), numpy.cumsum(counts * middles)
    above = below[-1] - below
    with numpy.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return middles[int(numpy.nanargmax(numpy.where(below * above > 0, spread, -1.0)))]


def _ink_of(gray):
    """Return how much each pixel differs from the paper, whose shade the border tells and light may bend."""
    height, width = gray.shape
    margin = max(1, round(_BORDER_SHARE * min(height, width)))
    inner = numpy.zeros(gray.shape, dtype=bool)
    inner[margin : height - margin, margin : width - margin] = True
    rows, columns = numpy.mgrid[0:height, 0:width]
    # A plane through the border's shades: light that falls from one side.
    terms = numpy.stack([rows[~inner], columns[~inner], numpy.ones((~inner).sum())], axis=1).astype(float)
    border = gray[~inner]
    usual = (
        numpy.abs(border - numpy.median(border))
        <= 3 * numpy.median(numpy.abs(border - numpy.median(border))) + 8
    )
    slope = numpy.linalg.lstsq(terms[usual], border[usual], rcond=None)[0]
    return numpy.abs(gray - (rows * slope[0] + columns * slope[1] + slope[2]))


def digit_of(image):
    """Return the digit of a picture as MNIST has them: bright on black, centred, 28x28 from 0 to 1.

    Args:
        image (PIL image): one digit on paper of about one colour.

    Raises:
        Problem: where the picture is empty.
    """
    from PIL import Image

    gray = numpy.asarray(image.convert("L"), dtype=float)
    if max(gray.shape) > 512:
        scale = 512 / max(gray.shape)
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        gray = numpy.asarray(image.convert("L").resize(size, Image.Resampling.BOX), dtype=float)
    ink = _ink_of(gray)
    if ink.max() < 16:
        raise Problem("the picture shows no digit: it is of one colour")
    threshold = _threshold(ink)
    rows, columns = numpy.nonzero(ink > threshold)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    # What is fainter than half the threshold is paper; strokes become white whatever their colour.
    strong = numpy.percentile(ink[ink > threshold], 90)
    cut = numpy.clip((ink[top:bottom, left:right] - threshold / 2) / (strong - threshold / 2), 0, 1)
    scale = _DIGIT_SIDE / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = Image.fromarray((cut * 255).astype(numpy.uint8)).resize(size, Image.Resampling.LANCZOS)
    values = numpy.asarray(small, dtype=float) / 255
    values = numpy.clip(values / max(values.max(), 1e-6), 0, 1)
    mass = values.sum()
    center_row = (values.sum(axis=1) * numpy.arange(values.shape[0])).sum() / mass
    center_column = (values.sum(axis=0) * numpy.arange(values.shape[1])).sum() / mass
    top = int(numpy.clip(round(_SIDE / 2 - 0.5 - center_row), 0, _SIDE - values.shape[0]))
    left = int(numpy.clip(round(_SIDE / 2 - 0.5 - center_column), 0, _SIDE - values.shape[1]))
    result = numpy.zeros((_SIDE, _SIDE))
    result[top : top + values.shape[0], left : left + values.shape[1]] = values
    return lampas.from_numpy(result).float().unsqueeze(0)


def picture_of(image, shape):
    """Return the middle of a picture in the size and with the channels of `shape`, (C, H, W) from 0 to 1."""
    from PIL import Image

    channels, height, width = shape
    scale = max(height / image.height, width / image.width)
    size = (max(width, round(image.width * scale)), max(height, round(image.height * scale)))
    resized = image.convert("L" if channels == 1 else "RGB").resize(
        size, Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    values = numpy.array(resized.crop((left, top, left + width, top + height)), dtype=numpy.float32) / 255
    return lampas.from_numpy(values).view(height, width, channels).permute(2, 0, 1).contiguous()
