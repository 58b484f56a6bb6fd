"""GradScaler: scaled gradients, skipped steps, growth and backoff, order of calls, state."""

import pytest

import lampas
from lampas import nn, optim


def training(**options):
    parameter = nn.Parameter(lampas.tensor([1.0, 2.0]))
    scaler = lampas.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2, **options)
    return parameter, optim.SGD([parameter], lr=1.0), scaler


def test_steps_are_those_without_scaling():
    parameter, optimizer, scaler = training()
    scaler.scale((parameter * 3).sum()).backward()
    assert parameter.grad.tolist() == [24.0, 24.0]
    scaler.unscale_(optimizer)
    assert parameter.grad.tolist() == [3.0, 3.0]
    scaler.step(optimizer)
    assert parameter.tolist() == [-2.0, -1.0]


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_overflow_skips_the_step_and_shrinks_the_scale(bad):
    parameter, optimizer, scaler = training()
    scaler.scale((parameter * lampas.tensor([1.0, bad])).sum()).backward()
    assert scaler.step(optimizer) is None and parameter.tolist() == [1.0, 2.0]
    scaler.update()
    assert scaler.get_scale() == 4.0


def test_the_scale_grows_after_good_steps():
    parameter, optimizer, scaler = training()
    scales = []
    for _ in range(5):
        optimizer.zero_grad()
        scaler.scale(parameter.sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
    assert scales == [8.0, 16.0, 16.0, 32.0, 32.0]
    scaler.update(new_scale=5.0)
    assert scaler.get_scale() == 5.0


def test_the_order_of_calls_is_checked():
    parameter, optimizer, scaler = training()
    with pytest.raises(AssertionError, match="Attempted step but _scale is None"):
        scaler.step(optimizer)
    scaler.scale(parameter.sum()).backward()
    with pytest.raises(AssertionError, match="prior to update"):
        scaler.update()
    scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called on this optimizer"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    with pytest.raises(RuntimeError, match="being called after step"):
        scaler.unscale_(optimizer)
    with pytest.raises(RuntimeError, match="already been called since the last update"):
        scaler.step(optimizer)
    with pytest.raises(RuntimeError, match="Closure use"):
        scaler.step(optimizer, closure=None)


def test_gradients_of_float16_and_none():
    half = nn.Parameter(lampas.ones(1).half())
    half.grad = lampas.ones(1).half()
    scaler = lampas.amp.GradScaler("cpu")
    scaler.scale(lampas.ones(1))
    with pytest.raises(ValueError, match="FP16 gradients"):
        scaler.unscale_(optim.SGD([half], lr=1.0))
    with pytest.raises(AssertionError, match="No inf checks were recorded for this optimizer"):
        scaler.step(optim.SGD([nn.Parameter(lampas.ones(1))], lr=1.0))


def test_disabled_passes_everything_on():
    parameter, optimizer, _ = training()
    with pytest.warns(UserWarning, match="CUDA is not available"):
        scaler = lampas.amp.GradScaler()
    assert not scaler.is_enabled() and scaler.get_scale() == 1.0 and scaler.state_dict() == {}
    loss = parameter.sum()
    assert scaler.scale(loss) is loss
    loss.backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert parameter.tolist() == [0.0, 1.0]


def test_state_goes_on_elsewhere():
    parameter, optimizer, scaler = training()
    scaler.scale(parameter.sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    other = lampas.amp.GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    assert other.state_dict() == scaler.state_dict() and other.state_dict()["_growth_tracker"] == 1
    with pytest.raises(RuntimeError, match="source state dict is empty"):
        other.load_state_dict({})
