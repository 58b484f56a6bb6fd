"""What an op does beside its values, as plain data: recorded from PyTorch, then asked of Lampas.

Each function takes a framework and a row and gives what JSON can hold. An outcome is one line: the dtypes
and shapes of what a call gave with what it warned, or the type and first line of what it raised.
"""

import re
import warnings

import numpy as np

from ops.sample import ALL_DTYPES, Input
from ops.tensors import as_list, build, dtype_name, tensors_in, to_array, to_tensor

TRIGGERED = re.compile(r" \(Triggered internally at .*\)$", re.DOTALL)
NOT_IMPLEMENTED = re.compile(r'"\w+" not implemented')
# PyTorch says which argument is wrong where an op has one overload, and lists all overloads where it has
# several. Lampas, where a number is a tensor, has fewer overloads: it may say either.
UNPARSED = re.compile(
    r"^(TypeError: \w+\(\))(?: received an invalid combination of arguments"
    r"|: argument '\w+'(?: \(position \d+\))? must be"
    r"| missing \d+ required positional arguments?"
    r"| takes \d+ positional arguments? but"
    r"| got an unexpected keyword argument).*$"
)
ONCE_A_PROCESS = (
    "Casting complex values to real",
    "Using padding='same'",
    "Using torch.cross",
    "index_reduce() is in beta",
    "The reduce argument of torch.scatter with Tensor src",
)


def outcome(framework, action):
    """Run an action and say in one line what came of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            line = describe(framework, action())
        except Exception as error:
            return first_line(f"{type(error).__name__}: {error}")
    caught = [each for each in caught if not str(each.message).startswith(ONCE_A_PROCESS)]
    messages = [first_line(f"{each.category.__name__}: {each.message}") for each in caught]
    return " | ".join([line, *messages])


def first_line(text):
    """The first line, without what names the framework's package or PyTorch's internal kernels and files."""
    line = TRIGGERED.sub("", text.split("\n")[0])
    for package in ("torch.", "lampas.", "aten::"):
        line = line.replace(package, "")
    line = NOT_IMPLEMENTED.sub("not implemented", line)
    return UNPARSED.sub(r"\1 does not take these arguments", line)


def describe(framework, value):
    """Return "float32[3, 4]" for a tensor; several with commas; a plain value as it prints."""
    if isinstance(value, framework.Tensor):
        return f"{dtype_name(value.dtype)}{list(value.shape)}"
    if isinstance(value, (tuple, list)):
        return ", ".join(describe(framework, each) for each in value)
    return repr(value)


def call(framework, case, arguments, keywords):
    """Call an op in its first form; the in-place form where it has no other."""
    if case.has_only("in_place"):
        return case.call_in_place(*arguments, **keywords)
    return case.call(framework, *arguments, **keywords)


def dtypes(framework, case):
    """What the row's first sample gives on every dtype."""
    lines = {}
    for dtype in ALL_DTYPES:
        sample = case.samples_of(dtype)[0]
        lines[dtype] = outcome(framework, lambda: call(framework, case, *build(framework, sample)))  # noqa: B023
    return lines


def errors(framework, case):
    """What the row's wrong calls raise, as a function; as a method where there is no function."""
    lines = []
    if case.errors:
        for sample in case.samples_of_errors(case.main_dtype):
            lines.append(
                f"{sample} -> {outcome(framework, lambda: call(framework, case, *build(framework, sample)))}"  # noqa: B023
            )
    return lines


def autocast(framework, case):
    """The dtypes that come out under autocast to bfloat16."""
    lines = {}
    for dtype in ("float32", "bfloat16", "float64"):
        sample = case.samples_of(dtype)[0]
        with framework.autocast("cpu", dtype=framework.bfloat16):
            lines[dtype] = outcome(framework, lambda: call(framework, case, *build(framework, sample)))  # noqa: B023
    return lines


def graph(framework, case):
    """The names of the node an op records and of the nodes it is fed by, for each sample."""
    lines = []
    for sample in case.samples_of("float64") if case.derivatives and not case.has_only("in_place") else []:
        arguments, keywords = build(framework, sample, requires_grad=True)
        results = tensors_in(case.call(framework, *arguments, **keywords))
        lines.append(f"{sample}: " + "; ".join(node_line(result.grad_fn) for result in results))
    return lines


def node_line(node):
    """Return "MulBackward0 <- AccumulateGrad, None"."""
    if node is None:
        return "none"
    edges = [type(each).__name__ if each is not None else "None" for each, _ in node.next_functions]
    return f"{type(node).__name__} <- {', '.join(edges)}"


def special(framework, case):
    """Values and gradients where NaN, infinities and ties meet."""
    records = []
    for sample in case.samples_of("float32", ("special",)):
        arguments, keywords = build(framework, sample, requires_grad=case.derivatives > 0)
        results = tensors_in(case.call(framework, *arguments, **keywords))
        record = {"results": [numbers(result) for result in results]}
        differentiable = [result for result in results if result.requires_grad]
        if differentiable:
            sum((result.sum() for result in differentiable[1:]), differentiable[0].sum()).backward()
            inputs = [each for each in tensors_in((arguments, keywords)) if each.requires_grad]
            record["gradients"] = [numbers(each.grad) for each in inputs]
        records.append(record)
    return records


