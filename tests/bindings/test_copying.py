"""deepcopy, pickle and copy of tensors: values, sharing of memory, attributes, gradients."""

import copy
import pickle

import pytest

import lampas
from lampas import Tensor, nn


class Marked(Tensor):
    """A class that pickle can find."""


def through_pickle(value):
    return pickle.loads(pickle.dumps(value))


WAYS = pytest.mark.parametrize("way", [copy.deepcopy, through_pickle], ids=["deepcopy", "pickle"])


@WAYS
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int8", "bool", "complex64", "uint64"])
def test_values_dtype_and_independence(way, dtype):
    tensor = lampas.tensor([[1, 0], [1, 1]]).to(getattr(lampas, dtype))
    copied = way(tensor)
    assert copied.dtype is tensor.dtype and copied.tolist() == tensor.tolist()
    copied.zero_()
    assert tensor.tolist() == lampas.tensor([[1, 0], [1, 1]]).to(tensor.dtype).tolist()


@WAYS
def test_strides_and_offsets_are_kept(way):
    tensor = lampas.arange(12).view(3, 4).T[1:, ::2]
    copied = way(tensor)
    assert copied.stride() == tensor.stride() and copied.storage_offset() == tensor.storage_offset()
    assert copied.tolist() == tensor.tolist()


@WAYS
def test_tensors_that_share_memory_go_on_sharing_it(way):
    tensor = lampas.zeros(4)
    whole, part, again = way([tensor, tensor[1:3], tensor])
    part.fill_(7)
    assert whole.tolist() == [0.0, 7.0, 7.0, 0.0] and again is whole
    assert tensor.tolist() == [0.0, 0.0, 0.0, 0.0]


@WAYS
def test_class_attributes_and_requires_grad(way):
    tensor = Tensor._make_subclass(Marked, lampas.ones(2), True)
    tensor.mark = {"a": [1]}
    copied = way(tensor)
    assert type(copied) is Marked and copied.requires_grad and copied.mark == {"a": [1]}
    assert copied.mark["a"] is not tensor.mark["a"]


@WAYS
def test_parameters(way):
    parameter = nn.Parameter(lampas.ones(2), requires_grad=False)
    copied = way(parameter)
    assert type(copied) is nn.Parameter and not copied.requires_grad


def test_deepcopy_copies_the_gradient():
    weight = lampas.ones(2, requires_grad=True)
    (weight * 3).sum().backward()
    copied = copy.deepcopy(weight)
    weight.grad.zero_()
    assert copied.grad.tolist() == [3.0, 3.0]


def test_deepcopy_of_a_result_is_refused():
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(lampas.ones(2, requires_grad=True) * 2)


def test_a_cycle_is_copied_as_a_cycle():
    tensor = lampas.ones(1)
    tensor.itself = [tensor]
    copied = copy.deepcopy(tensor)
    assert copied.itself[0] is copied


def test_meta_tensors_have_shapes_to_copy():
    copied = through_pickle(lampas.ones(2, 3, device="meta"))
    assert copied.is_meta and copied.shape == (2, 3)
    assert copy.deepcopy(copied).shape == (2, 3)


@pytest.mark.parametrize(
    "value",
    [lampas.float32, lampas.device("cuda:1"), lampas.Size([2, 3]), lampas.strided, lampas.channels_last],
    ids=str,
)
@WAYS
def test_small_values(way, value):
    copied = way(value)
    assert copied == value and type(copied) is type(value)
    if isinstance(value, lampas.dtype):
        assert copied is value


def test_functions_are_pickled_by_name():
    assert through_pickle(lampas.add) is lampas.add
    assert through_pickle(Tensor.add)(lampas.ones(1), 1).item() == 2.0


def test_untyped_storage_is_one_object_while_it_lives():
    tensor = lampas.ones(4)
    storage = tensor.untyped_storage()
    assert tensor[1:].untyped_storage() is storage
    assert storage.nbytes() == 16 and storage.data_ptr() == tensor.data_ptr()
    assert len(storage.tobytes()) == 16


def test_numbers_that_do_not_fit_a_storage_are_refused():
    storage = lampas.ones(4).untyped_storage()
    with pytest.raises(RuntimeError, match="out of bounds for storage"):
        lampas._core._tensor_over(storage, lampas.float32, 1, (4,), (1,))
    with pytest.raises(RuntimeError, match="storage offset"):
        lampas._core._tensor_over(storage, lampas.float32, -1, (1,), (1,))
    with pytest.raises(ValueError):
        lampas.UntypedStorage._from_bytes(b"abc", 4, lampas.device("cpu"))
