"""Recurrent layers, sequences and clipping, as scenarios to play with lampas and with PyTorch."""

import math

from scenarios.playing import attempt, attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def waves(framework, *shape):
    """Return numbers between -1 and 1 that both frameworks are given alike."""
    numbers = [math.sin(1.3 * i) for i in range(math.prod(shape))]
    return framework.tensor(numbers, dtype=framework.float64).reshape(shape)


def gradients_of(layer, result):
    """Return the gradients of the parameters, for the sum of a result."""
    result.sum().backward()
    return [parameter.grad.sum() for parameter in layer.parameters()]


@scenario
def parameters_as_drawn(framework, nn):
    layer = nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)
    cells = [nn.RNNCell(2, 3), nn.GRUCell(2, 3, bias=False)]
    names = {name: list(value.shape) for name, value in layer.state_dict().items()}
    # Each draw shows all before it.
    return [names, layer.weight_hr_l1_reverse, cells[1].weight_hh, [len(each) for each in layer.all_weights]]


@scenario
def outputs(framework, nn):
    results = []
    for kind, options in [
        ("RNN", {}),
        ("RNN", {"nonlinearity": "relu", "num_layers": 2, "bidirectional": True}),
        ("LSTM", {"num_layers": 2, "bias": False}),
        ("LSTM", {"bidirectional": True, "proj_size": 2, "batch_first": True}),
        ("GRU", {"num_layers": 2, "bidirectional": True, "dropout": 0.5}),
    ]:
        layer = getattr(nn, kind)(3, 4, **options).double()
        output, state = layer(waves(framework, 5, 2, 3))
        results.append([repr(layer), output, state, gradients_of(layer, output)])
        results.append(layer(waves(framework, 5, 3))[0])
        layer.eval()
        results.append(layer(waves(framework, 5, 2, 3))[1])
    return results


@scenario
def states(framework, nn):
    hidden, cell = waves(framework, 1, 2, 4), waves(framework, 1, 2, 4) * 0.5
    input = waves(framework, 3, 2, 2)
    lstm, gru = nn.LSTM(2, 4).double(), nn.GRU(2, 4).double()
    return [lstm(input, (hidden, cell)), gru(input, hidden)]


@scenario
def packed_sequences(framework, nn):
    results = []
    sequences = [waves(framework, length, 3) * (length + 1) for length in (2, 4, 1)]
    packed = nn.utils.rnn.pack_sequence(sequences, enforce_sorted=False)
    results += [packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices]
    for kind in ("RNN", "LSTM", "GRU"):
        layer = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True).double()
        output, state = layer(packed)
        padded, lengths = nn.utils.rnn.pad_packed_sequence(output)
        results.append([padded, lengths, state, gradients_of(layer, output.data)])
    given = waves(framework, 2, 3, 4)
    layer = nn.GRU(3, 4, num_layers=2).double()
    return [*results, layer(packed, given)[1]]


@scenario
def padding_and_packing(framework, nn):
    rnn = nn.utils.rnn
    sequences = [framework.arange(length * 2).reshape(length, 2) for length in (3, 1)]
    packed = rnn.pack_sequence(sequences)
    unsorted = rnn.pack_sequence(sequences[::-1], enforce_sorted=False)
    padded = rnn.pad_sequence(sequences, batch_first=True, padding_value=-1)
    again = rnn.pack_padded_sequence(padded, framework.tensor([3, 1]), batch_first=True)
    return [
        [packed.data, packed.batch_sizes, packed.sorted_indices, again.data],
        [str(packed.double().data.dtype), packed.long() is packed, type(packed.to("cpu")).__name__],
        rnn.pad_sequence(sequences),
        rnn.pad_sequence(sequences, padding_side="left"),
        rnn.pad_packed_sequence(unsorted, batch_first=True, padding_value=7, total_length=4),
        rnn.unpack_sequence(unsorted),
        rnn.unpad_sequence(padded, framework.tensor([3, 1]), batch_first=True),
        rnn.invert_permutation(framework.tensor([2, 0, 1])),
    ] + attempt_all(
        lambda: rnn.pack_padded_sequence(padded, [1, 3], batch_first=True),
        lambda: rnn.pack_padded_sequence(padded, [3, 0], batch_first=True),
        lambda: rnn.pack_padded_sequence(padded, [3], batch_first=True),
        lambda: rnn.pad_packed_sequence(packed, total_length=2),
        lambda: rnn.pad_sequence([]),
        lambda: rnn.pad_sequence(sequences, padding_side="top"),
    )


