"""Which class was taken for which."""

import math

import numpy

from lampas.plots.canvas import Canvas
from lampas.plots.chart import COLORS, GRAY, INK
from lampas.plots.classified import class_names
from lampas.plots.font import fitted_text, text_strokes
from lampas.plots.pixels import as_array

_CELL = 52
_LONGEST_LABEL = 200
_SLANT = 45  # degrees, of column heads that are wider than their column


def confusion_matrix(counts, classes=None, title=""):
    """Draw a matrix of counts: a row for each true class, a column for each predicted one.

    A cell is the darker the larger its share of its row.

    Args:
        counts (Tensor): of shape (classes, classes).
        classes (list of str, optional): names of the classes; by default their numbers.
        title (str): written above.

    Raises:
        ValueError: where the matrix is not square, or there is not a name for each class.

    Example:
        >>> confusion_matrix(lampas.tensor([[9, 1], [2, 8]]), ["cat", "dog"]).save("confusion.png")
    """
    matrix = as_array(counts)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"a confusion matrix is square, but got the shape {tuple(matrix.shape)}")
    size = len(matrix)
    names = class_names(classes, size)
    labels = [fitted_text(name, 14, _LONGEST_LABEL) for name in names]
    widest = max(text_strokes(label, 14)[1] for label in labels)
    is_slanted = widest > _CELL - 4
    head = round(widest * math.sin(math.radians(_SLANT))) if is_slanted else 0
    left, top = 80 + round(widest), 120 + head
    title = title or "Confusion matrix"
    width = max(left + size * _CELL + 40 + head, 48 + round(text_strokes(title, 20)[1]))
    canvas = Canvas(width, top + size * _CELL + 40)
    canvas.text(24, 40, title, 20, INK, weight=1.25)
    canvas.text(left, 74, "predicted", 14, GRAY)
    canvas.text(24, top - 12, "true", 14, GRAY)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = numpy.divide(matrix, totals, out=numpy.zeros_like(matrix), where=totals > 0)
    for i in range(size):
        canvas.text(left - 12, top + i * _CELL + 31, labels[i], 14, INK, align="right")
        middle = left + i * _CELL + _CELL // 2
        if is_slanted:
            canvas.text(middle, top - 10, labels[i], 14, INK, angle=_SLANT)
        else:
            canvas.text(middle, top - 12, labels[i], 14, INK, align="center")
        for j in range(size):
            x, y = left + j * _CELL, top + i * _CELL
            color = numpy.array(COLORS[0] if i == j else COLORS[1])
            shade = 1 - (1 - color) * shares[i, j] ** 0.5
            canvas.rectangle(x + 1, y + 1, x + _CELL - 1, y + _CELL - 1, shade)
            if matrix[i, j]:
                ink = (1.0, 1.0, 1.0) if shares[i, j] > 0.5 else INK
                canvas.text(x + _CELL // 2, y + 31, f"{matrix[i, j]:g}", 13, ink, align="center")
    return canvas
