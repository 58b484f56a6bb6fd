"""Pictures beside the probabilities that a network gave them."""

import numpy

from lampas.plots.canvas import Canvas
from lampas.plots.chart import COLORS, GRAY, GRID, INK
from lampas.plots.font import fitted_text, text_strokes
from lampas.plots.pixels import as_array, as_pixels

_RIGHT, _WRONG = COLORS[2], COLORS[1]
_MARGIN = 24


def class_names(classes, count):
    """Return the name of each of so many classes: its number where none is given."""
    names = [str(i) for i in range(count)] if classes is None else [str(name) for name in classes]
    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} classes")
    return names


def _scale_for(pixels, side):
    """Return how many times a picture can be enlarged within a square of `side`."""
    return max(1, side // max(pixels.shape[:2]))


def _checked(probabilities):
    values = as_array(probabilities).reshape(-1)
    if values.size == 0:
        raise ValueError("there are no probabilities to show")
    return values


def view_classify(image, probabilities, classes=None):
    """Draw a picture and, as bars, the probability of each class.

    Args:
        image (Tensor): of shape (H, W), (1, H, W) or (3, H, W).
        probabilities (Tensor): one number a class, of any shape.
        classes (list of str, optional): their names; by default their numbers.

    Example:
        >>> view_classify(lampas.rand(1, 28, 28), lampas.softmax(lampas.randn(1, 10), 1)).save("classes.png")
    """
    pixels, values = as_pixels(image), _checked(probabilities)
    names = class_names(classes, len(values))
    scale = _scale_for(pixels, 300)
    labels = [fitted_text(name, 15, 300) for name in names]
    label_width = 40 + round(max(text_strokes(label, 15)[1] for label in labels))
    row_height, bar_width = 30, 300
    picture_width, picture_height = pixels.shape[1] * scale, pixels.shape[0] * scale
    height = max(picture_height, row_height * len(values)) + 2 * _MARGIN
    canvas = Canvas(picture_width + label_width + bar_width + 100 + 2 * _MARGIN, height)
    canvas.picture(_MARGIN, (height - picture_height) // 2, pixels, scale)
    left = _MARGIN + picture_width + label_width
    top = (height - row_height * len(values)) // 2
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        middle = top + row_height * i + row_height // 2
        canvas.text(left - 12, middle + 5, label, 15, INK, align="right")
        canvas.rectangle(left, middle - 10, left + bar_width, middle + 10, GRID)
        share = float(numpy.clip(numpy.nan_to_num(value), 0, 1))
        canvas.rectangle(left, middle - 10, left + round(bar_width * share), middle + 10, COLORS[0])
        canvas.text(left + bar_width + 10, middle + 5, f"{100 * value:.1f} %", 14, GRAY)
    return canvas


_CELL_WIDTH, _CELL_HEIGHT, _PICTURE_SIDE = 260, 132, 96
_GUTTER = 16


def _draw_cell(canvas, left, top, image, values, target, names):
    """Draw a picture, its three likeliest classes as bars, and what it is; the right class is green."""
    pixels = as_pixels(image)
    scale = _scale_for(pixels, _PICTURE_SIDE)
    if scale == 1:  # a large picture is thinned out
        step = -(-max(pixels.shape[:2]) // _PICTURE_SIDE)
        pixels = pixels[::step, ::step]
        scale = _scale_for(pixels, _PICTURE_SIDE)
    canvas.picture(left, top, pixels, scale)
    bar_left, bar_width = left + _PICTURE_SIDE + 12, 90
    for i, index in enumerate(numpy.argsort(-values, kind="stable")[:3]):
        y = top + 14 + 30 * i
        color = COLORS[0] if target is None else _RIGHT if index == target else _WRONG
        room = left + _CELL_WIDTH - _GUTTER - bar_left
        canvas.text(bar_left, y - 2, fitted_text(names[index], 12, room), 12, INK)
        canvas.rectangle(bar_left, y + 2, bar_left + bar_width, y + 10, GRID)
        canvas.rectangle(bar_left, y + 2, bar_left + max(1, round(bar_width * values[index])), y + 10, color)
        canvas.text(bar_left + bar_width + 6, y + 11, f"{100 * values[index]:.0f} %", 11, GRAY)
    if target is not None:
        label = fitted_text(f"is {names[target]}", 12, _CELL_WIDTH - _GUTTER)
        canvas.text(left, top + _PICTURE_SIDE + 16, label, 12, GRAY)


def predictions(groups, classes=None, title=""):
    """Draw groups of pictures with their likeliest classes as bars.

    Args:
        groups (list): of (heading, images, probabilities, targets): images (N, C, H, W), probabilities
            (N, classes), targets (N) or None; N may be 0.
        classes (list of str, optional): names of the classes.
        title (str): written above.

    Example:
        >>> pictures, chances = lampas.rand(4, 1, 28, 28), lampas.softmax(lampas.randn(4, 10), 1)
        >>> predictions([("four of them", pictures, chances, [1, 2, 3, 4])]).save("predictions.png")
    """
    columns = 4
    rows = [-(-len(images) // columns) for _, images, _, _ in groups]
    header, heading = 56 if title else 16, 48
    height = header + sum(heading + max(1, count) * _CELL_HEIGHT for count in rows)
    canvas = Canvas(columns * _CELL_WIDTH + 2 * _MARGIN, height)
    if title:
        canvas.text(_MARGIN, 40, title, 22, INK, weight=1.25)
    top = header
    for (text, images, probabilities, targets), row_count in zip(groups, rows, strict=True):
        canvas.text(_MARGIN, top + 28, text, 17, INK, weight=1.2)
        top += heading
        chances = as_array(probabilities)
        if len(images) == 0:
            canvas.text(_MARGIN, top + 20, "none", 14, GRAY)
        for i in range(len(images)):
            left = _MARGIN + i % columns * _CELL_WIDTH
            target = None if targets is None else int(targets[i])
            names = class_names(classes, chances.shape[1])
            _draw_cell(canvas, left, top + i // columns * _CELL_HEIGHT, images[i], chances[i], target, names)
        top += max(1, row_count) * _CELL_HEIGHT
    return canvas
