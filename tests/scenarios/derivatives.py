"""autograd.functional: Jacobians, Hessians and their products, and what they refuse."""

from scenarios.playing import attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


def inputs(framework):
    return framework.tensor([1.0, 2.0]), framework.tensor([3.0, 4.0])


@scenario
def jacobians(framework, nn):
    functional = framework.autograd.functional
    x, y = inputs(framework)
    matrix = framework.arange(6.0).view(2, 3)
    ways = ({}, {"vectorize": True}, {"vectorize": True, "strategy": "forward-mode"})
    results = [functional.jacobian(lambda a: a**2, x, **way) for way in ways]
    results += [
        functional.jacobian(lambda a, b: (a * b, a.sum()), (x, y)),
        functional.jacobian(lambda a: (a * 2,), (x,)),
        functional.jacobian(lambda a: a.T.exp(), matrix),
        functional.jacobian(lambda a, b: a * 2, (x, y)),
        functional.jacobian(lambda a: framework.ones(2), x),
    ]
    x.requires_grad_()
    slope = functional.jacobian(lambda a: a**3, x, create_graph=True)
    slope.sum().backward()
    return [*results, slope.detach(), x.grad, functional.jacobian(lambda a: a**3, x).requires_grad]


@scenario
def hessians(framework, nn):
    functional = framework.autograd.functional
    x, y = inputs(framework)
    results = [
        functional.hessian(lambda a: (a**3).sum(), x),
        functional.hessian(lambda a, b: (a**2 * b).sum(), (x, y)),
        functional.hessian(lambda a: (a * 2).sum(), x),
        functional.hessian(lambda a: (a**3).sum().view(1), x, vectorize=True).detach(),
    ]
    x.requires_grad_()
    curvature = functional.hessian(lambda a: (a**4).sum(), x, create_graph=True)
    curvature.sum().backward()
    return [*results, curvature.detach(), x.grad]


@scenario
def products_with_vectors(framework, nn):
    functional = framework.autograd.functional
    x, y = inputs(framework)
    two = framework.tensor(2.0)
    results = [
        functional.vjp(lambda a: a**2, x, y),
        functional.vjp(lambda a: (a**2).sum(), x),
        functional.vjp(lambda a, b: (a * b, a), (x, y), (x, y)),
        functional.vjp(lambda a: framework.ones(2), x, y),
        functional.jvp(lambda a: a**2, x, y),
        functional.jvp(lambda a: a**2, two),
        functional.jvp(lambda a, b: (a * b, a.sum()), (x, y), (y, x)),
        functional.jvp(lambda a: framework.ones(2), x, y),
    ]
    for product in (functional.vhp, functional.hvp):
        results += [
            product(lambda a: (a**3).sum(), x, y),
            product(lambda a: a**3, two),
            product(lambda a, b: (a * b * b).sum(), (x, y), (y, x)),
            product(lambda a: (a * 2).sum(), x, y),
        ]
    x.requires_grad_()
    for product in (functional.vjp, functional.jvp):
        framework.manual_seed(0)
        value, moved = product(lambda a: a**3, x, y, create_graph=True)
        results.append(framework.autograd.grad((value * moved).sum(), x))
    return results


@scenario
def refusals(framework, nn):
    functional = framework.autograd.functional
    x, y = inputs(framework)
    jacobian, hessian, strict = functional.jacobian, functional.hessian, {"strict": True}
    return attempt_all(
        lambda: jacobian(lambda a: (a, 3), x),
        lambda: jacobian(lambda a: a, (x, 3)),
        lambda: jacobian(lambda a: framework.ones(2), x, **strict),
        lambda: jacobian(lambda a, b: a * 2, (x, y), **strict),
        lambda: jacobian(lambda a: a * 2, x, vectorize=True, **strict),
        lambda: jacobian(lambda a: a * 2, x, strategy="forward-mode"),
        lambda: jacobian(lambda a: a * 2, x, strategy="text"),
        lambda: jacobian(lambda a: a * 2, x, create_graph=True, **strict),
        lambda: hessian(lambda a: a**2, x),
        lambda: hessian(lambda a: (a.sum(), a.sum()), x),
        lambda: hessian(lambda a: (a * 2).sum(), x, **strict),
        lambda: functional.vjp(lambda a: a**2, x),
        lambda: functional.vjp(lambda a: a**2, x, framework.ones(3)),
        lambda: functional.vjp(lambda a, b: (a * b, a), (x, y), x),
        lambda: functional.vjp(lambda a: framework.ones(2), x, y, **strict),
        lambda: functional.jvp(lambda a: a**2, x),
        lambda: functional.jvp(lambda a: a * 2, x, framework.ones(3)),
        lambda: functional.jvp(lambda a: framework.ones(2), x, y, **strict),
        lambda: functional.vhp(lambda a: (a**3).sum(), x),
        lambda: functional.hvp(lambda a: a**3, x, y),
        lambda: functional.hvp(lambda a: (a * 2).sum(), x, y, **strict),
        lambda: functional.vhp(lambda a: framework.ones(()), x, y, **strict),
        lambda: jacobian(lambda a: 3, x),
    )
