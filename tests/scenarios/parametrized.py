"""Parametrized tensors: registering, training, assigning, removing, copying, refusals."""

import copy
import io
import pickle

from scenarios.playing import attempt, attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


def modules_of(framework):
    """Return parametrizations of several kinds, written with a framework as a user would write them."""
    nn = framework.nn

    class Symmetric(nn.Module):
        def forward(self, matrix):
            return matrix.triu() + matrix.triu(1).mT

        def right_inverse(self, matrix):
            return matrix.triu()

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(framework.tensor(2.0, dtype=framework.float64))

        def forward(self, tensor):
            return tensor * self.scale

    class Product(nn.Module):
        def forward(self, column, row):
            return column.unsqueeze(-1) * row

        def right_inverse(self, matrix):
            return matrix[:, 0].clone(), matrix[0] / matrix[0, 0]

    return Symmetric, Scaled, Product


def returning(framework, forward, right_inverse=None):
    """Return a parametrization with a given forward and, unless it is None, a given right_inverse."""
    kind = type("Given", (framework.nn.Module,), {"forward": lambda self, *tensors: forward(*tensors)})
    if right_inverse is not None:
        kind.right_inverse = lambda self, tensor: right_inverse(tensor)
    return kind()


def refusing(message):
    def refuse(tensor):
        raise NotImplementedError(message)

    return refuse


def described(module):
    """Return everything that shows which tensors a module has and where."""
    return [
        repr(module),
        type(module).__name__,
        [(name, list(value.shape), value.requires_grad) for name, value in module.named_parameters()],
        [(name, list(value.shape)) for name, value in module.named_buffers()],
        list(module.state_dict()),
    ]


def trained(framework, module, inputs, steps=3):
    """Return the loss, the gradients and the state over some optimizer steps."""
    optimizer = framework.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    seen = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (module(inputs) ** 2).sum()
        loss.backward()
        seen.append([loss.item(), *(parameter.grad for parameter in module.parameters())])
        optimizer.step()
        seen.append([values_of(value) for value in module.state_dict().values()])
    return seen


def values_of(tensor):
    """Complex numbers as pairs, which JSON can hold."""
    tensor = tensor.detach()
    return [tensor.real.tolist(), tensor.imag.tolist()] if tensor.is_complex() else tensor.tolist()


def doubles(framework, *shape):
    return framework.randn(shape, dtype=framework.float64)


# --- register_parametrization and what belongs to it ---


