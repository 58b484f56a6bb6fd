"""Which class was taken for which."""

import numpy

from lampas.plots.canvas import Canvas
from lampas.plots.chart import COLORS, GRAY, INK
from lampas.plots.pixels import as_array

_CELL = 52


def confusion_matrix(counts, classes=None, title=""):
    """Draw a matrix of counts: a row for each true class, a column for each predicted one.

    A cell is the darker the larger its share of its row.

    Args:
        counts (Tensor): of shape (classes, classes).
        classes (list of str, optional): names of the classes; by default their numbers.
        title (str): written above.

    Raises:
        ValueError: where the matrix is not square.

    Example:
        >>> confusion_matrix(lampas.tensor([[9, 1], [2, 8]]), ["cat", "dog"]).save("confusion.png")
    """
    matrix = as_array(counts)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"a confusion matrix is square, but got the shape {tuple(matrix.shape)}")
    size = len(matrix)
    names = [str(name) for name in classes] if classes is not None else [str(i) for i in range(size)]
    label_width = 70 + 8 * max(map(len, names))
    left, top = label_width, 120
    canvas = Canvas(left + size * _CELL + 40, top + size * _CELL + 40)
    canvas.text(24, 40, title or "Confusion matrix", 20, INK, weight=1.25)
    canvas.text(left, 74, "predicted", 14, GRAY)
    canvas.text(24, top - 12, "true", 14, GRAY)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = numpy.divide(matrix, totals, out=numpy.zeros_like(matrix), where=totals > 0)
    for i in range(size):
        canvas.text(left - 12, top + i * _CELL + 31, names[i], 14, INK, align="right")
        canvas.text(left + i * _CELL + _CELL // 2, top - 12, names[i][:6], 14, INK, align="center")
        for j in range(size):
            x, y = left + j * _CELL, top + i * _CELL
            color = numpy.array(COLORS[0] if i == j else COLORS[1])
            shade = 1 - (1 - color) * shares[i, j] ** 0.5
            canvas.rectangle(x + 1, y + 1, x + _CELL - 1, y + _CELL - 1, shade)
            if matrix[i, j]:
                ink = (1.0, 1.0, 1.0) if shares[i, j] > 0.5 else INK
                canvas.text(x + _CELL // 2, y + 31, f"{matrix[i, j]:g}", 13, ink, align="center")
    return canvas
