"""What losses, layers, initialisers and SGD compute, as scenarios whose numbers may differ by rounding."""

import itertools

from scenarios.playing import attempt

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested numbers to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def with_gradient(function, input):
    """Return function(input) and the gradient that its sum gives the input."""
    input = input.detach().requires_grad_()
    result = function(input)
    result.sum().backward()
    return [result.detach(), input.grad]


@scenario
def class_losses(framework, nn):
    """nll_loss and cross_entropy over shapes, reductions, weights, ignored classes, label smoothing."""
    results = {}
    shapes = [((5,), ()), ((4, 5), (4,)), ((2, 5, 3), (2, 3)), ((2, 3, 2, 2), (2, 2, 2))]
    choices = itertools.product(shapes, ["mean", "sum", "none"], [False, True], [False, True])
    for (input_shape, target_shape), reduction, is_weighted, ignores in choices:
        classes = input_shape[0] if len(input_shape) == 1 else input_shape[1]
        input = framework.randn(input_shape)
        target = framework.randint(classes, target_shape)
        options = {"reduction": reduction}
        if is_weighted:
            options["weight"] = framework.rand(classes) + 0.5
        if ignores and target_shape:
            options["ignore_index"] = target.view(-1).tolist()[0]
        results[f"nll {input_shape} {sorted(options)} {reduction}"] = with_gradient(
            lambda x: nn.functional.nll_loss(x, target, **options),  # noqa: B023
            input,
        )
        for smoothing in [0.0, 0.2]:
            results[f"cross {input_shape} {sorted(options)} {reduction} {smoothing}"] = with_gradient(
                lambda x: nn.functional.cross_entropy(x, target, label_smoothing=smoothing, **options),  # noqa: B023
                input,
            )
    return results


@scenario
def cross_entropy_of_probabilities(framework, nn):
    results = {}
    choices = itertools.product([(5,), (4, 5), (2, 5, 3)], ["mean", "sum", "none"], [0.0, 0.3], [False, True])
    for shape, reduction, smoothing, is_weighted in choices:
        input, target = framework.randn(shape), framework.rand(shape)
        weight = framework.rand(5) + 0.5 if is_weighted else None
        results[f"{shape} {reduction} {smoothing} {is_weighted}"] = with_gradient(
            lambda x: nn.functional.cross_entropy(  # noqa: B023
                x,
                target,  # noqa: B023
                weight=weight,  # noqa: B023
                reduction=reduction,  # noqa: B023
                label_smoothing=smoothing,  # noqa: B023
            ),
            input,
        )
    return results


@scenario
def mse_losses(framework, nn):
    input, target, weight = framework.randn(3, 4), framework.randn(3, 4), framework.rand(3, 4)
    losses = [
        lambda x, reduction: nn.functional.mse_loss(x, target, reduction=reduction),
        lambda x, reduction: nn.functional.mse_loss(x, target, reduction=reduction, weight=weight),
        lambda x, reduction: nn.functional.mse_loss(
            x, target[:, :1], reduction=reduction
        ),  # broadcast: it warns
        lambda x, reduction: nn.MSELoss(reduction=reduction)(x, target),
    ]
    return [
        with_gradient(lambda x: loss(x, reduction), input)  # noqa: B023
        for loss in losses
        for reduction in ["mean", "sum", "none"]
    ]


@scenario
def wrong_arguments_of_losses(framework, nn):
    functional = nn.functional
    logits, target = framework.zeros(2, 3), framework.tensor([0, 1])
    return [
        attempt(action)
        for action in [
            lambda: functional.nll_loss(logits, target, reduction="most"),
            lambda: functional.cross_entropy(logits, target, reduction="most"),
            lambda: functional.cross_entropy(logits, framework.zeros(2, 3, dtype=framework.int64)),
            lambda: functional.cross_entropy(logits, logits, ignore_index=1),
            lambda: functional.mse_loss(logits, logits, weight=framework.zeros(3)),
            lambda: functional.nll_loss(logits, framework.tensor([0, 3])),
            lambda: functional.nll_loss(logits, framework.tensor([0, 1, 1])),
        ]
    ]


