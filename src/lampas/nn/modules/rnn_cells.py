"""Single steps of recurrent layers: RNNCell, LSTMCell, GRUCell."""

import math

import lampas
from lampas.nn import init
from lampas.nn.functional import linear
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter
from lampas.nn.recurrence import STEPS, Weights

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]


class RNNCellBase(Module):
    """What the cells share: parameters weight_ih, weight_hh, bias_ih, bias_hh, and checks."""

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size

        def parameter(*shape):
            return Parameter(lampas.empty(shape, device=device, dtype=dtype))

        self.weight_ih = parameter(rows, input_size)
        self.weight_hh = parameter(rows, hidden_size)
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, parameter(rows) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw all parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    def _check_dims(self, input, state, labels):
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for part, label in zip(state or (), labels, strict=False):
            if part.dim() not in (1, 2):
                raise ValueError(f"{name}: Expected {label} to be 1D or 2D, got {part.dim()}D instead")

    def _check_sizes(self, input, state):
        if input.shape[1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {input.shape[1]} expected {self.input_size}"
            )
        for i, part in enumerate(state):
            if part.shape[0] != input.shape[0]:
                raise RuntimeError(
                    f"Input batch size {input.shape[0]} doesn't match hidden{i} batch size {part.shape[0]}"
                )
            if part.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {part.shape[1]}, "
                    f"expected {self.hidden_size}"
                )

    def _step(self, mode, input, state, parts=1):
        """Return the next state, a tuple, of a batch or of one input."""
        is_batched = input.dim() == 2
        if not is_batched:
            input = input.unsqueeze(0)
            state = None if state is None else tuple(part.unsqueeze(0) for part in state)
        if state is None:
            zeros = lampas.zeros(input.shape[0], self.hidden_size, dtype=input.dtype, device=input.device)
            state = (zeros,) * parts
        self._check_sizes(input, state)
        weights = Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        state = STEPS[mode](linear(input, self.weight_ih, self.bias_ih), state, weights)
        return state if is_batched else tuple(part.squeeze(0) for part in state)


class RNNCell(RNNCellBase):
    """One step of RNN.

    Args:
        input_size, hidden_size (int): sizes of input and state.
        bias (bool): whether biases are added.
        nonlinearity (str): "tanh" or "relu".

    Shapes: input (batch, input_size) or (input_size); hx and the result (batch, hidden_size) or
    (hidden_size).

    Example:
        >>> nn.RNNCell(10, 20)(lampas.zeros(3, 10)).shape
        torch.Size([3, 20])
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        state = None if hx is None else (hx,)
        self._check_dims(input, state, ["hidden"])
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return self._step("RNN_" + self.nonlinearity.upper(), input, state)[0]


class LSTMCell(RNNCellBase):
    """One step of LSTM.

    Args:
        input_size, hidden_size (int): sizes of input and state.
        bias (bool): whether biases are added.

    Shapes: input (batch, input_size) or (input_size); hx and the result pairs of (batch, hidden_size) or
    (hidden_size).

    Example:
        >>> hidden, cell = nn.LSTMCell(10, 20)(lampas.zeros(3, 10))
        >>> hidden.shape
        torch.Size([3, 20])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        self._check_dims(input, hx, ["hx[0]", "hx[1]"])
        return self._step("LSTM", input, hx, parts=2)


class GRUCell(RNNCellBase):
    """One step of GRU.

    Args:
        input_size, hidden_size (int): sizes of input and state.
        bias (bool): whether biases are added.

    Shapes: input (batch, input_size) or (input_size); hx and the result (batch, hidden_size) or
    (hidden_size).

    Example:
        >>> nn.GRUCell(10, 20)(lampas.zeros(3, 10)).shape
        torch.Size([3, 20])
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        state = None if hx is None else (hx,)
        self._check_dims(input, state, ["hidden"])
        return self._step("GRU", input, state)[0]
