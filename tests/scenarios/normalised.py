"""Weights of learned length, of spectral norm one, and orthogonal ones, alone and in a training."""

import copy

from scenarios.parametrized import described, doubles, trained, values_of
from scenarios.playing import attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


@scenario
def parametrized_recurrence(framework, nn):
    parametrizations = nn.utils.parametrizations
    results = []
    for kind, register in [("LSTM", parametrizations.weight_norm), ("GRU", parametrizations.orthogonal)]:
        layer = getattr(nn, kind)(3, 4).double()
        register(layer, "weight_hh_l0")
        seen = []
        optimizer = framework.optim.SGD(layer.parameters(), lr=0.1)
        inputs = doubles(framework, 5, 2, 3)
        for _ in range(2):
            optimizer.zero_grad()
            output, _ = layer(inputs)
            output.sum().backward()
            optimizer.step()
            seen.append([output.detach(), *(parameter.grad for parameter in layer.parameters())])
        nn.utils.parametrize.remove_parametrizations(layer, "weight_hh_l0")
        results.append([repr(layer), list(layer.state_dict()), seen, layer(inputs)[0].detach()])
    return results


@scenario
def weights_of_learned_length(framework, nn):
    parametrizations, parametrize = nn.utils.parametrizations, nn.utils.parametrize
    results = []
    for layer, name, dim, shape in [
        (nn.Linear(3, 4), "weight", 0, (2, 3)),
        (nn.Linear(3, 4), "weight", 1, (2, 3)),
        (nn.Linear(3, 4), "weight", None, (2, 3)),
        (nn.Linear(3, 4), "weight", -2, (2, 3)),
        (nn.Linear(3, 4), "bias", 0, (2, 3)),
        (nn.Conv2d(2, 3, 2), "weight", 0, (1, 2, 3, 3)),
        (nn.Conv2d(2, 3, 2), "weight", 2, (1, 2, 3, 3)),
        (nn.Conv2d(2, 3, 2), "weight", 3, (1, 2, 3, 3)),
        (nn.Conv2d(2, 3, 2), "weight", -1, (1, 2, 3, 3)),
    ]:
        layer = layer.double()
        returned = parametrizations.weight_norm(layer, name, dim)
        results += [returned is layer, described(layer)]
        results.append(trained(framework, layer, doubles(framework, *shape)))
        state = layer.state_dict()
        prefix = f"parametrizations.{name}.original"
        older = {key: value for key, value in state.items() if not key.startswith(prefix)}
        older.update({f"{name}_g": state[prefix + "0"] * 2, f"{name}_v": state[prefix + "1"]})
        results += [repr(layer.load_state_dict(older)), getattr(layer, name).detach()]
        parametrize.remove_parametrizations(layer, name)
        results += [described(layer), getattr(layer, name)]
    for dtype in (framework.float16, framework.bfloat16):
        for dim in (0, 1, None):
            layer = nn.Linear(5, 4, dtype=dtype)
            older = nn.utils.weight_norm(copy.deepcopy(layer), dim=dim)
            parametrizations.weight_norm(layer, dim=dim).weight.sum().backward()
            results += [layer.weight.detach(), older.weight.detach(), str(layer.weight.dtype)]
            results += [original.grad for original in layer.parametrizations.weight.parameters()]
    layer = nn.Linear(2, 2)
    layer.weight.requires_grad_(False)
    results.append(described(parametrizations.weight_norm(layer)))
    return [
        *results,
        *attempt_all(
            lambda: parametrizations.weight_norm(nn.Linear(2, 2), "width"),
            lambda: parametrizations.weight_norm(nn.Linear(2, 2), dim=5),
            lambda: parametrizations.weight_norm(parametrizations.weight_norm(nn.Linear(2, 2))),
        ),
    ]


