"""stack_module_state: the parameters of several modules of one kind as a batch, for vmap."""

from lampas._core import stack


def stack_module_state(models):
    """Stack the parameters and buffers of modules, so that `vmap` runs them all by `functional_call`.

    Args:
        models (sequence of Module): of one class and one mode.

    Returns (parameters, buffers): dicts of name to tensor, with the models along a new first dim. Parameters
    that require gradients are leaves.

    Raises RuntimeError for models that differ, or none.

    Example:
        >>> layers = [lampas.nn.Linear(2, 1) for _ in range(3)]
        >>> parameters, _ = lampas.func.stack_module_state(layers)
        >>> parameters["weight"].shape
        torch.Size([3, 1, 2])
    """
    name = "stack_module_state: Expected"
    if len(models) == 0:
        raise RuntimeError(f"{name} at least one model, got 0.")
    first = models[0]
    if any(model.training != first.training for model in models):
        raise RuntimeError(f"{name} all models to have the same training/eval mode.")
    if any(type(model) is not type(first) for model in models):
        raise RuntimeError(f"{name} all models to be of the same class.")
    parameters = [dict(model.named_parameters()) for model in models]
    buffers = [dict(model.named_buffers()) for model in models]
    return _stacked(parameters), _stacked(buffers)


def _stacked(dicts):
    result = {}
    for name, tensor in dicts[0].items():
        tensors = [each[name] for each in dicts]
        if any(each.requires_grad != tensor.requires_grad for each in tensors):
            raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
        result[name] = stack([each.detach() for each in tensors]).requires_grad_(tensor.requires_grad)
    return result
