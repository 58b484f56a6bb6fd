"""Pruning: parameters of which a mask keeps some elements at zero."""

import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable

import lampas
from lampas.nn.utils.convert_parameters import parameters_to_vector

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]


class BasePruningMethod(ABC):
    """A way to choose what is pruned, and the hook that masks a parameter before each call.

    A subclass defines `compute_mask` and a `PRUNING_TYPE`, which says what it is given of a tensor that was
    pruned before: "unstructured", the elements that are left, as a vector; "structured", the slices along its
    `dim` that are left; "global", the whole tensor.

    Example:
        >>> from lampas.nn.utils import prune
        >>> class KeepPositive(prune.BasePruningMethod):
        ...     PRUNING_TYPE = "unstructured"
        ...
        ...     def compute_mask(self, t, default_mask):
        ...         return default_mask * (t > 0)
        >>> layer = nn.Linear(4, 3)
        >>> method = KeepPositive.apply(layer, "weight")
        >>> (layer.weight >= 0).all()
        tensor(True)
    """

    _tensor_name: str

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """Return a mask of ones and zeros.

        Args:
            t (Tensor): the importance of each element.
            default_mask (Tensor): the mask of earlier pruning, of the same shape, with ones for what is left.
        """

    def apply_mask(self, module):
        """Return the module's original times its mask, recorded."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        original = getattr(module, self._tensor_name + "_orig")
        mask = getattr(module, self._tensor_name + "_mask")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prune a parameter now, and mask it in every call from then on; return the method.

        The parameter `name` becomes `name_orig`, the mask is the buffer `name_mask`, and `name` is their
        product. What an earlier method has pruned stays so; both are then in a PruningContainer.

        Args:
            module (Module): whose parameter it is.
            name (str): the parameter.
            args, kwargs: the method's own arguments.
            importance_scores (Tensor): what to choose by, of the parameter's shape; None for the parameter.
        """
        method = cls(*args, **kwargs)
        method._tensor_name = name
        earlier = _take_hooks(module, name)
        if earlier is not None:
            method = _joined(earlier, method)
        present = getattr(module, name)
        scores = _scores(importance_scores, present, f"parameter {name} of {module}")
        is_first = not isinstance(method, PruningContainer)
        if is_first:
            module.register_parameter(name + "_orig", present)
            del module._parameters[name]
            mask = lampas.ones_like(present)
        else:
            mask = getattr(module, name + "_mask").detach().clone(memory_format=lampas.contiguous_format)
        try:
            module.register_buffer(name + "_mask", method.compute_mask(scores, default_mask=mask))
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if is_first:
                module.register_parameter(name, module._parameters.pop(name + "_orig"))
            raise
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """Return a tensor with zeros where this method prunes it.

        Args:
            t (Tensor): the tensor.
            default_mask (Tensor): the mask of earlier pruning; None for ones.
            importance_scores (Tensor): what to choose by, of the tensor's shape; None for the tensor.
        """
        scores = _scores(importance_scores, t, "tensor t")
        mask = lampas.ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(scores, default_mask=mask)

    def remove(self, module):
        """Make the masked tensor a plain parameter again; what is pruned stays zero. The hook stays, too."""
        name = self._tensor_name
        if name is None:
            raise AssertionError(f"Module {module} has to be pruned before pruning can be removed")
        masked = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters.pop(name + "_orig")
        original.data = masked.data
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


def _scores(given, tensor, described):
    """Return what to choose by: the given scores, or else the tensor itself."""
    if given is None:
        return tensor
    if given.shape != tensor.shape:
        raise AssertionError(
            f"importance_scores should have the same shape as {described}, "
            f"got {given.shape} vs {tensor.shape}"
        )
    return given


def _hooks_on(module, name):
    """Return the keys and methods of the hooks that prune a parameter."""
    return [
        (key, hook)
        for key, hook in module._forward_pre_hooks.items()
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name
    ]


