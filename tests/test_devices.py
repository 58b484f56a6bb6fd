"""Devices, their switches and settings on a machine without a GPU; names of what is not supported."""

import pytest

import lampas
from lampas import nn


def test_there_is_no_gpu_and_the_reason_is_kept():
    assert lampas.cuda.is_available() is False and lampas.cuda.device_count() == 0
    assert "CPU only" in lampas.cuda.why_unavailable()
    assert not lampas.backends.mps.is_available() and not lampas.xpu.is_available()
    assert lampas.accelerator.current_accelerator() is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: lampas.zeros(1).cuda(),
        lambda: lampas.zeros(1).to("cuda:0"),
        lambda: lampas.empty(0, device="cuda"),
        lambda: nn.Linear(1, 1).cuda(),
        lambda: nn.Linear(1, 1).to("cuda"),
        lambda: lampas.cuda.synchronize(),
        lambda: lampas.cuda.set_device(0),
        lambda: lampas.cuda.set_device("cuda:0"),
        lambda: lampas.cuda.current_device(),
        lambda: lampas.cuda.get_device_name(0),
    ],
)
def test_what_needs_a_gpu_raises_as_pytorch(call):
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        call()


@pytest.mark.parametrize("name", ["mps", "xla", "vulkan", "hpu", "privateuseone"])
def test_other_devices_can_be_named_but_not_used(name):
    assert lampas.device(name).type == name
    with pytest.raises(RuntimeError, match=f"not linked with support for {name} devices"):
        lampas.zeros(1, device=name)


def test_the_default_device_within_a_block():
    with lampas.device("meta") as outer:
        assert outer.type == "meta" and lampas.zeros(2).is_meta and nn.Linear(1, 1).weight.is_meta
        with lampas.device("cpu"):
            assert not lampas.zeros(2).is_meta
        assert lampas.get_default_device() == outer
    assert not lampas.zeros(2).is_meta
    with pytest.raises(RuntimeError, match="left without having been entered"):
        lampas.device("cpu").__exit__(None, None, None)


def test_the_default_device_comes_back_after_an_error():
    with pytest.raises(KeyError), lampas.device("meta"):
        raise KeyError
    assert lampas.get_default_device().type == "cpu"


def test_switches_keep_what_they_are_set_to():
    cudnn = lampas.backends.cudnn
    with cudnn.flags(enabled=False, benchmark=True):
        assert cudnn.benchmark and not cudnn.enabled
    assert cudnn.enabled and not cudnn.benchmark
    lampas.backends.cuda.matmul.allow_tf32 = True
    assert lampas.get_float32_matmul_precision() == "high"
    lampas.backends.cuda.matmul.allow_tf32 = False
    assert lampas.get_float32_matmul_precision() == "highest"
    with pytest.raises(AttributeError, match="Unknown attribute nothing"):
        lampas.backends.cuda.matmul.nothing = 1


def test_small_numbers_count_as_zero_on_request():
    small = lampas.tensor(1e-39)
    try:
        if lampas.set_flush_denormal(True):
            assert (small * 1).item() == 0.0
    finally:
        lampas.set_flush_denormal(False)
    assert (small * 1).item() > 0


def test_compile_returns_the_function_itself():
    def double(x):
        return x * 2

    assert lampas.compile(double) is double
    assert lampas.compile(mode="max-autotune", fullgraph=True)(double) is double
    network = nn.Linear(1, 1)
    assert lampas.compile(network) is network
    with pytest.raises(RuntimeError, match="Either mode or options"):
        lampas.compile(double, mode="default", options={})
    assert lampas.jit.script(double) is double
    assert lampas.jit.script_method(double) is double
    assert lampas.jit.annotate(list[int], [1]) == [1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: lampas.jit.trace(abs, 1),
        lambda: lampas.jit.load("file"),
        lambda: lampas.jit.save(None, "file"),
        lambda: lampas.onnx.export(None, (), "file"),
        lambda: lampas.hub.load("repository", "model"),
        lambda: lampas.hub.load_state_dict_from_url("http://localhost"),
    ],
)
def test_what_is_not_supported_says_so(call):
    with pytest.raises(NotImplementedError, match="is not supported"):
        call()


def test_old_default_types():
    try:
        with pytest.warns(FutureWarning, match="set_default_tensor_type"):
            lampas.set_default_tensor_type(lampas.DoubleTensor)
        assert lampas.zeros(1).dtype is lampas.float64
    finally:
        lampas.set_default_dtype(lampas.float32)
    with pytest.warns(FutureWarning), pytest.raises(TypeError, match="not available"):
        lampas.set_default_tensor_type("torch.cuda.FloatTensor")