@scenario
def layers(framework, nn):
    """The seed decides weights and dropout's mask; so outputs and all gradients can be compared."""
    results = []
    for make, shape in [
        (lambda: nn.Linear(7, 5), (3, 7)),
        (lambda: nn.Linear(7, 5), (7,)),
        (lambda: nn.Linear(7, 5, bias=False), (2, 3, 7)),
        (lambda: nn.Conv2d(3, 4, 3), (2, 3, 6, 5)),
        (lambda: nn.Conv2d(4, 6, (3, 2), stride=2, padding=1, groups=2, bias=False), (2, 4, 6, 5)),
        (lambda: nn.Conv2d(3, 4, 3, padding="same"), (3, 6, 5)),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.ReLU(), nn.LogSoftmax(1)), (2, 3, 4)),
        (lambda: nn.Sequential(nn.Unflatten(1, (2, 3)), nn.ReLU(inplace=True), nn.Softmax(-1)), (2, 6)),
        (lambda: nn.Sequential(nn.Identity(), nn.Dropout(0.3)), (8, 5)),
    ]:
        model = make()
        # Adding zero lets a layer that works in place come first.
        outcome = with_gradient(lambda x: model(x + 0) * model(x + 0), framework.randn(shape))  # noqa: B023
        parameters = [[parameter.detach(), parameter.grad] for parameter in model.parameters()]
        results.append([outcome, parameters])
    return results


@scenario
def initializers(framework, nn):
    arguments = {
        "uniform_": [(), (-2.0, 3.0)],
        "normal_": [(), (2.0, 0.5)],
        "trunc_normal_": [(), (0.0, 1.0, -0.5, 0.5), (0.0, 1.0, 1.5, 3.0)],
        "constant_": [(3.5,)],
        "ones_": [()],
        "zeros_": [()],
        "eye_": [()],
        "dirac_": [(), (2,)],
        "xavier_uniform_": [(), (2.0,)],
        "xavier_normal_": [(), (2.0,)],
        "kaiming_uniform_": [(), (0.1, "fan_out"), (0, "fan_in", "relu")],
        "kaiming_normal_": [(), (0.1, "fan_out"), (0, "fan_in", "tanh"), (0, "sideways")],
        "orthogonal_": [(), (2.0,)],
        "sparse_": [(0.3,), (0.9, 2.0)],
        "uniform": [()],
        "xavier_normal": [()],
    }
    results = {}
    for name, choices in arguments.items():
        shapes = [(), (5,), (6, 4), (4, 6), (0, 4), (4, 2, 3), (4, 3, 2, 2), (3, 4, 1, 2, 2)]
        for args, shape in itertools.product(choices, shapes):
            tensor = framework.full(shape, 9.0)
            result = attempt(lambda: getattr(nn.init, name)(tensor, *args))  # noqa: B023
            # What is drawn next tells that as many numbers were drawn.
            results[f"{name}{args} {shape}"] = [result, result is tensor, framework.rand(1)]
    return results


@scenario
def initializers_with_a_generator(framework, nn):
    generator = framework.Generator()
    generator.manual_seed(5)
    return [nn.init.normal_(framework.zeros(5), generator=generator), framework.rand(2)]


@scenario
def gains(framework, nn):
    names = ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu", "cubed"]
    slopes = [None, 0.2, 1, True, "much"]
    return [
        attempt(lambda: nn.init.calculate_gain(name, slope))  # noqa: B023
        for name, slope in itertools.product(names, slopes)
    ]


@scenario
def sgd_trajectories(framework, nn):
    names = ["momentum", "dampening", "weight_decay", "nesterov", "maximize"]
    results = {}
    for values in itertools.product([0, 0.9], [0, 0.25], [0, 0.1], [False, True], [False, True]):
        options = dict(zip(names, values, strict=True))
        if options["nesterov"] and (options["momentum"] == 0 or options["dampening"] != 0):
            continue
        for dtype in [framework.float32, framework.float64]:
            parameters = [nn.Parameter(framework.randn(shape, dtype=dtype)) for shape in [(), (3,), (2, 2)]]
            optimizer = framework.optim.SGD(parameters, lr=0.05, **options)
            for _ in range(4):
                for parameter in parameters:
                    parameter.grad = framework.randn(parameter.shape, dtype=dtype)
                optimizer.step()
            results[f"{options} {dtype}"] = parameters
    return results
