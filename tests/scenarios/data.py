"""What data sets, samplers and the loader do, as scenarios to play with lampas and with PyTorch."""

import collections
import importlib
import random
import warnings

import numpy

from scenarios.playing import attempt_all

SCENARIOS = []


def scenario(function):
    """Add a function (framework, nn) -> plain values to those played with lampas and with PyTorch."""
    SCENARIOS.append(function)
    return function


def data_of(framework):
    return importlib.import_module(f"{framework.__name__}.utils.data")


def squares_class(data):
    class Squares(data.Dataset):
        def __init__(self, size):
            self.size = size

        def __getitem__(self, index):
            return index, float(index * index)

        def __len__(self):
            return self.size

    return Squares


def counting_class(data):
    class Counting(data.IterableDataset):
        def __init__(self, size):
            self.size = size

        def __repr__(self):
            return "Counting"

        def __iter__(self):
            return iter(range(self.size))

        def __len__(self):
            return self.size - 1  # wrong on purpose: the loader warns when more come

    return Counting


@scenario
def loading_in_order(framework, nn):
    data = data_of(framework)
    squares = squares_class(data)(7)
    tensors = data.TensorDataset(framework.arange(7), framework.arange(14).view(7, 2) * 0.5)
    results = []
    for dataset in [squares, tensors, data.Subset(squares, [6, 2, 2, 0]), data.Subset(tensors, [6, 2, 2, 0])]:
        for options in [{}, {"batch_size": 3}, {"batch_size": 3, "drop_last": True}, {"batch_size": None}]:
            loader = data.DataLoader(dataset, **options)
            results.append([len(loader), list(loader)])
    return results


@scenario
def shuffling(framework, nn):
    """The seed decides the order, and what is drawn afterwards."""
    data = data_of(framework)
    tensors = data.TensorDataset(framework.arange(11))
    loader = data.DataLoader(tensors, batch_size=4, shuffle=True)
    results = [list(loader), list(loader), framework.rand(2)]
    generator = framework.Generator()
    generator.manual_seed(7)
    loader = data.DataLoader(tensors, batch_size=4, shuffle=True, generator=generator)
    results += [list(loader), list(loader), framework.rand(2)]
    next(iter(data.DataLoader(tensors)))
    return [*results, framework.rand(2)]


@scenario
def samplers(framework, nn):
    data = data_of(framework)
    generator = framework.Generator()
    generator.manual_seed(1)
    return attempt_all(
        lambda: list(data.SequentialSampler("abc")),
        lambda: list(data.RandomSampler(range(10))),
        lambda: list(data.RandomSampler(range(10), num_samples=4)),
        lambda: list(data.RandomSampler(range(10), num_samples=23, generator=generator)),
        lambda: list(data.RandomSampler(range(10), replacement=True, num_samples=40)),
        lambda: list(data.RandomSampler(range(10), replacement=True, num_samples=32)),
        lambda: len(data.RandomSampler(range(10), num_samples=4)),
        lambda: list(data.SubsetRandomSampler([5, 7, 9])),
        lambda: list(data.SubsetRandomSampler([5, 7, 9], generator=generator)),
        lambda: list(data.BatchSampler(range(7), 3, False)),
        lambda: list(data.BatchSampler(range(7), 3, True)),
        lambda: [len(data.BatchSampler(range(n), 3, drop)) for n in (6, 7) for drop in (True, False)],
        lambda: data.BatchSampler(range(7), 0, False),
        lambda: data.BatchSampler(range(7), True, False),
        lambda: data.BatchSampler(range(7), 2, 1),
        lambda: data.RandomSampler(range(10), replacement=1),
        lambda: data.RandomSampler([]),
        lambda: data.RandomSampler(range(3), num_samples=0),
        lambda: iter(data.Sampler()),
        lambda: data.WeightedRandomSampler([0.1, 0.9], 0),
        lambda: data.WeightedRandomSampler([0.1, 0.9], 3, replacement=1),
        lambda: data.WeightedRandomSampler([[0.1, 0.9]], 3),
        lambda: len(data.WeightedRandomSampler([0.1, 0.9], 3)),
    )


