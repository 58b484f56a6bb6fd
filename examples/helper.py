"""The module `helper` that document 2 imports; its one function draws with lampas.plots."""

from lampas import plots


def view_classify(img, ps):
    """Show a picture beside the probabilities of its classes.

    Args:
        img (Tensor): of shape (1, 28, 28).
        ps (Tensor): probabilities of shape (1, 10).
    """
    import matplotlib.pyplot as plt

    return plots.view_classify(img, ps)
    plt.show()
