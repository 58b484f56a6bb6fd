"""Checks that a batch made in one call of the core equals, bit for bit, one made picture by picture."""

import numpy
import pytest
from vision_files import small_cifar, write_small_mnist

import lampas
from lampas import _core
from lampas.utils.data import DataLoader, Subset, random_split
from lampas.utils.data.fetching import make_fetcher
from lampas.vision.datasets import CIFAR10, MNIST
from lampas.vision.transforms import (
    Compose,
    ConvertImageDtype,
    Lambda,
    Normalize,
    Pad,
    RandomCrop,
    RandomHorizontalFlip,
    ToTensor,
)

TRANSFORMS = {
    "ToTensor": lambda channels: ToTensor(),
    "Compose of ToTensor": lambda channels: Compose([ToTensor()]),
    "Normalize": lambda channels: Compose(
        [ToTensor(), Normalize((0.1307,) * channels, (0.3081,) * channels)]
    ),
    "one mean": lambda channels: Compose([ToTensor(), Normalize(0.4914, 0.247)]),
    "a mean a channel": lambda channels: Compose(
        [ToTensor(), Normalize([0.49, 0.48, 0.44][:channels], [0.247, 0.243, 0.261][:channels], inplace=True)]
    ),
    "Pad": lambda channels: Compose(
        [Pad(2), ToTensor(), Normalize(0.5, 0.5), ConvertImageDtype(lampas.float64)]
    ),
    "Pad on each side": lambda channels: Compose([Pad((0, 1, 2, 3), fill=200), ToTensor()]),
    "twice": lambda channels: Compose([ToTensor(), Normalize([0.5], [0.5]), Normalize([0.1], [3.0])]),
}


@pytest.fixture(params=["grey", "colour", "colour with channels last", "tensor of targets"])
def pictures(request, tmp_path):
    """Return (a function of a transform that gives a data set of bytes, its channels)."""
    if request.param in ("grey", "tensor of targets"):
        write_small_mnist(tmp_path, count=40)

        def dataset(transform, **options):
            made = MNIST(tmp_path, transform=transform, **options)
            if request.param == "grey":
                made.targets = made.targets.tolist()
            return made

        return dataset, 1
    cifar = small_cifar(CIFAR10, tmp_path)

    def coloured(transform, **options):
        made = cifar(tmp_path, transform=transform, **options)
        if request.param == "colour with channels last":
            made.data = made.data.copy()
        return made

    return coloured, 3


def assert_same_batches(dataset, **options):
    """Compare the loader's batches with those of the same samples collated one by one."""
    lampas.manual_seed(1)
    gathered = list(DataLoader(dataset, batch_size=7, **options))
    lampas.manual_seed(1)
    # A list has no way to gather.
    collated = list(DataLoader([dataset[i] for i in range(len(dataset))], batch_size=7, **options))
    assert len(gathered) == len(collated) > 0
    for ours, theirs in zip(gathered, collated, strict=True):
        assert type(ours) is list and len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            assert (our.dtype, our.shape, our.stride()) == (their.dtype, their.shape, their.stride())
            assert our.numpy().tobytes() == their.numpy().tobytes()


def gathers(dataset):
    return dataset._gatherer() is not None


@pytest.mark.parametrize("name", TRANSFORMS)
def test_equal_to_the_path_of_single_pictures(pictures, name):
    make, channels = pictures
    dataset = make(TRANSFORMS[name](channels))
    assert gathers(dataset)
    assert_same_batches(dataset)
    assert_same_batches(dataset, shuffle=True)
    assert_same_batches(dataset, shuffle=True, drop_last=True)
    subset = Subset(dataset, [3, -1, 3, 20, 0])
    assert gathers(subset)
    assert_same_batches(subset, shuffle=True)
    for part in random_split(dataset, [0.7, 0.3]):
        assert gathers(part)
        assert_same_batches(part)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("context", ["fork", "spawn"])
