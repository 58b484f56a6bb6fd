"""Draws small programs: indices of every kind, views, wild strides, writes in place and into `out=`, arrays
that share memory, hooks and backward. Their steps work with any framework, so that PyTorch can take them too.
"""

import importlib
import math
import random

import numpy
from ops.tensors import assert_close, dtype_name, to_array

import lampas
from robustness import hostile_objects

STEPS = 16
MOST_ELEMENTS = 4096
DTYPES = ["float32"] * 4 + ["float64", "int64", "bool", "uint8", "bfloat16", "complex64"]
FLOATING = ("float32", "float64", "bfloat16", "complex64")
WILD = [-1, 99, 1 << 31, 1 << 61, (1 << 63) - 1, -(1 << 63), 1 << 64]


class Made:
    """Describes a tensor: numbers from a formula in a shape, given a dtype."""

    def __init__(self, shape, dtype, formula):
        self.shape, self.dtype, self.formula = list(shape), dtype, formula

    def make(self, framework):
        values = [self.formula(place) for place in range(math.prod(self.shape))]
        return framework.tensor(values, dtype=getattr(framework, self.dtype)).reshape(self.shape).clone()

    def __repr__(self):
        first = [self.formula(place) for place in range(min(math.prod(self.shape), 6))]
        return f"{self.dtype}{self.shape}({str(first)[1:-1]})"


class Alive:
    """Names a tensor of the program."""

    def __init__(self, place):
        self.place = place

    def __repr__(self):
        return f"t{self.place}"


def build(value, framework, tensors):
    """Put a framework's tensors where an argument describes or names them."""
    if isinstance(value, Made):
        return value.make(framework)
    if isinstance(value, Alive):
        return tensors[value.place]
    if type(value) in (tuple, list):
        return type(value)([build(each, framework, tensors) for each in value])
    return value


def same_gradient(grad):
    return None


def doubled_gradient(grad):
    return grad * 2


def gradient_of_another_shape(grad):
    return grad.reshape(-1)[:1].expand(7)


def failing_hook(grad):
    raise hostile_objects.Trouble("in a hook")


def hook_that_gives_text(grad):
    return "text"


def hook_that_writes(grad):
    grad.zero_()


HOOKS = [
    same_gradient,
    doubled_gradient,
    gradient_of_another_shape,
    failing_hook,
    hook_that_gives_text,
    hook_that_writes,
]


