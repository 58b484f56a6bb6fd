"""Functions that are written in Python: their values, gradients and what they refuse."""

import math

from scenarios.playing import attempt_all, quiet

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> nested values to those played with lampas and with PyTorch."""
    SCENARIOS.append(quiet(function))
    return function


def with_gradients(function, *inputs):
    """Return the result and the gradients of the sum of its squares."""
    inputs = [each.detach().clone().requires_grad_() for each in inputs]
    result = function(*inputs)
    real = (result.abs() ** 2).sum()
    real.backward()
    return [parts(result.detach()), *(parts(each.grad) for each in inputs)]


def parts(tensor):
    """Complex numbers as pairs, which JSON can hold."""
    return [tensor.real.tolist(), tensor.imag.tolist()] if tensor.is_complex() else tensor.tolist()


STFT_OPTIONS = [
    {"n_fft": 8},
    {"n_fft": 8, "hop_length": 3, "win_length": 5},
    {"n_fft": 7, "center": False, "normalized": True},
    {"n_fft": 6, "pad_mode": "constant", "onesided": False},
    {"n_fft": 8, "center": False, "align_to_window": True, "win_length": 4},
]


@scenario
def spectra_of_pieces(framework, nn):
    results = []
    for shape in [(20,), (2, 20)]:
        signal = framework.randn(shape, dtype=framework.float64)
        for options in STFT_OPTIONS:
            length = options.get("win_length", options["n_fft"])
            window = framework.hann_window(length, dtype=framework.float64)
            for given in (None, window):
                results.append(
                    with_gradients(
                        lambda x: framework.stft(x, window=given, return_complex=True, **options),  # noqa: B023
                        signal,
                    )
                )
    signal = framework.randn(20, dtype=framework.complex128)
    results.append(with_gradients(lambda x: framework.stft(x, 6), signal))
    results.append(with_gradients(lambda x: x.real.stft(6, return_complex=False), signal))
    return results


@scenario
def signals_of_spectra(framework, nn):
    results = []
    window = framework.hann_window(8, dtype=framework.float64)
    spectrum = framework.randn(2, 5, 6, dtype=framework.complex128)
    whole = framework.randn(8, 6, dtype=framework.complex128)
    calls = [
        (spectrum, {}),
        (spectrum, {"window": window}),
        (spectrum, {"hop_length": 3, "length": 13}),
        (spectrum, {"length": 40, "normalized": True}),
        (spectrum, {"center": False, "win_length": 8}),
        (whole, {}),
        (whole, {"return_complex": True}),
        (whole, {"onesided": False, "window": window.to(framework.complex128), "return_complex": True}),
    ]
    for input, options in calls:
        results.append(with_gradients(lambda x: framework.istft(x, 8, **options), input))  # noqa: B023
    return results


@scenario
def wrong_spectra(framework, nn):
    signal, window = framework.ones(30), framework.ones(7)
    spectrum = framework.stft(signal, 8, return_complex=True)
    stft, istft = framework.stft, framework.istft
    return attempt_all(
        lambda: stft(signal, 8),
        lambda: stft(signal, 100, return_complex=True),
        lambda: stft(signal, 100, center=False, return_complex=True),
        lambda: stft(signal, 8, hop_length=0, return_complex=True),
        lambda: stft(signal, 8, win_length=9, return_complex=True),
        lambda: stft(signal, 8, window=window, return_complex=True),
        lambda: stft(signal.long(), 8, return_complex=True),
        lambda: stft(signal.to(framework.complex64), 8, onesided=True),
        lambda: stft(signal, 8, align_to_window=True, return_complex=True),
        lambda: istft(spectrum, 8, window=framework.zeros(8)),
        lambda: istft(framework.view_as_real(spectrum), 8),
        lambda: istft(spectrum, 10),
        lambda: istft(spectrum, 8, onesided=False),
        lambda: istft(spectrum, 8, return_complex=True),
        lambda: istft(spectrum, 8, win_length=9),
        lambda: istft(spectrum, 8, hop_length=9),
        lambda: istft(spectrum, 8, window=window),
        lambda: istft(spectrum, 8, window=framework.ones(8).to(framework.complex64)),
        lambda: istft(spectrum[None, None], 8),
        lambda: istft(spectrum[:, :0], 8),
    )


@scenario
def segments(framework, nn):
    results = {}
    row = framework.tensor([1.0, 2.0, 2.0, 0.0, 3.0, 0.0], dtype=framework.float64)
    grid = framework.randn(2, 4, 3, dtype=framework.float64)
    lengths = framework.tensor([3, 1, 0, 2])
    for fold in ("sum", "mean", "prod", "max", "min"):
        for options in ({}, {"initial": 2.0}):
            results[f"{fold} {options}"] = [
                with_gradients(
                    lambda x: framework.segment_reduce(x, fold, lengths=lengths, **options).nan_to_num(),  # noqa: B023
                    row,
                ),
                with_gradients(
                    lambda x: framework.segment_reduce(  # noqa: B023
                        x,
                        fold,  # noqa: B023
                        lengths=framework.tensor([[1, 3], [2, 2]]),
                        axis=1,
                        **options,  # noqa: B023
                    ),
                    grid,
                ),
            ]
    results["offsets"] = framework.segment_reduce(row, "sum", offsets=framework.tensor([1, 2, 2, 5]))
    results["unsafe"] = framework.segment_reduce(row, "sum", lengths=framework.tensor([1, 2]), unsafe=True)
    return results


@scenario
def wrong_segments(framework, nn):
    row, reduce = framework.ones(6), framework.segment_reduce
    return attempt_all(
        lambda: reduce(row, "text", lengths=framework.tensor([6])),
        lambda: reduce(row, "sum", lengths=framework.tensor([5])),
        lambda: reduce(row, "sum", lengths=framework.tensor([-1, 7])),
        lambda: reduce(row, "sum"),
        lambda: reduce(row, "sum", indices=framework.tensor([6])),
        lambda: reduce(row.view(2, 3), "sum", lengths=framework.tensor([2, 1]), axis=1),
        lambda: reduce(row.long(), "sum", lengths=framework.tensor([6])),
    )


@scenario
def hashes(framework, nn):
    grid = framework.tensor([[1.5, 2.0], [-3.0, 4.0]])
    hashed = framework.hash_tensor
    return [
        [str(result.dtype), result.tolist()]
        for result in (
            hashed(grid),
            hashed(grid, 0),
            grid.hash_tensor((0, 1), keepdim=True),
            hashed(grid.half(), -1),
            hashed(grid.to(framework.int8)),
            hashed(grid > 0, 1),
            hashed(grid, out=framework.empty(0, dtype=framework.uint64)),
        )
    ] + attempt_all(
        lambda: hashed(grid, mode=1),
        lambda: hashed(grid[:0]),
        lambda: hashed(grid, 2),
        lambda: hashed(grid, out=framework.empty(0)),
    )


@scenario
def pictures_through_a_grid(framework, nn):
    picture, places = framework.randn(1, 2, 4, 5).double(), framework.rand(1, 3, 3, 2).double() * 2.4 - 1.2
    volume, deep = framework.randn(1, 1, 3, 4, 2).double(), framework.rand(1, 2, 2, 2, 3).double() * 2 - 1
    results = []
    for mode in (0, 1, 2):
        for padding in (0, 1, 2):
            results.append(framework.grid_sampler_2d(picture, places, mode, padding, True))
            results.append(framework.grid_sampler(picture, places, mode, padding, False))
    results.append(framework.grid_sampler_3d(volume, deep, 0, 1, False))
    return [*results, *attempt_all(lambda: framework.grid_sampler(picture, deep, 0, 0, True))]


@scenario
def the_top_level_has_these_too(framework, nn):
    first, second = framework.randn(3, 4).double(), framework.randn(3, 4).double()
    pixels = framework.randn(1, 4, 2, 2).double()
    weight = framework.randn(2, 4, 4).double()
    return [
        framework.cosine_similarity(first, second),
        framework.pairwise_distance(first, second, 1.0),
        framework.pixel_shuffle(pixels, 2),
        framework.pixel_unshuffle(pixels, 2),
        framework.channel_shuffle(pixels, 2),
        framework.bilinear(first, second, weight, None),
        nn.functional.pdist(first),
        framework.norm(first, "nuc"),
        framework.torch is framework,
        math.isfinite(framework.norm(first, "fro", (0, 1))),
    ]


@scenario
def overwriting_by_functions_and_on_diagonals(framework, nn):
    grid = framework.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    row, wanting = framework.tensor([1.0, 2.0]), framework.ones(2, requires_grad=True)
    return attempt_all(
        lambda: grid.clone().apply_(lambda x: 2 * x),
        lambda: grid.clone().T.apply_(lambda x: x + 1),
        lambda: framework.tensor([1, 2]).apply_(lambda x: x + 0.7),
        lambda: grid.clone().map_(row, lambda x, y: x * y),
        lambda: grid.clone().map2_(row, grid, lambda x, y, z: x * y - z),
        lambda: grid.clone().map_(grid.long(), lambda x, y: x),
        lambda: wanting.apply_(lambda x: x),
        lambda: wanting.map_(row, lambda x, y: x),
        lambda: grid.clone().fill_diagonal_(9.0),
        lambda: framework.zeros(9, 3).fill_diagonal_(1, wrap=True),
        lambda: framework.zeros(8, 3).fill_diagonal_(1, wrap=True),
        lambda: framework.zeros(2, 5).fill_diagonal_(1, wrap=True),
        lambda: framework.zeros(3, 5).T.fill_diagonal_(2),
        lambda: framework.zeros(2, 2, 2).fill_diagonal_(framework.tensor(3.0)),
        lambda: framework.zeros(2, 3, 2).fill_diagonal_(1),
        lambda: framework.zeros(2).fill_diagonal_(1),
    )


@scenario
def gradients_beside_a_filled_diagonal(framework, nn):
    return with_gradients(lambda x: (x * 1).fill_diagonal_(2.0), framework.ones(3, 3).double())


@scenario
def old_names(framework, nn):
    grid = framework.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    square = framework.eye(2)
    outcomes = attempt_all(
        lambda: framework.range(1, 4),
        lambda: framework.range(0, 1, 0.3),
        lambda: framework.range(3, 0, -1, dtype=framework.int32),
        lambda: framework.range(0, 3, 1.5, dtype=framework.int64),
        lambda: framework.range(0, 2, out=framework.empty(0)),
        lambda: framework.range(3, 1),
        lambda: framework.range(0, 1, 0),
        lambda: framework.range(float("nan"), 1),
        lambda: framework.eig(square),
        lambda: framework.solve(square, square),
        lambda: square.lstsq(square),
        lambda: square.symeig(),
        lambda: framework.matrix_rank(square),
        lambda: grid.resize(3, 2),
        lambda: grid.resize_as(framework.zeros(6)),
        lambda: grid.resize(2, 4),
        lambda: grid.coalesce(),
        lambda: grid.is_coalesced(),
        lambda: grid.indices(),
        lambda: grid.values(),
        lambda: grid.crow_indices(),
    )
    asked = [
        grid.to_dense() is grid,
        grid.sparse_dim(),
        grid.dense_dim(),
        str(grid.to_dense(framework.float64).dtype),
    ]
    return [outcomes, asked]


@scenario
def methods_that_are_functions_too(framework, nn):
    grid, four = framework.tensor([[1.0, 2.0], [3.0, 4.0]]), framework.tensor([4])
    framework.set_anomaly_enabled(True, False)
    anomaly = [framework.is_anomaly_enabled(), framework.is_anomaly_check_nan_enabled()]
    framework.set_anomaly_enabled(False)
    return [
        anomaly,
        [framework.is_signed(grid), framework.is_signed(four.bool()), framework.is_same_size(grid, four)],
        [framework.is_conj(grid), framework.is_neg(grid), framework.get_device(grid)],
        framework.gcd_(four.clone(), framework.tensor([6])),
        framework.lcm_(four.clone(), framework.tensor([6])),
        framework.ldexp_(grid.clone(), four),
        framework.xlogy_(grid.clone(), grid),
        framework.index_put_(grid.clone(), (framework.tensor([0]),), framework.tensor(9.0)),
        framework.addmv_(framework.ones(2), grid, framework.ones(2)),
        framework.detach_(framework.ones(2, requires_grad=True) * 1).requires_grad,
        [str(framework.get_autocast_dtype(each)) for each in ("cpu", "cuda")],
        [str(framework.get_autocast_cpu_dtype()), str(framework.get_autocast_gpu_dtype())],
        [framework.is_autocast_cpu_enabled(), framework.is_autocast_cache_enabled()],
        framework.clear_autocast_cache(),
        attempt_all(
            lambda: framework.set_num_interop_threads(0),
            lambda: framework.set_num_interop_threads("text"),
        ),
    ]


@scenario
def smooth_draws(framework, nn):
    logits, results = framework.randn(3, 4).double(), []
    for options in ({}, {"tau": 0.5}, {"hard": True}, {"hard": True, "dim": 0, "tau": 2.0}):
        weights = framework.arange(12.0).double().view(3, 4)
        results.append(
            with_gradients(
                lambda x: nn.functional.gumbel_softmax(x, **options) * weights,  # noqa: B023
                logits,
            )
        )
    return [*results, *attempt_all(lambda: nn.functional.gumbel_softmax(logits.long()))]


@scenario
def normalisations_folded_in(framework, nn):
    results = []
    pairs = [
        (nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), {}, (1, 2, 4, 4)),
        (nn.Conv1d(2, 3, 2, bias=False), nn.BatchNorm1d(3, affine=False), {}, (1, 2, 4)),
        (nn.ConvTranspose2d(2, 3, 2), nn.BatchNorm2d(3), {"transpose": True}, (1, 2, 4, 4)),
    ]
    for layer, norm, options, shape in pairs:
        layer, norm = layer.double(), norm.double()
        norm(framework.randn(8, 3, *shape[2:]).double())  # statistics that are not those of the beginning
        fused = nn.utils.fuse_conv_bn_eval(layer.eval(), norm.eval(), **options)
        results += [repr(fused), fused.weight, fused.bias, fused(framework.ones(shape).double()).detach()]
    linear, norm = nn.Linear(2, 3).double().eval(), nn.BatchNorm1d(3).double().eval()
    fused = nn.utils.fuse_linear_bn_eval(linear, norm)
    return [
        *results,
        fused.weight,
        fused.bias,
        *attempt_all(
            lambda: nn.utils.fuse_conv_bn_eval(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1)),
            lambda: nn.utils.fuse_linear_bn_eval(linear, nn.BatchNorm1d(2).eval()),
        ),
    ]


@scenario
def modules_without_initialisation_and_in_stacks(framework, nn):
    stacked = framework.func.stack_module_state
    layers = [nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1)).double() for _ in range(3)]
    parameters, buffers = stacked(layers)
    input = framework.randn(3, 4, 2).double()
    results = framework.vmap(
        lambda p, b, x: framework.func.functional_call(layers[0].eval(), (p, b), (x,)), (0, 0, 0)
    )(parameters, buffers, input)
    frozen = nn.Linear(1, 1)
    frozen.bias.requires_grad_(False)
    skipped = nn.utils.skip_init(nn.Linear, 2, 3)
    return [
        [skipped, skipped.weight.shape, skipped.weight.requires_grad, skipped.weight.device.type],
        {**parameters, **buffers},
        [each.requires_grad for each in parameters.values()],
        results.detach(),
        *attempt_all(
            lambda: stacked([]),
            lambda: stacked([nn.Linear(1, 1), nn.Linear(1, 1).eval()]),
            lambda: stacked([nn.Linear(1, 1), nn.ReLU()]),
            lambda: stacked([frozen, nn.Linear(1, 1)]),
            lambda: nn.utils.skip_init(nn.ReLU),
            lambda: nn.utils.skip_init(dict),
        ),
    ]


@scenario
def ints_where_a_list_or_a_tensor_belongs(framework, nn):
    """One int stands for all of a sized list, and the next is another argument."""
    input, number = framework.ones(2, 3), framework.ones(())
    return [
        input.count_nonzero(0, 1),
        input.permute(1, 0),
        framework.repeat_interleave(number, 3),
        *attempt_all(
            lambda: input.std(0, 1).item(),
            lambda: framework.diff(input, 1, 0, 1),
            lambda: framework.repeat_interleave(input),
            lambda: framework.repeat_interleave(input.long()),
            lambda: framework.repeat_interleave(number, framework.tensor([3]), 0),
        ),
    ]


@scenario
def tensors_of_one_shape(framework, nn):
    row, column, three = framework.ones(2, requires_grad=True), framework.ones(3, 1), framework.ones(3)
    met = framework.broadcast_tensors(row, column)
    return [
        [list(each.shape) for each in met],
        [met[0].requires_grad, met[0] is row],
        [each is row for each in framework.broadcast_tensors(row, framework.ones(1))],
        list(framework.broadcast_tensors()),
    ] + attempt_all(
        lambda: framework.broadcast_tensors(row, three),
        lambda: framework.broadcast_tensors(framework.ones(2, 3), framework.ones(3, 2)),
        lambda: framework.broadcast_tensors(row, framework.ones(1), three),
        lambda: framework.broadcast_tensors([row, column]),
        lambda: framework.broadcast_tensors(row, 3),
    )


@scenario
def functions_of_ones_own_under_autocast(framework, nn):
    amp, seen = framework.amp, []

    def product_of(cast_inputs):
        class Product(framework.autograd.Function):
            @staticmethod
            @amp.custom_fwd(device_type="cpu", cast_inputs=cast_inputs)
            def forward(ctx, a, numbers, scale=1):
                ctx.save_for_backward(a, numbers)
                seen.append([str(a.dtype), str(numbers.dtype), framework.is_autocast_enabled("cpu")])
                return a @ numbers.to(a.dtype) * scale

            @staticmethod
            @amp.custom_bwd(device_type="cpu")
            def backward(ctx, grad):
                a, numbers = ctx.saved_tensors
                seen.append([str(grad.dtype), framework.is_autocast_enabled("cpu")])
                product = grad @ numbers.t().to(grad.dtype)
                return product.to(a.dtype), None, None

        return Product

    results = []
    for cast_inputs in (None, framework.float32, framework.bfloat16):
        product = product_of(cast_inputs)
        for dtype in (framework.float32, framework.float64, framework.bfloat16):
            a = framework.ones(2, 2, dtype=dtype, requires_grad=True)
            output = product.apply(a, framework.arange(4.0).view(2, 2).to(dtype))
            with framework.autocast("cpu"):
                output = output.double() + product.apply(a, framework.arange(4).view(2, 2)).double()
            output.sum().backward()
            results.append([output, a.grad])
    return [results, seen] + attempt_all(
        lambda: amp.custom_fwd(lambda ctx: ctx, device_type=None),
        lambda: amp.custom_bwd(device_type=3),
    )
