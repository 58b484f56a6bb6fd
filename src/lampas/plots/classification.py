"""A picture beside the probabilities of its classes, drawn with Matplotlib."""


def _pyplot():
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise ImportError(
            "view_classify draws with Matplotlib: install it with `pip install matplotlib`"
        ) from error
    return matplotlib.pyplot


def view_classify(image, probabilities, class_names=None):
    """Draw a picture and, beside it, a bar for the probability of each class; return Matplotlib's figure.

    Args:
        image (Tensor): of shape (H, W), (1, H, W) or (3, H, W), any range of values.
        probabilities (Tensor): of shape (K,) or (1, K).
        class_names (list of str): K names; 0, 1, … when not given.

    Raises:
        ValueError: for other shapes, or another number of names.
        ImportError: where Matplotlib is not installed.

    Example:
        >>> figure = view_classify(lampas.rand(1, 28, 28), lampas.full((1, 10), 0.1))
        >>> [len(axes.patches) for axes in figure.axes]
        [0, 10]
    """
    image, probabilities = image.detach().cpu(), probabilities.detach().cpu().flatten()
    if image.dim() == 2:
        image = image.unsqueeze(0)
    if image.dim() != 3 or image.shape[0] not in (1, 3):
        raise ValueError(f"image has to be of shape (H, W), (1, H, W) or (3, H, W), not {tuple(image.shape)}")
    count = len(probabilities)
    names = [str(number) for number in range(count)] if class_names is None else list(class_names)
    if len(names) != count:
        raise ValueError(f"{len(names)} class names for {count} probabilities")
    lowest, highest = image.min(), image.max()
    if highest > lowest:
        image = (image - lowest) / (highest - lowest)
    pyplot = _pyplot()
    figure, (left, right) = pyplot.subplots(figsize=(6, max(3, 0.3 * count)), ncols=2)
    rows_of_pixels = image[0] if image.shape[0] == 1 else image.permute(1, 2, 0)
    left.imshow(rows_of_pixels.numpy(), cmap="gray")
    left.axis("off")
    right.barh(range(count), probabilities.tolist())
    right.set_yticks(range(count), names)
    right.invert_yaxis()
    right.set_xlim(0, 1.1)
    right.set_title("Class Probability")
    figure.tight_layout()
    return figure
