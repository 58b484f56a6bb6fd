"""What Python sees of a framework: expressions, and what each gives, as text that frameworks can share."""

import pathlib
import re
import warnings

import numpy as np

EXPRESSIONS = [
    line
    for line in (pathlib.Path(__file__).with_name("surface_expressions.txt")).read_text().splitlines()
    if line and not line.startswith("# ")
]


def outcome(framework, expression):
    """Return the printed value of an expression, or the error's type and message.

    The expression finds the framework as `torch`, NumPy as `np`, three tensors: `x` (2 by 2), `g`, `s`,
    which require gradients.
    """
    framework.manual_seed(0)
    names = {
        "torch": framework,
        "np": np,
        "x": framework.ones(2, 2),
        "g": framework.ones(2, requires_grad=True),
        "s": framework.tensor(2.0, requires_grad=True),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            try:
                return _shared(repr(eval(expression, names)))
            except SyntaxError:
                exec(expression, names)
                return "done"
        except Exception as error:
            return _shared(f"{type(error).__name__}: {error}")
        finally:
            framework.set_default_dtype(framework.float32)


def _shared(text):
    """Leave out what differs by nature: addresses, the package's name, PyTorch's C++ stack."""
    text = text.split("\nException raised")[0]
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r"\blampas\b", "torch", text).replace("torch._C.", "torch.")