@scenario
def wrong_layers(framework, nn):
    return attempt_all(
        lambda: nn.LSTM(3, 4, dropout=2),
        lambda: nn.LSTM(3, 4, dropout=True),
        lambda: repr(nn.LSTM(3, 4, dropout=0.5)),  # warns
        lambda: nn.GRU(3, 4, bias=1),
        lambda: nn.GRU(3, 4, batch_first=1),
        lambda: nn.GRU(3.0, 4),
        lambda: nn.GRU(0, 4),
        lambda: nn.GRU(3, "4"),
        lambda: nn.GRU(3, -4),
        lambda: nn.GRU(3, 4, num_layers=0),
        lambda: nn.GRU(3, 4, proj_size=2),
        lambda: nn.RNN(3, 4, proj_size=2),
        lambda: nn.RNN(3, 4, nonlinearity="sine"),
        lambda: repr(nn.RNN(3, 4, 2, "relu")),
        lambda: nn.LSTM(3, 4, proj_size=4),
        lambda: nn.LSTM(3, 4, proj_size=-1),
        lambda: nn.RNNBase("CNN", 3, 4),
    )


@scenario
def wrong_inputs(framework, nn):
    rnn, lstm = nn.RNN(3, 4), nn.LSTM(3, 4)
    zeros = framework.zeros
    return attempt_all(
        lambda: rnn(zeros(5)),
        lambda: lstm(zeros(5)),
        lambda: rnn(zeros(5, 2, 2)),
        lambda: rnn(zeros(5, 2, 3), zeros(1, 1, 4)),
        lambda: rnn(zeros(5, 2, 3), zeros(2, 4)),
        lambda: rnn(zeros(5, 3), zeros(1, 1, 4)),
        lambda: lstm(zeros(5, 2, 3), (zeros(1, 1, 4), zeros(1, 1, 4))),
        lambda: lstm(zeros(5, 2, 3), (zeros(1, 2, 4), zeros(1, 2, 3))),
        lambda: lstm(zeros(5, 2, 3), (zeros(2, 4), zeros(2, 4))),
        lambda: lstm(zeros(5, 3), (zeros(1, 1, 4), zeros(1, 4))),
        lambda: lstm(zeros(5, 2, 3), zeros(5, 3, 2)),
        lambda: lstm(zeros(5, 2, 3), "text"),
        lambda: lstm(zeros(5, 2, 3), [None]),
        lambda: lstm(zeros(5, 2, 3), [zeros(1, 2, 4)]),
        lambda: rnn(zeros(0, 2, 3)),
    )


@scenario
def cells(framework, nn):
    results = []
    for kind, options in [
        ("RNNCell", {}),
        ("RNNCell", {"nonlinearity": "relu", "bias": False}),
        ("LSTMCell", {}),
        ("GRUCell", {"bias": False}),
    ]:
        cell = getattr(nn, kind)(3, 4, **options).double()
        hidden = waves(framework, 2, 4)
        state = (hidden, hidden * 0.5) if kind == "LSTMCell" else hidden
        single = (hidden[0], hidden[1]) if kind == "LSTMCell" else hidden[0]
        results += [repr(cell), cell(waves(framework, 2, 3)), cell(waves(framework, 2, 3), state)]
        results += [cell(waves(framework, 3)), cell(waves(framework, 3), single)]
    cell, lstm = nn.GRUCell(3, 4), nn.LSTMCell(3, 4)
    zeros = framework.zeros
    return results + attempt_all(
        lambda: cell(zeros(1, 2, 3)),
        lambda: cell(zeros(2, 3), zeros(1, 2, 4)),
        lambda: lstm(zeros(2, 3), (zeros(2, 4), zeros(1, 2, 4))),
        lambda: cell(zeros(2, 2)),
        lambda: cell(zeros(2, 3), zeros(3, 4)),
        lambda: cell(zeros(2, 3), zeros(2, 5)),
        lambda: nn.RNNCell(3, 4, nonlinearity="sine")(zeros(2, 3)),
    )


