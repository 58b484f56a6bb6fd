"""Photographs made into what a network was trained on: a digit of any size and colour, or another picture."""

import numpy

import lampas
from lampas.train.problem import Problem

# MNIST's digits fit a square of 20 in the middle, by weight, of 28x28.
_SIDE, _DIGIT_SIDE = 28, 20
_BORDER_SHARE = 0.08
_BINS = 64
_LARGEST_SIDE = 512  # larger photographs are made smaller first
_FAINTEST = 16  # what differs less from the paper, of 255, is no ink


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
    if upright.mode[0] in "IF":
        return _of_many_shades(upright).convert("RGB")
    if "A" in upright.getbands() or upright.mode == "P":
        return _on_ground(upright.convert("RGBA")).convert("RGB")
    return upright.convert("RGB")


def _of_many_shades(image):
    """Return an image of 16-bit or floating shades with 8-bit shades; Pillow would cut them off at 255."""
    from PIL import Image

    shades = numpy.nan_to_num(numpy.asarray(image, dtype=float))
    # The range that the values lie in: [0, 1], bytes, 16 bits, or else their own.
    low = min(0.0, shades.min())
    high = next((top for top in (1.0, 255.0, 65535.0) if shades.max() <= top), shades.max())
    return Image.fromarray(((shades - low) / (high - low) * 255).round().astype(numpy.uint8))


def _on_ground(image):
    """Return an RGBA image on white, or on black where what is seen of it is all light."""
    from PIL import Image

    shades = numpy.asarray(image.convert("RGB").convert("L"), dtype=float)
    opacity = numpy.asarray(image.getchannel("A"), dtype=float) / 255
    is_light = opacity.mean() < 0.5 and (shades * opacity).sum() > 200 * opacity.sum()
    return Image.alpha_composite(Image.new("RGBA", image.size, "black" if is_light else "white"), image)


def _threshold(values):
    """Return the value between dark and light that parts them best. Source: N. Otsu, 1979."""
    counts, edges = numpy.histogram(values, bins=_BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    below, sums = numpy.cumsum(counts), numpy.cumsum(counts * middles)
    above = below[-1] - below
    with numpy.errstate(divide="ignore", invalid="ignore"):
        spread = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return middles[int(numpy.nanargmax(numpy.where(below * above > 0, spread, -1.0)))]


def _ink_of(colors, is_paper):
    """Return how much each pixel differs from the paper, whose colour light from one side may bend.

    Args:
        colors (NumPy array): (height, width, 3), from 0 to 255.
        is_paper (NumPy array): (height, width), true where nearly everything is paper.
    """
    height, width = is_paper.shape
    rows, columns = numpy.mgrid[0:height, 0:width]
    planes = numpy.stack([rows, columns, numpy.ones(is_paper.shape)], axis=2).astype(float)
    shades = colors.mean(axis=2)[is_paper]
    distance = numpy.abs(shades - numpy.median(shades))
    usual = distance <= 3 * numpy.median(distance) + 8
    # A plane through the paper's colours, for each of the three.
    slopes = numpy.linalg.lstsq(planes[is_paper][usual], colors[is_paper][usual], rcond=None)[0]
    difference = colors - planes @ slopes
    # What differs most tells in which direction of colours the ink lies; noise in the others does not count.
    far = difference.reshape(-1, 3)
    sizes = (far**2).sum(axis=1)
    far = far[sizes >= numpy.percentile(sizes, 98)]
    direction = numpy.linalg.eigh(far.T @ far)[1][:, -1]
    return numpy.abs(difference @ direction) / 3**0.5


def _reached(start, is_open):
    """Return which open pixels can be reached from the open pixels of `start`, by steps to the sides."""
    reached = start & is_open
    while True:
        before = int(reached.sum())
        for axis in (0, 1):
            for flip in (slice(None), slice(None, None, -1)):
                lines, ways = (numpy.swapaxes(a, 0, axis)[flip] for a in (reached, is_open))
                for i in range(1, len(lines)):
                    lines[i] |= lines[i - 1] & ways[i]
        if int(reached.sum()) == before:
            return reached


def _border(shape):
    """Return which pixels of a picture lie near its edge."""
    margin = max(1, round(_BORDER_SHARE * min(shape)))
    border = numpy.ones(shape, dtype=bool)
    border[margin:-margin, margin:-margin] = False
    return border


def _bounds(mask):
    rows, columns = numpy.flatnonzero(mask.any(axis=1)), numpy.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _without_table(colors, ink):
    """Return the ink, taken again where the picture shows a sheet on a table: what lies on the sheet."""
    from PIL import Image, ImageFilter

    is_sheet = ink > _threshold(ink)
    box = is_sheet[_bounds(is_sheet)]
    outside = _reached(_border(ink.shape), ~is_sheet)
    holes = ~is_sheet & ~outside
    # Strokes leave most of their box free, and what they enclose is no part of them.
    if box.mean() < 0.6 or min(numpy.divide(box.shape, ink.shape)) < 0.4 or holes.sum() < 0.003 * box.size:
        return ink
    blur = 2 * max(1, round(0.02 * min(ink.shape))) + 1  # how far the sheet's edge may be blurred
    near_outside = numpy.asarray(Image.fromarray(outside).convert("L").filter(ImageFilter.MaxFilter(blur)))
    return numpy.where(near_outside, 0.0, _ink_of(colors, is_sheet))


def digit_of(image):
    """Return the digit of a picture as MNIST has them: bright on black, centred, 28x28 from 0 to 1.

    Args:
        image (PIL image): one digit on paper of about one colour, which may lie on a table of another.

    Raises:
        Problem: where the picture is empty.
    """
    from PIL import Image

    if max(image.size) > _LARGEST_SIDE:
        scale = _LARGEST_SIDE / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BOX)
    colors = numpy.asarray(image.convert("RGB"), dtype=float)
    ink = _ink_of(colors, _border(colors.shape[:2]))
    if ink.max() < _FAINTEST:
        raise Problem("shows no digit: it is of one colour")
    ink = _without_table(colors, ink)
    threshold = _threshold(ink)
    rows, columns = _bounds(ink > threshold)
    # What is fainter than half the threshold is paper; strokes become white whatever their colour.
    strong = numpy.percentile(ink[ink > threshold], 90)
    cut = numpy.clip((ink[rows, columns] - threshold / 2) / (strong - threshold / 2), 0, 1)
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
