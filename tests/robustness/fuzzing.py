"""Fuzzed calls of every op, from the samples of the op tables: `python tests/robustness/fuzzing.py`.

Over half of the calls are samples as they are; in the others odd arguments stand in place of some. They run
in forked processes: each must end in a result or a Python exception, never in a crash or a hang. Where
PyTorch is installed, a tenth of the calls are made there too, and the results compared.
"""

import argparse
import collections
import copy
import importlib
import importlib.util
import mmap
import os
import pathlib
import pickle
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import warnings

sys.path[:0] = [str(pathlib.Path(__file__).parents[1])]

from ops.cases import CASES  # noqa: E402
from ops.sample import ALL_DTYPES, REAL_FLOATS, Input, Values  # noqa: E402
from ops.tensors import LAYOUTS, as_list, assert_close, dtype_name, to_array, to_tensor  # noqa: E402

import lampas  # noqa: E402
from robustness import hostile_objects  # noqa: E402
from robustness.fuzzing_programs import Programs  # noqa: E402

SECONDS_PER_CALL = 30  # much longer than any of these calls takes: then it hangs
MEMORY_BEYOND_START = 3 << 30
INTEGERS = [0, 1, -1, 2, -2, 3, 7, 100, 2**31, -(2**31) - 1, 2**62, 2**63 - 1, -(2**63), 2**64, 10**30]
FLOATS = [0.0, -0.0, 1.5, -1.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf")]
FOREIGN = [
    None,
    "text",
    b"bytes",
    [],
    (),
    {},
    object(),
    True,
    1j,
    int,
    "mean",
    "none",
    [[]],
    [None],
    range(3),
]
EXPECTED = (Exception,)
NEVER = (SystemError, BufferError)  # raised by Python itself where a C function broke its rules


class Call:
    """One call: an op's case, the arguments of a sample, how it is made, whether PyTorch makes it too."""

    def __init__(self, case, sample, form, layout, requires_grad, compared):
        self.case, self.sample, self.form, self.layout = case, sample, form, layout
        self.requires_grad, self.compared = requires_grad, compared

    def run(self, framework):
        """Make the call with a framework's tensors, and return its results as a list."""
        arguments, keywords = self.sample.map(
            lambda value: to_tensor(framework, value, self.layout, self.requires_grad)
        )
        if self.form == "in_place":
            result = self.case.call_in_place(*arguments, **keywords)
        elif self.form == "out":
            keywords["out"] = framework.empty(0)
            result = self.case.call(framework, *arguments, **keywords)
        elif self.form == "method":
            result = self.case.call_method(*arguments, **keywords)
        else:
            result = self.case.call(framework, *arguments, **keywords)
        return as_list(result)

    def __repr__(self):
        grad = ", requires_grad" if self.requires_grad else ""
        return f"{self.case.path} as {self.form}, {self.layout}{grad}: {self.sample!r}"[:600]


# Where PyTorch's results are off, and Lampas agrees with SciPy to 1e-11: relative errors in float64.
WRONG_IN_PYTORCH = {
    "special.airy_ai": "1e-3 near the first zero",
    "special.bessel_j0": "2e-4 near a zero",
    "special.bessel_j1": "3e-5 near a zero",
    "special.bessel_y0": "7e-6 near a zero",
    "special.bessel_y1": "7e-5 near a zero",
}


class Calls:
    """Draws calls; the same seed gives the same ones."""

    def __init__(self, seed, with_pytorch):
        self.seed = seed
        self.random = random.Random()
        self.with_pytorch = with_pytorch
        self._samples = {}

    def draw(self, index):
        """Return the call of this number."""
        self.random.seed(f"call {index} of {self.seed}")
        case = CASES[index % len(CASES)]
        can_compare = not case.random and case.fills and case.path not in WRONG_IN_PYTORCH
        compared = self.with_pytorch and can_compare and self.random.random() < 0.12
        dtype = self.random.choice(case.dtypes)
        samples = self._samples_of(case, dtype)
        sample = self.random.choice(samples)
        forms = case.forms.split()
        if compared:
            forms = [form for form in ("function", "method") if form in forms][:1] or forms
        call = Call(case, sample, self.random.choice(forms), "contiguous", False, compared)
        if compared or self.random.random() < 0.6:
            # What as_strided reads between the elements of other layouts is not defined.
            layouts = ["contiguous"] if case.path.startswith("as_strided") else list(LAYOUTS)
            call.layout = self.random.choice(layouts)
            call.requires_grad = not compared and call.form != "out" and self.random.random() < 0.3
            return call
        call.requires_grad = self.random.random() < 0.2
        call.layout = self.random.choice(list(LAYOUTS))
        call.sample = self._changed(sample)
        return call

    def outcome(self, call):
        """Make a call; return "returned", the exception's name, or what went wrong."""
        return outcome_of(call)

    def _samples_of(self, case, dtype):
        if (case, dtype) not in self._samples:
            kinds = ("plain", "special")
            found = case.samples_of(dtype, kinds) or case.samples_of(case.main_dtype, kinds)
            self._samples[case, dtype] = found + case.samples_of_errors(dtype)[:2]
        return self._samples[case, dtype]

    def _changed(self, sample):
        sample = copy.copy(sample)
        arguments, keywords = list(sample.arguments), dict(sample.keywords)
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            kind = self.random.random()
            if kind < 0.06 and arguments:
                arguments.pop(self.random.randrange(len(arguments)))
            elif kind < 0.12:
                arguments.insert(self.random.randrange(len(arguments) + 1), self._any())
            elif kind < 0.16:
                keywords[self.random.choice(["dim", "keepdim", "dtype", "other", "nothing"])] = self._any()
            elif keywords and kind < 0.4:
                name = self.random.choice(list(keywords))
                keywords[name] = self._odd(keywords[name])
            elif arguments:
                place = self.random.randrange(len(arguments))
                arguments[place] = self._odd(arguments[place])
        sample.arguments, sample.keywords = tuple(arguments), keywords
        return sample

    def _any(self):
        if self.random.random() < 0.3:
            return hostile_objects.draw(self.random)
        return self.random.choice([self._tensor(), *self.random.sample(INTEGERS, 2), *FOREIGN, 0.5])

    def _odd(self, value):
        """Return a relative of a value, or now and then something else altogether."""
        if self.random.random() < 0.12:
            return self._any()
        if isinstance(value, Input):
            return self._odd_input(value)
        if isinstance(value, bool):
            return self.random.choice([not value, None, 2, "text"])
        if isinstance(value, int):
            return self.random.choice([value + 1, value - 1, -value, *INTEGERS])
        if isinstance(value, float):
            return self.random.choice(FLOATS)
        if isinstance(value, (list, tuple)) and value:
            changed = list(value)
            place = self.random.randrange(len(changed))
            kind = self.random.randrange(4)
            if kind == 0:
                changed.pop(place)
            elif kind == 1:
                changed.append(changed[place])
            else:
                changed[place] = self._odd(changed[place])
            return type(value)(changed)
        return self._any()

    def _odd_input(self, value):
        kind = self.random.random()
        if kind < 0.35:
            return self._tensor(dtype=value.dtype)
        if kind < 0.6:
            return self._tensor(shape=value.shape)
        if kind < 0.8 and value.dtype in REAL_FLOATS:
            values = value.values.copy()
            values[self._mask(values.shape)] = self.random.choice(FLOATS)
            return value.with_values(values)
        if kind < 0.9:
            values = value.values.copy()
            numbers = [number for number in INTEGERS if abs(number) < 2**62]
            values[self._mask(values.shape)] = self.random.choice(numbers)
            return value.with_values(values)
        return self._tensor()

    def _mask(self, shape):
        import numpy

        return numpy.random.default_rng(self.random.randrange(1 << 30)).random(shape) < 0.3

    def _tensor(self, shape=None, dtype=None):
        if shape is None:
            shape = [self.random.choice([0, 1, 1, 2, 3, 4, 5, 17]) for _ in range(self.random.randrange(5))]
        return Values(dtype or self.random.choice(ALL_DTYPES), self.random.randrange(1000)).tensor(*shape)


# ---- what happens to a call


def outcome_of(call):
    """Make a call; return "returned" or the exception's name. Gradients and values are looked at too."""
    try:
        results = call.run(lampas)
    except NEVER as error:
        return f"broken: {type(error).__name__}: {error}"
    except EXPECTED as error:
        return type(error).__name__
    tensors = [each for each in results if isinstance(each, lampas.Tensor)]
    for tensor in tensors:
        if not tensor.is_meta and max([tensor.numel(), *tensor.shape]) < 100_000:
            tensor.detach().tolist()
        repr(tensor)
    if call.requires_grad:
        floating = [each for each in tensors if each.requires_grad and each.is_floating_point()]
        try:
            for tensor in floating[:1]:
                tensor.sum().backward()
        except NEVER as error:
            return f"broken in backward: {type(error).__name__}: {error}"
        except EXPECTED:
            pass
    return compared_outcome(call, results) if call.compared else "returned"


def compared_outcome(call, results):
    """Make the call in PyTorch as well; return "returned", or how the results differ."""
    torch = importlib.import_module("torch")
    try:
        expected = call.run(torch)
    except Exception as error:
        # Some of PyTorch's ops take no other layout, some fewer dtypes.
        if call.layout != "contiguous" or isinstance(error, NotImplementedError):
            return "returned"
        return f"different: PyTorch raises {type(error).__name__}: {str(error)[:100]}"
    for mine, other in zip(results, expected, strict=False):
        if not isinstance(mine, lampas.Tensor) or not isinstance(other, torch.Tensor):
            continue
        if dtype_name(mine.dtype) != dtype_name(other.dtype):
            return f"different: {mine.dtype} and not {other.dtype}"
        try:
            other = other.resolve_conj().resolve_neg()
            dtype = dtype_name(mine.dtype)
            assert_close(to_array(mine), to_array(other), dtype, 4 * call.case.tolerance)
        except AssertionError as error:
            return f"different: {str(error)[:200]}"
    return "returned"


class Worker:
    """A forked process that makes the calls of a range, and tells how far it is through shared memory."""

    def __init__(self, calls, first, last):
        self.progress = mmap.mmap(-1, 8)
        self.first, self.last = first, last
        self.path = tempfile.mktemp(prefix="lampas-fuzzing-")
        self._store(first)
        self.process = os.fork()
        if self.process == 0:
            self._work(calls)

    def _store(self, index):
        self.progress[:] = struct.pack("<q", index)

    def current(self):
        """Return the number of the call that is being made."""
        return struct.unpack("<q", self.progress[:])[0]

    def _work(self, calls):
        status = 1
        try:
            limit_memory()
            warnings.simplefilter("ignore")
            with open(self.path, "wb") as file:
                for index in range(self.first, self.last):
                    self._store(index)
                    pickle.dump((index, calls.outcome(calls.draw(index))), file)
                    file.flush()
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)

    def wait(self):
        """Wait for the end; return how it ended: "", "crash ..." or "hang"."""
        seen, since = self.current(), time.monotonic()
        while True:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                if os.WIFSIGNALED(status):
                    return f"crash: {signal.Signals(os.WTERMSIG(status)).name}"
                return "" if status == 0 else f"crash: exit status {os.WEXITSTATUS(status)}"
            if self.current() != seen:
                seen, since = self.current(), time.monotonic()
            elif time.monotonic() - since > SECONDS_PER_CALL:
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
                return "hang"
            time.sleep(0.005)

    def outcomes(self):
        """Return {number of the call: outcome} of the calls that were finished."""
        found = {}
        if os.path.exists(self.path):
            with open(self.path, "rb") as file:
                try:
                    while True:
                        index, outcome = pickle.load(file)
                        found[index] = outcome
                except EOFError:
                    pass
            os.unlink(self.path)
        return found


