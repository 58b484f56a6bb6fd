"""Charts of lines: panels side by side, each with axes, grid and legend."""

import math
from typing import NamedTuple

from lampas.plots.canvas import Canvas
from lampas.plots.font import text_strokes

# Colours that people with any kind of colour vision can tell apart. Source: Okabe and Ito, 2008.
COLORS = [(0.0, 0.447, 0.698), (0.835, 0.369, 0.0), (0.0, 0.62, 0.451), (0.8, 0.475, 0.655)]
INK = (0.15, 0.15, 0.18)
GRAY = (0.45, 0.45, 0.48)
GRID = (0.9, 0.9, 0.92)

PANEL_WIDTH, PANEL_HEIGHT = 620, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 86, 28, 84, 64  # margins of a panel around its axes
_HEADER = 52


class Series(NamedTuple):
    """One line of a panel."""

    name: str
    values: list  # (x, y) pairs; a y that is not finite leaves a gap


class Panel(NamedTuple):
    """One pair of axes with its lines."""

    title: str
    x_label: str
    series: list
    limits: tuple = (None, None)  # the lowest and highest y that must be on the axis
    is_percent: bool = False


def nice_ticks(low, high, count=6):
    """Return evenly spaced round numbers (1, 2 or 5 times a power of ten apart) that enclose [low, high].

    Source: P. Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.
    """
    if not high > low:
        low, high = low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
    rough = (high - low) / max(1, count - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def tick_label(value, step, is_percent=False):
    """Return a tick's text with as many decimals as the step between ticks needs."""
    if is_percent:
        value, step = value * 100, step * 100
    if step >= 1e6 or step < 1e-5:
        return f"{value:.1e}"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{decimals}f}" + (" %" if is_percent else "")


class _Axes:
    """Where a panel's numbers lie on the canvas."""

    def __init__(self, panel, left, top):
        self.left, self.right = left + _LEFT, left + PANEL_WIDTH - _RIGHT
        self.top, self.bottom = top + _TOP, top + PANEL_HEIGHT - _BOTTOM
        points = [(x, y) for series in panel.series for x, y in series.values if math.isfinite(y)]
        xs = [x for x, _ in points] or [0.0, 1.0]
        ys = [y for _, y in points] + [limit for limit in panel.limits if limit is not None] or [0.0, 1.0]
        self.x_ticks = self._whole_ticks(min(xs), max(xs))
        self.y_ticks = nice_ticks(min(ys), max(ys))
        # Lines need not start at the very edge of the frame, nor a whole tick away from it.
        margin = (max(xs) - min(xs) or 1.0) * 0.03
        self.x_range = (min(xs) - margin, max(xs) + margin)
        self.y_range = (self.y_ticks[0], self.y_ticks[-1])

    @staticmethod
    def _whole_ticks(low, high):
        """Return ticks within [low, high], on whole numbers: epochs have no halves."""
        step = max(1, math.ceil((high - low) / 10))
        if step > 2:
            step = math.ceil(step / 5) * 5
        return [x for x in range(math.ceil(low), math.floor(high) + 1) if x % step == 0 or step == 1]

    def x(self, value):
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def y(self, value):
        low, high = self.y_range
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)


def _draw_frame(canvas, axes, panel):
    step = axes.y_ticks[1] - axes.y_ticks[0]
    for value in axes.y_ticks:
        y = round(axes.y(value)) + 0.5
        canvas.line([(axes.left, y), (axes.right, y)], GRID)
        label = tick_label(value, step, panel.is_percent)
        canvas.text(axes.left - 10, y + 5, label, 14, GRAY, align="right")
    for value in axes.x_ticks:
        x = round(axes.x(value)) + 0.5
        canvas.line([(x, axes.bottom + 1), (x, axes.bottom + 5)], GRAY)
        canvas.text(x, axes.bottom + 22, str(value), 14, GRAY, align="center")
    canvas.line([(axes.left, axes.bottom + 0.5), (axes.right, axes.bottom + 0.5)], GRAY)
    canvas.text(axes.left, axes.top - 44, panel.title, 19, INK, weight=1.25)
    canvas.text((axes.left + axes.right) / 2, axes.bottom + 48, panel.x_label, 15, GRAY, align="center")


def _draw_legend(canvas, axes, panel):
    x, y = axes.left, axes.top - 18
    for series, color in zip(panel.series, COLORS, strict=False):
        canvas.line([(x, y - 5), (x + 22, y - 5)], color, 2.5)
        canvas.dot(x + 11, y - 5, 4, color)
        canvas.text(x + 30, y, series.name, 15, INK)
        x += 30 + text_strokes(series.name, 15)[1] + 26


def _runs(values):
    """Return the stretches of points without a gap."""
    runs: list[list[tuple]] = [[]]
    for x, y in values:
        if math.isfinite(y):
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _draw_series(canvas, axes, series, color):
    points = sum(len(run) for run in _runs(series.values))
    for run in _runs(series.values):
        placed = [(axes.x(x), axes.y(y)) for x, y in run]
        canvas.line(placed, color, 2.5)
        for x, y in placed if points <= 40 else []:
            canvas.dot(x, y, 4, color)


def draw_chart(panels, title=""):
    """Draw a chart and return its canvas.

    Args:
        panels (list of Panel): drawn side by side; each at most four series.
        title (str): written above them.
    """
    header = _HEADER if title else 0
    canvas = Canvas(PANEL_WIDTH * len(panels), PANEL_HEIGHT + header)
    if title:
        canvas.text(_LEFT, 40, title, 22, INK, weight=1.25)
    for i, panel in enumerate(panels):
        if len(panel.series) > len(COLORS):
            raise ValueError(f"a panel shows at most {len(COLORS)} series, but got {len(panel.series)}")
        axes = _Axes(panel, i * PANEL_WIDTH, header)
        _draw_frame(canvas, axes, panel)
        for series, color in zip(panel.series, COLORS, strict=False):
            _draw_series(canvas, axes, series, color)
        _draw_legend(canvas, axes, panel)
    return canvas
