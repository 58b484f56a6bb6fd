"""Learning curves: loss and accuracy by epoch."""

from lampas.plots.chart import Panel, Series, draw_chart


def curves(rows, title=""):
    """Draw the learning curves of a run and return their canvas.

    Args:
        rows (list of dict): one per epoch, with "epoch" and any of "train_loss", "validation_loss",
            "train_accuracy" and "validation_accuracy" (accuracies from 0 to 1).
        title (str): written above.

    Example:
        >>> rows = [{"epoch": 1, "train_loss": 0.9}, {"epoch": 2, "train_loss": 0.4}]
        >>> curves(rows, title="digits").save("curves.png")
    """

    def series(quantity):
        found = []
        for part in ("train", "validation"):
            values = [
                (row["epoch"], row[f"{part}_{quantity}"]) for row in rows if f"{part}_{quantity}" in row
            ]
            if values:
                found.append(Series({"train": "training", "validation": "validation"}[part], values))
        return found

    panels = [
        Panel("Loss", "epoch", series("loss"), limits=(0.0, None)),
        Panel("Accuracy", "epoch", series("accuracy"), limits=(None, 1.0), is_percent=True),
    ]
    return draw_chart([panel for panel in panels if panel.series], title)
