"""What optimizers do besides arithmetic, as scenarios to play with lampas and with PyTorch."""

import copy
import importlib
import pickle

from scenarios.playing import attempt, attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def optimizer_module(framework):
    return importlib.import_module(f"{framework.__name__}.optim.optimizer")


def two_parameters(framework, nn):
    return [nn.Parameter(framework.tensor([1.0, 2.0])), nn.Parameter(framework.tensor([4.0]))]


def step(framework, optimizer):
    """Give every parameter a gradient of ones and take one step."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = framework.ones_like(parameter)
    optimizer.step()


def groups_without_params(optimizer):
    return [
        {key: value for key, value in group.items() if key != "params"} for group in optimizer.param_groups
    ]


@scenario
def constructing(framework, nn):
    sgd = framework.optim.SGD
    params = two_parameters(framework, nn)
    return attempt_all(
        lambda: groups_without_params(sgd(params)),
        lambda: groups_without_params(sgd(iter(params), 0.5, 0.9, 0, 0.1, True)),
        lambda: groups_without_params(
            sgd([{"params": params[0], "lr": 3.0}, {"params": params[1:]}], lr=0.1)
        ),
        lambda: groups_without_params(sgd([("a", params[0]), ("b", params[1])], lr=0.1)),
        lambda: repr(sgd(params)),
        lambda: repr(sgd([{"params": params[:1]}, {"params": params[1:]}], lr=0.25, momentum=0.5)),
        lambda: sgd(params, lr=-1),
        lambda: sgd(params, momentum=-1),
        lambda: sgd(params, weight_decay=-1),
        lambda: sgd(params, nesterov=True),
        lambda: sgd(params, nesterov=True, momentum=0.9, dampening=0.1),
        lambda: sgd(params, lr=framework.tensor([1.0, 2.0])),
        lambda: sgd(params, fused=True, foreach=True),
        lambda: sgd([]),
        lambda: sgd(params[0]),
        lambda: sgd([3]),
        lambda: sgd(set(params)),
        lambda: sgd([{"params": set(params)}]),
        lambda: sgd([params[0] * 2]),
        lambda: sgd([params[0], params[0]]) and None,
        lambda: sgd([{"params": params}, {"params": params[:1]}]),
        lambda: sgd([("a", params[0]), params[1]]),
        lambda: sgd([{"lr": 1.0}]),
        lambda: sgd(params).add_param_group([params[0]]),
        lambda: sgd(params[:1]).add_param_group({"params": [("b", params[1])]}),
        lambda: framework.optim.Optimizer(params, {}).step(),
        lambda: framework.optim.Optimizer(params, {"lr": optimizer_module(framework).required}),
    )


@scenario
def adding_a_group(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.SGD(params[:1], lr=0.5)
    optimizer.add_param_group({"params": params[1], "lr": 2.0})
    step(framework, optimizer)
    return [params, groups_without_params(optimizer)]


@scenario
def saving_and_loading(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.SGD(params, lr=0.5, momentum=0.5)
    step(framework, optimizer)
    step(framework, optimizer)
    state = optimizer.state_dict()
    others = [nn.Parameter(parameter.detach().double()) for parameter in params]
    other = framework.optim.SGD(others, lr=9.0)
    other.load_state_dict(state)
    buffers = [other.state[parameter]["momentum_buffer"] for parameter in others]
    results = [state, groups_without_params(other), buffers, [str(buffer.dtype) for buffer in buffers]]
    step(framework, optimizer)
    step(framework, other)
    results += [params, others, state["param_groups"][0]["params"]]
    fewer = framework.optim.SGD(params[:1], lr=1.0)
    split = framework.optim.SGD([{"params": params[:1]}, {"params": params[1:]}], lr=1.0)
    return results + attempt_all(lambda: fewer.load_state_dict(state), lambda: split.load_state_dict(state))


@scenario
def copying_and_pickling(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.SGD(params, lr=0.5, momentum=0.5)
    step(framework, optimizer)
    copied = copy.deepcopy(optimizer)
    revived = pickle.loads(pickle.dumps(optimizer))
    step(framework, copied)
    step(framework, revived)
    return [params, copied.param_groups[0]["params"], revived.param_groups[0]["params"], repr(revived)]


@scenario
def hooks(framework, nn):
    seen = []
    module = optimizer_module(framework)
    optimizer = framework.optim.SGD(two_parameters(framework, nn), lr=0.5)
    handles = [
        module.register_optimizer_step_pre_hook(lambda optimizer, args, kwargs: seen.append("global before")),
        module.register_optimizer_step_post_hook(lambda optimizer, args, kwargs: seen.append("global after")),
    ]
    optimizer.register_step_pre_hook(
        lambda optimizer, args, kwargs: seen.append(["before", len(args), len(kwargs)])
    )
    optimizer.register_step_post_hook(lambda optimizer, args, kwargs: seen.append("after"))
    optimizer.register_state_dict_pre_hook(lambda optimizer: seen.append("saving"))
    optimizer.register_state_dict_post_hook(lambda optimizer, state: dict(state, extra=1))
    optimizer.register_load_state_dict_pre_hook(lambda optimizer, state: seen.append(sorted(state)))
    optimizer.register_load_state_dict_post_hook(lambda optimizer: seen.append("loaded"))
    optimizer.register_load_state_dict_post_hook(lambda optimizer: seen.append("loaded first"), prepend=True)
    step(framework, optimizer)
    optimizer.step(closure=lambda: 3.0)
    optimizer.load_state_dict(optimizer.state_dict())
    for handle in handles:
        handle.remove()
    step(framework, optimizer)
    optimizer.register_step_pre_hook(lambda optimizer, args, kwargs: 3)
    seen.append(attempt(lambda: optimizer.step())[0])
    return seen


@scenario
def gradients(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.SGD(params, lr=0.5)
    params[0].grad = framework.ones(2)
    optimizer.step()  # the other has no gradient and stays
    results = [[parameter.tolist() for parameter in params]]
    optimizer.zero_grad(set_to_none=False)
    results.append([params[0].grad, params[1].grad])
    optimizer.zero_grad()
    results.append([params[0].grad, params[1].grad])
    return results


@scenario
def closures(framework, nn):
    parameter = nn.Parameter(framework.tensor([3.0]))
    optimizer = framework.optim.SGD([parameter], lr=0.25)
    enabled = []

    def closure():
        enabled.append(framework.is_grad_enabled())
        optimizer.zero_grad()
        loss = (parameter * parameter).sum()
        loss.backward()
        return loss

    with framework.no_grad():
        loss = optimizer.step(closure)
    return [loss, parameter, enabled, framework.is_grad_enabled(), parameter.requires_grad]


@scenario
def constructing_adaptive_ones(framework, nn):
    optim = framework.optim
    params = two_parameters(framework, nn)
    two_numbers = framework.tensor([1.0, 2.0])
    names = "Adam AdamW RMSprop Adagrad Adadelta Adamax NAdam RAdam Rprop ASGD LBFGS".split()
    made = attempt_all(*(lambda name=name: repr(getattr(optim, name)(params)) for name in names))
    shared = {"lr": -1.0, "eps": -1.0, "weight_decay": -0.5}
    wrong = {
        "Adam": {"betas": [(1.0, 0.9), (0.9, -0.1), (1, 0), (two_numbers, two_numbers)]},
        "RMSprop": {"momentum": [-1], "alpha": [-1]},
        "Adagrad": {"lr_decay": [-1], "initial_accumulator_value": [-1]},
        "Adadelta": {"rho": [-0.1, 1.1]},
        "Adamax": {"betas": [(1.0, 0.9)]},
        "NAdam": {"betas": [(0.9, 1.0)], "momentum_decay": [-1]},
        "RAdam": {"betas": [(0.9, 1.0)]},
        "Rprop": {"etas": [(1.0, 1.2), (0.5, 0.9)]},
    }
    calls = [(name, {"lr": value}) for name in names for value in (-1.0, two_numbers)]
    calls += [(name, {option: value}) for name in names for option, value in shared.items()]
    calls += [
        (name, {option: value})
        for name, options in wrong.items()
        for option, values in options.items()
        for value in values
    ]
    calls += [("Adam", {"fused": True, "foreach": True}), ("Adagrad", {"fused": True, "foreach": True})]
    calls += [
        ("Adam", {"lr": framework.tensor(0.1), "foreach": True}),
        ("Adam", {"lr": two_numbers, "capturable": True}),
        ("LBFGS", {"max_eval": 3}),
    ]
    # An option that an optimizer does not have: Python writes the message itself, and names the class.
    errors = [
        attempt(lambda name=name, keywords=keywords: repr(getattr(optim, name)(params, **keywords)))
        for name, keywords in calls
    ]
    errors = [error[:1] if error[0] == "TypeError" else error for error in errors]
    groups = [{"params": params[:1]}, {"params": params[1:]}]
    return [made, errors, attempt(lambda: optim.LBFGS(groups))]


@scenario
def capturable(framework, nn):
    optimizer = framework.optim.Adam(two_parameters(framework, nn), capturable=True)
    return attempt(lambda: step(framework, optimizer))


@scenario
def saving_and_loading_adam(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.Adam(params, lr=0.5, amsgrad=True)
    results = [optimizer.state_dict()]
    step(framework, optimizer)
    state = optimizer.state_dict()
    others = [nn.Parameter(parameter.detach().double()) for parameter in params]
    other = framework.optim.AdamW(others, lr=9.0)
    other.load_state_dict(state)
    results += [groups_without_params(other), sorted(state["state"][0])]
    results.append([[str(value.dtype) for value in other.state[param].values()] for param in others])
    step(framework, other)
    return [*results, others, other.state_dict()["state"][1]["step"]]


@scenario
def loading_step_counts_that_are_numbers(framework, nn):
    params = two_parameters(framework, nn)
    optimizer = framework.optim.Adam(params, lr=0.5)
    step(framework, optimizer)
    state = optimizer.state_dict()
    for each in state["state"].values():
        each["step"] = 4
    del state["param_groups"][0]["amsgrad"], state["param_groups"][0]["maximize"]
    optimizer.load_state_dict(state)
    step(framework, optimizer)
    return [optimizer.state_dict()["state"][0]["step"], params, groups_without_params(optimizer)]


@scenario
def state_without_momentum(framework, nn):
    optimizer = framework.optim.SGD(two_parameters(framework, nn), lr=0.5)
    step(framework, optimizer)
    return optimizer.state_dict()["state"]


@scenario
def lbfgs(framework, nn):
    results = []
    for keywords in ({}, {"line_search_fn": "strong_wolfe"}, {"history_size": 2, "max_iter": 4, "lr": 0.1}):
        weight = nn.Parameter(framework.tensor([1.5, -0.5, 2.0], dtype=framework.float64))
        scale = framework.tensor([1.0, 3.0, 0.5], dtype=framework.float64)
        optimizer = framework.optim.LBFGS([weight], **keywords)
        calls = []

        def closure(weight=weight, scale=scale, optimizer=optimizer, calls=calls):
            calls.append(framework.is_grad_enabled())
            optimizer.zero_grad()
            loss = ((weight * weight - scale) ** 2).sum() + (weight[0] * weight[1] * weight[2]) ** 2
            loss.backward()
            return loss

        losses = [round(optimizer.step(closure).item(), 9) for _ in range(3)]
        state = optimizer.state_dict()["state"][0]
        results.append([losses, len(calls), all(calls), state["func_evals"], state["n_iter"], sorted(state)])
    return [*results, attempt(lambda: framework.optim.LBFGS([weight], line_search_fn="x").step(closure))]


@scenario
def constructing_muon(framework, nn):
    matrix, row = nn.Parameter(framework.ones(2, 3)), nn.Parameter(framework.ones(3))
    muon = framework.optim.Muon
    wrong = [
        {"lr": -1.0},
        {"lr": framework.tensor([1.0, 2.0])},
        {"momentum": -1},
        {"weight_decay": -1},
        {"adjust_lr_fn": "text"},
    ]
    errors = [attempt(lambda options=options: repr(muon([matrix], **options))) for options in wrong]
    for options in ({"ns_steps": 100}, {"ns_coefficients": (1, 2)}):
        optimizer = muon([matrix], **options)
        matrix.grad = framework.ones(2, 3)
        errors.append(attempt(optimizer.step))
    return [repr(muon([matrix])), groups_without_params(muon([matrix])), errors, attempt(lambda: muon([row]))]


@scenario
def averages_of_weights(framework, nn):
    swa = framework.optim.swa_utils
    results = []
    choices = [
        {},
        {"use_buffers": True},
        {"avg_fn": swa.get_ema_avg_fn(0.75)},
        {"multi_avg_fn": swa.get_ema_multi_avg_fn(0.5), "use_buffers": True},
        {"multi_avg_fn": swa.get_swa_multi_avg_fn()},
        {"avg_fn": swa.get_swa_avg_fn()},
        {"avg_fn": lambda average, weight, count: weight * count},
    ]
    for options in choices:
        model = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1))
        averaged = swa.AveragedModel(model, **options)
        for value in (1.0, 2.0, 5.0, 0.5):
            with framework.no_grad():
                for parameter in model.parameters():
                    parameter.fill_(value)
                model[1].running_mean.fill_(value)
                model[1].num_batches_tracked.fill_(int(4 * value))
            averaged.update_parameters(model)
        state = averaged.state_dict()
        results.append([repr(averaged), list(state), *(value.double() for value in state.values())])
        results.append(averaged.eval()(framework.ones(1, 2)).detach())
    return [
        *results,
        attempt(lambda: swa.get_ema_avg_fn(2)),
        attempt(lambda: swa.get_ema_multi_avg_fn(-1)),
        attempt(lambda: swa.AveragedModel(model, avg_fn=max, multi_avg_fn=max)),
    ]


@scenario
def statistics_after_averaging(framework, nn):
    swa = framework.optim.swa_utils
    model = nn.Sequential(nn.BatchNorm1d(2, momentum=0.3), nn.ReLU()).eval()
    batches = [(framework.full((4, 2), value) + framework.arange(8).view(4, 2), None) for value in (0.0, 4.0)]
    swa.update_bn(batches, model)
    layer = model[0]
    return [layer.running_mean, layer.running_var, layer.num_batches_tracked, layer.momentum, model.training]


@scenario
def rates_towards_averaging(framework, nn):
    swa, results = framework.optim.swa_utils, []
    for options in (
        {"swa_lr": 0.25, "anneal_epochs": 4, "anneal_strategy": "linear"},
        {"swa_lr": 0.5, "anneal_epochs": 0},
        {"swa_lr": [0.5], "anneal_epochs": 2, "anneal_strategy": "cos"},
    ):
        optimizer = framework.optim.SGD([nn.Parameter(framework.ones(1))], lr=1.0)
        scheduler = swa.SWALR(optimizer, **options)
        rates = []
        for _ in range(6):
            optimizer.step()
            scheduler.step()
            rates.append(round(scheduler.get_last_lr()[0], 12))
        results.append([rates, sorted(scheduler.state_dict()), sorted(optimizer.param_groups[0])])
    wrong = [{"anneal_strategy": "text"}, {"anneal_epochs": -1}, {"swa_lr": [0.1, 0.2]}]
    errors = [attempt(lambda each=each: swa.SWALR(optimizer, **{"swa_lr": 0.1, **each})) for each in wrong]
    return [*results, *errors]
