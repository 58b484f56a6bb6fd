"""The bilinear function."""

from lampas.argument_checks import check_tensors

__all__ = ["bilinear"]


def bilinear(input1, input2, weight, bias=None):
    """Return input1 @ weight[o] @ input2 for each output o, plus a bias.

    Args:
        input1 (Tensor): (*, in1).
        input2 (Tensor): (*, in2), the other dimensions those of input1.
        weight (Tensor): (out, in1, in2).
        bias (Tensor): (out), or None.

    Raises:
        RuntimeError: for sizes that do not fit.

    Example:
        >>> F.bilinear(lampas.tensor([1.0, 2.0]), lampas.tensor([3.0]), lampas.ones(1, 2, 1))
        tensor([9.])
    """
    check_tensors("bilinear", input1=input1, input2=input2, weight=weight)
    if input1.dim() != input2.dim():
        raise RuntimeError(
            f"bilinear(): input dimensions do not match: got {input1.dim()} and {input2.dim()}"
        )
    for dim in range(input1.dim() - 1):
        if input1.shape[dim] != input2.shape[dim]:
            raise RuntimeError(
                f"bilinear(): input batch dimensions do not match at dim {dim}: got {input1.shape[dim]} and "
                f"{input2.shape[dim]}"
            )
    for place, input in enumerate((input1, input2), 1):
        if input.shape[-1] != weight.shape[place]:
            raise RuntimeError(
                f"bilinear(): input{place} size does not match weight size: got {input.shape[-1]} but "
                f"expected {weight.shape[place]}"
            )
    if bias is not None and bias.shape[0] != weight.shape[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.shape[0]} but expected "
            f"{weight.shape[0]}"
        )
    outputs, size1, size2 = weight.shape
    # (*, out * in2), one product for all outputs
    products = input1 @ weight.permute(1, 0, 2).reshape(size1, outputs * size2)
    products = products.reshape(*input1.shape[:-1], outputs, size2)
    result = (products * input2.unsqueeze(-2)).sum(-1)
    return result if bias is None else result + bias
