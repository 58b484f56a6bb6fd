"""Spectral normalisation: a weight over its largest singular value."""

import lampas
from lampas.nn.functional import normalize
from lampas.nn.modules.conv import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from lampas.nn.parameter import Parameter, is_lazy


def output_dimension(module):
    """Return which dimension of a layer's weight gives the outputs."""
    return int(isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)))


class SpectralNorm:
    """The hook that divides a module's weight by its largest singular value before each call.

    The value is estimated by power iteration, which goes on from call to call while training.
    """

    def __init__(self, name, n_power_iterations, dim, eps):
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.dim = dim
        self.eps = eps

    def _as_matrix(self, weight):
        """Return the weight with `dim` as rows and everything else as columns."""
        return weight.movedim(self.dim, 0).reshape(weight.shape[self.dim], -1)

    def compute_weight(self, module, iterates):
        """Return the normalised weight, recorded; improve the singular vectors first where it `iterates`."""
        weight = getattr(module, self.name + "_orig")
        left, right = getattr(module, self.name + "_u"), getattr(module, self.name + "_v")
        matrix = self._as_matrix(weight)
        if iterates:
            with lampas.no_grad():
                for _ in range(self.n_power_iterations):
                    right.copy_(normalize(matrix.t().mv(left), dim=0, eps=self.eps))
                    left.copy_(normalize(matrix.mv(right), dim=0, eps=self.eps))
                # The next call overwrites the buffers, which the gradient of this one needs.
                left, right = left.clone(), right.clone()
        return weight / left.dot(matrix.mv(right))

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module, module.training))

    def attach(self, module):
        """Replace the weight by its original, and compute it before each call from then on."""
        weight = module._parameters[self.name]
        if weight is None:
            raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{self.name}` is None")
        if is_lazy(weight):
            raise ValueError(
                "The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run "
                "the dummy forward before applying spectral normalization"
            )
        with lampas.no_grad():
            vectors = [
                normalize(weight.new_empty(size).normal_(0, 1), dim=0, eps=self.eps)
                for size in self._as_matrix(weight).shape
            ]
        delattr(module, self.name)
        module.register_parameter(self.name + "_orig", weight)
        setattr(module, self.name, weight.data)
        for suffix, vector in zip(("_u", "_v"), vectors, strict=True):
            module.register_buffer(self.name + suffix, vector)
        module.register_forward_pre_hook(self)

    def detach(self, module):
        """Make the weight a parameter again."""
        with lampas.no_grad():
            weight = self.compute_weight(module, False)
        for suffix in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + suffix)
        module.register_parameter(self.name, Parameter(weight.detach()))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a weight by its largest singular value in every call; return the module.

    Args:
        module (Module): whose parameter is normalised.
        name (str): the parameter.
        n_power_iterations (int): iterations in each call while training, ValueError below 1.
        eps (float): keeps a division from zero.
        dim (int): which dimension gives the outputs; 0, or 1 for transposed convolutions, when None.

    Raises:
        RuntimeError: where the parameter is normalised already.

    Source: Miyato et al., "Spectral normalization for generative adversarial networks", 2018.

    Example:
        >>> layer = nn.utils.spectral_norm(nn.Linear(20, 40))
        >>> layer.weight_u.shape, layer.weight_v.shape
        (torch.Size([40]), torch.Size([20]))
    """
    if dim is None:
        dim = output_dimension(module)
    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    SpectralNorm(name, n_power_iterations, dim, eps).attach(module)
    return module


def remove_spectral_norm(module, name="weight"):
    """Undo `spectral_norm`; return the module. ValueError where there is nothing to undo."""
    for key, hook in list(module._forward_pre_hooks.items()):
        if isinstance(hook, SpectralNorm) and hook.name == name:
            hook.detach(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"spectral_norm of '{name}' not found in {module}")
