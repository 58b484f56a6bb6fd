"""Tensors and arrays as pixels to show."""

import numpy


def as_array(values):
    """Return the numbers of a tensor, an array or nested lists as a NumPy array of floats."""
    if hasattr(values, "detach"):
        values = values.detach().to("cpu")
        values = values.double().numpy()
    try:
        return numpy.asarray(values, dtype=float)
    except TypeError as error:
        hint = "; its weight can be drawn" if hasattr(values, "weight") else ""
        raise TypeError(f"a {type(values).__name__} is no array of numbers{hint}") from error


def as_pixels(image):
    """Return a picture as an array (height, width, 3) from 0 to 1.

    Args:
        image (Tensor or array): of shape (height, width), (1, height, width) or (3, height, width). Numbers
            outside of [0, 1], such as a normalised picture's, are spread over that range.

    Raises:
        ValueError: for another shape.
    """
    values = as_array(image)
    shape = values.shape
    if values.ndim == 2:
        values = values[None]
    if values.ndim != 3 or values.shape[0] not in (1, 3) or values.size == 0:
        raise ValueError(f"a picture has the shape (H, W), (1, H, W) or (3, H, W), but got {tuple(shape)}")
    values = numpy.nan_to_num(values)
    return numpy.broadcast_to(spread(values).transpose(1, 2, 0), (*values.shape[1:], 3))


def spread(values):
    """Return values as they are where all lie in [0, 1], else spread over it; constant ones as 0.5."""
    low, high = values.min(), values.max()
    if low >= 0 and high <= 1:
        return values
    return (values - low) / (high - low) if high > low else numpy.full_like(values, 0.5)
