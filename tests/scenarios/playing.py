"""Plays one scenario with lampas or with PyTorch, and makes comparable values of what it gives."""

import functools
import math
import warnings


def quiet(scenario):
    """Play a scenario whose warnings do not count: PyTorch gives them once a process, or about itself."""

    @functools.wraps(scenario)
    def played(framework, nn):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return scenario(framework, nn)

    return played


def attempt(action):
    """Return what an action gives, or the type and first line of what it raises."""
    try:
        return action()
    except Exception as error:
        return [type(error).__name__, *str(error).splitlines()[:1]]


def attempt_all(*actions):
    """Return a list of what `attempt` gives for each action."""
    return [attempt(action) for action in actions]


def _comparable(value, framework):
    """Turn a nested result into what JSON can hold; class paths, which must differ, lose their packages."""
    if isinstance(value, framework.Tensor):
        return value.tolist()
    if isinstance(value, framework.nn.Module):
        return repr(value)
    if isinstance(value, str):
        for package in ("lampas.nn.parameter.", "torch.nn.parameter.", "lampas.", "torch."):
            value = value.replace(package, "")
        for module in ("module", "container", "linear", "activation"):
            value = value.replace(f"nn.modules.{module}.", "")
        return value
    if isinstance(value, (list, tuple)):
        return [_comparable(each, framework) for each in value]
    if isinstance(value, dict):
        return {key: _comparable(each, framework) for key, each in value.items()}
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return type(value).__name__


def play(scenario, framework):
    """Return [result, warnings] of scenario(framework, framework.nn); an exception is a result too."""
    framework.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = attempt(lambda: scenario(framework, framework.nn))
    messages = [[warning.category.__name__, str(warning.message)] for warning in caught]
    return _comparable([result, messages], framework)


def assert_close(ours, theirs, tolerance, where="result"):
    """Compare nested results; numbers may differ by `tolerance` (relative or absolute), the rest not."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        for key in theirs:
            assert_close(ours[key], theirs[key], tolerance, f"{where}[{key!r}]")
    elif isinstance(theirs, list):
        assert isinstance(ours, list) and len(ours) == len(theirs), f"{where}: {ours} is not {theirs}"
        for i, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            assert_close(our, their, tolerance, f"{where}[{i}]")
    elif isinstance(theirs, float) and isinstance(ours, (int, float)):
        both_nan = math.isnan(theirs) and math.isnan(ours)
        close = math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)
        assert both_nan or close, f"{where}: {ours} is not close to {theirs}"
    else:
        assert ours == theirs, f"{where}: {ours} is not {theirs}"
