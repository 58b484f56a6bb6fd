"""Activation layers: their printed forms, that they call their function, overwriting, deprecated names."""

import pytest

import lampas
from lampas import nn
from lampas.nn import functional

# (layer, its printed form in PyTorch, the function it stands for)
LAYERS = [
    (nn.ReLU(), "ReLU()", functional.relu),
    (nn.ReLU(inplace=True), "ReLU(inplace=True)", functional.relu),
    (nn.ReLU6(), "ReLU6()", functional.relu6),
    (nn.ReLU6(True), "ReLU6(inplace=True)", functional.relu6),
    (nn.SELU(), "SELU()", functional.selu),
    (nn.SiLU(True), "SiLU(inplace=True)", functional.silu),
    (nn.Mish(), "Mish()", functional.mish),
    (nn.Hardsigmoid(True), "Hardsigmoid()", functional.hardsigmoid),
    (nn.Hardswish(), "Hardswish()", functional.hardswish),
    (nn.Sigmoid(), "Sigmoid()", functional.sigmoid),
    (nn.Tanh(), "Tanh()", functional.tanh),
    (nn.LogSigmoid(), "LogSigmoid()", functional.logsigmoid),
    (nn.Softsign(), "Softsign()", functional.softsign),
    (nn.Tanhshrink(), "Tanhshrink()", functional.tanhshrink),
    (nn.ELU(0.5), "ELU(alpha=0.5)", lambda x: functional.elu(x, 0.5)),
    (nn.CELU(0.5, True), "CELU(alpha=0.5, inplace=True)", lambda x: functional.celu(x, 0.5)),
    (nn.LeakyReLU(), "LeakyReLU(negative_slope=0.01)", functional.leaky_relu),
    (nn.RReLU(0.1, 0.3).eval(), "RReLU(lower=0.1, upper=0.3)", lambda x: functional.rrelu(x, 0.1, 0.3)),
    (nn.Hardtanh(-1, 2), "Hardtanh(min_val=-1, max_val=2)", lambda x: functional.hardtanh(x, -1, 2)),
    (nn.Threshold(0.1, 20), "Threshold(threshold=0.1, value=20)", lambda x: functional.threshold(x, 0.1, 20)),
    (nn.GLU(0), "GLU(dim=0)", lambda x: functional.glu(x, 0)),
    (nn.GELU("tanh"), "GELU(approximate='tanh')", lambda x: functional.gelu(x, approximate="tanh")),
    (nn.Hardshrink(), "Hardshrink(0.5)", functional.hardshrink),
    (nn.Softshrink(0.2), "Softshrink(0.2)", lambda x: functional.softshrink(x, 0.2)),
    (nn.Softplus(), "Softplus(beta=1.0, threshold=20.0)", functional.softplus),
    (nn.PReLU(), "PReLU(num_parameters=1)", lambda x: functional.leaky_relu(x, 0.25)),
    (nn.Softmin(dim=1), "Softmin(dim=1)", lambda x: functional.softmin(x, 1)),
    (nn.Softmax(1), "Softmax(dim=1)", lambda x: functional.softmax(x, 1)),
    (nn.LogSoftmax(0), "LogSoftmax(dim=0)", lambda x: functional.log_softmax(x, 0)),
    (nn.Softmax2d(), "Softmax2d()", lambda x: functional.softmax(x, 0)),
]


def picture():
    return lampas.tensor([[[-2.0, -0.3], [0.05, 0.7]], [[1.5, 4.0], [-5.0, 0.0]]])


@pytest.mark.parametrize(
    ("layer", "text", "function"), LAYERS, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_prints_and_computes_as_its_function(layer, text, function):
    assert repr(layer) == text
    given = picture()
    result = layer(given)
    assert lampas.equal(result, function(picture()))
    overwrites = getattr(layer, "inplace", False)
    assert (result is given) == overwrites
    assert overwrites or lampas.equal(given, picture())


@pytest.mark.parametrize(
    "name", "celu elu hardsigmoid hardswish hardtanh leaky_relu mish relu relu6 rrelu selu silu".split()
)
def test_inplace_overwrites_and_is_differentiable(name):
    function = getattr(functional, name)
    plain, overwritten = picture().requires_grad_(), picture().requires_grad_()
    target = overwritten * 1
    assert function(target, inplace=True) is target
    expected = function(plain)
    assert lampas.equal(target, expected)
    target.sum().backward()
    expected.sum().backward()
    assert lampas.equal(plain.grad, overwritten.grad)


def test_prelu_learns_its_factors():
    layer = nn.PReLU(2, init=0.5)
    assert layer.weight.tolist() == [0.5, 0.5]
    layer(lampas.tensor([[-1.0, -3.0], [-1.0, 2.0]])).sum().backward()
    assert layer.weight.grad.tolist() == [-2.0, -3.0]


def test_rrelu_draws_only_while_training():
    layer = nn.RReLU(0.1, 0.3)
    given = -lampas.ones(1000)
    drawn = layer(given)
    assert -0.3 <= drawn.min() < -0.28 and -0.12 < drawn.max() <= -0.1
    assert lampas.allclose(layer.eval()(given), lampas.full((1000,), -0.2))


def test_old_names_of_hardtanh_warn():
    with pytest.warns(FutureWarning, match="`min_value` is deprecated and renamed to `min_val`"):
        layer = nn.Hardtanh(min_value=-2.0)
    assert layer.min_val == -2.0
    with pytest.raises(AssertionError, match=r"max_val \(1.0\) must be greater than min_val \(2.0\)"):
        nn.Hardtanh(2.0, 1.0)


def test_wrong_inputs():
    with pytest.raises(ValueError, match="min_val cannot be greater than max_val"):
        functional.hardtanh(picture(), 2, 1)
    with pytest.raises(RuntimeError, match="glu does not support scalars"):
        functional.glu(lampas.tensor(1.0))
    with pytest.raises(ValueError, match="expected input to be 3D or 4D, got 2D instead"):
        nn.Softmax2d()(lampas.zeros(2, 2))
    with pytest.raises(
        RuntimeError, match=r"lambda must be in range \[0, 3.40282e\+38\] for input dtype Float, but found -1"
    ):
        functional.softshrink(picture(), -1)
