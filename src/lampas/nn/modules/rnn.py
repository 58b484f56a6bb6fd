"""Recurrent layers: RNN, LSTM, GRU."""

import math
import warnings

import lampas
from lampas.nn import init
from lampas.nn.modules.module import Module
from lampas.nn.parameter import Parameter
from lampas.nn.recurrence import GATES, Weights, run_layers
from lampas.nn.utils.rnn import PackedSequence

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]


def _check_bool(name, value):
    if not isinstance(value, bool):
        raise TypeError(f"{name} should be of type bool, got: {type(value).__name__}")


def _check_size(name, value):
    if not isinstance(value, int):
        raise TypeError(f"{name} should be of type int, got: {type(value).__name__}")
    if value <= 0:
        raise ValueError(f"{name} must be greater than zero")


class RNNBase(Module):
    """What recurrent layers share: parameters, checks, packed and unbatched sequences.

    Parameters are weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 (and weight_hr_l0 with proj_size), then
    those with "_reverse" of the other direction, then those of the next layer, each drawn evenly from
    (-k, k), k = 1 / sqrt(hidden_size).
    """

    def __init__(
        self,
        mode,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        is_number = isinstance(dropout, (int, float)) and not isinstance(dropout, bool)
        if not is_number or not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being "
                "zeroed"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        _check_bool("bias", bias)
        _check_bool("batch_first", batch_first)
        _check_size("input_size", input_size)
        _check_size("hidden_size", hidden_size)
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if mode not in GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: self._directions]:
                shapes = self._parameter_shapes(layer)
                self._all_weights.append([f"{name}_l{layer}{suffix}" for name in shapes])
                for name, shape in zip(self._all_weights[-1], shapes.values(), strict=True):
                    setattr(self, name, Parameter(lampas.empty(shape, device=device, dtype=dtype)))
        self.reset_parameters()

    @property
    def _directions(self):
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self):
        return self.proj_size or self.hidden_size

    def _parameter_shapes(self, layer):
        rows = GATES[self.mode] * self.hidden_size
        columns = self.input_size if layer == 0 else self._output_size * self._directions
        shapes: dict[str, tuple] = {"weight_ih": (rows, columns), "weight_hh": (rows, self._output_size)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size > 0:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    @property
    def all_weights(self):
        """The parameters of each direction of each layer, in order."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def _weights(self):
        """Return the parameters of each direction of each layer as Weights."""
        return [
            Weights(**{name.split("_l", 1)[0]: getattr(self, name) for name in names})
            for names in self._all_weights
        ]

    def flatten_parameters(self):
        """Do nothing: on a GPU, PyTorch moves the parameters together here."""

    def reset_parameters(self):
        """Draw all parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def extra_repr(self):
        text = f"{self.input_size}, {self.hidden_size}"
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, default in defaults.items():
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text

    # The parts of a state: (layers * directions, batch, size) each. Only LSTM's state has two.

    def _state_sizes(self):
        return (self._output_size,)

    def _check_state_dims(self, state, is_batched):
        wanted, kind = (3, "batched 3-D") if is_batched else (2, "unbatched 2-D")
        (part,) = state
        if part.dim() != wanted:
            raise RuntimeError(
                f"For {kind} input, hx should also be {wanted}-D but got {part.dim()}-D tensor"
            )

    def _check_state(self, state, batch):
        self._check_state_shape(state[0], batch, self._output_size, "hidden")

    def _check_state_shape(self, part, batch, size, name):
        expected = (self.num_layers * self._directions, batch, size)
        if tuple(part.shape) != expected:
            raise RuntimeError(f"Expected {name} size {expected}, got {list(part.shape)}")

    def _check_input(self, input, dims):
        if input.dim() != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {input.dim()}")
        weight = self.weight_ih_l0
        if input.dtype != weight.dtype and not lampas.is_autocast_enabled("cpu"):
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, "
                f"got {input.shape[-1]}"
            )

    def _first_state(self, state, batch, like):
        if state is not None:
            return state
        count = self.num_layers * self._directions
        return tuple(
            lampas.zeros(count, batch, size, dtype=like.dtype, device=like.device)
            for size in self._state_sizes()
        )

    def _run(self, data, batch_sizes, state):
        return run_layers(
            self.mode,
            data,
            batch_sizes,
            state,
            self._weights(),
            self._directions,
            self.dropout,
            self.training,
        )

    def _forward_packed(self, input, state):
        sizes = input.batch_sizes.tolist()
        if state is not None and input.sorted_indices is not None:
            state = tuple(part.index_select(1, input.sorted_indices) for part in state)
        state = self._first_state(state, sizes[0], input.data)
        self._check_input(input.data, 2)
        self._check_state(state, sizes[0])
        data, state = self._run(input.data, sizes, state)
        if input.unsorted_indices is not None:
            state = tuple(part.index_select(1, input.unsorted_indices) for part in state)
        return PackedSequence(data, *input[1:]), state

    def _forward_padded(self, input, state):
        if input.dim() not in (2, 3):
            ending = " tensor" if type(self) is RNN else ""
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D{ending} instead"
            )
        is_batched = input.dim() == 3
        batch_dim = 0 if self.batch_first else 1
        if state is not None:
            self._check_state_dims(state, is_batched)
        if not is_batched:
            input = input.unsqueeze(batch_dim)
            state = None if state is None else tuple(part.unsqueeze(1) for part in state)
        batch = input.shape[batch_dim]
        state = self._first_state(state, batch, input)
        self._check_input(input, 3)
        self._check_state(state, batch)
        steps = input.shape[1 - batch_dim]
        if steps == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        data = input.transpose(0, 1) if self.batch_first else input
        data, state = self._run(data.reshape(steps * batch, self.input_size), [batch] * steps, state)
        output = data.view(steps, batch, data.shape[1])
        if self.batch_first:
            output = output.transpose(0, 1)
        if not is_batched:
            output = output.squeeze(batch_dim)
            state = tuple(part.squeeze(1) for part in state)
        return output, state

    def _forward(self, input, state):
        """Return the outputs, packed as the input, and the last state as a tuple."""
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, state)
        return self._forward_padded(input, state)

    def forward(self, input, hx=None):
        output, (hidden,) = self._forward(input, None if hx is None else (hx,))
        return output, hidden


