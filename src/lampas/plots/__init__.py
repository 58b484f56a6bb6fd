"""Pictures of runs as PNG files, without any plotting library, and the documents' figures with Matplotlib."""

from lampas.plots.chart import Panel, Series, save_chart
from lampas.plots.classification import view_classify
from lampas.plots.curves import save_curves

__all__ = ["Panel", "Series", "save_chart", "save_curves", "view_classify"]
