"""Attributes that are set: grad, data, requires_grad; and what in-place changes do to them."""

import warnings

import pytest

import lampas


def test_data_is_the_same_memory_unknown_to_autograd():
    weight = lampas.ones(3, requires_grad=True)
    weight.data.mul_(2)
    assert weight.tolist() == [2.0, 2.0, 2.0] and weight._version == 0
    assert not weight.data.requires_grad and weight.data.is_leaf


def test_data_may_be_replaced():
    weight = lampas.ones(3, requires_grad=True)
    result = (weight * weight).sum()
    weight.data = lampas.full((3,), 5.0)
    assert weight.is_leaf and weight.requires_grad and weight.tolist() == [5.0, 5.0, 5.0]
    result.backward()
    assert weight.grad.shape == (3,)
    weight.grad = None
    weight.data = lampas.zeros(2, 2)
    assert weight.shape == (2, 2)


def test_versions_go_on_after_data_was_replaced():
    weight = lampas.ones(3)
    weight.add_(1)
    before = weight._version
    weight.data = lampas.zeros(3)
    assert weight._version == before
    weight.add_(1)
    assert weight._version == before + 1


def test_grad_is_set_checked_and_removed():
    weight = lampas.ones(2, requires_grad=True)
    gradient = lampas.ones(2)
    weight.grad = gradient
    assert weight.grad is gradient
    del weight.grad
    assert weight.grad is None
    for wrong, kind in [(1, TypeError), (lampas.ones(3), RuntimeError), (weight, RuntimeError)]:
        with pytest.raises(kind):
            weight.grad = wrong
    assert weight.grad is None


def test_grad_of_a_result_warns():
    result = lampas.ones(2, requires_grad=True) * 2
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf"):
        assert result.grad is None
    result.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert result.grad is None


def test_requires_grad_follows_the_rules_of_leaves():
    leaf = lampas.ones(2)
    leaf.requires_grad = True
    result = leaf * 2
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        result.requires_grad = False
    with pytest.raises(RuntimeError, match="must be a bool"):
        leaf.requires_grad = 1
    with pytest.raises(RuntimeError, match="floating point"):
        lampas.ones(2, dtype=lampas.int64).requires_grad_()


def test_a_view_knows_that_its_base_was_written():
    base = lampas.zeros(2)
    view = base[0]
    assert not view.requires_grad
    base.mul_(lampas.ones(2, requires_grad=True))
    assert view.requires_grad and not view.is_leaf


def test_detach_in_place():
    weight = lampas.ones(2, requires_grad=True)
    result = weight * 2
    assert result.detach_() is result
    assert result.is_leaf and not result.requires_grad
    for view in ((weight * 2)[0:1], lampas.ones(2)[0:1]):
        with pytest.raises(RuntimeError, match="Can't detach views in-place"):
            view.detach_()


def test_default_arguments_are_not_shared_between_calls():
    first = lampas.zeros(2)
    first.add_(1)
    assert lampas.zeros(2).tolist() == [0.0, 0.0]


def test_old_order_of_arguments_warns_once():
    tensor = lampas.ones(2)
    with pytest.warns(UserWarning, match="This overload of sub_ is deprecated"):
        tensor.sub_(2, lampas.ones(2))
    assert tensor.tolist() == [-1.0, -1.0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tensor.sub_(2, lampas.ones(2))
