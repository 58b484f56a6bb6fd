"""A picture to draw on with smooth edges: lines, dots, rectangles, text."""

import math

import numpy

from lampas.plots.font import text_strokes
from lampas.plots.png import encode_png


def _segment_distance(x, y, start, end):
    """Return the distance of each point of the grid (x, y) from the line between two points."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length_squared = along_x**2 + along_y**2
    if length_squared == 0:
        return numpy.hypot(x - start[0], y - start[1])
    position = ((x - start[0]) * along_x + (y - start[1]) * along_y) / length_squared
    position = numpy.clip(position, 0, 1)
    return numpy.hypot(x - start[0] - position * along_x, y - start[1] - position * along_y)


class Canvas:
    """A white picture; points are (x, y) in pixels from the top left, colours (red, green, blue) in [0, 1].

    A shape covers a pixel by how near its edge is to the pixel's centre: that is what makes edges smooth.
    """

    def __init__(self, width, height):
        self.pixels = numpy.ones((height, width, 3))

    def _grid(self, left, top, right, bottom):
        """Return the part of the picture in these bounds and the coordinates of its pixel centres."""
        height, width, _ = self.pixels.shape
        left, right = max(0, int(left)), min(width, int(right) + 1)
        top, bottom = max(0, int(top)), min(height, int(bottom) + 1)
        y, x = numpy.mgrid[top : max(top, bottom), left : max(left, right)] + 0.5
        return self.pixels[top:bottom, left:right], x, y

    @staticmethod
    def _paint(part, coverage, color):
        part += coverage[:, :, None] * (numpy.array(color) - part)

    def rectangle(self, left, top, right, bottom, color):
        """Fill a rectangle whose edges lie between pixels."""
        self.pixels[round(top) : round(bottom), round(left) : round(right)] = color

    def dot(self, x, y, radius, color):
        """Draw a filled circle."""
        part, grid_x, grid_y = self._grid(x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1)
        coverage = numpy.clip(radius + 0.5 - numpy.hypot(grid_x - x, grid_y - y), 0, 1)
        self._paint(part, coverage, color)

    def line(self, points, color, width=1.0):
        """Draw a line through points, with round corners and ends."""
        self.strokes([points], color, width)

    def strokes(self, strokes, color, width):
        """Draw several lines as one shape: where they meet, the colour is not laid on twice."""
        points = [point for stroke in strokes for point in stroke]
        if not points:
            return
        margin = width / 2 + 1
        xs, ys = zip(*points, strict=True)
        bounds = (min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)
        part, grid_x, grid_y = self._grid(*bounds)
        left, top = max(0, int(bounds[0])), max(0, int(bounds[1]))
        coverage = numpy.zeros(grid_x.shape)
        for stroke in strokes:
            for start, end in zip(stroke, stroke[1:] or stroke, strict=False):
                # Only the pixels around the segment can be covered by it.
                columns = slice(
                    max(0, int(min(start[0], end[0]) - margin) - left),
                    int(max(start[0], end[0]) + margin) - left + 1,
                )
                rows = slice(
                    max(0, int(min(start[1], end[1]) - margin) - top),
                    int(max(start[1], end[1]) + margin) - top + 1,
                )
                distance = _segment_distance(grid_x[rows, columns], grid_y[rows, columns], start, end)
                near = numpy.clip(width / 2 + 0.5 - distance, 0, 1)
                numpy.maximum(coverage[rows, columns], near, out=coverage[rows, columns])
        self._paint(part, coverage, color)

    def text(self, x, y, text, size, color, align="left", weight=1.0, angle=0.0):
        """Write a line of text.

        Args:
            x, y (float): where its base line begins, or ends or has its middle, by `align`.
            text (str): what to write.
            size (float): its height in pixels, roughly.
            color (tuple): its colour.
            align (str): "left", "right" or "center".
            weight (float): how thick the strokes are.
            angle (float): by how many degrees the line of text rises around (x, y).
        """
        strokes, width = text_strokes(text, size)
        shift = {"left": 0.0, "center": width / 2, "right": width}[align]
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))

        def place(along, up):
            return x + (along - shift) * cos - up * sin, y - (along - shift) * sin - up * cos

        placed = [[place(*point) for point in stroke] for stroke in strokes]
        self.strokes(placed, color, weight * size / 10)

    def picture(self, left, top, pixels, scale):
        """Show a small picture, each of its pixels as a square.

        Args:
            left, top (int): where its corner lies.
            pixels (NumPy array): of shape (height, width, 3), from 0 to 1.
            scale (int): the side of a square.
        """
        enlarged = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
        height, width, _ = enlarged.shape
        self.pixels[top : top + height, left : left + width] = enlarged

    def png(self):
        """Return the picture as the bytes of a PNG file."""
        return encode_png(numpy.rint(self.pixels * 255).astype(numpy.uint8))

    _repr_png_ = png  # how a notebook shows it

    def save(self, path):
        """Write the picture as a PNG file."""
        with open(path, "wb") as file:
            file.write(self.png())
