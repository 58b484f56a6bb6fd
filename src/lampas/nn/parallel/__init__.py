"""PyTorch's wrappers for several devices, on the one device that there is."""

from lampas.nn.modules.module import Module

__all__ = ["DataParallel", "DistributedDataParallel", "data_parallel"]


class DataParallel(Module):
    """Call a module as it is; in PyTorch, this splits batches among GPUs.

    State dicts have "module." before every name, as PyTorch's.

    Args:
        module (Module): what to call.
        device_ids, output_device, dim: accepted as in PyTorch, without effect.

    Example:
        >>> nn.DataParallel(nn.Linear(2, 3))(lampas.zeros(4, 2)).shape
        torch.Size([4, 3])
    """

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module = module
        self.device_ids = []
        self.dim = dim

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


def data_parallel(module, inputs, device_ids=None, output_device=None, dim=0, module_kwargs=None):
    """Call a module as it is; in PyTorch, this splits the batch among GPUs."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **(module_kwargs or {}))


class DistributedDataParallel(Module):
    """Not implemented: there is no communication between processes."""

    def __init__(self, module, *args, **kwargs):
        raise NotImplementedError(
            "DistributedDataParallel is not implemented in Lampas, which runs in one process"
        )
