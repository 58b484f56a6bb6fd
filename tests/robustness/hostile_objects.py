"""Objects whose methods raise, lie or change what is being read, to stand where an argument belongs."""


class Trouble(Exception):
    """What hostile objects raise: it has to come out of the call as it is."""


class Hostile:
    def __repr__(self):
        return type(self).__name__


class RaisesAsNumber(Hostile):
    """No number can be had from it."""

    def __index__(self):
        raise Trouble("no index")

    __int__ = __float__ = __complex__ = __bool__ = __index__


class LiesAsNumber(Hostile):
    """Its number is not of the type it has to be of."""

    def __index__(self):
        return 2.5  # noqa: PLE0305

    def __float__(self):
        return "text"

    def __bool__(self):
        return 1  # noqa: PLE0304


class HugeNumber(Hostile):
    """A number that no machine word holds."""

    def __index__(self):
        return 10**30

    def __float__(self):
        return float(10**300)


class Sequence(Hostile):
    """A sequence of any length, true or not."""

    def __init__(self, length, items):
        self.length, self.items = length, items

    def __len__(self):
        if isinstance(self.length, Exception):
            raise self.length
        return self.length

    def __getitem__(self, place):
        if isinstance(self.items, Exception):
            raise self.items
        return self.items[place]


class Clears(Hostile):
    """A number that empties the list it stands in while it is read."""

    def __init__(self, owner):
        self.owner = owner

    def __index__(self):
        self.owner.clear()
        return 1

    def __float__(self):
        self.owner.clear()
        return 1.0


class Grows(Clears):
    """A number that makes the list it stands in longer while it is read."""

    def __index__(self):
        self.owner.extend([1] * 1000)
        return 1

    def __float__(self):
        self.owner.extend([1] * 1000)
        return 1.0


class Numbers(list):
    """A list that nobody copies who looks for plain lists."""


def list_with(kind):
    """Return a list with such a number in its middle."""
    numbers = Numbers([1, 2, 3])
    numbers[1] = kind(numbers)
    return numbers


class RaisesAsTensor(Hostile):
    """Takes part in every call, and raises."""

    @classmethod
    def __torch_function__(cls, function, types, arguments=(), keywords=None):
        raise Trouble("no call")


class WrongHandler(Hostile):
    """Says that it takes part, by something that cannot be called so."""

    @classmethod
    def __torch_function__(cls):
        return 1


class NoHandler(Hostile):
    __torch_function__ = None


class HandlerRaises(Hostile):
    @property
    def __torch_function__(self):
        raise Trouble("no handler")


class IntegerOfItsOwn(int):
    """An integer whose methods are not to be trusted."""

    def __index__(self):
        raise Trouble("no index")

    def __eq__(self, other):
        raise Trouble("no comparison")

    __lt__ = __gt__ = __le__ = __ge__ = __eq__
    __hash__ = int.__hash__


class TextOfItsOwn(str):
    """A text whose methods are not to be trusted."""

    def __eq__(self, other):
        raise Trouble("no comparison")

    def __hash__(self):
        raise Trouble("no hash")


MAKERS = [
    RaisesAsNumber,
    LiesAsNumber,
    HugeNumber,
    RaisesAsTensor,
    WrongHandler,
    NoHandler,
    HandlerRaises,
    lambda: IntegerOfItsOwn(1),
    lambda: TextOfItsOwn("mean"),
    lambda: Sequence(5, [1, 2]),
    lambda: Sequence(-1, [1]),
    lambda: Sequence(1 << 60, [1]),
    lambda: Sequence(Trouble("no length"), [1]),
    lambda: Sequence(3, Trouble("no item")),
    lambda: Sequence(2, [RaisesAsNumber(), 1]),
    lambda: list_with(Clears),
    lambda: list_with(Grows),
    lambda: [list_with(Clears), [1, 2, 3]],
    lambda: (RaisesAsNumber(), 1),
    lambda: [RaisesAsTensor()],
    lambda: slice(RaisesAsNumber(), None),
    lambda: slice(None, None, LiesAsNumber()),
    lambda: float("nan"),
    lambda: {1: 2},
]


def draw(random):
    """Return a new hostile object."""
    return random.choice(MAKERS)()
