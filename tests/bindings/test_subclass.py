"""Subclasses of Tensor: their results keep the class, and `__torch_function__` may decide otherwise."""

import pytest

import lampas
from lampas import Tensor, nn


class Marked(Tensor):
    """Says nothing about functions."""


class Derived(Marked):
    """A subclass of a subclass."""


RESULTS = {
    "operator": lambda x: x + 1,
    "reflected operator": lambda x: 1 - x,
    "comparison": lambda x: x == x,
    "negation": lambda x: -x,
    "method": lambda x: x.sum(),
    "function": lambda x: lampas.relu(x),
    "list argument": lambda x: lampas.cat([x, x]),
    "tuple of results": lambda x: x.split(1)[0],
    "named results": lambda x: lampas.max(x, 0).values,
    "index": lambda x: x[0],
    "iteration": lambda x: next(iter(x)),
    "conversion": lambda x: x.to(lampas.float64),
    "view": lambda x: x.view(2, 1).T,
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "clone": lambda x: x.clone(),
    "in place": lambda x: x.add_(1),
    "beside a plain tensor": lambda x: lampas.ones(2) * x,
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_keep_the_class(name):
    assert type(RESULTS[name](lampas.ones(2).as_subclass(Marked))) is Marked


@pytest.mark.parametrize("name", RESULTS)
def test_results_of_parameters_are_plain(name):
    if name == "in place":
        return
    assert type(RESULTS[name](nn.Parameter(lampas.ones(2)))) is Tensor


def test_the_most_derived_class_wins():
    marked, derived = lampas.ones(2).as_subclass(Marked), lampas.ones(2).as_subclass(Derived)
    assert type(marked + derived) is Derived
    assert type(derived + marked) is Derived


def test_torch_function_sees_every_call():
    class Logged(Tensor):
        calls = []

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            cls.calls.append((func.__name__, types, len(args), sorted(kwargs or ())))
            return super().__torch_function__(func, types, args, kwargs)

    tensor = lampas.ones(2).as_subclass(Logged)
    assert type(lampas.add(tensor, 1, alpha=2)) is Logged
    assert type(tensor.sum(0)) is Logged
    assert type(tensor * 2) is Logged
    assert type(2 - tensor) is Logged
    assert type(lampas.stack([lampas.ones(2), tensor])) is Logged
    assert [(name, count, names) for name, _, count, names in Logged.calls] == [
        ("add", 2, ["alpha"]),
        ("sum", 2, []),
        ("__mul__", 2, []),
        ("__rsub__", 2, []),
        ("stack", 1, []),
    ]
    assert all(types == (Logged,) for _, types, _, _ in Logged.calls)


def test_torch_function_may_answer_by_itself():
    class Answering(Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return "answer"

    assert lampas.relu(lampas.ones(2).as_subclass(Answering)) == "answer"


def test_torch_function_that_declines_is_an_error():
    class Declining(Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return NotImplemented

    with pytest.raises(TypeError, match="no implementation found for 'torch.relu' on types that implement"):
        lampas.relu(lampas.ones(2).as_subclass(Declining))


def test_objects_that_are_no_tensors_may_take_part():
    class Length:
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return func.__name__, args[1]

    length = Length()
    assert lampas.add(lampas.ones(2), length) == ("add", length)


def test_constructor_takes_the_class():
    class Named(Tensor):
        def __new__(cls, data, name):
            made = super().__new__(cls, data)
            made.name_of_data = name
            return made

        def __init__(self, data, name):
            super().__init__()

    named = Named([1, 2], "pair")
    assert type(named) is Named and named.name_of_data == "pair" and named.tolist() == [1.0, 2.0]


def test_make_subclass_shares_memory_and_forgets_history():
    data = lampas.ones(2, requires_grad=True) * 2
    made = Tensor._make_subclass(Marked, data, True)
    assert made.is_leaf and made.requires_grad and made.data_ptr() == data.data_ptr()
    with pytest.raises(TypeError, match="does not inherit from Tensor"):
        Tensor._make_subclass(int, data)
    with pytest.raises(TypeError, match="argument 'data' .position 2. must be Tensor, not int"):
        Tensor._make_subclass(Marked, 1)


def test_as_subclass_keeps_the_history():
    weight = lampas.ones(2, requires_grad=True)
    (weight * 3).as_subclass(Marked).sum().backward()
    assert weight.grad.tolist() == [3.0, 3.0]


def test_a_metaclass_may_derive_from_tensors():
    class Meta(type(Tensor)):
        def __instancecheck__(cls, instance):
            return super().__instancecheck__(instance) or getattr(instance, "_marked", False)

    class Special(Tensor, metaclass=Meta):
        """Nothing of its own."""

    plain = lampas.ones(1)
    assert not isinstance(plain, Special)
    plain._marked = True
    assert isinstance(plain, Special)
