"""The `reduction` argument of losses, and the two arguments it replaced in PyTorch 0.4."""

import warnings

_CODES = {"none": 0, "mean": 1, "sum": 2}


def reduction_code(reduction):
    """Return the number by which the core knows a reduction; ValueError where it is none."""
    if not isinstance(reduction, str) or reduction not in _CODES:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return _CODES[reduction]


def reduction_name(size_average, reduce, reduction):
    """Return the reduction that the caller wants, who may have used the replaced arguments."""
    if size_average is None and reduce is None:
        return reduction
    size_average = size_average is None or size_average
    reduce = reduce is None or reduce
    name = ("mean" if size_average else "sum") if reduce else "none"
    warnings.warn(
        f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.",
        stacklevel=3,
    )
    return name


def reduce_losses(losses, reduction):
    """Return the mean or the sum of losses, or with "none" the losses themselves; ValueError for others."""
    code = reduction_code(reduction)
    if code == 0:
        return losses
    return losses.mean() if code == 1 else losses.sum()
