"""Pictures of networks and of what they do, drawn without any plotting library.

Each function returns a canvas: `.save("figure.png")` writes it, and a notebook shows it.
"""

from lampas.plots.autograd_graph import graph
from lampas.plots.canvas import Canvas
from lampas.plots.chart import Panel, Series, draw_chart
from lampas.plots.classified import predictions, view_classify
from lampas.plots.confusion import confusion_matrix
from lampas.plots.layers import feature_maps, filters
from lampas.plots.learning_curves import curves

__all__ = [
    "Canvas",
    "Panel",
    "Series",
    "confusion_matrix",
    "curves",
    "draw_chart",
    "feature_maps",
    "filters",
    "graph",
    "predictions",
    "view_classify",
]
