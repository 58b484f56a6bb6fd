"""What Module, Parameter and the layers do, as scenarios to play with lampas and with PyTorch."""

import collections
import copy
import pickle

from scenarios.playing import attempt, attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def network(nn):
    """A network with nesting, a shared layer and a child that is None."""
    shared = nn.Linear(3, 3)
    layers = collections.OrderedDict(first=nn.Linear(4, 3))
    layers["block"] = nn.Sequential(nn.ReLU(), shared, nn.Dropout(0.1))
    layers["again"] = shared
    net = nn.Sequential(layers)
    net.block.register_module("nothing", None)
    return net


@scenario
def printed_forms(framework, nn):
    return [
        repr(module)
        for module in [
            nn.Module(),
            nn.Linear(3, 4),
            nn.Linear(3, 4, bias=False),
            nn.Sequential(),
            network(nn),
            nn.ModuleList(),
            nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)]),
            nn.ModuleList([network(nn), network(nn)]),
            nn.ModuleDict({"a": nn.ReLU(inplace=True), "b": nn.Softmax(dim=1)}),
            nn.Flatten(),
            nn.Unflatten(1, (2, 3)),
            nn.LogSoftmax(1),
            nn.Dropout(),
            nn.Identity(5),
            nn.Conv2d(3, 6, 5),
            nn.Conv2d(4, 6, (3, 5), stride=2, padding=(1, 2), dilation=2, groups=2, bias=False),
            nn.Conv2d(4, 6, 3, padding="same"),
            nn.NLLLoss(),
            nn.CrossEntropyLoss(),
            nn.MSELoss(),
            nn.ParameterList([framework.zeros(2, 3), nn.Parameter(framework.zeros(()))]),
            nn.ParameterDict({"b": framework.zeros(2), "a": framework.zeros(3)}),
        ]
    ]


@scenario
def walking_the_tree(framework, nn):
    net = network(nn)
    net.register_buffer("count", framework.zeros(2))
    return {
        "modules": [name for name, _ in net.named_modules()],
        "modules twice": [name for name, _ in net.named_modules(prefix="p", remove_duplicate=False)],
        "parameters": [name for name, _ in net.named_parameters()],
        "parameters twice": [name for name, _ in net.named_parameters(remove_duplicate=False)],
        "own parameters": [name for name, _ in net.named_parameters(prefix="q", recurse=False)],
        "children": [name for name, _ in net.named_children()],
        "buffers": [name for name, _ in net.named_buffers(prefix="r")],
        "count": [len(list(net.modules())), len(list(net.parameters())), len(list(net.buffers()))],
        "dir": [name for name in dir(net) if name in ("0", "first", "block", "count", "weight")],
    }


@scenario
def registering(framework, nn):
    module = nn.Module()
    module.number = 3
    tensor, parameter = framework.zeros(2), nn.Parameter(framework.zeros(2))
    non_leaf = nn.Parameter(framework.zeros(2))
    graph_result = parameter * 2
    module.register_buffer("buffer", tensor)
    module.register_parameter("parameter", parameter)
    module.add_module("child", nn.ReLU())
    return attempt_all(
        lambda: module.register_buffer("a.b", tensor),
        lambda: module.register_buffer("", tensor),
        lambda: module.register_buffer(3, tensor),
        lambda: module.register_buffer("number", tensor),
        lambda: module.register_buffer("x", 3),
        lambda: module.register_parameter("a.b", parameter),
        lambda: module.register_parameter("", parameter),
        lambda: module.register_parameter(3, parameter),
        lambda: module.register_parameter("number", parameter),
        lambda: module.register_parameter("x", tensor),
        lambda: module.register_parameter("x", "text"),
        lambda: module.register_parameter("y", graph_result),
        lambda: module.register_parameter("x", non_leaf),
        lambda: module.add_module("a.b", nn.ReLU()),
        lambda: module.add_module("", nn.ReLU()),
        lambda: module.add_module(3, nn.ReLU()),
        lambda: module.add_module("number", nn.ReLU()),
        lambda: module.add_module("x2", 3),
        lambda: module.missing,
        lambda: nn.Linear(2, 2).missing,
        lambda: nn.Module(3),
        lambda: nn.Module(a=3),
        lambda: nn.Module()(3),
        lambda: delattr(module, "missing"),
    ) + [[name for name, _ in module.named_parameters()], [name for name, _ in module.named_buffers()]]


