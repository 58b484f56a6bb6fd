"""Every op on the meta device, which gives shapes, and on the shadow device, which gives the same values.

The shadow device's memory cannot be addressed by code that reads tensors itself: an op that works there
goes through its kernels.
"""

import pytest

import lampas
from ops.cases import CASES
from ops.sample import Input
from ops.tensors import build, dtype_name, tensors_in, to_array, to_tensor
from ops.test_forward import call_default

# Their result, or its shape, is a matter of values; with a mask as an index, that of the gradient is.
READS_VALUES = (
    *("item", "is_nonzero", "equal", "allclose"),
    *("nonzero", "where.condition", "masked_select", "index.mask"),
    *("repeat_interleave.Tensor", "repeat_interleave.self_Tensor"),
    "tensor_split.tensor_indices_or_sections",
    *("argwhere", "nonzero_static", "unique", "unique_consecutive", "bincount", "histc"),
)
GRADIENT_READS_VALUES = (*READS_VALUES, "index_put.mask", "masked_scatter")


def build_on(sample, device, requires_grad=False):
    """Return (arguments, keywords) of a sample on a device."""

    def convert(value):
        tensor = to_tensor(lampas, value)
        if not isinstance(value, Input):
            return tensor
        moved = tensor.to(device)
        return moved.requires_grad_() if requires_grad and value.differentiable else moved

    return sample.map(convert)


def has_tensors(case):
    return bool(case.samples_of(case.main_dtype)[0].inputs())


WITH_TENSORS = [case for case in CASES if has_tensors(case)]
MAKERS = [case for case in CASES if not has_tensors(case)]


@pytest.mark.parametrize("case", [case for case in WITH_TENSORS if case.name not in READS_VALUES], ids=str)
def test_meta_gives_shapes_dtypes_and_strides(case):
    for dtype in {case.dtypes[0], case.dtypes[-1]}:
        for sample in case.samples_of(dtype):
            expected = tensors_in(call_default(case, *build(lampas, sample)))
            results = tensors_in(call_default(case, *build_on(sample, "meta")))
            for result, wanted in zip(results, expected, strict=True):
                assert result.device.type == "meta"
                assert (result.shape, result.dtype) == (wanted.shape, wanted.dtype), f"{case.name}{sample}"
                if wanted.numel():
                    assert result.stride() == wanted.stride(), f"{case.name}{sample}"


@pytest.mark.parametrize("case", [case for case in WITH_TENSORS if case.name in READS_VALUES], ids=str)
def test_meta_refuses_what_needs_values(case):
    with pytest.raises((RuntimeError, NotImplementedError)):
        call_default(case, *build_on(case.samples_of(case.main_dtype)[0], "meta"))


@pytest.mark.parametrize("case", [case for case in WITH_TENSORS if case.derivatives], ids=str)
def test_meta_gives_shapes_of_gradients(case):
    for sample in case.samples_of(case.precise_dtype):
        if case.has_only("in_place") or case.name in GRADIENT_READS_VALUES:
            continue
        arguments, keywords = build_on(sample, "meta", requires_grad=True)
        results = [
            each for each in tensors_in(case.call(lampas, *arguments, **keywords)) if each.requires_grad
        ]
        inputs = [each for each in tensors_in((arguments, keywords)) if each.requires_grad]
        ones = [lampas.ones_like(each) for each in results]
        for each, grad in zip(
            inputs, lampas.autograd.grad(results, inputs, ones, allow_unused=True), strict=True
        ):
            assert grad is None or (grad.shape == each.shape and grad.device.type == "meta")


@pytest.mark.parametrize("case", WITH_TENSORS, ids=str)
def test_shadow_gives_the_same_values(case):
    for dtype in {case.dtypes[0], case.dtypes[-1]}:
        for sample in case.samples_of(dtype):
            lampas.manual_seed(0)
            expected = call_default(case, *build(lampas, sample))
            lampas.manual_seed(0)
            result = call_default(case, *build_on(sample, "shadow"))
            assert_same(result, expected, case.fills, f"{case.name}{sample}")


def assert_same(result, expected, fills, context):
    """The values of shadow tensors are, bit for bit, those of CPU tensors; other results are equal."""
    if not isinstance(expected, (lampas.Tensor, tuple, list)):
        assert result == expected, context
        return
    for ours, wanted in zip(tensors_in(result), tensors_in(expected), strict=True):
        assert ours.device.type == "shadow" and ours.dtype == wanted.dtype, context
        ours, wanted = to_array(ours.cpu()), to_array(wanted)
        assert ours.shape == wanted.shape, context
        assert not fills or ours.tobytes() == wanted.tobytes(), context


@pytest.mark.parametrize("case", [case for case in WITH_TENSORS if case.derivatives], ids=str)
def test_shadow_gives_the_same_gradients(case):
    for sample in case.samples_of(case.precise_dtype):
        if case.has_only("in_place"):
            continue
        expected = gradients(case, *build(lampas, sample, requires_grad=True))
        result = gradients(case, *build_on(sample, "shadow", requires_grad=True))
        for ours, wanted in zip(result, expected, strict=True):
            assert (ours is None) == (wanted is None)
            if wanted is not None:
                assert ours.device.type == "shadow"
                assert to_array(ours.cpu()).tobytes() == to_array(wanted).tobytes(), f"{case.name}{sample}"


def gradients(case, arguments, keywords):
    """First derivatives of the squares of the results, so that the gradients that arrive differ."""
    lampas.manual_seed(0)
    results = [each for each in tensors_in(case.call(lampas, *arguments, **keywords)) if each.requires_grad]
    inputs = [each for each in tensors_in((arguments, keywords)) if each.requires_grad]
    squares = [each * each for each in results]
    ones = [lampas.ones_like(each) for each in squares]
    return lampas.autograd.grad(squares, inputs, ones, allow_unused=True)


@pytest.mark.parametrize("case", MAKERS, ids=str)
def test_makers_take_a_device(case):
    for sample in case.samples_of(case.main_dtype):
        arguments, keywords = build(lampas, sample)
        lampas.manual_seed(0)
        expected = case.call(lampas, *arguments, **keywords)
        lampas.manual_seed(0)
        shadow = case.call(lampas, *arguments, **keywords, device="shadow")
        assert_same(shadow, expected, case.fills, f"{case.name}{sample}")
        meta = case.call(lampas, *arguments, **keywords, device="meta")
        assert (meta.device.type, meta.shape, meta.dtype) == ("meta", expected.shape, expected.dtype)


def test_shadow_memory_cannot_be_read_from_python():
    tensor = lampas.ones(3).to("shadow")
    with pytest.raises(TypeError):
        tensor.numpy()
    assert tensor.cpu().tolist() == [1.0, 1.0, 1.0]
    assert tensor.tolist() == [1.0, 1.0, 1.0]


def test_two_devices_do_not_mix():
    ours, other = lampas.ones(3), lampas.ones(3).to("shadow")
    for operation in (
        lambda: ours + other,
        lambda: other * ours,
        lambda: lampas.mm(ours[None], other[:, None]),
    ):
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
            operation()


@pytest.mark.parametrize("device", ["meta", "shadow"])
def test_numbers_follow_to_every_device(device):
    tensor = lampas.ones(3).to(device)
    assert (tensor + lampas.tensor(1.0)).device.type == device  # a zero-dimensional CPU tensor follows
    assert dtype_name((tensor + 1.5).dtype) == "float32"
