"""What torch.cuda answers on a machine without a GPU: none is there, and what needs one says so.

Lampas runs on the CPU; `why_unavailable()` gives the reason. Names that only ask, seed or clean up do
nothing and raise nothing, so that scripts written for both run.
"""

from collections import OrderedDict

from lampas import _core
from lampas.cuda import amp

__all__ = [
    "CUDAGraph",
    "Event",
    "OutOfMemoryError",
    "Stream",
    "StreamContext",
    "amp",
    "can_device_access_peer",
    "current_device",
    "current_stream",
    "default_stream",
    "device",
    "device_count",
    "device_of",
    "empty_cache",
    "get_arch_list",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "ipc_collect",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_cached",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_cached",
    "memory_reserved",
    "memory_stats",
    "memory_summary",
    "reset_max_memory_allocated",
    "reset_max_memory_cached",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_per_process_memory_fraction",
    "set_rng_state",
    "set_rng_state_all",
    "stream",
    "synchronize",
    "why_unavailable",
]

has_half = True
has_magma = False
default_generators = ()
_REASON = "Lampas is built for the CPU only: it has no CUDA backend yet."


def why_unavailable():
    """Return why `is_available` is False.

    Example:
        >>> lampas.cuda.why_unavailable()
        'Lampas is built for the CPU only: it has no CUDA backend yet.'
    """
    return _REASON


def is_available():
    """Return whether there is a GPU to compute on: False; `why_unavailable` gives the reason."""
    return False


def _raise_missing():
    raise AssertionError(f"Torch not compiled with CUDA enabled\n{why_unavailable()}")


def _index_of(device):
    """Return the index that a device, its name or a number means; -1 for the current one."""
    if device is None:
        return -1
    if isinstance(device, int):
        return device
    if isinstance(device, str):
        device = _core.device(device)
    if not isinstance(device, _core.device) or device.type != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {device}")
    return -1 if device.index is None else device.index


# ---- questions


def is_initialized():
    """Return whether CUDA has been started: False."""
    return False


def is_bf16_supported(including_emulation=True):
    """Return whether the GPU computes in bfloat16: False."""
    return False


def is_tf32_supported():
    """Return whether the GPU computes in TF32: False."""
    return False


def device_count():
    """Return how many GPUs there are: 0."""
    return 0


def get_arch_list():
    """Return the architectures that kernels are built for: none."""
    return []


def get_gencode_flags():
    """Return the flags with which kernels were compiled: none."""
    return ""


def memory_allocated(device=None):
    """Return the bytes that tensors hold on a GPU: 0."""
    return 0


def max_memory_allocated(device=None):
    """Return the most bytes that tensors held on a GPU: 0."""
    return 0


def memory_reserved(device=None):
    """Return the bytes that the allocator keeps on a GPU: 0."""
    return 0


def max_memory_reserved(device=None):
    """Return the most bytes that the allocator kept on a GPU: 0."""
    return 0


memory_cached = memory_reserved
max_memory_cached = max_memory_reserved


def memory_stats(device=None):
    """Return the allocator's counters of a GPU: none."""
    return OrderedDict()


def get_rng_state_all():
    """Return the states of all GPUs' generators: none."""
    return []


# ---- what changes nothing where there is no GPU


def manual_seed(seed):
    """Seed the current GPU's generator; without one this checks the seed only."""
    int(seed)


def manual_seed_all(seed):
    """Seed all GPUs' generators; without one this checks the seed only."""
    int(seed)


def seed():
    """Seed the current GPU's generator from the system; nothing without one."""


def seed_all():
    """Seed all GPUs' generators from the system; nothing without one."""


def set_rng_state(new_state, device="cuda"):
    """Set the state of a GPU's generator; nothing without one."""


def set_rng_state_all(new_states):
    """Set the states of all GPUs' generators; nothing without one."""


def empty_cache():
    """Give back memory that the allocator of a GPU keeps; nothing without one."""


def reset_peak_memory_stats(device=None):
    """Forget the peaks of a GPU's memory; nothing without one."""


def reset_max_memory_allocated(device=None):
    """Forget the peak of a GPU's memory; nothing without one."""


def reset_max_memory_cached(device=None):
    """Forget the peak of what a GPU's allocator keeps; nothing without one."""


# ---- what needs a GPU


def init():
    """Raise AssertionError: there is no CUDA to start."""
    _raise_missing()


def set_device(device):
    """Choose the current GPU: raises AssertionError, except for a negative index, which changes nothing."""
    if _index_of(device) >= 0 or not isinstance(device, int):
        _raise_missing()


def current_device():
    """Raise AssertionError: there is no current GPU."""
    _raise_missing()


def synchronize(device=None):
    """Raise AssertionError: there is no GPU to wait for."""
    _raise_missing()


def initial_seed():
    """Raise AssertionError: there is no generator of a GPU."""
    _raise_missing()


def get_rng_state(device="cuda"):
    """Raise AssertionError: there is no generator of a GPU."""
    _raise_missing()


def get_device_name(device=None):
    """Raise AssertionError: there is no GPU with a name."""
    _raise_missing()


def get_device_capability(device=None):
    """Raise AssertionError: there is no GPU with capabilities."""
    _raise_missing()


def get_device_properties(device=None):
    """Raise AssertionError: there is no GPU with properties."""
    _raise_missing()


def mem_get_info(device=None):
    """Raise AssertionError: there is no memory of a GPU."""
    _raise_missing()


def memory_summary(device=None, abbreviated=False):
    """Raise AssertionError: there is no memory of a GPU."""
    _raise_missing()


def set_per_process_memory_fraction(fraction, device=None):
    """Raise AssertionError: there is no memory of a GPU."""
    _raise_missing()


def can_device_access_peer(device, peer_device):
    """Raise AssertionError: there are no GPUs."""
    _raise_missing()


def ipc_collect():
    """Raise AssertionError: there is no memory of a GPU."""
    _raise_missing()


def current_stream(device=None):
    """Raise AssertionError: there is no stream."""
    _raise_missing()


def default_stream(device=None):
    """Raise AssertionError: there is no stream."""
    _raise_missing()


class Event:
    """A moment in a stream of a GPU; making one raises RuntimeError."""

    def __new__(cls, *args, **kwargs):
        raise RuntimeError(f"Tried to instantiate dummy base class {cls.__name__}")


class CUDAGraph(Event):
    """A recorded sequence of kernels of a GPU; making one raises RuntimeError."""


class Stream:
    """A queue of work for a GPU; making one raises RuntimeError."""

    def __new__(cls, *args, **kwargs):
        raise RuntimeError("torch.cuda.Stream requires CUDA support")


class StreamContext:
    """A block whose work goes into a stream; without a GPU it takes only None, and changes nothing."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        pass

    def __exit__(self, exception_type, exception, traceback):
        pass


def stream(stream):
    """Return a block whose work goes into a stream."""
    return StreamContext(stream)


class device:
    """A block in which a GPU is the current one; entering it raises RuntimeError, but for index -1.

    Args:
        device (device, str or int): which.
    """

    def __init__(self, device):
        self.idx = _index_of(device)

    def __enter__(self):
        if self.idx >= 0:
            raise RuntimeError("PyTorch was compiled without CUDA support")

    def __exit__(self, exception_type, exception, traceback):
        return False


class device_of(device):
    """A block in which a tensor's GPU is the current one; nothing for tensors on the CPU.

    Args:
        obj (Tensor): whose device.
    """

    def __init__(self, obj):
        super().__init__(obj.get_device() if obj.is_cuda else -1)


class OutOfMemoryError(RuntimeError):
    """A GPU has no memory left; never raised on the CPU."""
