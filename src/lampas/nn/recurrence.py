"""The recurrence behind recurrent layers: one step of each kind, and running it over sequences and layers."""

from collections import namedtuple

import lampas
from lampas.nn.functional import dropout, linear

# The parameters of one direction of one layer; gates lie one below the other: weight_ih (gates * hidden,
# input), weight_hh (gates * hidden, output), biases (gates * hidden), weight_hr (output, hidden) where an
# LSTM projects its output.
Weights = namedtuple(
    "Weights", ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"], defaults=[None, None, None]
)

# A step takes the projected input (batch, gates * hidden), the state, a tuple of (batch, hidden), and the
# weights; it returns the next state, whose first part is the output.


def _plain_step(activation):
    def step(projected, state, weights):
        recurrent = linear(state[0], weights.weight_hh, weights.bias_hh)
        return (activation(projected + recurrent),)

    return step


def _lstm_step(projected, state, weights):
    """Source: Hochreiter, Schmidhuber, "Long short-term memory", 1997; gates in PyTorch's order."""
    hidden, cell = state
    gates = projected + linear(hidden, weights.weight_hh, weights.bias_hh)
    input_gate, forget_gate, candidate, output_gate = gates.chunk(4, 1)
    cell = forget_gate.sigmoid() * cell + input_gate.sigmoid() * candidate.tanh()
    hidden = output_gate.sigmoid() * cell.tanh()
    if weights.weight_hr is not None:
        hidden = linear(hidden, weights.weight_hr)
    return hidden, cell


def _gru_step(projected, state, weights):
    """Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014."""
    (hidden,) = state
    reset, update, candidate = projected.chunk(3, 1)
    from_hidden = linear(hidden, weights.weight_hh, weights.bias_hh).chunk(3, 1)
    reset = (reset + from_hidden[0]).sigmoid()
    update = (update + from_hidden[1]).sigmoid()
    candidate = (candidate + reset * from_hidden[2]).tanh()
    return (candidate + update * (hidden - candidate),)


STEPS = {
    "RNN_TANH": _plain_step(lampas.tanh),
    "RNN_RELU": _plain_step(lampas.relu),
    "LSTM": _lstm_step,
    "GRU": _gru_step,
}
GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


def _run_direction(step, data, batch_sizes, first_state, weights, backward):
    """Run over sequences of which `batch_sizes[t]`, the first ones, have a step t.

    Args:
        data (Tensor): (sum of batch_sizes, input), the steps one after the other.
        first_state (tuple): of (batch, hidden).
        backward (bool): from the last step to the first.

    Returns the outputs, laid out as the data, and the state of each sequence after its last step.
    """
    # One matrix product for all steps.
    projected = linear(data, weights.weight_ih, weights.bias_ih).split(batch_sizes)
    times = range(len(batch_sizes))
    outputs: list = [None] * len(batch_sizes)
    ended = []  # the states of sequences that have ended, the shortest first
    state = first_state
    if backward:
        times = times[::-1]
        state = tuple(part[: batch_sizes[-1]] for part in first_state)
    for time in times:
        count, last_count = batch_sizes[time], state[0].shape[0]
        if count < last_count:
            ended.append(tuple(part[count:] for part in state))
            state = tuple(part[:count] for part in state)
        elif count > last_count:  # backward: longer sequences come in
            state = tuple(
                lampas.cat([part, first[last_count:count]])
                for part, first in zip(state, first_state, strict=True)
            )
        state = step(projected[time], state, weights)
        outputs[time] = state[0]
    for shorter in reversed(ended):
        state = tuple(lampas.cat(parts) for parts in zip(state, shorter, strict=True))
    return lampas.cat(outputs), state


def run_layers(mode, data, batch_sizes, first_state, weights, directions, dropout_probability, training):
    """Run all layers of a recurrent network.

    Args:
        mode (str): a key of STEPS.
        data (Tensor): (sum of batch_sizes, input), the steps one after the other.
        batch_sizes (list): how many sequences have each step.
        first_state (tuple): of (layers * directions, batch, hidden).
        weights (list): Weights of each direction of each layer.
        directions (int): 2 for bidirectional layers.
        dropout_probability (float): of elements between layers, in training.

    Returns the last layer's outputs, laid out as the data, and the last state, shaped as the first.
    """
    step = STEPS[mode]
    first_states = list(zip(*(part.unbind(0) for part in first_state), strict=True))
    last_states = []
    for begin in range(0, len(weights), directions):
        if begin > 0 and dropout_probability > 0:
            data = dropout(data, dropout_probability, training)
        outputs = []
        for direction in range(directions):
            place = begin + direction
            output, last_state = _run_direction(
                step, data, batch_sizes, first_states[place], weights[place], backward=direction == 1
            )
            outputs.append(output)
            last_states.append(last_state)
        data = lampas.cat(outputs, 1) if directions > 1 else outputs[0]
    return data, tuple(lampas.stack(parts) for parts in zip(*last_states, strict=True))
