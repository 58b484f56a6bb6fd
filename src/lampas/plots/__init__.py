"""Pictures of what a run did, written as PNG files without any plotting library."""

from lampas.plots.chart import Panel, Series, save_chart
from lampas.plots.curves import save_curves

__all__ = ["Panel", "Series", "save_chart", "save_curves"]