@scenario
def one_parametrization(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, _, _ = modules_of(framework)
    layer = nn.Linear(3, 3).double()
    weight = layer.weight
    before = weight.detach().clone()
    returned = parametrize.register_parametrization(layer, "weight", symmetric())
    results = [returned is layer, layer.parametrizations.weight.original is weight, described(layer)]
    results += [
        parametrize.is_parametrized(layer),
        parametrize.is_parametrized(layer, "weight"),
        parametrize.is_parametrized(layer, "bias"),
        parametrize.is_parametrized(nn.Linear(1, 1)),
        parametrize.type_before_parametrizations(layer).__name__,
        parametrize.type_before_parametrizations(nn.ReLU()).__name__,
        isinstance(layer, nn.Linear),
        isinstance(layer.parametrizations.weight, parametrize.ParametrizationList),
        layer.parametrizations.weight.is_tensor,
        layer.parametrizations.weight.ntensors,
        layer.parametrizations.weight.unsafe,
        "weight" in dir(layer),
        type(layer.weight).__name__,
        layer.weight.requires_grad,
        before - layer.weight,
    ]
    results.append(trained(framework, layer, doubles(framework, 2, 3)))
    layer.weight = framework.arange(9.0, dtype=framework.float64).reshape(3, 3)
    results += [layer.weight.detach(), layer.parametrizations.weight.original.detach()]
    with framework.no_grad():
        layer.weight.fill_(5.0)  # changes a tensor that is computed anew at the next look
    results.append(layer.weight.sum())
    returned = parametrize.remove_parametrizations(layer, "weight")
    results += [returned is layer, layer.weight is weight, described(layer), layer.weight]
    parametrize.register_parametrization(layer, "weight", symmetric())
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    return [*results, layer.weight is weight, described(layer), layer.weight, type(layer) is nn.Linear]


@scenario
def several_parametrizations(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, scaled, product = modules_of(framework)
    layer = nn.Linear(3, 3).double().eval()
    parametrize.register_parametrization(layer, "weight", symmetric())
    parametrize.register_parametrization(layer, "weight", symmetric())
    parametrize.register_parametrization(layer, "weight", scaled())
    parametrize.register_parametrization(layer, "bias", scaled())
    results = [described(layer), layer.parametrizations.weight[2].training]
    results += [trained(framework, layer.train(), doubles(framework, 2, 3))]
    results += attempt_all(
        lambda: setattr(layer, "weight", framework.ones(3, 3).double()),
        lambda: setattr(layer, "bias", framework.ones(3).double()),
    )
    parametrize.remove_parametrizations(layer, "weight")
    results += [described(layer), type(layer).__mro__[1].__name__]
    parametrize.remove_parametrizations(layer, "bias", leave_parametrized=False)
    results += [described(layer), layer.bias]

    second = nn.Linear(2, 3).double()
    parametrize.register_parametrization(second, "weight", product())
    results += [described(second), second.parametrizations.weight.ntensors, second.weight.detach()]
    results.append(trained(framework, second, doubles(framework, 4, 2)))
    second.weight = framework.ones(3, 2).double() * 4
    results += [second.weight.detach(), second.parametrizations.weight.original1.detach()]
    results += attempt_all(
        lambda: parametrize.remove_parametrizations(second, "weight", leave_parametrized=False),
        lambda: setattr(second, "weight", framework.ones(3, 2)),
    )
    parametrize.remove_parametrizations(second, "weight")
    results += [described(second), second.weight, second.weight.is_leaf]
    return results


@scenario
def parametrized_buffers(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, scaled, product = modules_of(framework)
    results = []
    for kind in (symmetric, scaled, product):
        module = nn.Module()
        module.register_buffer("matrix", doubles(framework, 3, 3))
        module.register_parameter("other", nn.Parameter(doubles(framework, 2)))
        parametrize.register_parametrization(module, "matrix", kind())
        results += [described(module), module.matrix.detach(), module.matrix.requires_grad]
        parametrize.remove_parametrizations(module, "matrix")
        results += [described(module), module.matrix.detach(), type(module.matrix).__name__]
    return results


@scenario
def what_parametrizations_must_keep(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, _, product = modules_of(framework)
    given = lambda *functions: returning(framework, *functions)  # noqa: E731
    same = lambda tensor: tensor  # noqa: E731

    def registered(*parametrizations, unsafe=False):
        layer = nn.Linear(2, 2)
        for each in parametrizations:
            parametrize.register_parametrization(layer, "weight", each, unsafe=unsafe)
        return described(layer)

    def assigned(first, value):
        layer = nn.Linear(2, 2)
        parametrize.register_parametrization(layer, "weight", first)
        layer.weight = value
        return layer.weight.detach()

    class Counting:
        calls = 0

        def __call__(self, tensor):
            """Give one tensor first, then two, then a list that is too short."""
            self.calls += 1
            return [tensor, [tensor, tensor], [tensor]][self.calls - 1]

    class Fewer(Counting):
        def __call__(self, tensor):
            self.calls += 1
            return [[tensor, tensor], [tensor], tensor.shape, [tensor, 2]][self.calls - 1]

    def assigned_thrice(inverse):
        layer = nn.Linear(2, 2)
        parametrize.register_parametrization(layer, "weight", given(lambda *tensors: tensors[0], inverse))
        return attempt_all(*[lambda: setattr(layer, "weight", framework.ones(2, 2))] * 3)

    results = attempt_all(
        lambda: registered(given(lambda tensor: tensor.double())),
        lambda: registered(given(lambda tensor: tensor[0])),
        lambda: registered(given(lambda tensor: 1)),
        lambda: registered(given(same, lambda tensor: 1)),
        lambda: registered(given(same, lambda tensor: [1])),
        lambda: registered(given(same, lambda tensor: tensor.double())),
        lambda: registered(given(same, refusing("no way back"))),
        lambda: registered(given(lambda *tensors: tensors[0], lambda tensor: (tensor, tensor.double()))),
        lambda: registered(symmetric(), given(lambda tensor: tensor.double())),
        lambda: registered(symmetric(), given(lambda tensor: tensor[0])),
        lambda: registered(symmetric(), given(lambda tensor: 1)),
        lambda: registered(symmetric(), given(same, lambda tensor: 1)),
        lambda: registered(symmetric(), given(same, lambda tensor: tensor.double())),
        lambda: registered(symmetric(), given(same, lambda tensor: tensor[0])),
        lambda: registered(symmetric(), given(same, refusing("no way back"))),
        lambda: registered(symmetric(), product()),
        lambda: registered(given(lambda tensor: tensor.double()), unsafe=True),
        lambda: registered(given(lambda tensor: tensor[0]), unsafe=True),
        lambda: registered(given(same, lambda tensor: tensor.double()), unsafe=True),
        lambda: registered(symmetric(), given(lambda tensor: tensor[0]), unsafe=True),
        lambda: assigned(given(same), framework.ones(2, 2)),
        lambda: assigned(given(same, refusing("no way back")), framework.ones(2, 2)),
        lambda: assigned(symmetric(), framework.ones(3, 3)),
        lambda: assigned(symmetric(), framework.ones(2, 2).double()),
        lambda: assigned(symmetric(), 1),
        lambda: assigned(symmetric(), nn.Parameter(framework.ones(2, 2))),
        lambda: assigned_thrice(Counting()),
        lambda: assigned_thrice(Fewer()),
        lambda: parametrize.register_parametrization(nn.Linear(1, 1), "width", symmetric()),
        lambda: parametrize.register_parametrization(nn.Linear(1, 1), "in_features", symmetric()),
        lambda: parametrize.register_parametrization(nn.Linear(1, 1), "weight", 1),
        lambda: parametrize.remove_parametrizations(nn.Linear(1, 1), "weight"),
        lambda: parametrize.ParametrizationList([], framework.ones(1)),
    )
    layer = nn.Linear(2, 2)
    first = parametrize.register_parametrization(layer, "weight", given(lambda x: x.double()), unsafe=True)
    parametrize.register_parametrization(layer, "weight", given(same))
    results += [layer.parametrizations.weight.unsafe, str(first.weight.dtype)]
    results += attempt_all(lambda: parametrize.remove_parametrizations(layer, "weight"))
    # A parametrization that is refused leaves the module as it was.
    untouched = nn.Linear(2, 2)
    attempt(lambda: parametrize.register_parametrization(untouched, "weight", given(lambda x: x.double())))
    return [*results, described(untouched)]


@scenario
def values_kept_while_cached(framework, nn):
    parametrize = nn.utils.parametrize
    calls = []

    class Noted(nn.Module):
        def forward(self, tensor):
            calls.append(1)
            return tensor * 2

    layer = nn.Linear(2, 2).double()
    parametrize.register_parametrization(layer, "weight", Noted())
    parametrize.register_parametrization(layer, "bias", Noted())
    calls.clear()
    counts = []
    for _ in range(2):
        with parametrize.cached():
            same = layer.weight is layer.weight
            with parametrize.cached():
                layer(layer(framework.ones(1, 2).double())).sum().backward()
            counts.append([same, len(calls), layer.weight is layer.weight])
        counts.append([layer.weight is layer.weight, len(calls)])
    try:
        with parametrize.cached():
            _ = layer.weight
            raise ValueError("out of the block")
    except ValueError:
        counts.append([layer.weight is layer.weight, len(calls)])
    return [counts, [parameter.grad for parameter in layer.parameters()]]


@scenario
def copies_and_files(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, scaled, _ = modules_of(framework)

    class Slotted(nn.Linear):
        __slots__ = ("note",)

    layer = Slotted(2, 2).double()
    layer.note = [1, 2]
    parametrize.register_parametrization(layer, "weight", symmetric())
    parametrize.register_parametrization(layer, "weight", scaled())
    network = nn.Sequential(layer, nn.ReLU(), layer)
    copied = copy.deepcopy(network)
    with framework.no_grad():
        copied[0].parametrizations.weight.original.zero_()
    results = [described(copied), copied[0] is copied[2], copied[0].note, copied[0].note is layer.note]
    results += [type(copied[0]) is type(layer), copied[0].weight.sum(), layer.weight.detach()]
    results += attempt_all(
        lambda: pickle.dumps(network),
        lambda: framework.save(layer, io.BytesIO()),
        lambda: copy.copy(layer),
    )
    other = Slotted(2, 2).double()
    parametrize.register_parametrization(other, "weight", symmetric())
    results += attempt_all(lambda: other.load_state_dict(layer.state_dict()))
    parametrize.register_parametrization(other, "weight", scaled())
    results += [repr(other.load_state_dict(layer.state_dict())), other.weight.detach()]
    parametrize.remove_parametrizations(layer, "weight")
    return [*results, attempt(lambda: copy.copy(layer).weight.detach())]


@scenario
def an_original_that_is_parametrized_itself(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, scaled, _ = modules_of(framework)
    layer = nn.Linear(3, 3).double()
    parametrize.register_parametrization(layer, "weight", scaled())
    outer = layer.parametrizations.weight
    parametrize.register_parametrization(outer, "original", symmetric())
    results = [described(layer), layer.weight.detach(), type(outer).__name__]
    results += [
        isinstance(outer, parametrize.ParametrizationList),
        parametrize.is_parametrized(outer, "original"),
    ]
    results.append(trained(framework, layer, doubles(framework, 2, 3)))
    outer.original = framework.ones(3, 3, dtype=framework.float64)
    results.append(layer.weight.detach())
    parametrize.remove_parametrizations(outer, "original", leave_parametrized=False)
    results += [described(layer), layer.weight.detach(), type(outer).__name__]
    parametrize.remove_parametrizations(layer, "weight")
    return [*results, described(layer), layer.weight]


@scenario
def modules_that_copy_themselves(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, _, _ = modules_of(framework)

    class Own(nn.Linear):
        def __deepcopy__(self, memo):
            copied = self.__new__(self.__class__)
            memo[id(self)] = copied
            copied.__dict__ = copy.deepcopy(self.__dict__, memo)
            copied.by_itself = True
            return copied

    layer = Own(2, 2).double()
    parametrize.register_parametrization(layer, "weight", symmetric())
    copied = copy.deepcopy(layer)
    results = [described(copied), copied.by_itself, copied.weight.detach() - layer.weight]
    shared = copied.parametrizations.weight.original is layer.parametrizations.weight.original
    normed = nn.utils.parametrizations.weight_norm(nn.Linear(2, 2).double())
    again = copy.deepcopy(normed)
    older = {"weight_g": framework.ones(2, 1), "weight_v": framework.eye(2), "bias": framework.zeros(2)}
    results += [shared, again.weight.detach() - normed.weight, repr(again.load_state_dict(older))]
    # A mode that is set before or after reaches the parametrizations.
    evaluated = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2).eval())
    results.append(evaluated.parametrizations.weight[0].training)
    evaluated.train()
    return [*results, evaluated.parametrizations.weight[0].training, again.weight.detach()]


@scenario
def parametrizations_that_move(framework, nn):
    parametrize = nn.utils.parametrize
    symmetric, scaled, product = modules_of(framework)
    source = nn.Linear(3, 3).double()
    parametrize.register_parametrization(source, "weight", symmetric())
    parametrize.register_parametrization(source, "weight", scaled())
    parametrize.register_parametrization(source, "bias", scaled())
    source.register_parameter("added", nn.Parameter(doubles(framework, 3)))
    parametrize.register_parametrization(source, "added", scaled())
    transfer = parametrize.transfer_parametrizations_and_params
    one = transfer(source, nn.Linear(3, 3).double(), "weight")
    results = [described(one), one.weight.detach() - source.weight]
    shared = one.parametrizations.weight.original is source.parametrizations.weight.original
    every = transfer(source, nn.Linear(3, 3).double())
    results += [shared, described(every), every.added.detach()]
    several = nn.Linear(2, 3).double()
    parametrize.register_parametrization(several, "weight", product())
    target = transfer(several, nn.Linear(2, 3).double())
    results += [described(target), target.weight.detach()]
    untouched = nn.Linear(1, 1)
    return [*results, transfer(nn.Linear(1, 1), untouched) is untouched, described(untouched)]


# --- calls with other parameters, and weights in another memory format ---


@scenario
def calls_with_other_parameters(framework, nn):
    symmetric, _, _ = modules_of(framework)
    layer = nn.Linear(2, 2).double()
    nn.utils.parametrize.register_parametrization(layer, "weight", symmetric())
    inputs = framework.arange(4.0, dtype=framework.float64).reshape(2, 2)
    original = {"parametrizations.weight.original": framework.arange(4.0).double().reshape(2, 2)}
    results = [framework.func.functional_call(layer, original, (inputs,)).detach()]
    results.append(nn.utils.stateless.functional_call(layer, original, inputs).detach())
    results += attempt_all(
        lambda: nn.utils.stateless.functional_call(layer, {"bias": framework.ones(2)}, inputs, strict=True),
        lambda: nn.utils.stateless.functional_call(nn.ReLU(), {}, inputs, {"inplace": True}),
    )
    # Under the parametrized tensor's own name, a value is assigned as it is otherwise.
    results.append(framework.func.functional_call(layer, {"weight": 2 * inputs}, (inputs,)).detach())
    results += [layer.weight.detach(), layer.parametrizations.weight.original.detach(), described(layer)]
    one_way = nn.Linear(2, 2).double()
    nn.utils.parametrize.register_parametrization(one_way, "weight", nn.ReLU())
    results += attempt_all(lambda: framework.func.functional_call(one_way, {"weight": inputs}, inputs))
    results.append(one_way.weight.detach())

    class Counter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("count", framework.zeros(1))
            self.text = "text"

        def forward(self, step):
            self.count = self.count + step
            return self.count * 2

    counter, given = Counter(), {"count": framework.ones(1)}
    results += [framework.func.functional_call(counter, given, framework.ones(1)), given, counter.count]
    results += attempt_all(
        lambda: framework.func.functional_call(counter, {"text": framework.ones(1)}, (1,)),
        lambda: framework.func.functional_call(counter, {"count": 1}, (1,)),
        lambda: framework.func.functional_call(counter, {"below.count": framework.ones(1)}, (1,)),
        lambda: framework.func.functional_call(counter, {"new": framework.ones(1)}, (1,)),
        lambda: framework.func.functional_call(counter, {"new": nn.Parameter(framework.ones(1))}, (1,)),
    )
    return [*results, counter.text, described(counter), layer.weight.detach()]


@scenario
def weights_in_another_memory_format(framework, nn):
    network = nn.Sequential(
        nn.Conv2d(2, 3, 2), nn.Sequential(nn.ConvTranspose2d(3, 2, 2)), nn.Conv3d(2, 2, 2), nn.Linear(2, 2)
    )
    weights = list(network.parameters())
    results = []
    for convert, form in [
        (nn.utils.convert_conv2d_weight_memory_format, framework.channels_last),
        (nn.utils.convert_conv3d_weight_memory_format, framework.channels_last_3d),
        (nn.utils.convert_conv2d_weight_memory_format, framework.contiguous_format),
    ]:
        returned = convert(network, form)
        results += [returned is network, [list(weight.stride()) for weight in weights], weights[0]]
    return [*results, all(a is b for a, b in zip(weights, network.parameters(), strict=True))]
