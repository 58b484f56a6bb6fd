"""Parameters as one vector, and back."""

import lampas
from lampas import Tensor


def parameters_to_vector(parameters):
    """Return the elements of all parameters one after the other, as one vector; recorded.

    Example:
        >>> nn.utils.parameters_to_vector([lampas.ones(1, 2), lampas.zeros(1)])
        tensor([1., 1., 0.])
    """
    return lampas.cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec, parameters):
    """Set the parameters' data to slices of a vector, whose memory they share then.

    Raises:
        TypeError: where `vec` is no tensor.

    Example:
        >>> weight, bias = nn.Parameter(lampas.zeros(1, 2)), nn.Parameter(lampas.zeros(1))
        >>> nn.utils.vector_to_parameters(lampas.tensor([1.0, 2.0, 3.0]), [weight, bias])
        >>> bias.tolist()
        [3.0]
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {lampas.typename(vec)}")
    begin = 0
    for parameter in parameters:
        end = begin + parameter.numel()
        parameter.data = vec[begin:end].view_as(parameter).data
        begin = end
