"""functional_call: a module with other parameters and buffers, for one call."""

from contextlib import contextmanager

from lampas._core import Tensor

_MISSING = object()


def functional_call(
    module, parameter_and_buffer_dicts, args=None, kwargs=None, *, tie_weights=True, strict=False
):
    """Call `module` with the given tensors in the places of its parameters and buffers.

    Args:
        module (nn.Module): the module; it is as before afterwards.
        parameter_and_buffer_dicts (dict, or tuple or list of dicts): names as in `named_parameters`, to
            tensors. Others stay. A buffer that the call replaces is replaced in the dict.
        args: the positional arguments; one that is no tuple counts as the only one.
        kwargs (dict): the keyword arguments.
        tie_weights (bool): a parameter that stands at several places is exchanged at all of them.
        strict (bool): every parameter and buffer must be given, and nothing else.

    Raises:
        ValueError: for a name in several dicts, or different tensors for one tied parameter.
        RuntimeError: with `strict`, where names do not fit.

    Example:
        >>> layer = lampas.nn.Linear(1, 1, bias=False)
        >>> lampas.func.functional_call(layer, {"weight": lampas.ones(1, 1)}, lampas.tensor([3.0]))
        tensor([3.])
    """
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    given = tensors = _merged(parameter_and_buffer_dicts)
    places = _places_by_name(module)
    if tie_weights:
        tensors = _tied(tensors, places)
    if strict:
        _check_names(module, tensors, places)
    with _exchanged(module, tensors, given):
        return module(*args, **(kwargs or {}))


def _merged(dicts):
    """Return one dict of several, whose names differ."""
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, (list, tuple)):
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, "
            f"but got {type(dicts)}"
        )
    if not all(isinstance(each, dict) for each in dicts):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    names = [name for each in dicts for name in each]
    repeated = [name for place, name in enumerate(names) if name in names[:place]]
    if repeated:
        raise ValueError(
            f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous"
        )
    return {name: tensor for each in dicts for name, tensor in each.items()}


def _places_by_name(module):
    """Return all parameters and buffers, one that stands at several places under each of its names."""
    return {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }


def _check_names(module, tensors, places):
    lines = []
    for kind, names in (
        ("Unexpected", [name for name in tensors if name not in places]),
        ("Missing", [name for name in places if name not in tensors]),
    ):
        if names:
            lines.append(f"\t{kind} key(s): " + ", ".join(map(repr, names)) + ".")
    if lines:
        raise RuntimeError(f"Error(s) in reparametrizing for {type(module).__name__}:\n" + "\n".join(lines))


def _tied(tensors, places):
    """Give each given tensor the other names of the parameter whose place it takes."""
    names_of = {}
    for name, tensor in places.items():
        names_of.setdefault(id(tensor), []).append(name)
    result = dict(tensors)
    for names in names_of.values():
        given = [name for name in names if name in tensors]
        if not given or len(names) == 1:
            continue
        if any(tensors[name] is not tensors[given[0]] for name in given):
            raise ValueError(
                f"functional_call got multiple values for keys {given}, which are tied. "
                "Consider using tie_weights=False"
            )
        result.update(dict.fromkeys(names, tensors[given[0]]))
    return result


@contextmanager
def _exchanged(module, tensors, given):
    """Put tensors in their places for as long as the block lasts; `given` is told what replaced them."""
    before = []
    try:
        for name, tensor in tensors.items():
            if not isinstance(tensor, Tensor):
                raise TypeError(f"{tensor} is not an instance of torch.Tensor")
            path, _, leaf = name.rpartition(".")
            owner = module.get_submodule(path)
            before.append((name, owner, leaf, _exchange(owner, leaf, tensor)))
        yield
    finally:
        for name, owner, leaf, tensor in reversed(before):
            last = _exchange(owner, leaf, tensor)
            if name in given:
                given[name] = last


def _exchange(owner, leaf, tensor):
    """Put a tensor in a module's place, or nothing for _MISSING; return what was there."""
    for store in (owner._parameters, owner._buffers):
        if leaf in store and tensor is not _MISSING:
            found, store[leaf] = store[leaf], tensor
            return found
    found = getattr(owner, leaf, _MISSING)
    if tensor is _MISSING:
        delattr(owner, leaf)
    elif found is _MISSING or found is None or isinstance(found, Tensor):
        setattr(owner, leaf, tensor)  # which a parametrized tensor takes back to its originals
    else:
        raise TypeError(f"attribute `{leaf}`: {found} is not an instance of torch.Tensor")
    return found