def _take_hooks(module, name):
    """Take the hook that prunes a parameter from a module and return it; None where there is none."""
    hooks = _hooks_on(module, name)
    if len(hooks) > 1:
        raise AssertionError(
            f"Avoid adding multiple pruning hooks to the same tensor {name} of module {module}. "
            "Use a PruningContainer."
        )
    for key, hook in hooks:
        del module._forward_pre_hooks[key]
        return hook
    return None


def _joined(earlier, method):
    container = earlier if isinstance(earlier, PruningContainer) else PruningContainer(earlier)
    container.add_pruning_method(method)
    return container


class PruningContainer(BasePruningMethod):
    """The methods that have pruned one parameter one after the other, the last of which makes new masks.

    Args:
        args (BasePruningMethod): the methods, which act on parameters of the same name.
    """

    def __init__(self, *args):
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if len(args) == 1:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method):
        """Append a method: TypeError for what is none, ValueError for one of a parameter of another name."""
        if method is not None:
            if not isinstance(method, BasePruningMethod):
                raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
            if self._tensor_name != method._tensor_name:
                raise ValueError(
                    f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to "
                    f"PruningContainer {self}. Found '{method._tensor_name}'"
                )
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, idx):
        return self._pruning_methods[idx]

    def compute_mask(self, t, default_mask):
        """Return the earlier mask with that of the last method in the part that the method acts on."""
        method = self._pruning_methods[-1]
        part = _part_left(method, t, default_mask)
        mask = default_mask.to(dtype=t.dtype)
        chosen = method.compute_mask(t[part], default_mask=default_mask[part])
        mask[part] = chosen.to(dtype=mask.dtype)
        return mask


def _part_left(method, tensor, mask):
    """Return the index of what a method may still prune."""
    if method.PRUNING_TYPE == "unstructured":
        return mask == 1
    if method.PRUNING_TYPE == "global":
        return (slice(None),) * tensor.dim()
    if method.PRUNING_TYPE != "structured":
        raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
    if not hasattr(method, "dim"):
        raise AttributeError(
            'Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.'
        )
    dim = method.dim if method.dim >= 0 else method.dim + tensor.dim()
    if dim < 0:
        raise IndexError(f"Index is out of bounds for tensor with dimensions {tensor.dim()}")
    others = [other for other in range(tensor.dim()) if other != dim]
    return _along(dim, tensor, mask.sum(dim=others) != 0)


def _along(dim, tensor, chosen):
    """Return the index of chosen slices along a dimension."""
    index = [slice(None)] * tensor.dim()
    index[dim] = chosen
    return tuple(index)