@scenario
def assigning_attributes(framework, nn):
    module = nn.Module()
    module.weight = nn.Parameter(framework.zeros(2))
    module.child = nn.ReLU()
    module.register_buffer("buffer", framework.zeros(2))
    module.plain = framework.ones(1)
    results = attempt_all(
        lambda: setattr(module, "weight", framework.zeros(2)),
        lambda: setattr(module, "weight", 3),
        lambda: setattr(module, "child", 3),
        lambda: setattr(module, "child", framework.zeros(2)),
        lambda: setattr(module, "buffer", 3),
        lambda: setattr(module, "buffer", framework.ones(2)),
    )
    module.weight = None
    module.child = None
    module.buffer = None
    results.append([module.weight, module.child, module.buffer, list(module.state_dict())])
    module.child = nn.Parameter(framework.ones(1))  # a name may change its kind
    module.plain = nn.ReLU()
    results.append([list(module._parameters), list(module._modules), "plain" in module.__dict__])
    module.temporary = nn.Buffer(framework.ones(1), persistent=False)
    module.lasting = nn.Buffer(framework.ones(1))
    results.append([list(module._buffers), list(module.state_dict())])
    module.temporary = framework.zeros(1)
    results.append(list(module.state_dict()))
    del module.child, module.lasting, module.plain
    results.append([list(module._parameters), list(module._modules), list(module._buffers)])
    return results


@scenario
def assigning_before_init(framework, nn):
    class Early(nn.Module):
        def __init__(self, value):
            self.x = value
            super().__init__()

    return attempt_all(
        lambda: Early(nn.Parameter(framework.zeros(1))),
        lambda: Early(nn.ReLU()),
        lambda: Early(3).training,
        lambda: Early.__new__(Early).register_buffer("b", None),
        lambda: Early.__new__(Early).register_parameter("b", None),
        lambda: Early.__new__(Early).missing,
    )


@scenario
def finding_by_path(framework, nn):
    net = network(nn)
    net.register_buffer("count", framework.zeros(2))
    return attempt_all(
        lambda: net.get_submodule("") is net,
        lambda: repr(net.get_submodule("block.1")),
        lambda: net.get_submodule("block.9"),
        lambda: net.get_submodule("first.weight"),
        lambda: net.get_parameter("first.weight").shape == (3, 4),
        lambda: net.get_parameter("first.missing"),
        lambda: net.get_parameter("count"),
        lambda: net.get_buffer("count"),
        lambda: net.get_buffer("first.weight"),
        lambda: net.get_buffer("nowhere"),
        lambda: net.set_submodule("block.0", nn.Identity()),
        lambda: net.set_submodule("block.new", nn.Identity(), strict=True),
        lambda: net.set_submodule("block.new", nn.Identity()),
        lambda: net.set_submodule("", nn.Identity()),
        lambda: net.set_submodule("block.0", 3),
        lambda: net.set_submodule("first.weight", nn.Identity()),
        lambda: repr(net),
    )


@scenario
def saving_and_loading_state(framework, nn):
    net, other = network(nn), network(nn)
    net.register_buffer("count", framework.ones(()))
    net.register_buffer("scratch", framework.ones(2), persistent=False)
    other.register_buffer("count", framework.zeros(()))
    state = net.state_dict()
    results = [dict(state), {key: dict(value) for key, value in state._metadata.items()}]
    results.append(repr(other.load_state_dict(state)))
    results.append(other.state_dict())
    results.append([type(value).__name__ for value in net.state_dict(keep_vars=True).values()])
    missing = {key: value for key, value in state.items() if key != "first.bias"}
    surplus = dict(state, extra=framework.zeros(1), **{"block.7.weight": framework.zeros(1)})
    wrong_shape = dict(state, **{"first.weight": framework.zeros(9, 9)})
    results += attempt_all(
        lambda: net.load_state_dict(missing),
        lambda: net.load_state_dict(missing, strict=False),
        lambda: net.load_state_dict(surplus),
        lambda: repr(net.load_state_dict(surplus, strict=False)),
        lambda: net.load_state_dict(wrong_shape),
        lambda: net.load_state_dict(dict(state, **{"first.weight": [1, 2]}, b=3)),
        lambda: net.load_state_dict([1]),
        lambda: net.load_state_dict(dict(state, count=framework.full((1,), 7.0))),
        lambda: net.count,
        lambda: net.state_dict({}, "p.").keys() == {"p." + key for key in net.state_dict()},
        lambda: list(net.state_dict(prefix="p.")),
    )
    try:
        net.load_state_dict(dict(surplus, **{"first.weight": framework.zeros(9, 9)}))
    except RuntimeError as error:
        results.append(str(error))
    return results


