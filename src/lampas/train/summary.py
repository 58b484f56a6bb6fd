"""`lampas summary`: the layers of a network, what each makes, and how many parameters it has."""

import lampas
from lampas.train.models import fault_of, make_model
from lampas.train.problem import Problem


def layer_rows(model, shape, name=""):
    """Return (name, layer, shape of its result, parameters) for each innermost layer, in order of calls.

    Args:
        model (Module): the network.
        shape (tuple): channels, height and width of a picture.
        name (str): what the user calls the network.

    Raises:
        Problem: where the network does not take such pictures.
    """
    rows, hooks = [], []

    def remember(layer):
        def hook(module, arguments, result):
            size = "x".join(map(str, tuple(result.shape)[1:])) if hasattr(result, "shape") else ""
            count = sum(parameter.numel() for parameter in module.parameters(recurse=False))
            rows.append((layer, type(module).__name__, size, count))

        return hook

    for layer, module in model.named_modules():
        if not any(True for _ in module.children()):
            hooks.append(module.register_forward_hook(remember(layer)))
    try:
        with lampas.no_grad():
            model.eval()(lampas.zeros(1, *shape))
    except Exception as error:  # whatever a network of the user's does wrong
        raise Problem(
            f"the network does not take pictures {tuple(shape)}: {fault_of(error, name)}"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    return rows


def summary_text(model, shape, name=""):
    """Return the layers as a table with totals."""
    rows = [(layer, kind, size, f"{count:,}") for layer, kind, size, count in layer_rows(model, shape, name)]
    rows = [("layer", "", "result", "parameters"), ("", "input", "x".join(map(str, shape)), ""), *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:>{widths[3]}}".rstrip()
        for row in rows
    ]
    count = sum(parameter.numel() for parameter in model.parameters())
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    size = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    lines.append(f"{count:,} parameters, {trained:,} of them trained, {size / 2**20:.2f} MB")
    return "\n".join(lines)


def summary(options):
    """Print the table for the network that the options name.

    Args:
        options (Namespace): model, shape (channels, height, width), classes.
    """
    model = make_model(options.model, options.shape, options.classes)
    print(summary_text(model, options.shape, options.model))
