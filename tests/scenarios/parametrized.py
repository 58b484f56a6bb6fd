"""Parametrized tensors: registering, training, assigning, removing, copying, refusals; ready-made ones."""

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


# --- weight_norm, spectral_norm, orthogonal ---


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