def numbers(tensor):
    """The elements of a tensor as numbers that print shortly."""
    if tensor is None:
        return None
    array = to_array(tensor).ravel()
    return [float(str(np.float32(each))) if array.dtype.kind == "f" else each.item() for each in array]


def out(framework, case):
    """What becomes of out= of many kinds."""
    if not case.has("out"):
        return {}
    sample = case.samples_of(case.main_dtype)[0]
    arguments, keywords = build(framework, sample)
    plain = as_list(case.call(framework, *arguments, **keywords))

    def with_out(*outs, arguments=arguments):
        def action():
            given = outs if len(plain) > 1 else outs[0]
            results = as_list(case.call(framework, *arguments, **keywords, out=given))
            kept = all(result is each for result, each in zip(results, outs, strict=True))
            same = all(equal_values(result, each) for result, each in zip(results, plain, strict=True))
            line = describe(framework, tuple(results))
            return Text(
                line + (" is out" if kept else "") + (" as without out" if same or not case.fills else "")
            )

        return outcome(framework, action)

    def outs(shape_of=lambda result: result.shape, dtype=None):
        return [framework.zeros(shape_of(each), dtype=dtype or each.dtype) for each in plain]

    lines = {
        "fitting": with_out(*outs()),
        "without elements": with_out(*outs(lambda result: (0,))),
        "of another shape": with_out(*outs(lambda result: (7,))),
        "transposed": with_out(*(transposed_zeros(framework, each) for each in plain)),
        "expanded": with_out(*(framework.zeros((), dtype=each.dtype).expand(each.shape) for each in plain)),
        "text": with_out("text"),
        "asking for a gradient": with_out(*(asking(each) for each in outs())),
    }
    for dtype in ("float64", "float16", "int64", "bool", "complex64"):
        lines[dtype] = with_out(*outs(dtype=getattr(framework, dtype)))
    first = arguments[0] if arguments else None
    if isinstance(first, framework.Tensor) and first.shape == plain[0].shape and len(plain) == 1:
        lines["the input itself"] = with_out(first, arguments=arguments)
        memory = framework.zeros(first.numel() + 1, dtype=first.dtype)
        overlapped = memory[:-1].view(first.shape)
        overlapped.copy_(to_tensor(framework, sample.arguments[0]))
        lines["one element further"] = with_out(
            memory[1:].view(first.shape), arguments=(overlapped, *arguments[1:])
        )
    differentiable = build(framework, sample, requires_grad=True)[0]
    if case.derivatives and tensors_in(differentiable):
        lines["of inputs that ask for a gradient"] = with_out(*outs(), arguments=differentiable)
    return lines


class Text(str):
    """A line that prints without quotes."""

    __repr__ = str.__str__


def equal_values(left, right):
    if left.shape != right.shape:
        return False
    left, right = to_array(left), to_array(right)
    return np.allclose(left, right, 1e-2, 1e-2, equal_nan=True) if left.dtype.kind in "fc" else True


def transposed_zeros(framework, like):
    return framework.zeros(tuple(reversed(like.shape)), dtype=like.dtype).permute(
        tuple(reversed(range(like.dim())))
    )


def asking(tensor):
    return tensor.requires_grad_() if tensor.is_floating_point() else tensor


def in_place(framework, case):
    """What becomes of the in-place form on targets of many kinds."""
    if not case.has("in_place"):
        return {}
    sample = case.samples_of(case.main_dtype)[0]

    def on(target, arguments=None):
        rest, keywords = build(framework, sample)

        def action():
            version = target._version
            result = case.call_in_place(target, *(arguments or rest[1:]), **keywords)
            line = describe(framework, result) + (" is the target" if result is target else "")
            return Text(f"{line}, version +{target._version - version}")

        return outcome(framework, action)

    first = sample.arguments[0]

    def target(value=first, **options):
        return to_tensor(framework, value, **options)

    shape = first.shape
    lines = {
        "plain": on(target()),
        "a leaf that asks for a gradient": on(target(requires_grad=True)),
        "a view of such a leaf": on(target(requires_grad=True).view(shape)),
        "expanded": on(framework.zeros((), dtype=target().dtype).expand(shape)),
        "one row": on(target(first.with_values(first.values[:1]))),
    }
    for dtype in ("float64", "float16", "int64", "bool", "complex64"):
        lines[dtype] = on(target(Input(first.values, dtype)) if dtype in ALL_DTYPES else None)
    rest = build(framework, sample)[0][1:]
    if rest and isinstance(rest[0], framework.Tensor) and rest[0].shape == tuple(shape):
        if rest[0].is_floating_point():
            memory = framework.ones(first.values.size + 1)
            lines["one element before the other"] = on(
                memory[:-1].view(shape), (memory[1:].view(shape), *rest[1:])
            )
    return lines


def draws(framework, case):
    """What a random op gives after a seed, and the number drawn next."""
    records = {}
    for dtype in case.dtypes if case.random else ():
        records[dtype] = []
        for sample in case.samples_of(dtype):
            framework.manual_seed(7)
            result = call(framework, case, *build(framework, sample))
            records[dtype].append([describe(framework, result), numbers(result), framework.rand(()).item()])
    return records


BEHAVIOURS = {
    function.__name__: function
    for function in (dtypes, errors, autocast, graph, special, out, in_place, draws)
}