@scenario
def loading_by_samplers(framework, nn):
    data = data_of(framework)
    tensors = data.TensorDataset(framework.arange(6))
    loaders = [
        data.DataLoader(tensors, batch_size=2, sampler=[5, 3, 1]),
        data.DataLoader(tensors, batch_sampler=[[0, 1, 2], [5], [4, 4]]),
        data.DataLoader(tensors, batch_size=4, sampler=data.SubsetRandomSampler([0, 1, 2, 3, 4])),
        data.DataLoader(tensors, batch_size=2, collate_fn=lambda samples: len(samples)),
        data.DataLoader([[1, 2], [3, 4], [5, 6]], batch_size=2),
        data.DataLoader({0: "a", 1: "b"}, batch_size=2),
    ]
    return [[len(loader), list(loader)] for loader in loaders]


@scenario
def iterable_datasets(framework, nn):
    data = data_of(framework)
    counting = counting_class(data)
    results = []
    for options in [{}, {"batch_size": 4}, {"batch_size": 4, "drop_last": True}, {"batch_size": None}]:
        loader = data.DataLoader(counting(9), **options)
        results += [list(loader), len(loader), list(loader)]
    chained = counting(2) + counting(3)
    results += [list(chained), len(chained)]
    return results + attempt_all(
        lambda: data.DataLoader(counting(3), shuffle=True),
        lambda: data.DataLoader(counting(3), shuffle=False) and None,
        lambda: data.DataLoader(counting(3), sampler=[1]),
        lambda: data.DataLoader(counting(3), batch_sampler=[[1]]),
        lambda: list(data.ChainDataset([range(3)])),
        lambda: data.ConcatDataset([counting(3)]),
    )


@scenario
def combining_datasets(framework, nn):
    data = data_of(framework)
    squares = squares_class(data)
    both = squares(3) + squares(2)
    stacked = data.StackDataset(squares(3), data.TensorDataset(framework.arange(3)))
    named = data.StackDataset(a=squares(3), b=both.datasets[0])
    results = [len(both), [both[i] for i in range(-5, 5)], both.cumulative_sizes]
    results += [stacked[1], named[2], len(stacked), stacked.__getitems__([0, 2]), named.__getitems__([1])]
    results += [data.Subset(squares(5), [4, 1])[1], len(data.Subset(squares(5), [4, 1]))]

    class Altered(data.Subset):
        def __getitem__(self, index):
            return 3

    return results + attempt_all(
        lambda: both[-6],
        lambda: data.ConcatDataset([]),
        lambda: data.StackDataset(),
        lambda: data.StackDataset(squares(3), a=squares(3)),
        lambda: data.StackDataset(squares(3), squares(2)),
        lambda: data.TensorDataset(framework.zeros(2), framework.zeros(3)),
        lambda: Altered(squares(3), [0]),
        lambda: data.Dataset()[0],
    )


@scenario
def splitting(framework, nn):
    data = data_of(framework)
    generator = framework.Generator()
    generator.manual_seed(42)

    def indices(parts):
        return [list(part.indices) for part in parts]

    return attempt_all(
        lambda: indices(data.random_split(range(10), [7, 3])),
        lambda: indices(data.random_split(range(10), [0.5, 0.3, 0.2], generator=generator)),
        lambda: indices(data.random_split(range(11), [0.5, 0.25, 0.25], generator=generator)),
        lambda: indices(data.random_split(range(2), [0.9, 0.1], generator=generator)),
        lambda: data.random_split(range(10), [7, 4]),
        lambda: data.random_split(range(10), [1.5, -0.5]),
    )