class Program:
    """Steps that are drawn while they run, for each has to know what those before it have left."""

    def __init__(self, seed, torch=None):
        self.random = random.Random(seed)
        self.torch = torch
        self.hostile = torch is None  # PyTorch is not asked to survive them
        self.tensors, self.arrays = [], []
        self.others, self.other_arrays = [], []
        self.steps = []

    def __repr__(self):
        return "\n    ".join(["a program", *self.steps])

    # ---- what steps are made of

    def chance(self, probability):
        return self.random.random() < probability

    def shape(self, most_dims=4):
        sizes = [0, 1, 1, 2, 2, 3, 3, 4, 5]
        return [self.random.choice(sizes) for _ in range(self.random.randrange(most_dims + 1))]

    def tensor(self, shape=None, dtype=None):
        first = self.random.randrange(1, 7)
        shape = self.shape() if shape is None else shape
        dtype = dtype or self.random.choice(DTYPES)
        return Made(shape, dtype, lambda place: (first + place) % 7)

    def dim(self, tensor):
        """Return a dim of a tensor; seldom one that it does not have."""
        dims = max(tensor.dim(), 1)
        return self.random.choice(WILD) if self.chance(0.02) else self.random.randrange(-dims, dims)

    def size_at(self, tensor, dim):
        return tensor.shape[dim] if -tensor.dim() <= dim < tensor.dim() else 1

    def position(self, size):
        """Return a position in a dim of this size, from either end; seldom one outside."""
        if size == 0 or self.chance(0.02):
            return self.random.choice([size, -size - 1, *WILD])
        return self.random.randrange(-size, size)

    def bound(self, size):
        near = self.random.randrange(size + 1)
        return self.random.choice([None, None, 0, 1, -1, size, -size - 3, size + 7, near])

    def positions(self, shape, size):
        values = [self.position(size) for _ in range(math.prod(shape))]
        values = [value if abs(value) < 1 << 31 else 99 for value in values]
        return Made(shape, self.random.choice(["int64", "int64", "int32"]), values.__getitem__)

    def mask(self, shape):
        every = self.random.randrange(1, 5)
        return Made(shape, "bool", lambda place: place % every == 0)

    def index(self, tensor):
        """Return an index: one part, or a tuple of parts that take the dims from the left."""
        if self.hostile and self.chance(0.1):
            return hostile_objects.draw(self.random)
        parts, dim = [], 0
        while dim < tensor.dim() and self.chance(0.85):
            kind = self.random.random()
            if kind < 0.1:
                parts.append(None)
            elif kind < 0.18 and not any(part is ... for part in parts):
                parts.append(...)
                dim = self.random.randrange(dim, tensor.dim() + 1)
            else:
                part, taken = self.part_of_index(tensor.shape[dim:])
                parts.append(part)
                dim += taken
        if self.chance(0.02):
            parts.append(self.position(1))
        return parts[0] if len(parts) == 1 and self.chance(0.7) else tuple(parts)

    def part_of_index(self, sizes):
        """Return one part of an index, and how many dims it takes."""
        size, kind = sizes[0], self.random.random()
        if kind < 0.3:
            step = self.random.choice([None, None, 1, 2, 3, 1 << 62] if self.chance(0.97) else [0, -1])
            return slice(self.bound(size), self.bound(size), step), 1
        if kind < 0.5:
            return self.position(size), 1
        if kind < 0.6:
            return [self.position(size) for _ in range(self.random.randrange(1, 4))], 1
        if kind < 0.8:
            return self.positions(self.random.choice([[], [1], [2], [3], [2, 2], [0]]), size), 1
        if kind < 0.9:
            sizes = list(sizes[: self.random.randrange(1, 3)])
            return self.mask([size + 1 for size in sizes] if self.chance(0.03) else sizes), len(sizes)
        if kind < 0.93:
            return self.chance(0.5), 0
        if kind < 0.97:
            return [self.chance(0.5) for _ in range(size)] or [True], 1
        return self.random.choice([1.5, "text", [[0], [0, 1]], [None], b"x", range(2), [slice(None)]]), 1

    # ---- steps: (what is called, arguments, keywords)

    def view(self, place, tensor):
        dim, other_dim = self.dim(tensor), self.dim(tensor)
        size = self.size_at(tensor, dim)
        start = self.random.randrange(size + 1)
        length = self.random.randrange(size - start + 1) if self.chance(0.95) else size + 1
        order = self.random.sample(range(tensor.dim()), tensor.dim())
        shape = self.random.choice([[-1], [tensor.shape[each] for each in order]])
        return self.random.choice(
            [
                ("transpose", dim, other_dim),
                ("permute", order),
                ("select", dim, self.position(size)),
                ("narrow", dim, start, length),
                ("unsqueeze", dim),
                ("squeeze",),
                ("view", shape),
                ("reshape", shape),
                ("expand", [self.random.choice([2, 3]), *tensor.shape]),
                ("diagonal", self.random.randrange(-2, 3), dim, other_dim),
                ("unfold", dim, self.random.randrange(4), self.random.randrange(3)),
                ("flatten", min(dim, other_dim), max(dim, other_dim)),
                ("movedim", dim, other_dim),
                ("detach",),
                ("clone",),
                ("t",),
                ("relu",),
                ("mul", 2),
            ]
        )

    def strides(self, place, tensor):
        """A view by sizes, strides and an offset, now and then wild."""
        sizes = self.shape(3)
        strides = [self.random.choice([0, 1, 1, 2, 3]) for _ in sizes]
        offset = self.random.choice([None, 0, 0, 1, 2])
        if self.chance(0.2):
            changed = self.random.choice([sizes, strides])
            if changed:
                changed[self.random.randrange(len(changed))] = self.random.choice(WILD)
            else:
                offset = self.random.choice(WILD)
        return ("as_strided", sizes, strides, offset)

    def in_place(self, place, tensor):
        dim, other_dim = self.dim(tensor), self.dim(tensor)
        alive = Alive(self.random.randrange(len(self.tensors)))
        other = self.tensor(tensor.shape if self.chance(0.9) else None, dtype_name(tensor.dtype))
        return self.random.choice(
            [
                ("add_", other),
                ("mul_", other),
                ("copy_", other),
                ("add_", alive),
                ("copy_", alive),
                ("copy_" if self.torch else "set_", alive),  # in PyTorch `set_` takes the history as well
                ("add_", 2),
                ("zero_",),
                ("fill_", 3),
                ("relu_",),
                ("clamp_", 0, 4),
                ("masked_fill_", self.mask(tensor.shape), 2),
                ("index_fill_", dim, self.positions([2], self.size_at(tensor, dim)), 1),
                (
                    "index_add_",
                    dim,
                    self.positions([self.size_at(tensor, dim)], self.size_at(tensor, dim)),
                    other,
                ),
                ("transpose_", dim, other_dim),
                ("unsqueeze_", dim),
                ("squeeze_",),
                ("t_",),
                ("detach_",),
                ("resize_", [size for size in tensor.shape if size != 1]),
            ]
        )

    def into_a_target(self, place, tensor):
        target = Alive(self.random.randrange(len(self.tensors)))
        if self.torch:  # which does not look whether a target overlaps what it reads
            target = self.tensor(self.shape(1), dtype_name(tensor.dtype))
        other = self.random.choice(
            [self.tensor(tensor.shape, dtype_name(tensor.dtype)), Alive(place), target]
        )
        dim = self.dim(tensor)
        name, *arguments = self.random.choice(
            [
                ("add", Alive(place), other),
                ("mul", Alive(place), other),
                ("maximum", Alive(place), other),
                ("cat", [Alive(place), other], dim),
                ("sum", Alive(place), [dim]),
                ("index_select", Alive(place), dim, self.positions([2], self.size_at(tensor, dim))),
                ("abs", Alive(place)),
            ]
        )
        return (f"{name} into", *arguments, target)

    def make_step(self):
        """Return (name, place, arguments) of the next step."""
        place = self.random.randrange(len(self.tensors))
        tensor = self.tensors[place]
        kind = self.random.random()
        if kind < 0.25:
            step = ("get", self.index(tensor))
        elif kind < 0.4:
            number = self.random.choice([0, 3, -1, 2.5, True, 1 << 62])
            if self.hostile and self.chance(0.1):
                number = hostile_objects.draw(self.random)
            shape = self.random.choice([[], [1], tensor.shape[1:], tensor.shape])
            step = ("set", self.index(tensor), self.random.choice([number, self.tensor(shape)]))
        elif kind < 0.55:
            step = self.view(place, tensor)
        elif kind < 0.62:
            step = self.strides(place, tensor)
        elif kind < 0.78:
            step = self.in_place(place, tensor)
        elif kind < 0.85:
            step = self.into_a_target(place, tensor)
        else:
            step = self.random.choice(
                [("numpy",), ("hook", self.random.choice(HOOKS)), ("backward",), ("backward",)]
            )
        return step[0], place, step[1:]

    # ---- what happens

    def run(self):
        """Make the program's steps; raise AssertionError where a step goes another way than in PyTorch."""
        for _ in range(2):
            made, tracked = self.tensor(self.shape(3)), self.chance(0.6)
            self.steps.append(f"make {made}, {'tracked' if tracked else ''}")
            self.keep(start(lampas, made, tracked), start(self.torch, made, tracked) if self.torch else None)
        for _ in range(STEPS):
            name, place, arguments = self.make_step()
            self.steps.append(f"{name} t{place} {', '.join(map(repr, arguments))}")
            if self.torch and name == "set" and self.torch._debug_has_internal_overlap(self.others[place]):
                return  # which of the values written to one element stays is not defined
            result, error = take(lampas, self.tensors, self.arrays, name, place, arguments)
            if error:
                self.steps[-1] += f" -> {type(error).__name__}: {str(error)[:60]}"
            other = None
            if self.torch:
                other, other_error = take(self.torch, self.others, self.other_arrays, name, place, arguments)
                if error or other_error:
                    return  # refusals are compared elsewhere; PyTorch's may leave a target with another shape
            if isinstance(result, lampas.Tensor) and max([result.numel(), *result.shape]) <= MOST_ELEMENTS:
                self.keep(result, other)
            self.check()

    def keep(self, tensor, other):
        """Add a tensor; beyond a handful one is replaced."""
        place = self.random.randrange(6)
        for tensors, kept in [(self.tensors, tensor), (self.others, other)]:
            if place < len(tensors) and len(tensors) > 3:
                tensors[place] = kept
            else:
                tensors.append(kept)

    def check(self):
        """Every tensor can be read, and holds what PyTorch's does."""
        for tensor in self.tensors:
            tensor.tolist()
        for array in self.arrays:
            array.tolist()
        for place, (tensor, other) in enumerate(
            zip(self.tensors, self.others, strict=True) if self.torch else ()
        ):
            for mine, its in [(tensor, other), (gradient(tensor), gradient(other))]:
                assert (mine is None) == (its is None), f"t{place}: one has a gradient"
                if mine is not None:
                    assert describe(mine) == describe(its), (
                        f"t{place}: {describe(mine)}, PyTorch {describe(its)}"
                    )
                    assert_close(to_array(mine), to_array(its.resolve_conj()), dtype_name(mine.dtype))
        for array, other in zip(self.arrays, self.other_arrays, strict=False):
            numpy.testing.assert_array_equal(array, other)


