"""Weight normalisation: a weight as a direction and a length."""

import warnings

import lampas
from lampas.nn.parameter import Parameter, is_lazy


def length_of_slices(weight, dim):
    """Return the norm over all dimensions but `dim` (over all for -1), in a shape that broadcasts."""
    if dim == -1:
        return weight.norm()
    weight.size(dim)  # raises for a dimension that there is not
    others = [other for other in range(weight.dim()) if other != dim % weight.dim()]
    return weight.norm(2, others, keepdim=True) if others else weight.abs()


def weight_of_length(length, direction, dim):
    """Return direction * length / |direction|, with a length of its own for each slice along `dim`."""
    is_narrow = direction.dtype in (lampas.float16, lampas.bfloat16)
    if is_narrow and dim in (0, direction.dim() - 1):  # where PyTorch's fused kernel rounds only its result
        return weight_of_length(length.float(), direction.float(), dim).to(direction.dtype)
    return direction * (length / length_of_slices(direction, dim))


class WeightNorm:
    """The hook that computes a module's weight from its direction and length before each call."""

    def __init__(self, name, dim):
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute_weight(self, module):
        """Return the weight, recorded."""
        length = getattr(module, self.name + "_g")
        direction = getattr(module, self.name + "_v")
        return weight_of_length(length, direction, self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))

    def attach(self, module):
        """Replace the weight by two parameters, and compute it before each call from then on."""
        weight = getattr(module, self.name)
        if is_lazy(weight):
            raise ValueError(
                "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the "
                "dummy forward before applying weight normalization"
            )
        del module._parameters[self.name]
        with lampas.no_grad():
            module.register_parameter(self.name + "_g", Parameter(length_of_slices(weight, self.dim)))
        module.register_parameter(self.name + "_v", Parameter(weight.data))
        setattr(module, self.name, self.compute_weight(module))
        module.register_forward_pre_hook(self)

    def detach(self, module):
        """Make the weight a parameter again."""
        weight = self.compute_weight(module)
        delattr(module, self.name)
        for suffix in ("_g", "_v"):
            del module._parameters[self.name + suffix]
        setattr(module, self.name, Parameter(weight.data))


def weight_norm(module, name="weight", dim=0):
    """Learn a weight as weight_g * weight_v / |weight_v|; return the module.

    Args:
        module (Module): whose parameter is replaced by the two.
        name (str): the parameter.
        dim (int): the dimension along which each slice has a length of its own; None for one length.

    Raises:
        RuntimeError: where the parameter is normalised already.

    Source: Salimans, Kingma, "Weight normalization", 2016.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():  # PyTorch calls it deprecated
        ...     warnings.simplefilter("ignore")
        ...     layer = nn.utils.weight_norm(nn.Linear(20, 40))
        >>> layer.weight_g.shape, layer.weight_v.shape
        (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of "
        "`torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, WeightNorm) and hook.name == name:
            raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    WeightNorm(name, dim).attach(module)
    return module


def remove_weight_norm(module, name="weight"):
    """Undo `weight_norm`; return the module. ValueError where there is nothing to undo."""
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, WeightNorm) and hook.name == name:
            hook.detach(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {module}")