@scenario
def spectrally_normalised_weights(framework, nn):
    parametrizations, parametrize = nn.utils.parametrizations, nn.utils.parametrize
    results = []
    for layer, name, options, shape in [
        (nn.Linear(3, 4), "weight", {}, (2, 3)),
        (nn.Linear(3, 4), "weight", {"n_power_iterations": 3, "eps": 0.5}, (2, 3)),
        (nn.Linear(3, 4), "weight", {"dim": -1}, (2, 3)),
        (nn.Linear(3, 4), "bias", {}, (2, 3)),
        (nn.Conv2d(2, 3, 2), "weight", {}, (1, 2, 3, 3)),
        (nn.ConvTranspose1d(2, 3, 2), "weight", {}, (1, 2, 3)),
    ]:
        layer = layer.double()
        returned = parametrizations.spectral_norm(layer, name, **options)
        results += [
            returned is layer,
            described(layer),
            trained(framework, layer, doubles(framework, *shape)),
        ]
        # Two calls while training before one pass back; none of them changes anything in evaluation.
        inputs = doubles(framework, *shape)
        (layer(inputs) - layer(2 * inputs)).sum().backward()
        layer.eval()
        results += [framework.equal(layer.weight, layer.weight), layer.weight.detach()]
        parametrize.remove_parametrizations(layer, name)
        results += [described(layer), getattr(layer, name)]
    kind = framework.complex128
    module = nn.Module()
    module.weight = nn.Parameter(framework.randn(3, 2, dtype=kind))
    parametrizations.spectral_norm(module)
    results.append(values_of(module.weight))
    return [
        *results,
        *attempt_all(
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), "width"),
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), "in_features"),
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), dim=2),
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), dim=-3),
            lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
        ),
    ]


@scenario
def orthogonal_weights(framework, nn):
    parametrizations, parametrize = nn.utils.parametrizations, nn.utils.parametrize
    results = []
    for shape in [(3, 3), (4, 2), (2, 4), (2, 3, 3), (2, 2, 3)]:
        for chosen in (None, "matrix_exp", "cayley", "householder"):
            for use_trivialization in (True, False):
                module = nn.Module()
                module.weight = nn.Parameter(doubles(framework, *shape))
                options = {"orthogonal_map": chosen, "use_trivialization": use_trivialization}
                parametrizations.orthogonal(module, **options)
                results += [[chosen, use_trivialization], described(module), module.weight.detach()]
                optimizer = framework.optim.SGD(module.parameters(), lr=0.1)
                target = doubles(framework, *shape)
                for _ in range(3):
                    optimizer.zero_grad()
                    (module.weight * target).sum().backward()
                    results.append(module.parametrizations.weight.original.grad.clone())
                    optimizer.step()
                results.append(module.weight.detach())
                # The new value is made orthogonal, or refused where the map has no way back.
                results += attempt_all(lambda: setattr(module, "weight", target))  # noqa: B023
                results.append(module.weight.detach())
                square = framework.eye(shape[-2], shape[-1], dtype=framework.float64).expand(shape)
                results += attempt_all(lambda: setattr(module, "weight", square))  # noqa: B023
                results.append(module.weight.detach())
                parametrize.remove_parametrizations(module, "weight")
                results.append([described(module), module.weight])
    return results


@scenario
def unitary_weights(framework, nn):
    parametrizations = nn.utils.parametrizations
    results = []
    for shape in [(3, 3), (4, 2), (2, 3)]:
        for chosen in (None, "cayley"):
            module = nn.Module()
            module.weight = nn.Parameter(framework.randn(shape, dtype=framework.complex128))
            parametrizations.orthogonal(module, orthogonal_map=chosen)
            original = module.parametrizations.weight.original
            target = framework.randn(shape, dtype=framework.complex128)
            for _ in range(2):
                original.grad = None
                (module.weight * target).sum().abs().backward()
                results.append(values_of(original.grad))
                with framework.no_grad():
                    original -= 0.1 * original.grad
            results += [described(module), values_of(module.weight)]
    module = nn.Module()
    module.weight = nn.Parameter(framework.randn(2, 2, dtype=framework.complex128))
    layer = parametrizations.orthogonal(nn.Linear(2, 2))
    return [
        *results,
        *attempt_all(
            lambda: parametrizations.orthogonal(module, orthogonal_map="householder"),
            lambda: parametrizations.orthogonal(module, orthogonal_map="projection"),
            lambda: parametrizations.orthogonal(module, "width"),
            lambda: parametrizations.orthogonal(nn.Linear(2, 2), "bias"),
            lambda: setattr(layer, "weight", framework.ones(2, 3)),
            lambda: parametrizations.orthogonal(nn.Linear(2, 2, dtype=framework.float16)),
        ),
    ]


@scenario
def an_orthogonal_layer_trained(framework, nn):
    layer = nn.utils.parametrizations.orthogonal(nn.Linear(3, 5).double())
    network = nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(2, 3).double()), layer)
    results = [repr(network), trained(framework, network, doubles(framework, 4, 2))]
    copied = copy.deepcopy(network)
    return [*results, copied[1].weight.detach(), copied[1].parametrizations.weight[0].base]
