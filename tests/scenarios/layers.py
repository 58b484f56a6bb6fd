"""What spatial, normalising and lookup layers draw, hold, print and compute, as scenarios."""

import itertools
import warnings

from scenarios.playing import attempt

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested numbers to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def layers(nn):
    """Layers with their arguments, and the sizes of what each is given."""
    line, picture, volume = (2, 4, 6), (2, 4, 6, 6), (1, 4, 4, 4, 4)
    return [
        (nn.Conv1d, (4, 6, 3), {"padding_mode": "circular", "padding": 1}, line),
        (nn.Conv2d, (4, 6, 3), {"padding_mode": "reflect", "padding": "same", "dilation": 2}, picture),
        (nn.Conv3d, (4, 6, 3), {"groups": 2, "bias": False}, volume),
        (nn.ConvTranspose1d, (4, 6, 3), {"stride": 2, "output_padding": 1}, line),
        (nn.ConvTranspose2d, (4, 6, (3, 2)), {"groups": 2, "padding": 1}, picture),
        (nn.ConvTranspose3d, (4, 2, 2), {"dilation": 2}, volume),
        (nn.BatchNorm1d, (4,), {}, line),
        (nn.BatchNorm2d, (4,), {"momentum": None}, picture),
        (nn.BatchNorm3d, (4,), {"affine": False}, volume),
        (nn.InstanceNorm2d, (4,), {"affine": True, "track_running_stats": True}, picture),
        (nn.GroupNorm, (2, 4), {}, picture),
        (nn.LayerNorm, ((6, 6),), {"bias": False}, picture),
        (nn.RMSNorm, (6,), {}, line),
        (nn.LocalResponseNorm, (3,), {}, picture),
        (nn.MaxPool2d, (3,), {"stride": 2, "padding": 1, "ceil_mode": True}, picture),
        (nn.AvgPool2d, (3,), {"stride": 2, "padding": 1, "count_include_pad": False}, picture),
        (nn.LPPool2d, (2, 3), {}, picture),
        (nn.AdaptiveAvgPool2d, ((3, None),), {}, picture),
        (nn.AdaptiveMaxPool2d, ((3, None),), {}, picture),
        (nn.ReflectionPad2d, ((1, 2, 0, 1),), {}, picture),
        (nn.CircularPad2d, (1,), {}, picture),
        (nn.ConstantPad1d, (1, 3.5), {}, line),
        (nn.Upsample, (), {"scale_factor": 1.7, "mode": "bilinear"}, picture),
        (nn.Unfold, (2,), {"stride": 2}, picture),
        (nn.PixelShuffle, (2,), {}, picture),
        (nn.ChannelShuffle, (2,), {}, picture),
    ]


@scenario
def layers_from_a_seed(framework, nn):
    """Printed form, parameters, result, state after two steps in training and one in evaluation."""
    records = []
    for layer_type, arguments, options, size in layers(nn):
        framework.manual_seed(7)
        layer = layer_type(*arguments, **options)
        input = framework.randn(size)
        results = [layer(input), layer(2 * input + 1), layer.eval()(input)]
        state = layer.state_dict()
        sums = [[result.sum().item(), result.abs().max().item()] for result in results]
        records.append(
            [repr(layer), sums, list(state), [float(v.sum()) for v in layer.state_dict().values()]]
        )
    return records


@scenario
def tables_and_forms_from_a_seed(framework, nn):
    records = []
    for mode in ("sum", "mean", "max"):
        framework.manual_seed(3)
        bag = nn.EmbeddingBag(7, 3, mode=mode, padding_idx=2)
        rows, offsets = framework.tensor([1, 2, 3, 6, 6, 0]), framework.tensor([0, 2, 2, 5])
        result = bag(rows, offsets)
        result.sum().backward()
        records.append([repr(bag), bag.weight.detach(), result.detach(), bag.weight.grad])
    table = nn.Embedding(7, 3, padding_idx=-1, max_norm=1.0, scale_grad_by_freq=True)
    result = table(framework.tensor([[1, 6], [1, 0]]))
    result.sum().backward()
    records.append([repr(table), table.weight.detach(), result.detach(), table.weight.grad])
    form = nn.Bilinear(2, 3, 4)
    records.append([repr(form), form(framework.randn(5, 2), framework.randn(5, 3)).detach()])
    return records


@scenario
def dropped_channels(framework, nn):
    """What every dropout draws, and that nothing is drawn in evaluation."""
    functional = nn.functional
    records = []
    for name, size in [
        ("dropout1d", (3, 4, 2)),
        ("dropout2d", (3, 4, 2, 2)),
        ("dropout3d", (4, 2, 2, 2)),
        ("alpha_dropout", (3, 5)),
        ("feature_alpha_dropout", (3, 5, 2)),
    ]:
        framework.manual_seed(5)
        ones = framework.ones(size)
        records.append(getattr(functional, name)(ones, 0.3, training=True))
        records.append(getattr(functional, name)(ones, 0.3, training=False))
        records.append(framework.rand(1))
        records.append(attempt(lambda: getattr(functional, name)(ones, 1.5)))  # noqa: B023
    return records


@scenario
def pictures_through_a_grid(framework, nn):
    """grid_sample in every mode with its gradients, at places of affine_grid that lie partly outside."""
    records = []
    theta = framework.tensor([[[0.9, 0.3, 0.2], [-0.4, 1.3, 0.1]]], dtype=framework.float64)
    for mode, padding, aligned in itertools.product(
        ("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True)
    ):
        framework.manual_seed(1)
        picture = framework.randn(1, 2, 4, 5, dtype=framework.float64, requires_grad=True)
        grid = nn.functional.affine_grid(theta, (1, 2, 3, 4), aligned).requires_grad_()
        result = nn.functional.grid_sample(picture, grid, mode, padding, aligned)
        result.sum().backward()
        records.append([result.detach(), picture.grad, grid.grad])
    return records


@scenario
def refused_arguments(framework, nn):
    functional = nn.functional
    picture = framework.ones(2, 3, 4, 4)
    calls = [
        lambda: nn.ConvTranspose2d(3, 6, 3, padding_mode="reflect"),
        lambda: nn.ConvTranspose2d(3, 6, 3, stride=2)(picture, output_size=(20, 20)),
        lambda: nn.BatchNorm2d(3)(framework.ones(2, 3)),
        lambda: nn.BatchNorm1d(3)(framework.ones(1, 3)),
        lambda: nn.GroupNorm(2, 3),
        lambda: nn.InstanceNorm1d(3)(framework.ones(2, 3, 1)),
        lambda: nn.LayerNorm(5)(picture),
        lambda: functional.local_response_norm(framework.ones(3), 2),
        lambda: functional.interpolate(picture, size=2, scale_factor=2),
        lambda: functional.interpolate(picture),
        lambda: functional.interpolate(picture, size=(2, 2, 2)),
        lambda: functional.interpolate(picture, scale_factor=(2,)),
        lambda: functional.interpolate(picture, size=2, align_corners=True),
        lambda: functional.pixel_shuffle(picture, 2),
        lambda: functional.channel_shuffle(picture, 2),
        lambda: functional.embedding_bag(framework.tensor([1, 2]), framework.ones(3, 2)),
        lambda: functional.embedding_bag(framework.tensor([[1, 2]]), framework.ones(3, 2), mode="least"),
        lambda: functional.adaptive_avg_pool2d(picture, (1, 2, 3, 4, 5)),
        lambda: functional.max_unpool2d(picture, framework.zeros(2, 3, 4, 4).long(), 2, output_size=(99, 99)),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [attempt(call) for call in calls]
