"""Sample inputs as NumPy values with the name of a dtype, so that one table serves every framework."""

import dataclasses

import numpy as np

FLOATS = ("float32", "float64")
HALVES = ("float16", "bfloat16")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
COMPLEX = ("complex64", "complex128")
REAL_FLOATS = FLOATS + HALVES
REAL_NUMBERS = REAL_FLOATS + INTEGERS
NUMBERS = REAL_NUMBERS + COMPLEX
ORDERED = (*REAL_NUMBERS, "bool")
ALL_DTYPES = (*NUMBERS, "bool")


def round_to(values, dtype):
    """Return the values in NumPy's widest type of their kind, rounded to what `dtype` can hold."""
    if dtype == "bool":
        return np.asarray(values, dtype=bool)
    if dtype in INTEGERS:
        return np.asarray(values).astype(dtype).astype(np.int64)
    if dtype == "bfloat16":
        return round_to_bfloat16(np.asarray(values, dtype=np.float32)).astype(np.float64)
    wide = np.complex128 if dtype in COMPLEX else np.float64
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(dtype).astype(wide)


def round_to_bfloat16(values):
    """Round float32 values to the nearest bfloat16, ties to even; they stay in float32."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return np.where(np.isfinite(values), rounded.view(np.float32), values).reshape(np.shape(values))


class Input:
    """The values of one tensor, its dtype, and whether the op is differentiable in it."""

    def __init__(self, values, dtype, constant=False):
        self.values = round_to(values, dtype)
        self.dtype = dtype
        self.constant = constant

    @property
    def shape(self):
        return self.values.shape

    @property
    def differentiable(self):
        return not self.constant and self.dtype in REAL_FLOATS + COMPLEX

    def with_values(self, values):
        return Input(values, self.dtype, self.constant)

    def __repr__(self):
        return f"{self.dtype}{list(self.shape)}"


@dataclasses.dataclass(frozen=True)
class DTypeName:
    """Stands for a dtype object among the arguments of a sample."""

    name: str


class Sample:
    """The arguments of one call: inputs, plain values, lists of them."""

    def __init__(self, *arguments, **keywords):
        self.arguments = arguments
        self.keywords = keywords
        self.kind = "plain"

    def special(self):
        """Mark values where no derivative exists (NaN, infinities, ties): compared with PyTorch's instead."""
        self.kind = "special"
        return self

    def large(self):
        """Mark a size that is split among threads: run once, left out of the slower checks."""
        self.kind = "large"
        return self

    def map(self, convert):
        """Return (arguments, keywords) with convert(value) in place of every input and dtype name."""

        def walk(value):
            if isinstance(value, (Input, DTypeName)):
                return convert(value)
            if type(value) in (list, tuple):
                return type(value)(walk(each) for each in value)
            return value

        return walk(self.arguments), {name: walk(value) for name, value in self.keywords.items()}

    def inputs(self):
        """Return every input, in order, those in lists included."""
        found = []
        self.map(lambda value: found.append(value) if isinstance(value, Input) else None)
        return found

    def with_inputs(self, inputs):
        """Return the same call of other inputs, given in the order of `inputs()`."""
        following = iter(inputs)
        arguments, keywords = self.map(lambda value: next(following) if isinstance(value, Input) else value)
        result = Sample(*arguments, **keywords)
        result.kind = self.kind
        return result

    def __repr__(self):
        keywords = [f"{name}={value}" for name, value in self.keywords.items()]
        return f"({', '.join([*map(str, self.arguments), *keywords])})"


class Values:
    """Draws seeded inputs of one dtype."""

    def __init__(self, dtype, seed=0):
        self.dtype = dtype
        self.random = np.random.default_rng(seed)
        self.is_floating = dtype in REAL_FLOATS
        self.is_complex = dtype in COMPLEX
        self.is_integer = dtype in INTEGERS
        self.is_bool = dtype == "bool"

    def _reals(self, shape):
        if self.is_bool:
            return self.random.integers(0, 2, shape)
        if self.is_integer:
            return self.random.integers(0 if self.dtype == "uint8" else -9, 10, shape)
        return self.random.standard_normal(shape)

    def tensor(self, *shape, constant=False):
        """Normal numbers, integers between -9 and 9, or truth values."""
        values = self._reals(shape)
        if self.is_complex:
            values = values + 1j * self.random.standard_normal(shape)
        return Input(values, self.dtype, constant)

    def positive(self, *shape):
        """Numbers between 0.5 and 3, integers between 1 and 9."""
        if self.is_bool:
            return Input(np.ones(shape), self.dtype)
        if self.is_integer:
            return Input(self.random.integers(1, 10, shape), self.dtype)
        return Input(self.random.uniform(0.5, 3.0, shape), self.dtype)

    def nonzero(self, *shape):
        """Numbers of both signs with an absolute value of at least 0.5."""
        signs = 1 if self.dtype == "uint8" else self.random.choice([-1, 1], shape)
        return Input(signs * self.positive(*shape).values, self.dtype)

    def distinct(self, *shape):
        """Numbers no two of which are equal, at least 0.25 apart (integers: 1), in a random order."""
        count = int(np.prod(shape))
        step = 1.0 if self.is_integer or self.is_bool else 0.25
        start = 0 if self.dtype == "uint8" else -(count // 2)
        return Input((self.random.permutation(count) + start).reshape(shape) * step, self.dtype)

    def _menu(self):
        smallest, largest = (1e-4, 6e4) if self.dtype == "float16" else (1e-30, 1e30)
        numbers = [np.inf, 0.0, 1.0, smallest, largest, 0.5, 2.0]
        return self.random.permutation([np.nan, *numbers, *(-each for each in numbers)])

    def special(self):
        """A row of NaN, infinities, both zeros, ones and numbers far apart; for a floating dtype only."""
        return Input(self._menu(), self.dtype)

    def special_pairs(self):
        """Two rows in which each number of `special` meets each."""
        menu = self._menu()
        return Input(np.repeat(menu, menu.size), self.dtype), Input(np.tile(menu, menu.size), self.dtype)

    def numbers(self, values, constant=False):
        """The given values."""
        return Input(np.asarray(values), self.dtype, constant)

    def indices(self, high, *shape, low=0):
        """int64 between `low` and `high`, `high` excluded."""
        return Input(self.random.integers(low, high, shape), "int64")

    def at(self, *numbers):
        """The given numbers as a row of int64 indices."""
        return Input(np.array(numbers), "int64")

    def mask(self, *shape):
        """Truth values."""
        return Input(self.random.integers(0, 2, shape), "bool")
