"""Checks what is the loader's own way: gathering a batch in one call."""

import pytest

import lampas
from lampas.utils import data


class CountingTensors(data.TensorDataset):
    """Counts how often a sample is asked for by itself."""

    def __init__(self, *tensors):
        super().__init__(*tensors)
        self.calls = 0

    def __getitem__(self, index):
        self.calls += 1
        return super().__getitem__(index)


def test_gathered_batches_equal_collated_ones():
    tensors = [lampas.rand(10, 3), lampas.arange(10), lampas.rand(10, 2, 2)]
    gathered = data.DataLoader(data.TensorDataset(*tensors), batch_size=4)
    collated = data.DataLoader(CountingTensors(*tensors), batch_size=4)
    for ours, theirs in zip(gathered, collated, strict=True):
        assert [x.tolist() for x in ours] == [x.tolist() for x in theirs]
        assert [x.dtype for x in ours] == [x.dtype for x in theirs]


def test_a_batch_is_a_copy():
    source = lampas.zeros(4)
    (batch,) = next(iter(data.DataLoader(data.TensorDataset(source), batch_size=4)))
    batch += 1
    assert source.tolist() == [0, 0, 0, 0]


def test_own_getitem_is_respected():
    dataset = CountingTensors(lampas.arange(6))
    list(data.DataLoader(dataset, batch_size=2))
    list(data.DataLoader(data.Subset(dataset, [0, 1]), batch_size=2))
    assert dataset.calls == 8


def test_own_collate_is_respected():
    loader = data.DataLoader(
        data.TensorDataset(lampas.arange(4)), batch_size=2, collate_fn=lambda batch: batch
    )
    assert [type(batch[0]) for batch in loader] == [tuple, tuple]


def test_nested_subsets_gather():
    dataset = data.TensorDataset(lampas.arange(10) * 10)
    nested = data.Subset(data.Subset(dataset, [9, 8, 7, 6]), [3, 1])
    assert [batch.tolist() for (batch,) in data.DataLoader(nested, batch_size=2)] == [[60, 80]]


def test_index_out_of_range():
    loader = data.DataLoader(data.TensorDataset(lampas.arange(4)), batch_sampler=[[0, 9]])
    with pytest.raises(IndexError):
        next(iter(loader))


def test_class_brackets():
    class Numbers(data.Dataset[int]):
        def __getitem__(self, index):
            return index

    assert Numbers()[3] == 3
    assert issubclass(Numbers, data.Dataset)
    assert data.DataLoader[int] is not None


def test_iterators_are_independent():
    loader = data.DataLoader(data.TensorDataset(lampas.arange(4)), batch_size=2)
    first, second = iter(loader), iter(loader)
    next(first)
    assert next(second)[0].tolist() == [0, 1]


def test_the_tutorials_next():
    batches = iter(data.DataLoader(data.TensorDataset(lampas.arange(4)), batch_size=2))
    with pytest.warns(DeprecationWarning, match="write next\\(iterator\\)"):
        (batch,) = batches.next()
    assert batch.tolist() == [0, 1]
