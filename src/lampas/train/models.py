"""The networks that a run can train."""

from lampas import nn


def mlp(inputs, classes):
    """Return a multilayer perceptron with two hidden layers of 128 and 64.

    Args:
        inputs (int): numbers in one picture.
        classes (int): how many classes there are.

    Shapes: pictures (N, ...) with `inputs` numbers each; log-probabilities (N, classes).
    """
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(inputs, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, classes),
        nn.LogSoftmax(dim=1),
    )


MODELS = {"mlp": mlp}


def describe(model):
    """Return a model's widths and number of parameters, such as "784-128-64-10, 109,386 parameters"."""
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    widths = "-".join(
        str(width) for width in [layers[0].in_features, *(layer.out_features for layer in layers)]
    )
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"{widths}, {count:,} parameters"
