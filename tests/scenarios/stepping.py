"""What optimizers do to parameters and state over some steps, to play with lampas and with PyTorch."""

import itertools
import math

SHAPES = [(37,), (3, 5), ()]
MATRICES = [(3, 5), (6, 2), (4, 4)]  # of Muon, which takes no others
STEPS = 7

OPTIONS = {
    "SGD": {
        "momentum": [0, 0.9],
        "dampening": [0, 0.25],
        "weight_decay": [0, 0.1],
        "nesterov": [False, True],
        "maximize": [False, True],
    },
    "Adam": {
        "betas": [(0.9, 0.999), (0.4, 0.9)],
        "weight_decay": [0, 0.1],
        "amsgrad": [False, True],
        "maximize": [False, True],
        "decoupled_weight_decay": [False, True],
    },
    "AdamW": {"lr": [0.01], "amsgrad": [False, True], "maximize": [False, True]},
    "RMSprop": {
        "alpha": [0.99, 0.6],
        "weight_decay": [0, 0.1],
        "momentum": [0, 0.9],
        "centered": [False, True],
        "maximize": [False, True],
    },
    "Adagrad": {
        "lr_decay": [0, 0.2],
        "weight_decay": [0, 0.1],
        "initial_accumulator_value": [0, 0.5],
        "maximize": [False, True],
    },
    "Adadelta": {"rho": [0.9, 0.2], "weight_decay": [0, 0.1], "maximize": [False, True]},
    "Adafactor": {
        "beta2_decay": [-0.8, -0.3],
        "eps": [(None, 1e-3), (1e-2, 0.1)],
        "d": [1.0, 1.5],
        "weight_decay": [0.0, 0.1],
        "maximize": [False, True],
    },
    "Adamax": {"betas": [(0.9, 0.999), (0.4, 0.9)], "weight_decay": [0, 0.1], "maximize": [False, True]},
    "NAdam": {
        "weight_decay": [0, 0.1],
        "momentum_decay": [4e-3, 0.1],
        "decoupled_weight_decay": [False, True],
        "maximize": [False, True],
    },
    "RAdam": {
        "betas": [(0.9, 0.999), (0.4, 0.9)],
        "weight_decay": [0, 0.1],
        "decoupled_weight_decay": [False, True],
        "maximize": [False, True],
    },
    "Muon": {
        "weight_decay": [0.1, 0.5],
        "nesterov": [True, False],
        "ns_steps": [5, 2],
        "adjust_lr_fn": [None, "match_rms_adamw"],
    },
    "Rprop": {"etas": [(0.5, 1.2), (0.1, 3.0)], "maximize": [False, True]},
    "ASGD": {"lambd": [1e-4, 0.1], "t0": [1e6, 2], "weight_decay": [0, 0.1], "maximize": [False, True]},
}


def combinations(options):
    """Yield keyword arguments for every choice of one value for each option."""
    for values in itertools.product(*options.values()):
        chosen = dict(zip(options, values, strict=True))
        allows_nesterov = chosen.get("momentum") != 0 and chosen.get("dampening", 0) == 0
        if allows_nesterov or not chosen.get("nesterov"):
            yield chosen


def waves(framework, shape, dtype, phase):
    """Return numbers between -1 and 1 that both frameworks are given alike."""
    count = math.prod(shape)
    return framework.tensor([math.sin(phase + 1.7 * i) for i in range(count)], dtype=dtype).reshape(shape)


def states_of(optimizer):
    """Return the state of every parameter, in the order of their names."""
    return [dict(sorted(state.items())) for _, state in sorted(optimizer.state_dict()["state"].items())]


def make_scenario(name, options, dtype_name):
    """Return a scenario that steps the optimizer of this name with every combination of options."""

    def scenario(framework, nn):
        results = []
        dtype = getattr(framework, dtype_name)
        shapes = MATRICES if name == "Muon" else SHAPES
        for keywords in combinations(options):
            parameters = [
                nn.Parameter(waves(framework, shape, dtype, phase)) for phase, shape in enumerate(shapes)
            ]
            optimizer = getattr(framework.optim, name)(parameters, **keywords)
            for step in range(STEPS):
                for phase, parameter in enumerate(parameters):
                    parameter.grad = waves(framework, parameter.shape, dtype, 3 * phase + 0.6 * step + 0.1)
                optimizer.step()
            # Sums show every bit of a small change, and keep the records short.
            results.append([float(parameter.detach().double().sum()) for parameter in parameters])
            results.append(parameters[1].detach().flatten().tolist()[:4])
            results.append(
                [
                    {key: float(value.double().sum()) for key, value in state.items()}
                    for state in states_of(optimizer)
                ]
            )
            results.append([str(value.dtype) for value in states_of(optimizer)[0].values()])
        return results

    scenario.__name__ = f"{dtype_name}_{name}"
    return scenario


def scenarios_of(dtype_name):
    """Return one scenario for each optimizer, with parameters of this dtype."""
    return [make_scenario(name, options, dtype_name) for name, options in OPTIONS.items()]