class Identity(BasePruningMethod):
    """Prune nothing, with a mask of ones."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        """Return the earlier mask."""
        return default_mask

    @classmethod
    def apply(cls, module, name):  # type: ignore[override]
        """Prune nothing in a parameter; return the method."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """What the methods share that prune a number of elements or slices, or a part of them."""

    def __init__(self, amount):
        if not isinstance(amount, numbers.Real):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        is_part = not isinstance(amount, numbers.Integral)
        if float(amount) < 0 or (is_part and float(amount) > 1):
            raise ValueError(
                f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer"
            )
        self.amount = amount

    def _number_of(self, available):
        """Return how many of the available elements or slices are pruned."""
        if not isinstance(self.amount, numbers.Integral):
            return round(self.amount * available)
        if self.amount > available:
            raise ValueError(
                f"amount={self.amount} should be smaller than the number of parameters to prune={available}"
            )
        return self.amount


class _Unstructured(_Amount):
    """Pruning of single elements."""

    PRUNING_TYPE = "unstructured"

    @abstractmethod
    def _chosen(self, tensor, number):
        """Return the places in the flattened tensor that are pruned."""

    def compute_mask(self, t, default_mask):
        """Return the earlier mask with zeros at the elements that are pruned."""
        number = self._number_of(t.numel())
        mask = default_mask.clone(memory_format=lampas.contiguous_format)
        if number != 0:
            mask.view(-1)[self._chosen(t, number)] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Prune elements at random.

    Args:
        amount (int or float): how many, or which part of them from 0 to 1; ValueError for others.
    """

    def __init__(self, amount):
        super().__init__(amount)

    def _chosen(self, tensor, number):
        return lampas.rand_like(tensor).view(-1).topk(k=number).indices

    @classmethod
    def apply(cls, module, name, amount):  # type: ignore[override]
        """Prune a parameter; return the method."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Unstructured):
    """Prune the elements that are smallest in magnitude.

    Args:
        amount (int or float): how many, or which part of them from 0 to 1; ValueError for others.
    """

    def __init__(self, amount):
        super().__init__(amount)

    def _chosen(self, tensor, number):
        return tensor.abs().view(-1).topk(k=number, largest=False).indices

    @classmethod
    def apply(cls, module, name, amount, importance_scores=None):  # type: ignore[override]
        """Prune a parameter, or what the scores are smallest for; return the method."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class _Structured(_Amount):
    """Pruning of whole slices along a dimension."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount, dim):
        super().__init__(amount)
        self.dim = dim

    @abstractmethod
    def _kept(self, tensor, number):
        """Return the index along `dim` of the slices that are left."""

    def compute_mask(self, t, default_mask):
        """Return the earlier mask with zeros in the slices that are pruned."""
        if t.dim() <= 1:
            raise ValueError(
                "Structured pruning can only be applied to multidimensional tensors. "
                f"Found tensor of shape {t.shape} with {t.dim()} dims"
            )
        if self.dim >= t.dim():
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        number = self._number_of(t.shape[self.dim])
        if number == 0:
            return default_mask
        mask = lampas.zeros_like(t)
        mask[_along(self.dim, t, self._kept(t, number))] = 1
        return mask.mul_(default_mask.to(dtype=mask.dtype))


class RandomStructured(_Structured):
    """Prune slices at random.

    Args:
        amount (int or float): how many, or which part of them from 0 to 1; ValueError for others.
        dim (int): the dimension along which they lie.
    """

    def __init__(self, amount, dim=-1):
        super().__init__(amount, dim)

    def _kept(self, tensor, number):
        drawn = lampas.rand(tensor.shape[self.dim])
        return drawn > drawn.kthvalue(k=number).values

    @classmethod
    def apply(cls, module, name, amount, dim=-1):  # type: ignore[override]
        """Prune a parameter; return the method."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Structured):
    """Prune the slices of the smallest norms.

    Args:
        amount (int or float): how many, or which part of them from 0 to 1; ValueError for others.
        n (float or str): the norm's order, as `norm` takes it.
        dim (int): the dimension along which the slices lie.
    """

    def __init__(self, amount, n, dim=-1):
        super().__init__(amount, dim)
        self.n = n

    def _kept(self, tensor, number):
        others = list(range(tensor.dim()))
        del others[self.dim]
        norms = lampas.norm(tensor, p=self.n, dim=others)
        return norms.topk(k=tensor.shape[self.dim] - number).indices

    @classmethod
    def apply(cls, module, name, amount, n, dim, importance_scores=None):  # type: ignore[override]
        """Prune a parameter, or what the scores' norms are smallest for; return the method."""
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


class CustomFromMask(BasePruningMethod):
    """Prune what a given mask says.

    Args:
        mask (Tensor): zeros for what is pruned; of the parameter's shape.
    """

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        """Return the product of both masks."""
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape {self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module, name, mask):  # type: ignore[override]
        """Prune a parameter; return the method."""
        return super().apply(module, name, mask=mask)


