"""functional_call: a module with other parameters and buffers, for one call."""

from contextlib import contextmanager


def functional_call(module, parameters_and_buffers, args=None, kwargs=None):
    """Call `module` with the given tensors in the places of its parameters and buffers.

    Args:
        module (nn.Module): the module; it is as before afterwards.
        parameters_and_buffers (dict): names as in `named_parameters`, to tensors. Others stay.
        args: the positional arguments; one that is no tuple counts as the only one.
        kwargs (dict): the keyword arguments.

    Raises KeyError for a name that the module lacks.

    Example:
        >>> layer = lampas.nn.Linear(1, 1, bias=False)
        >>> lampas.func.functional_call(layer, {"weight": lampas.ones(1, 1)}, lampas.tensor([3.0]))
        tensor([3.])
    """
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _exchanged(module, parameters_and_buffers):
        return module(*args, **(kwargs or {}))


@contextmanager
def _exchanged(module, tensors):
    before = []
    try:
        for name, tensor in tensors.items():
            path, _, leaf = name.rpartition(".")
            owner = module.get_submodule(path)
            store = owner._parameters if leaf in owner._parameters else owner._buffers
            if leaf not in store:
                raise KeyError(f"module has no parameter or buffer named {name!r}")
            before.append((store, leaf, store[leaf]))
            store[leaf] = tensor
        yield
    finally:
        for store, leaf, tensor in reversed(before):
            store[leaf] = tensor