@scenario
def clipping(framework, nn):
    clip = nn.utils

    def parameters():
        made = [
            nn.Parameter(waves(framework, 3)),
            nn.Parameter(waves(framework, 2, 2)),
            nn.Parameter(waves(framework, 1)),
        ]
        for parameter in made[:2]:
            parameter.grad = parameter.detach() * 3
        return made

    results = []
    for norm_type in (2.0, 1, float("inf"), 0.5):
        made = parameters()
        results.append([clip.clip_grad_norm_(made, 0.5, norm_type), [each.grad for each in made]])
    made = parameters()
    results.append([clip.clip_grad_norm_(made[0], 1000), made[0].grad, clip.clip_grad_norm(iter(made), 1)])
    clip.clip_grad_value_(made, 0.1)
    results.append([each.grad for each in made])
    results.append([clip.clip_grad_norm_([], 1.0), clip.clip_grad_norm_((each for each in []), 1.0)])
    made[0].grad = made[0].detach() * float("inf")
    results.append(attempt(lambda: clip.clip_grad_norm_(made, 1.0, error_if_nonfinite=True)))
    results.append(clip.get_total_norm([framework.tensor([3.0]), framework.tensor([4.0])]))
    return results


@scenario
def vectors_of_parameters(framework, nn):
    layer = nn.Linear(2, 3)
    vector = nn.utils.parameters_to_vector(layer.parameters())
    vector.sum().backward()
    nn.utils.vector_to_parameters(framework.arange(9.0), layer.parameters())
    wrong = attempt(lambda: nn.utils.vector_to_parameters([1.0], layer.parameters()))
    return [vector, layer.weight.grad, layer.weight, layer.bias, layer.bias.requires_grad, wrong]


@scenario
def normalised_weights(framework, nn):
    utils = nn.utils
    results = []
    input = waves(framework, 2, 2)
    for dim in (0, 1, None):
        layer = utils.weight_norm(nn.Linear(2, 3).double(), dim=dim)  # warns
        output = layer(input)
        output.sum().backward()
        results += [output, list(layer.state_dict()), [parameter.grad for parameter in layer.parameters()]]
        results.append(attempt(lambda layer=layer: utils.weight_norm(layer)))
        utils.remove_weight_norm(layer)
        results += [layer.weight, list(layer.state_dict())]
        results.append(attempt(lambda layer=layer: utils.remove_weight_norm(layer)))
    layer = utils.spectral_norm(nn.Linear(2, 3).double(), n_power_iterations=2)
    output = layer(input) + layer(input)
    output.sum().backward()
    results += [output, sorted(layer.state_dict()), [parameter.grad for parameter in layer.parameters()]]
    layer.eval()
    results += [layer(input), layer.weight_u, layer.weight_v]
    results.append(attempt(lambda: utils.spectral_norm(layer)))
    utils.remove_spectral_norm(layer)
    results += [layer.weight, sorted(layer.state_dict()), layer(input)]
    results.append(list(utils.spectral_norm(nn.ConvTranspose2d(2, 3, 2)).weight_u.shape))
    return results + attempt_all(
        lambda: utils.remove_spectral_norm(layer),
        lambda: utils.spectral_norm(nn.Linear(2, 3), n_power_iterations=0),
        lambda: utils.spectral_norm(nn.Linear(2, 3, bias=False), name="bias"),
        lambda: utils.weight_norm(nn.LazyLinear(3)),
    )
