"""PyTorch's switch for its faster inference of transformers, which shows in what comes out for padding."""

_enabled = True


def get_fastpath_enabled():
    """Return whether nn.TransformerEncoder gives zeros for padding where PyTorch skips it."""
    return _enabled


def set_fastpath_enabled(value):
    """Choose whether nn.TransformerEncoder gives zeros for padding where PyTorch skips it.

    Args:
        value (bool): with False, padded steps are computed as the others.
    """
    global _enabled
    _enabled = value
