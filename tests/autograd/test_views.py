"""Writing in place into views rewrites the history of their base, as the same computation out of place."""

import pytest

import lampas


def leaf():
    return lampas.tensor([1.0, 2.0, 3.0], dtype=lampas.float64, requires_grad=True)


def gradient_of(function):
    x = leaf()
    (result,) = lampas.autograd.grad(function(x).sum(), x)
    return result.tolist()


def test_writing_into_a_view_reaches_the_base():
    def written(x):
        base = x * 1
        base[1:].mul_(lampas.tensor([3.0, 4.0], dtype=lampas.float64))
        assert type(base.grad_fn).__name__ == "CopySlices"
        return base * base

    factors = lampas.tensor([1.0, 3.0, 4.0], dtype=lampas.float64)
    assert gradient_of(written) == gradient_of(lambda x: (x * factors) * (x * factors))


def test_other_views_of_the_base_see_the_write():
    def written(x):
        base = x * 1
        whole, part = base.view(3, 1), base[1:]
        part.mul_(5)
        assert type(whole.grad_fn).__name__ == "AsStridedBackward0"
        return whole * whole

    assert gradient_of(written) == [2.0, 100.0, 150.0]


def test_a_chain_of_views():
    def written(x):
        base = x * 1
        first = base.view(3, 1)
        last = first[1:].squeeze(1)
        last.mul_(5)
        first.add_(1)
        return last * last

    assert gradient_of(written) == [0.0, 110.0, 160.0]


def test_a_write_into_a_base_that_is_not_contiguous():
    def written(x):
        base = (x.expand(2, 3) * 1).t()
        base[1].mul_(3)
        base[:, 1].exp_()
        return base

    e = lampas.exp(lampas.tensor([1.0, 6.0, 3.0], dtype=lampas.float64))
    expected = [1 + e[0].item(), 3 + 3 * e[1].item(), 1 + e[2].item()]
    assert gradient_of(written) == pytest.approx(expected)


def test_a_base_laid_out_with_strides_of_its_own():
    """A base that autograd knows no base of: its memory has gaps."""
    x = leaf()
    memory = lampas.zeros(6, dtype=lampas.float64)
    base = memory.detach()[::2].detach()
    base.copy_(x)
    base[1:].mul_(2)
    (result,) = lampas.autograd.grad((base * base).sum(), x)
    assert result.tolist() == [2.0, 16.0, 24.0]


def test_second_derivatives_through_a_write():
    x = leaf()
    base = x * x
    base[1:].mul_(x[1:])
    (first,) = lampas.autograd.grad(base.sum(), x, create_graph=True)
    assert first.tolist() == [2.0, 12.0, 27.0]
    (second,) = lampas.autograd.grad(first.sum(), x)
    assert second.tolist() == [2.0, 12.0, 18.0]


def test_leaves_are_not_written():
    x = leaf()
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad is being used"):
        x[1:].add_(1)
    with lampas.no_grad():
        x[1:].add_(1)
    assert x.tolist() == [1.0, 3.0, 4.0]


def test_one_of_several_views_is_not_written():
    parts = (leaf() * 1).split(2)
    with pytest.raises(
        RuntimeError, match="Output 0 of Split is a view and is being modified inplace. This view is"
    ):
        parts[0].add_(1)


@pytest.mark.parametrize("mode, name", [(lampas.no_grad, "no_grad"), (lampas.inference_mode, "inference")])
def test_a_view_made_without_recording_is_not_written_with_it(mode, name):
    base = leaf() * 1
    with mode():
        view = base[1:]
    with pytest.raises(
        RuntimeError, match=f"A view was created in {name} mode and is being modified inplace"
    ):
        view.mul_(2)


def test_inference_tensors_stay_out_of_graphs():
    with lampas.inference_mode():
        made = lampas.ones(3, dtype=lampas.float64) * 2
    assert made.is_inference() and not made.requires_grad
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        leaf() * made
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode"):
        made.add_(1)
    with pytest.raises(RuntimeError, match="Setting requires_grad=True on inference tensor outside"):
        made.requires_grad_()