@scenario
def assigning_state(framework, nn):
    net, loaded = nn.Linear(2, 2), nn.Linear(2, 2).state_dict()
    weight = net.weight
    net.load_state_dict(loaded, assign=True)
    return [
        net.weight is weight,
        type(net.weight).__name__,
        net.weight.requires_grad,
        net.weight.data_ptr() == loaded["weight"].data_ptr(),
    ]


@scenario
def extra_state(framework, nn):
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def get_extra_state(self):
            return {"calls": self.calls}

        def set_extra_state(self, state):
            self.calls = state["calls"]

    net, other = nn.Sequential(Counting()), nn.Sequential(Counting())
    net[0].calls = 5
    other.load_state_dict(net.state_dict())
    return [
        other[0].calls,
        list(net.state_dict()),
        attempt(lambda: net.load_state_dict({})),
        attempt(lambda: nn.Sequential(nn.ReLU()).load_state_dict(net.state_dict())),
    ]


@scenario
def state_hooks(framework, nn):
    net = nn.Sequential(nn.Linear(1, 1))
    seen = []
    net.register_state_dict_pre_hook(
        lambda module, prefix, keep_vars: seen.append(["pre", prefix, keep_vars])
    )
    net[0].register_state_dict_post_hook(
        lambda module, state, prefix, meta: seen.append([list(state), prefix])
    )
    net[0].register_load_state_dict_pre_hook(
        lambda module, *args: seen.append([type(module).__name__, len(args)])
    )
    handle = net.register_load_state_dict_post_hook(
        lambda module, keys: seen.append([keys.missing_keys[:], keys.unexpected_keys[:]])
    )
    net.load_state_dict(net.state_dict())
    net.load_state_dict({"surplus": framework.zeros(1)}, strict=False)
    handle.remove()
    net.load_state_dict(net.state_dict())
    net.register_load_state_dict_post_hook(lambda module, keys: 3)
    seen.append(attempt(lambda: net.load_state_dict(net.state_dict())))
    net[0].register_state_dict_post_hook(lambda module, state, prefix, meta: 3)
    seen.append(attempt(lambda: net.state_dict()))
    return seen


@scenario
def modes_and_gradients(framework, nn):
    net = network(nn)
    results = [net.training, net.eval().training, net.block[2].training, net.train().block[2].training]
    results.append(attempt(lambda: net.train(3)))
    net(framework.ones(2, 4)).sum().backward()
    results.append([parameter.grad is not None for parameter in net.parameters()])
    net.zero_grad(set_to_none=False)
    results.append([parameter.grad.tolist() for parameter in net.parameters()])
    net.zero_grad()
    results.append([parameter.grad for parameter in net.parameters()])
    net.requires_grad_(False)
    results.append([parameter.requires_grad for parameter in net.parameters()])
    return results


@scenario
def converting(framework, nn):
    net = nn.Linear(2, 2)
    net.register_buffer("index", framework.tensor([1, 2]))
    net.register_buffer("scale", framework.tensor([1.0]))
    weight = net.weight
    weight.sum().backward()
    results = []
    for convert in [
        lambda: net.double(),
        lambda: net.to(framework.float32),
        lambda: net.half(),
        lambda: net.bfloat16(),
        lambda: net.float(),
        lambda: net.to("cpu"),
        lambda: net.to(framework.device("cpu"), framework.float64),
        lambda: net.to(framework.zeros(1)),
        lambda: net.to(dtype=framework.float64, device="cpu"),
        lambda: net.cpu(),
    ]:
        same = convert() is net
        dtypes = [str(tensor.dtype) for tensor in (net.weight, net.weight.grad, net.index, net.scale)]
        results.append([same, net.weight is weight, dtypes])
    results.append(attempt(lambda: net.to(framework.int64)))
    meta = net.to("meta")
    results.append([meta.weight.is_meta, meta.index.is_meta, isinstance(meta.weight, nn.Parameter)])
    results.append(attempt(lambda: meta.to("cpu")))
    results.append([net.to_empty(device="cpu").weight.is_meta, net.weight.requires_grad])
    return results


