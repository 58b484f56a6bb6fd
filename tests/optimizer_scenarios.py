"""What optimizers do besides arithmetic, as scenarios to play with lampas and with PyTorch."""

import copy
import importlib
import pickle

from scenarios import attempt, attempt_all

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