def start(framework, made, tracked):
    """Make a tensor to start from: a leaf and something computed of it, where it can be tracked."""
    tensor = made.make(framework)
    return tensor.requires_grad_() * 1 if tracked and made.dtype in FLOATING else tensor


def gradient(tensor):
    return tensor.grad if tensor.is_leaf else None


def describe(tensor):
    return dtype_name(tensor.dtype), list(tensor.shape), tensor.requires_grad, tensor.is_leaf


def take(framework, tensors, arrays, name, place, arguments):
    """Take a step; return (result, None) or (None, exception)."""
    tensor = tensors[place]
    try:
        arguments = build(list(arguments), framework, tensors)
        if name == "get":
            return tensor[arguments[0]], None
        if name == "set":
            tensor[arguments[0]] = arguments[1]
        elif name == "numpy":
            arrays.append(tensor.detach().numpy())
        elif name == "hook":
            tensor.register_hook(arguments[0])
        elif name == "backward":
            tensor.sum().backward()
        elif name.endswith(" into"):
            getattr(framework, name.removesuffix(" into"))(*arguments[:-1], out=arguments[-1])
        else:
            result = getattr(tensor, name)(*arguments)
            return (None if name.endswith("_") else result), None
    except (SystemError, BufferError):  # raised by Python itself where a C function broke its rules
        raise
    except Exception as error:
        return None, error
    return None, None


class Programs:
    """Draws programs; the same seed gives the same ones."""

    def __init__(self, seed, with_pytorch):
        self.seed = seed
        self.torch = importlib.import_module("torch") if with_pytorch else None

    def draw(self, index):
        """Return the program of this number: a quarter is compared with PyTorch where that is there."""
        return Program(f"program {index} of {self.seed}", self.torch if index % 4 == 0 else None)

    def outcome(self, program):
        """Run a program; return "returned", or how it went another way than in PyTorch."""
        try:
            program.run()
        except AssertionError as error:
            return f"different: {error}\n    {program}"
        except Exception as error:
            return f"broken: {type(error).__name__}: {error}\n    {program}"
        return "returned"