class RNN(RNNBase):
    """Elman's recurrent network: h = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Args:
        input_size, hidden_size (int): sizes of a step's input and of the state.
        num_layers (int): layers one upon the other.
        nonlinearity (str): "tanh" or "relu".
        bias (bool): whether biases are added.
        batch_first (bool): the batch is dimension 0 of input and output; never of the state.
        dropout (float): probability of zeroing an element between layers.
        bidirectional (bool): a second set of weights runs backward, its output beside the first's.

    Shapes: input (steps, batch, input_size) or (steps, input_size) or a PackedSequence; hx and the last state
    (layers * directions, batch, hidden_size); output (steps, batch, directions * hidden_size).

    Example:
        >>> output, hidden = nn.RNN(10, 20, num_layers=2)(lampas.zeros(5, 3, 10))
        >>> output.shape, hidden.shape
        (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:
            nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__("RNN_" + nonlinearity.upper(), *args, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory: a recurrent network whose state has a cell, guarded by gates.

    Args:
        input_size, hidden_size (int): sizes of a step's input and of the cell.
        num_layers (int): layers one upon the other.
        bias (bool): whether biases are added.
        batch_first (bool): the batch is dimension 0 of input and output; never of the state.
        dropout (float): probability of zeroing an element between layers.
        bidirectional (bool): a second set of weights runs backward, its output beside the first's.
        proj_size (int): the size to which outputs are projected, 0 for none.

    Shapes: input (steps, batch, input_size) or (steps, input_size) or a PackedSequence; hx and the last
    state a pair, h (layers * directions, batch, output size) and c (layers * directions, batch, hidden_size).

    Example:
        >>> output, (hidden, cell) = nn.LSTM(10, 20, bidirectional=True)(lampas.zeros(5, 3, 10))
        >>> output.shape, hidden.shape
        (torch.Size([5, 3, 40]), torch.Size([2, 3, 20]))

    Source: Hochreiter, Schmidhuber, "Long short-term memory", 1997.
    """

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def _state_sizes(self):
        return (self._output_size, self.hidden_size)

    def _check_state_dims(self, state, is_batched):
        wanted, kind = (3, "batched 3-D") if is_batched else (2, "unbatched 2-D")
        if state[0].dim() != wanted or state[1].dim() != wanted:
            raise RuntimeError(
                f"For {kind} input, hx and cx should also be {wanted}-D but got "
                f"({state[0].dim()}-D, {state[1].dim()}-D) tensors"
            )

    def _check_state(self, state, batch):
        for i, (part, size) in enumerate(zip(state, self._state_sizes(), strict=True)):
            self._check_state_shape(part, batch, size, f"hidden[{i}]")

    def forward(self, input, hx=None):
        return self._forward(input, hx)


class GRU(RNNBase):
    """Gated recurrent units: a recurrent network with gates but without a cell.

    Args:
        input_size, hidden_size (int): sizes of a step's input and of the state.
        num_layers (int): layers one upon the other.
        bias (bool): whether biases are added.
        batch_first (bool): the batch is dimension 0 of input and output; never of the state.
        dropout (float): probability of zeroing an element between layers.
        bidirectional (bool): a second set of weights runs backward, its output beside the first's.

    Shapes: those of RNN.

    Example:
        >>> output, hidden = nn.GRU(10, 20, batch_first=True)(lampas.zeros(3, 5, 10))
        >>> output.shape, hidden.shape
        (torch.Size([3, 5, 20]), torch.Size([1, 3, 20]))

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
    """

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)
