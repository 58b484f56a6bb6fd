"""Tensors as NumPy arrays and back, for ops that NumPy computes."""

from lampas import _core


def array_of(tensor):
    """Return a tensor's values; on the meta device, where there are none, those of identity matrices."""
    if tensor.is_meta:
        import numpy as np

        dtype = np.dtype(str(tensor.dtype).removeprefix("torch."))
        values = np.ones(tensor.shape, dtype)
        return values * np.eye(*tensor.shape[-2:], dtype=dtype) if tensor.dim() > 1 else values
    return tensor.detach().cpu().numpy()


def tensor_of(array, dtype, device):
    """Copy an array into a tensor of a dtype on a device."""
    import numpy as np

    return _core.from_numpy(np.array(array, order="C")).to(device=device, dtype=dtype)