@pytest.mark.parametrize("first", [[], [RandomCrop(28, padding=2), RandomHorizontalFlip()]])
def test_workers_make_the_same_batches(tmp_path, context, first):
    """With and without a plan for whole batches; random transforms depend on the worker's seed alone."""
    write_small_mnist(tmp_path, count=40)
    dataset = MNIST(tmp_path, transform=Compose([*first, ToTensor(), Normalize(0.5, 0.5)]))
    options = {"batch_size": 6, "shuffle": True, "num_workers": 1, "multiprocessing_context": context}

    def batches():
        lampas.manual_seed(2)
        return [[each.numpy().tobytes() for each in batch] for batch in DataLoader(dataset, **options)]

    made = batches()
    if first:
        assert made == batches()
    else:
        lampas.manual_seed(2)
        alone = DataLoader(dataset, batch_size=6, shuffle=True)
        assert made == [[each.numpy().tobytes() for each in batch] for batch in alone]


def test_target_transform(pictures):
    make, _ = pictures
    dataset = make(ToTensor(), target_transform=lambda target: (target, target / 2))
    assert gathers(dataset)
    batch = next(iter(DataLoader(dataset, batch_size=3)))
    expected = [int(dataset.targets[i]) for i in range(3)]
    assert batch[1][0].tolist() == expected and batch[1][1].tolist() == [each / 2 for each in expected]


def test_other_default_dtype(pictures):
    make, _ = pictures
    before = lampas.get_default_dtype()
    lampas.set_default_dtype(lampas.float64)
    try:
        assert_same_batches(make(Compose([ToTensor(), Normalize(0.1307, 0.3081)])))
    finally:
        lampas.set_default_dtype(before)


def test_what_is_not_known_goes_picture_by_picture(pictures):
    make, channels = pictures

    class OwnNormalize(Normalize):
        pass

    hooked = Normalize(0.5, 0.5)
    hooked.register_forward_hook(lambda module, inputs, output: None)
    for transform in [
        Pad(1),
        Compose([Pad(1, padding_mode="edge"), ToTensor()]),
        Compose([Pad(-1), ToTensor()]),
        Compose([Pad(1, fill=0.5), ToTensor()]),
        Compose([Pad(1, fill=(1,) * channels), ToTensor()]),
        Compose([ToTensor(), Pad(1)]),
        Compose([ToTensor(), ConvertImageDtype(lampas.uint8)]),
        Compose([ToTensor(), hooked]),
        Compose([ToTensor(), Lambda(lambda picture: picture.mean())]),
        Compose([ToTensor(), OwnNormalize(0.5, 0.5)]),
        Compose([]),
        Lambda(lambda picture: 1),
        lambda picture: 1,
        None,
    ]:
        assert not gathers(make(transform))
    dataset = make(ToTensor())
    for method in ["__getitem__", "_picture", "_transformed"]:
        own = type("Own", (type(dataset),), {method: lambda self, *arguments: (1, 2)})
        dataset.__class__ = own
        assert not gathers(dataset)
        dataset.__class__ = own.__mro__[1]
    if channels == 1:  # three means do not make three channels of one
        several = make(Compose([ToTensor(), Normalize((0.1, 0.2, 0.3), (1.0, 1.0, 1.0))]))
        assert not gathers(several)
        with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
            next(iter(DataLoader(several, batch_size=3)))


def test_wrong_transforms_raise_as_for_one_picture(pictures):
    make, _ = pictures
    with pytest.raises(ValueError, match="std evaluated to zero"):
        next(iter(DataLoader(make(Compose([ToTensor(), Normalize(0.5, 0.0)])), batch_size=2)))


def test_changes_between_passes_are_seen(pictures):
    make, _ = pictures
    dataset = make(Compose([ToTensor(), Normalize([0.5], [0.5])]))
    loader = DataLoader(dataset, batch_size=4)
    list(loader)
    dataset.transform.transforms[1].mean = [0.25]
    dataset.data[:] = 255 - dataset.data
    dataset.targets[0] = 7
    assert_same_batches(dataset)
    dataset.data = dataset.data[:11]
    assert len(list(loader)) == 3
    assert_same_batches(dataset)