def limit_memory():
    """Let this process take some gigabytes more at most, so that absurd sizes fail instead of being taken."""
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY_BEYOND_START,) * 2)


def fuzz(count, seed=0, with_pytorch=None, batch=500, start=0, drawn=Calls):
    """Make `count` calls or programs; return (counter of outcomes, list of (call, what went wrong))."""
    if with_pytorch is None:
        with_pytorch = importlib.util.find_spec("torch") is not None
    if with_pytorch:
        importlib.import_module("torch").set_num_threads(1)
    calls = drawn(seed, with_pytorch)
    outcomes, wrong = collections.Counter(), []
    index, end = start, start + count
    while index < end:
        worker = Worker(calls, index, min(index + batch, end))
        ending = worker.wait()
        found = worker.outcomes()
        for number, outcome in found.items():
            outcomes[outcome.split(":")[0]] += 1
            if outcome.startswith(("broken", "different")):
                wrong.append((calls.draw(number), f"call {number}: {outcome}"))
        if ending:
            number = worker.current()
            outcomes[ending.split(":")[0]] += 1
            wrong.append((calls.draw(number), f"call {number}: {ending}"))
        index = worker.current() + 1
    return outcomes, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--programs", type=int, help="a fifth of the calls unless given")
    parser.add_argument("--start", type=int, default=0, help="number of the first call")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-pytorch", action="store_true")
    options = parser.parse_args()
    with_pytorch = False if options.without_pytorch else None
    programs = options.calls // 5 if options.programs is None else options.programs
    failed = False
    for drawn, count in [(Calls, options.calls), (Programs, programs)]:
        began = time.monotonic()
        outcomes, wrong = fuzz(count, options.seed, with_pytorch, start=options.start, drawn=drawn)
        for call, what in wrong:
            print(f"{what}\n    {call}")
        total, returned = sum(outcomes.values()), outcomes["returned"]
        print(
            f"{total} {drawn.__name__.lower()} in {time.monotonic() - began:.0f} s: {returned} returned "
            f"({returned / max(total, 1):.0%}), {dict(outcomes.most_common())}; {len(wrong)} wrong"
        )
        failed |= bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
