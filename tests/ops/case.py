"""OpCase: one row of the op tables, from which every test of an op is made."""

import dataclasses
import operator
from collections.abc import Callable, Iterable
from typing import Any

from ops.sample import REAL_FLOATS, Sample, Values

# Relative and absolute error allowed against a reference in double precision: some units in the last
# place of the result's dtype; the absolute part covers sums of terms around one that cancel.
TOLERANCES = {
    "float64": (1e-12, 1e-12),
    "float32": (2e-6, 2e-6),
    "float16": (1e-3, 1e-3),
    "bfloat16": (8e-3, 8e-3),
    "complex128": (1e-12, 1e-12),
    "complex64": (2e-6, 2e-6),
}


@dataclasses.dataclass(frozen=True, eq=False)
class OpCase:
    """How to call an op, what to call it with, and what must come out."""

    name: str  # the name in the registry: "max.dim"
    samples: Callable[[Values], Iterable[Sample]]
    reference: Callable[..., Any] | None  # takes NumPy arrays; None: compared with recorded results
    forms: str = "function method"  # of "function method in_place out"
    function: str = ""  # dotted path under the package; by default the name without its overload
    dtypes: tuple[str, ...] = REAL_FLOATS
    derivatives: int = 2  # how often it can be differentiated: 0, 1 or 2
    batches: bool = True  # vmap can run it: its result's shape follows from the inputs' shapes
    view: bool = False  # the result lies on the memory of the first input
    random: bool = False  # draws from the generator
    fills: bool = True  # False: the contents of the result are not defined
    tolerance: float = 1.0  # factor on TOLERANCES for ops that add many rounding errors
    errors: Callable[[Values], Iterable[Sample]] | None = None  # calls that must raise
    covers: tuple[str, ...] = ()  # other ops of the registry that the samples or their derivatives reach

    @property
    def path(self):
        return self.function or self.name.split(".")[0]

    @property
    def method_name(self):
        return self.path.rsplit(".", 1)[-1]

    @property
    def main_dtype(self):
        """float32 where the op takes it."""
        return "float32" if "float32" in self.dtypes else self.dtypes[0]

    @property
    def precise_dtype(self):
        """float64 where the op takes it."""
        return "float64" if "float64" in self.dtypes else self.dtypes[0]

    def has(self, form):
        return form in self.forms.split()

    def has_only(self, form):
        return self.forms == form

    def call(self, framework, *arguments, **keywords):
        """Call the function, or the method where there is no function."""
        if not self.has("function"):
            return self.call_method(*arguments, **keywords)
        return self.function_of(framework)(*arguments, **keywords)

    def function_of(self, framework):
        """Find the function; the ops behind some of nn.functional are no part of the public namespace."""
        find = operator.attrgetter(self.path)
        try:
            return find(framework)
        except AttributeError:
            return find(framework._core if hasattr(framework, "_core") else framework._C._nn)

    def call_method(self, target, *arguments, **keywords):
        return getattr(target, self.method_name)(*arguments, **keywords)

    def call_in_place(self, target, *arguments, **keywords):
        return getattr(target, self.method_name + "_")(*arguments, **keywords)

    def samples_of(self, dtype, kinds=("plain",)):
        """Return the samples of one dtype, always the same ones."""
        return [sample for sample in self.samples(Values(dtype)) if sample.kind in kinds]

    def samples_of_errors(self, dtype):
        """Return the calls of one dtype that must raise."""
        return list(self.errors(Values(dtype))) if self.errors else []

    def __repr__(self):
        return self.name