@scenario
def collating(framework, nn):
    data = data_of(framework)
    point = collections.namedtuple("Point", ["x", "y"])
    ordered = collections.OrderedDict
    tensor = framework.tensor
    collate = data.default_collate
    return attempt_all(
        lambda: collate([1, 2]),
        lambda: collate([True, False]),
        lambda: [str(collate([1.0, 2.0]).dtype), collate([1.5, 2.0])],
        lambda: collate(["a", "b"]),
        lambda: collate([b"a", b"b"])[0].decode(),
        lambda: collate([tensor([1.0, 2.0]), tensor([3.0, 4.0])]),
        lambda: collate([tensor(1), tensor(2)]),
        lambda: collate([(1, 2.0), (3, 4.0)]),
        lambda: collate([[1, "a"], [3, "b"]]),
        lambda: collate([{"a": 1, "b": [2]}, {"a": 3, "b": [4]}]),
        lambda: type(collate([ordered(a=1), ordered(a=2)])).__name__,
        lambda: type(collate([point(1, 2), point(3, 4)])).__name__,
        lambda: list(collate([point(1, 2), point(3, 4)])),
        lambda: collate([numpy.zeros(2, numpy.int16), numpy.ones(2, numpy.int16)]),
        lambda: str(collate([numpy.zeros(2, numpy.int16)]).dtype),
        lambda: [str(collate([numpy.float32(1), numpy.float32(2)]).dtype), collate([numpy.int32(3)])],
        lambda: collate([numpy.float64(1.5), numpy.float64(2.5)]),
        lambda: collate([None, None]),
        lambda: collate([object()]),
        lambda: collate([numpy.array(["a"])]),
        lambda: collate([(1, 2), (3,)]),
        lambda: collate([tensor([1.0]), tensor([1.0, 2.0])])[0],
        lambda: data.default_convert(
            [numpy.zeros(2), "a", {"b": numpy.float32(1)}, (1, 2), point(numpy.ones(1), 3)]
        ),
        lambda: data.default_convert(numpy.array(["a"])).tolist(),
    )