def test_index_out_of_range(pictures):
    make, _ = pictures
    fetch = make_fetcher(make(ToTensor()), True, lampas.utils.data.default_collate, False)
    with pytest.raises(IndexError):
        fetch([0, 1000])
    with pytest.raises(IndexError):
        fetch([-1000])


def bytes_of(*shape):
    return lampas.from_numpy(numpy.random.default_rng(0).integers(0, 256, shape, dtype=numpy.uint8))


@pytest.mark.parametrize("dtype", [lampas.float16, lampas.bfloat16, lampas.float32, lampas.float64])
@pytest.mark.parametrize("shape", [(5, 3, 4, 6), (5, 1, 1, 1), (5, 2, 0, 3), (90, 3, 32, 32)])
def test_op_against_indexing(dtype, shape):
    pictures = bytes_of(*shape)
    table = lampas.rand(shape[1], 256).to(dtype)
    for index in [[4, 0, 0, -1], [], list(range(5)) * 40]:
        index = lampas.tensor(index, dtype=lampas.int64)
        chosen = pictures[index].to(lampas.int64)
        expected = lampas.stack([table[c][chosen[:, c]] for c in range(shape[1])], 1)
        for layout in [pictures, pictures.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)]:
            for given in [table, table.t().contiguous().t()]:
                result = _core.gather_pictures(layout, index, given)
                assert result.dtype == dtype and result.is_contiguous()
                assert result.tolist() == expected.tolist()


def test_op_with_border():
    pictures = bytes_of(3, 2, 4, 5)
    table = lampas.rand(2, 256)
    result = _core.gather_pictures(pictures, lampas.tensor([2, 1]), table, pad=[1, 2, 3, 4], fill=9)
    assert result.shape == (2, 2, 11, 8)
    inner = _core.gather_pictures(pictures, lampas.tensor([2, 1]), table)
    assert result[:, :, 3:7, 1:6].tolist() == inner.tolist()
    result[:, :, 3:7, 1:6] = table[:, 9].view(1, 2, 1, 1)
    assert all(set(result[:, c].reshape(-1).tolist()) == {float(table[c, 9])} for c in range(2))


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"input": lampas.zeros(2, 1, 3, 3)}, "input must be bytes of shape"),
        ({"input": bytes_of(2, 3, 3)}, "input must be bytes of shape"),
        ({"index": lampas.tensor([[0]])}, "index must be a vector"),
        ({"index": lampas.tensor([0.0])}, "index must be a vector"),
        ({"table": lampas.zeros(2, 256)}, r"table must be floating point of shape \(1, 256\)"),
        ({"table": lampas.zeros(1, 256, dtype=lampas.int64)}, "table must be floating point"),
        ({"pad": [0, 0, -1, 0]}, "pad must not be negative, got -1"),
        ({"fill": 256}, "fill must be a byte, not 256"),
    ],
)
def test_op_refuses(change, problem):
    arguments = {"input": bytes_of(2, 1, 3, 3), "index": lampas.tensor([0]), "table": lampas.zeros(1, 256)}
    with pytest.raises(RuntimeError, match=problem):
        _core.gather_pictures(**{**arguments, **change})


def test_op_on_other_devices():
    """meta gives the shape; the shadow device's memory can only be reached through kernels."""
    arguments = (bytes_of(2, 1, 3, 3), lampas.tensor([0, 1, 1]), lampas.rand(1, 256))
    expected = _core.gather_pictures(*arguments, pad=[1, 0, 0, 0])
    for device in ("meta", "shadow"):
        result = _core.gather_pictures(*(each.to(device) for each in arguments), pad=[1, 0, 0, 0])
        assert result.shape == expected.shape and result.device.type == device
    assert result.to("cpu").tolist() == expected.tolist()