@scenario
def forward_hooks(framework, nn):
    seen = []
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data.fill_(1.0)
    layer.register_forward_pre_hook(lambda module, args: seen.append("pre"))
    layer.register_forward_pre_hook(lambda module, args: args[0] * 2, prepend=True)
    layer.register_forward_pre_hook(lambda module, args, kwargs: ((args[0] + 1,), kwargs), with_kwargs=True)
    first = layer.register_forward_hook(lambda module, args, output: seen.append(["hook", args[0].tolist()]))
    layer.register_forward_hook(lambda module, args, output: output * 10, prepend=True)
    layer.register_forward_hook(lambda module, args, kwargs, output: seen.append(kwargs), with_kwargs=True)
    results = [layer(framework.ones(2))]
    first.remove()
    results += [layer(framework.ones(2)), seen]
    layer.register_forward_pre_hook(lambda module, args, kwargs: 3, with_kwargs=True)
    results.append(attempt(lambda: layer(framework.ones(2))))
    return results


@scenario
def always_called_hooks(framework, nn):
    seen = []

    class Failing(nn.Module):
        def forward(self, x):
            raise KeyError("in forward")

    module = Failing()
    module.register_forward_hook(
        lambda module, args, output: seen.append(["always", output]), always_call=True
    )
    module.register_forward_hook(lambda module, args, output: seen.append("never"))
    module.register_forward_hook(lambda module, args, output: 1 / 0, always_call=True)
    return [attempt(lambda: module(1)), seen]


@scenario
def full_backward_hooks(framework, nn):
    seen = []
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 1, bias=False))
    for layer in net:
        layer.weight.data.fill_(2.0)
    net[1].register_full_backward_hook(
        lambda module, grad_input, grad_output: seen.append(["hook", grad_input[0], grad_output[0]])
    )
    net[1].register_full_backward_pre_hook(lambda module, grad_output: (grad_output[0] * 10,))
    net[0].register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 100,))
    x = framework.ones(1, 2, requires_grad=True)
    net(x).sum().backward()
    results = [seen, x.grad, net[0].weight.grad]
    results += attempt_all(
        lambda: net[0].register_backward_hook(print),
        lambda: net[0].register_full_backward_hook(lambda module, grad_input, grad_output: (1, 2, 3)),
        lambda: net(framework.ones(1, 2, requires_grad=True)).sum().backward(),
    )
    with framework.no_grad():
        results.append(net(framework.ones(1, 2)))
    return results


@scenario
def global_hooks(framework, nn):
    seen = []
    register = nn.modules.module
    handles = [
        register.register_module_forward_pre_hook(lambda module, args: seen.append("pre")),
        register.register_module_forward_hook(lambda module, args, output: seen.append("after")),
        register.register_module_module_registration_hook(lambda module, name, child: seen.append(name)),
        register.register_module_parameter_registration_hook(lambda module, name, param: seen.append(name)),
        register.register_module_buffer_registration_hook(lambda module, name, buffer: seen.append(name)),
    ]
    net = nn.Sequential(nn.Linear(1, 1))
    net.register_buffer("count", None)
    net(framework.ones(1))
    for handle in handles:
        handle.remove()
    nn.Sequential(nn.Linear(1, 1))(framework.ones(1))
    return seen


