"""The module `helper` that document 2 imports; its one function draws with lampas.plots."""

import sys

from lampas import plots


def view_classify(img, ps):
    """Show a picture beside the probabilities of its classes: in a notebook there, else in view_classify.png.

    Args:
        img (Tensor): of shape (1, 28, 28).
        ps (Tensor): probabilities of shape (1, 10).
    """
    figure = plots.view_classify(img, ps)
    if "ipykernel" in sys.modules:
        from IPython.display import display

        display(figure)
    else:
        figure.save("view_classify.png")
