"""Pruning: what each method masks, training under masks, pruning on top of pruning, removal and refusals."""

import copy
import importlib
import io
import pickle

from scenarios.playing import attempt, attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn, prune) -> nested values to those played with lampas and with PyTorch."""

    def played(framework, nn):
        # PyTorch shows this module only to those who import it.
        return function(framework, nn, importlib.import_module(f"{nn.__name__}.utils.prune"))

    played.__name__ = function.__name__
    SCENARIOS.append(quiet(played))
    return function


def described(module):
    """Return everything that shows which tensors a module has and where."""
    return [
        repr(module),
        list(dict(module.named_parameters())),
        list(dict(module.named_buffers())),
        list(module.state_dict()),
        [type(hook).__name__ for hook in module._forward_pre_hooks.values()],
    ]


def doubles(framework, *shape):
    return framework.randn(shape, dtype=framework.float64)


ONE_LAYER = [
    ("identity", {}),
    ("random_unstructured", {"amount": 3}),
    ("random_unstructured", {"amount": 0.5}),
    ("random_unstructured", {"amount": 0}),
    ("l1_unstructured", {"amount": 4}),
    ("l1_unstructured", {"amount": 0.25}),
    ("l1_unstructured", {"amount": 0.0}),
    ("random_structured", {"amount": 1, "dim": 0}),
    ("random_structured", {"amount": 0.5, "dim": -1}),
    ("random_structured", {"amount": 0, "dim": 1}),
    ("ln_structured", {"amount": 1, "n": 2, "dim": 0}),
    ("ln_structured", {"amount": 0.5, "n": 1, "dim": 1}),
    ("ln_structured", {"amount": 1, "n": float("inf"), "dim": -1}),
    ("ln_structured", {"amount": 1, "n": float("-inf"), "dim": -2}),
    ("ln_structured", {"amount": 0, "n": 2, "dim": 0}),
]


@scenario
def every_method_on_one_layer(framework, nn, prune):
    results = []
    for name, options in ONE_LAYER:
        layer = nn.Linear(4, 5).double()
        original = layer.weight
        returned = getattr(prune, name)(layer, "weight", **options)
        results += [name, returned is layer, layer.weight_orig is original, prune.is_pruned(layer)]
        results += [described(layer), layer.weight_mask, layer.weight.detach(), layer.weight.is_leaf]
        optimizer = framework.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
        for _ in range(3):
            optimizer.zero_grad()
            layer(doubles(framework, 2, 4)).square().sum().backward()
            optimizer.step()
            results += [layer.weight_orig.grad.clone(), layer.weight.detach()]
        removed = prune.remove(layer, "weight")
        results += [removed is layer, layer.weight is original, described(layer), layer.weight]
        results.append(prune.is_pruned(layer))
    return results


@scenario
def methods_on_convolutions_and_biases(framework, nn, prune):
    results = []
    for dim in (0, 1, 2, -1):
        layer = nn.Conv2d(3, 4, 3)
        prune.random_structured(layer, "weight", 1, dim)
        prune.ln_structured(layer, "weight", amount=1, n=2, dim=dim)
        results += [layer.weight_mask.sum((1, 2, 3)), layer.weight_mask.sum((0, 2, 3)), described(layer)]
    prune.l1_unstructured(layer, name="bias", amount=0.5)
    prune.custom_from_mask(layer, name="bias", mask=framework.tensor([1, 0, 1, 1]))
    return [*results, described(layer), layer.bias_mask, layer.bias.detach()]


@scenario
def pruning_on_top_of_pruning(framework, nn, prune):
    results = []
    names = [("random_unstructured", {"amount": 0.3}), ("l1_unstructured", {"amount": 2})]
    names += [("ln_structured", {"amount": 1, "n": 2, "dim": 0}), ("identity", {})]
    names += [
        ("random_structured", {"amount": 1, "dim": -1}),
        ("ln_structured", {"amount": 1, "n": 1, "dim": 1}),
    ]
    names += [("random_structured", {"amount": 0.5, "dim": -2}), ("random_unstructured", {"amount": 1})]
    layer = nn.Linear(6, 5).double()
    for name, options in names:
        getattr(prune, name)(layer, "weight", **options)
        results += [name, layer.weight_mask.clone(), described(layer)]
    container = next(iter(layer._forward_pre_hooks.values()))
    results += [[type(each).__name__ for each in container], len(container), type(container[1]).__name__]
    results += [container._tensor_name, [each._tensor_name for each in container]]
    inputs = doubles(framework, 2, 6)
    layer(inputs).sum().backward()
    copied = layer.state_dict()
    fresh = prune.identity(nn.Linear(6, 5).double(), "weight")
    fresh.load_state_dict(copied)
    results += [layer.weight_orig.grad, fresh(inputs).detach()]
    prune.remove(layer, "weight")
    return [*results, layer.weight]


@scenario
def importance_given(framework, nn, prune):
    layer = nn.Linear(3, 2).double()
    scores = framework.arange(6.0, dtype=framework.float64).reshape(2, 3)
    prune.l1_unstructured(layer, "weight", 2, importance_scores=-scores)
    results = [layer.weight_mask.clone()]
    prune.ln_structured(layer, "weight", 1, 2, 1, importance_scores=scores.flip(1))
    results += [layer.weight_mask.clone()]
    method = prune.L1Unstructured(amount=2)
    tensor = doubles(framework, 2, 3)
    results += [
        method.prune(tensor),
        method.prune(tensor, importance_scores=scores),
        method.prune(tensor, default_mask=framework.tensor([[1, 0, 1], [0, 1, 1]])),
        method.compute_mask(tensor, default_mask=framework.ones_like(tensor)),
        prune.LnStructured(1, 2).prune(tensor),
        prune.Identity().prune(tensor),
        prune.RandomUnstructured(0.5).prune(tensor),
        prune.RandomStructured(1).prune(tensor),
        prune.CustomFromMask(tensor > 0).prune(tensor),
    ]
    wrong = framework.ones(3)
    return [
        *results,
        *attempt_all(
            lambda: prune.l1_unstructured(nn.Linear(3, 2), "weight", 2, importance_scores=wrong),
            lambda: method.prune(tensor, importance_scores=wrong),
        ),
    ]


@scenario
def pruning_several_layers_at_once(framework, nn, prune):
    results = []
    for method, options in [
        (prune.L1Unstructured, {"amount": 0.4}),
        (prune.L1Unstructured, {"amount": 7}),
        (prune.RandomUnstructured, {"amount": 0.3}),
    ]:
        network = nn.Sequential(nn.Conv1d(2, 3, 2), nn.Linear(4, 3)).double()
        places = [(network[0], "weight"), (network[1], "weight"), (network[1], "bias")]
        prune.l1_unstructured(network[1], "weight", 2)
        prune.global_unstructured(places, pruning_method=method, **options)
        results += [described(network[0]), described(network[1]), prune.is_pruned(network)]
        results += [network[0].weight_mask, network[1].weight_mask, network[1].bias_mask]
    network = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    places = ((network[0], "weight"), (network[1], "weight"))
    scores = {(network[0], "weight"): framework.zeros(3, 2)}
    prune.global_unstructured(places, prune.L1Unstructured, importance_scores=scores, amount=6)
    results += [network[0].weight_mask, network[1].weight_mask]
    return [
        *results,
        *attempt_all(
            lambda: prune.global_unstructured(1, prune.L1Unstructured, amount=1),
            lambda: prune.global_unstructured(places, prune.L1Unstructured, [1], amount=1),
            lambda: prune.global_unstructured(places, prune.RandomStructured, amount=1),
            lambda: prune.global_unstructured(places, prune.L1Unstructured, amount=13),
            lambda: prune.global_unstructured(places, prune.L1Unstructured),
        ),
    ]


@scenario
def a_method_of_ones_own(framework, nn, prune):
    class EveryOther(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    class Whole(EveryOther):
        PRUNING_TYPE = "global"

    class Channels(EveryOther):
        PRUNING_TYPE = "structured"

    class Unheard(EveryOther):
        PRUNING_TYPE = "unheard"

    class Broken(EveryOther):
        def compute_mask(self, t, default_mask):
            raise ValueError("cannot say")

    layer = nn.Linear(3, 2).double()
    results = [type(EveryOther.apply(layer, "weight")).__name__, layer.weight_mask.clone()]
    results += [type(Whole.apply(layer, "weight")).__name__, layer.weight_mask.clone()]
    results.append(type(EveryOther.apply(layer, "weight")).__name__)
    results += [layer.weight_mask.clone()]
    failing = nn.Linear(3, 2).double()
    results += attempt_all(lambda: Broken.apply(failing, "weight"))
    results.append(described(failing))
    negative = prune.RandomStructured(1, dim=-4)
    negative._tensor_name = "weight"
    container = prune.PruningContainer(negative)
    other = prune.L1Unstructured(1)
    other._tensor_name = "bias"
    refused = attempt(lambda: container.add_pruning_method(other))
    return [
        *results,
        [part.split(" object at ")[0] for part in refused],  # what follows is an address
        *attempt_all(
            lambda: Channels.apply(layer, "weight"),
            lambda: Unheard.apply(layer, "bias") and Unheard.apply(layer, "bias"),
            lambda: prune.BasePruningMethod(),
            lambda: container.compute_mask(framework.ones(2, 2), framework.ones(2, 2)),
            lambda: container.add_pruning_method(1),
            lambda: len(prune.PruningContainer()),
            lambda: prune.PruningContainer(other, other),
        ),
    ]


@scenario
def pruned_recurrences_and_pickled_ones(framework, nn, prune):
    recurrent = nn.LSTM(3, 2).double()
    inputs = doubles(framework, 4, 1, 3)
    prune.l1_unstructured(recurrent, "weight_ih_l0", 0.5)
    output, _ = recurrent(inputs)
    output.sum().backward()
    results = [described(recurrent), output.detach(), recurrent.weight_ih_l0_orig.grad]
    loaded = pickle.loads(pickle.dumps(recurrent))
    results += [described(loaded), loaded(inputs)[0].detach(), loaded.weight_ih_l0_mask]
    prune.remove(recurrent, "weight_ih_l0")
    return [*results, described(recurrent), recurrent(inputs)[0].detach(), list(recurrent._parameters)]


@scenario
def refusals_of_pruning(framework, nn, prune):
    layer = nn.Linear(3, 2)
    pruned = prune.l1_unstructured(nn.Linear(3, 2).double(), "weight", 2)
    pruned(doubles(framework, 1, 3))
    saved = io.BytesIO()
    framework.save(pruned.state_dict(), saved)
    saved.seek(0)
    return [
        list(framework.load(saved)),
        *attempt_all(
            lambda: prune.l1_unstructured(layer, "weight", 7),
            lambda: prune.l1_unstructured(layer, "weight", -1),
            lambda: prune.l1_unstructured(layer, "weight", 1.5),
            lambda: prune.l1_unstructured(layer, "weight", "all"),
            lambda: prune.l1_unstructured(layer, "width", 1),
            lambda: prune.random_unstructured(layer, "weight", 7),
            lambda: prune.random_structured(layer, "weight", 3, 0),
            lambda: prune.random_structured(layer, "weight", 1, 2),
            lambda: prune.random_structured(layer, "bias", 1, 0),
            lambda: prune.ln_structured(layer, "weight", 4, 2, 1),
            lambda: prune.ln_structured(layer, "weight", 1, 2, 5),
            lambda: prune.ln_structured(layer, "weight", 1, "text", 0),
            lambda: prune.custom_from_mask(layer, "weight", framework.ones(3)),
            lambda: prune.remove(layer, "weight"),
            lambda: prune.l1_unstructured(layer, "weight", True) and layer.weight_mask.sum(),
            lambda: copy.deepcopy(pruned),
        ),
        described(layer),
    ]