@scenario
def parameters_and_buffers(framework, nn):
    class Special(framework.Tensor):
        pass

    data = framework.tensor([1.0, 2.0])
    parameter = nn.Parameter(data)
    buffer = nn.Buffer(data)
    special = nn.Parameter(framework.Tensor._make_subclass(Special, data))
    data[0] = 5.0
    copied = copy.deepcopy(parameter)
    revived = pickle.loads(pickle.dumps(parameter))
    return [
        [parameter, parameter.requires_grad, parameter.is_leaf, nn.Parameter().shape == (0,)],
        [isinstance(parameter, nn.Parameter), isinstance(data, nn.Parameter), isinstance(buffer, nn.Buffer)],
        [isinstance(buffer, nn.Parameter), isinstance(special, nn.Parameter), type(special).__name__],
        [type(copied).__name__, copied, copied.requires_grad, copied is parameter],
        [type(revived).__name__, revived, revived.requires_grad],
        [type(parameter * 2).__name__, type(parameter.detach()).__name__, type(parameter.data).__name__],
        attempt(lambda: nn.Parameter(framework.tensor([1, 2]))),
        attempt(lambda: nn.Parameter(framework.tensor([1, 2]), requires_grad=False)),
        attempt(lambda: nn.Parameter([1.0])),
    ]


@scenario
def copies_are_independent(framework, nn):
    net = network(nn)
    net.first.register_forward_hook(lambda module, args, output: output * 0)
    copied = copy.deepcopy(net)
    with framework.no_grad():
        net.first.weight.fill_(1.0)
        copied.first.bias.fill_(3.0)
    return [
        copied.first.weight.tolist() == net.first.weight.tolist(),
        copied.block[1] is copied.again,
        copied.block[1] is net.again,
        copied.eval()(framework.ones(1, 4)),
    ]


@scenario
def layer_arguments(framework, nn):
    return attempt_all(
        lambda: nn.Dropout(1.5),
        lambda: nn.Unflatten(1, 3),
        lambda: nn.Unflatten(1, (2, 0.5)),
        lambda: nn.Conv2d(3, 4, 3, groups=2),
        lambda: nn.Conv2d(4, 3, 3, groups=2),
        lambda: nn.Conv2d(4, 4, 3, groups=0),
        lambda: nn.Conv2d(3, 4, 3, stride=2, padding="same"),
        lambda: nn.Linear(2),
        lambda: nn.NLLLoss(reduction="sum").reduction,
        lambda: nn.NLLLoss(size_average=False).reduction,
        lambda: nn.MSELoss(reduce=False).reduction,
        lambda: nn.MSELoss(reduction="most")(framework.zeros(1), framework.zeros(1)),
        lambda: nn.functional.dropout(framework.zeros(2), p=-1),
        lambda: nn.Linear(2, 3, dtype=framework.float64).bias.dtype == framework.float64,
        lambda: nn.Linear(2, 3, device="meta").weight.is_meta,
    )


@scenario
def lazy_layers(framework, nn):
    ones, zeros = framework.ones, framework.zeros
    layer = nn.LazyLinear(3)
    results = [repr(layer), list(layer.state_dict()), attempt(lambda: layer.weight.shape)]
    layer(zeros(2, 4))
    results += [
        repr(layer),
        type(layer).__name__,
        layer.weight,
        [name for name, _ in layer.named_parameters()],
    ]
    network = nn.Sequential(
        *(
            nn.LazyConv2d(4, 3),
            nn.LazyBatchNorm2d(),
            nn.ReLU(),
            nn.LazyConvTranspose2d(2, 2),
            nn.Flatten(),
            nn.LazyLinear(2),
        )
    )
    results.append(repr(network))
    results += [list(network(ones(2, 3, 6, 6)).shape), repr(network)]
    loaded = nn.LazyLinear(3)
    loaded.load_state_dict(layer.state_dict())
    results += [repr(loaded), loaded.weight, type(loaded).__name__]
    results += [loaded(zeros(1, 4)), repr(loaded), repr(copy.deepcopy(nn.LazyLinear(3)))]
    norm = nn.LazyInstanceNorm1d()
    norm(ones(2, 3, 4))
    results += [repr(norm), list(norm.state_dict())]
    return results + attempt_all(
        lambda: nn.LazyConv1d(2, 2)(zeros(3)),
        lambda: nn.LazyConv1d(2, 2, groups=2)(zeros(3, 4)),
        lambda: nn.Linear(4, 3).load_state_dict(nn.LazyLinear(3).state_dict()),
    )


@scenario
def data_parallel_without_a_gpu(framework, nn):
    layer = nn.Linear(2, 3)
    wrapped = nn.DataParallel(layer)
    input = framework.ones(4, 2)
    return [list(wrapped.state_dict()), (wrapped(input) == layer(input)).all(), wrapped.module is layer]