def identity(module, name):
    """Prune nothing in a parameter, but give it a mask of ones; return the module."""
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prune elements of a parameter at random; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter.
        amount (int or float): how many, or which part of them from 0 to 1.

    Raises:
        ValueError: for more elements than there are, or fewer than none.

    Example:
        >>> from lampas.nn.utils import prune
        >>> layer = prune.random_unstructured(nn.Linear(2, 3), "weight", amount=2)
        >>> (layer.weight == 0).sum()
        tensor(2)
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prune the elements of a parameter that are smallest in magnitude; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter.
        amount (int or float): how many, or which part of them from 0 to 1.
        importance_scores (Tensor): what to choose by, of the parameter's shape; None for the parameter.

    Example:
        >>> from lampas.nn.utils import prune
        >>> layer = prune.l1_unstructured(nn.Linear(2, 3), "weight", amount=0.5)
        >>> list(layer.state_dict())
        ['bias', 'weight_orig', 'weight_mask']
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prune slices of a parameter along `dim` at random; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter.
        amount (int or float): how many, or which part of them from 0 to 1.
        dim (int): the dimension.

    Raises:
        ValueError: for a parameter of one dimension, and as `random_unstructured`.
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prune the slices of a parameter along `dim` of the smallest norms; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter.
        amount (int or float): how many, or which part of them from 0 to 1.
        n (float or str): the norm's order, as `norm` takes it.
        dim (int): the dimension.
        importance_scores (Tensor): what to choose by, of the parameter's shape; None for the parameter.

    Raises:
        ValueError: for a parameter of one dimension, and as `random_unstructured`.

    Example:
        >>> from lampas.nn.utils import prune
        >>> layer = prune.ln_structured(nn.Conv2d(5, 3, 2), "weight", amount=1, n=2, dim=0)
        >>> (layer.weight == 0).all(3).all(2).all(1).sum()
        tensor(1)
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module, name, mask):
    """Prune what a mask says; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter.
        mask (Tensor): zeros for what is pruned; of the parameter's shape.

    Example:
        >>> from lampas.nn.utils import prune
        >>> layer = prune.custom_from_mask(nn.Linear(5, 3), "bias", lampas.tensor([0, 1, 0]))
        >>> layer.bias_mask
        tensor([0., 1., 0.])
    """
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    """Prune several parameters as if they were one vector.

    Args:
        parameters (iterable of (Module, str)): the modules and their parameters' names.
        pruning_method (type): an unstructured method; TypeError for others.
        importance_scores (dict): what to choose by, for some of the pairs; the parameters for the others.
        kwargs: the method's arguments.

    Example:
        >>> from lampas.nn.utils import prune
        >>> net = nn.Sequential(nn.Linear(10, 4), nn.Linear(4, 1))
        >>> prune.global_unstructured(
        ...     [(net[0], "weight"), (net[1], "weight")], prune.L1Unstructured, amount=10
        ... )
        >>> (nn.utils.parameters_to_vector(net.buffers()) == 0).sum()
        tensor(10)
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    places = list(parameters)
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    tensors = [getattr(module, name) for module, name in places]
    all_scores, masks = [], []
    for (module, name), tensor in zip(places, tensors, strict=True):
        all_scores.append(scores.get((module, name), tensor))
        masks.append(getattr(module, name + "_mask", lampas.ones_like(tensor)))
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for '
            f"the `pruning_method`. Found method {pruning_method} of type {method.PRUNING_TYPE}"
        )
    method._tensor_name = ""  # the vector's, which has none
    container = PruningContainer(method)
    mask = container.compute_mask(parameters_to_vector(all_scores), parameters_to_vector(masks))
    parts = mask.split([tensor.numel() for tensor in tensors])
    for (module, name), tensor, part in zip(places, tensors, parts, strict=True):
        custom_from_mask(module, name, mask=part.view_as(tensor))


def remove(module, name):
    """Make a pruned parameter a plain one again, which stays zero where it was pruned; return the module.

    Args:
        module (Module): whose parameter it is.
        name (str): the parameter; ValueError where it is not pruned.

    Example:
        >>> from lampas.nn.utils import prune
        >>> layer = prune.random_unstructured(nn.Linear(2, 3), "weight", amount=2)
        >>> list(prune.remove(layer, "weight").state_dict())
        ['bias', 'weight']
    """
    for key, hook in _hooks_on(module, name):
        hook.remove(module)
        del module._forward_pre_hooks[key]
        return module
    raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module):
    """Say whether a parameter of a module or of one below it is pruned."""
    return any(
        isinstance(hook, BasePruningMethod)
        for each in module.modules()
        for hook in each._forward_pre_hooks.values()
    )
