"""DLPack: tensors on the memory of other libraries' arrays."""

import enum

from lampas import _core

__all__ = ["DLDeviceType", "from_dlpack", "to_dlpack"]


class DLDeviceType(enum.IntEnum):
    """DLPack's numbers of kinds of devices."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17


def to_dlpack(tensor):
    """Return a DLPack capsule on a tensor's memory, which one receiver can take over.

    Args:
        tensor (Tensor): on the CPU.

    Raises BufferError for tensors on other devices.

    Example:
        >>> lampas.from_dlpack(lampas.utils.dlpack.to_dlpack(lampas.ones(2)))
        tensor([1., 1.])
    """
    return _core._to_dlpack(tensor, False, False)


def from_dlpack(ext_tensor, *, device=None, copy=None):
    """Return a tensor on the memory of another library's array.

    Args:
        ext_tensor: an object with `__dlpack__`, or a DLPack capsule, which is used up.
        device (device or str): where it shall live; by default where the array is.
        copy (bool): True to copy, False never to; by default where it must be.

    Raises BufferError for what a tensor cannot show, ValueError where a copy would be needed.

    Example:
        >>> import numpy
        >>> array = numpy.zeros(2)
        >>> lampas.from_dlpack(array).fill_(3) is not None and array.tolist()
        [3.0, 3.0]
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        if device is not None or copy is not None:
            raise AssertionError(
                "device and copy kwargs not supported when ext_tensor is already a DLPack capsule."
            )
        return _core._from_dlpack(ext_tensor)
    moves = device is not None and _core.device(device).type != "cpu"
    if moves and copy is False:
        raise ValueError(f"cannot move DLPack tensor from the CPU to {device} without copying.")
    wanted = {"max_version": (1, 0)}
    if copy is not None:
        wanted["copy"] = copy
    copied_there = True
    try:
        capsule = ext_tensor.__dlpack__(**wanted)
    except TypeError:  # an exporter older than DLPack 1.0 knows neither argument
        capsule = ext_tensor.__dlpack__()
        copied_there = False
    tensor = _core._from_dlpack(capsule)
    if copy and not copied_there and not moves:
        tensor = tensor.clone()
    return tensor.to(device) if moves else tensor