def loader_with_workers(data, dataset, num_workers=2, **options):
    """Return a loader with workers; that the machine may have fewer CPUs is not of interest."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This DataLoader will create")
        loader = data.DataLoader(dataset, num_workers=num_workers, multiprocessing_context="fork", **options)
    loader.check_worker_number_rationality = lambda: None
    return loader


@scenario
def batches_of_workers(framework, nn):
    data = data_of(framework)
    squares = squares_class(data)(11)
    tensors = data.TensorDataset(framework.arange(11), framework.arange(22).view(11, 2) * 0.5)
    counting = counting_class(data)
    results = []
    for dataset in [squares, tensors, data.Subset(tensors, [6, 2, 2, 0]), counting(9)]:
        for options in [
            {"batch_size": 2},
            {"batch_size": 3, "drop_last": True, "prefetch_factor": 3},
            {"batch_size": None, "persistent_workers": True},
        ]:
            loader = loader_with_workers(data, dataset, **options)
            results += [list(loader), list(loader)]
    loader = loader_with_workers(data, tensors, batch_size=4, shuffle=True)
    return [*results, list(loader), framework.rand(2), list(loader), framework.rand(2)]


@scenario
def seeds_of_workers(framework, nn):
    data = data_of(framework)

    class Draws(data.Dataset):
        def __init__(self):
            self.prepared_by = None

        def __getitem__(self, index):
            info = data.get_worker_info()
            draws = [framework.rand(2), random.random(), float(numpy.random.rand())]
            return [info.id, info.num_workers, str(info.seed), info.dataset is self, self.prepared_by, *draws]

        def __len__(self):
            return 6

    def prepare(worker_id):
        data.get_worker_info().dataset.prepared_by = worker_id

    generator = framework.Generator()
    generator.manual_seed(5)
    results = []
    for options in [{}, {"generator": generator, "shuffle": True}, {"persistent_workers": True}]:
        loader = loader_with_workers(data, Draws(), batch_size=None, worker_init_fn=prepare, **options)
        results += [list(loader), list(loader)]
    return [*results, framework.rand(2)]


@scenario
def iterable_datasets_shared_by_workers(framework, nn):
    data = data_of(framework)

    class Parts(data.IterableDataset):
        def __init__(self, sizes):
            self.sizes = sizes

        def __repr__(self):
            return "Parts"

        def __iter__(self):
            worker = data.get_worker_info().id
            return iter(range(100 * worker, 100 * worker + self.sizes[worker]))

        def __len__(self):
            return 3  # too few: the loader warns

    results = []
    for options in [{"batch_size": 2}, {"batch_size": None}, {"batch_size": 4, "drop_last": True}]:
        loader = loader_with_workers(data, Parts([9, 9]), prefetch_factor=1, **options)
        results += [len(loader), list(loader)]
    return results


@scenario
def exceptions_of_workers(framework, nn):
    data = data_of(framework)

    class Failing(data.Dataset):
        def __init__(self, error):
            self.error = error

        def __getitem__(self, index):
            if index == 2:
                raise self.error
            return index

        def __len__(self):
            return 4

    def fail(worker_id):
        raise TypeError("no worker")

    def outcomes(error, **options):
        batches = iter(loader_with_workers(data, Failing(error), **options))
        return attempt_all(*[lambda: next(batches)] * 5)

    generator = framework.Generator()
    errors = [ValueError("two"), KeyError("two"), IndexError(), OSError(2, "two"), NotImplementedError("two")]
    errors.append(UnicodeDecodeError("utf8", b"x", 0, 1, "two"))  # cannot be made of a message alone
    results = [outcomes(error) for error in errors]
    # One error for each of two workers; what PyTorch says when asked once more is an error of its own.
    results.append(outcomes(ValueError(), worker_init_fn=fail)[:2])
    results.append(outcomes(ValueError(), collate_fn=len))
    results.append(outcomes(ValueError("two"), shuffle=True, generator=generator.manual_seed(3)))
    return results


@scenario
def parts_for_processes(framework, nn):
    data = data_of(framework)
    results = []
    for size, replicas in [(10, 2), (11, 3), (2, 5)]:
        for options in [{}, {"shuffle": False}, {"drop_last": True}, {"seed": 3}]:
            for rank in range(replicas):
                sampler = data.DistributedSampler(range(size), replicas, rank, **options)
                results.append([len(sampler), list(sampler)])
                sampler.set_epoch(2)
                results.append(list(sampler))
    return results + attempt_all(lambda: data.DistributedSampler(range(3), 2, 2))


@scenario
def worker_options(framework, nn):
    data = data_of(framework)
    loader = loader_with_workers(data, range(4), 1)
    return attempt_all(
        lambda: loader.prefetch_factor,
        lambda: data.DataLoader(range(4), num_workers=1, prefetch_factor=-1),
        lambda: data.DataLoader(range(4), num_workers=1, multiprocessing_context="thread"),
        lambda: data.DataLoader(range(4), num_workers=1, multiprocessing_context=3),
        lambda: setattr(loader, "persistent_workers", True),
        lambda: list(data.DataLoader(range(4), timeout=1)),
        lambda: data.DataLoader(range(4), num_workers=1000, batch_size=0),
    )


@scenario
def loader_options(framework, nn):
    data = data_of(framework)
    source = range(4)
    loader = data.DataLoader(source, batch_size=2)
    return attempt_all(
        lambda: data.DataLoader(source, num_workers=-1),
        lambda: data.DataLoader(source, timeout=-1),
        lambda: data.DataLoader(source, prefetch_factor=2),
        lambda: data.DataLoader(source, persistent_workers=True),
        lambda: data.DataLoader(source, multiprocessing_context="fork"),
        lambda: data.DataLoader(source, sampler=[1], shuffle=True),
        lambda: data.DataLoader(source, batch_sampler=[[1]], batch_size=2),
        lambda: data.DataLoader(source, batch_sampler=[[1]], drop_last=True),
        lambda: data.DataLoader(source, batch_size=None, drop_last=True),
        lambda: data.DataLoader(source, batch_size=0),
        lambda: setattr(loader, "batch_size", 3),
        lambda: setattr(loader, "dataset", 3),
        lambda: setattr(loader, "note", 3),
        lambda: [loader.batch_size, loader.drop_last, type(loader.sampler).__name__, loader.num_workers],
        lambda: list(data.DataLoader(source, batch_size=2, pin_memory=True)),
        lambda: data.get_worker_info(),
        lambda: next(iter(data.DataLoader([], batch_size=2))),
        lambda: data.DataLoader([], shuffle=True),
    )
