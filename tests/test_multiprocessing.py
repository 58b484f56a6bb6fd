"""Tensors between processes: one memory for all, errors of processes, spawn."""

import multiprocessing as standard
import os
import signal
import time

import pytest

import lampas
from lampas import multiprocessing, nn


def double_in_place(tensors, done):
    for tensor in tensors:
        tensor.mul_(2)
    done.put("done")


def answer(inbox, outbox):
    tensor = inbox.get()
    tensor.add_(1)
    outbox.put(tensor[1:])
    inbox.get()  # the memory is the sender's until it has been taken


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_arguments_share_memory(method):
    context = multiprocessing.get_context(method)
    base = lampas.arange(6.0)
    parameter = nn.Parameter(lampas.ones(2), requires_grad=False)
    done = context.Queue()
    base.share_memory_()
    parameter.share_memory_()
    process = context.Process(target=double_in_place, args=([base[:3], base[4:], parameter], done))
    process.start()
    assert done.get(timeout=60) == "done"
    process.join()
    assert base.tolist() == [0, 2, 4, 3, 8, 10] and parameter.tolist() == [2, 2]


def test_queues_share_memory_both_ways():
    context = multiprocessing.get_context("spawn")
    inbox, outbox = context.Queue(), context.Queue()
    process = context.Process(target=answer, args=(inbox, outbox))
    process.start()
    tensor = lampas.zeros(3)
    inbox.put(tensor)
    part = outbox.get(timeout=60)
    assert tensor.tolist() == [1, 1, 1] and part.tolist() == [1, 1] and tensor.is_shared()
    part.fill_(5)
    assert tensor.tolist() == [1, 5, 5]
    inbox.put(None)
    process.join()
    assert process.exitcode == 0


@pytest.mark.parametrize("dtype", ["bfloat16", "bool", "complex64", "uint16"])
def test_every_dtype_and_layout(dtype):
    reader, writer = standard.Pipe(duplex=False)
    tensor = lampas.arange(6).view(2, 3).T.to(getattr(lampas, dtype))
    writer.send([tensor, lampas.zeros(0), lampas.ones(2, device="meta"), lampas.Size([2])])
    received, empty, meta, size = reader.recv()
    assert received.dtype is tensor.dtype and received.stride() == tensor.stride()
    assert received.tolist() == tensor.tolist() and empty.shape == (0,) and meta.is_meta and size == (2,)


def test_results_with_history_are_refused():
    from multiprocessing.reduction import ForkingPickler

    leaf = lampas.ones(1, requires_grad=True)
    assert ForkingPickler.loads(ForkingPickler.dumps(leaf)).requires_grad
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor"):
        ForkingPickler.dumps(leaf * 2)


def test_shared_memory_is_one_for_all_tensors_on_it():
    base = lampas.arange(4)
    view = base[1:]
    assert not base.is_shared() and base.share_memory_() is base
    assert view.is_shared() and view.tolist() == [1, 2, 3]
    view[0] = 9
    assert base.tolist() == [0, 9, 2, 3]
    with pytest.raises(RuntimeError, match="not resizable"):
        base.resize_(100)
    assert lampas.zeros(0).share_memory_().is_shared()


@pytest.mark.parametrize("count", [16, 1000])  # the memory lies behind the storage's header, or apart
def test_arrays_on_memory_that_becomes_shared_stay_valid(count):
    import numpy

    tensor = lampas.ones(count)
    array = tensor.numpy()
    given = lampas.from_numpy(numpy.ones(count))
    tensor.share_memory_()
    given.share_memory_()
    others = [lampas.zeros(count) for _ in range(20)]
    assert (array == 1).all() and tensor.sum() == count and given.sum() == count and len(others) == 20


def test_memory_behind_the_storages_header_grows_and_becomes_shared():
    tensor, other = lampas.ones(16), lampas.ones(16)
    tensor.untyped_storage().resize_(8000)
    assert tensor.tolist() == [1] * 16
    tensor.untyped_storage().resize_(64)
    assert tensor.tolist() == [1] * 16
    other.share_memory_()
    others = [lampas.zeros(16) for _ in range(20)]
    assert other.tolist() == [1] * 16 and other.is_shared() and len(others) == 20


# ---- spawn


def fill(index, tensor, factor):
    tensor[index] = index * factor


def fail(index):
    if index == 1:
        raise KeyError("from the second")
    time.sleep(60)


def leave(index):
    os._exit(7)


def be_killed(index):
    os.kill(os.getpid(), signal.SIGKILL)


def test_spawn_runs_all_and_shares_arguments():
    results = lampas.zeros(2).share_memory_()
    multiprocessing.spawn(fill, (results, 10), nprocs=2)
    assert results.tolist() == [0, 10]


def test_an_error_ends_the_others_and_comes_back():
    start = time.monotonic()
    with pytest.raises(multiprocessing.ProcessRaisedException, match="KeyError: 'from the second'") as caught:
        multiprocessing.start_processes(fail, nprocs=2, start_method="fork")
    assert caught.value.error_index == 1 and time.monotonic() - start < 50


def test_exits_and_signals_come_back():
    with pytest.raises(multiprocessing.ProcessExitedException, match="exit code 7"):
        multiprocessing.start_processes(leave, start_method="fork")
    with pytest.raises(multiprocessing.ProcessExitedException, match="signal SIGKILL") as caught:
        multiprocessing.start_processes(be_killed, start_method="fork")
    assert caught.value.signal_name == "SIGKILL"


def test_contexts_are_joined_by_the_caller():
    results = lampas.zeros(3).share_memory_()
    context = multiprocessing.start_processes(fill, (results, 1), nprocs=3, join=False, start_method="fork")
    assert len(context.pids()) == 3
    while not context.join():
        pass
    assert results.tolist() == [0, 1, 2]


def test_names_of_the_standard_library_are_there():
    assert multiprocessing.Queue and multiprocessing.cpu_count() >= 1
    assert multiprocessing.get_sharing_strategy() in multiprocessing.get_all_sharing_strategies()
    multiprocessing.set_sharing_strategy("file_system")
    with pytest.raises(AssertionError, match="no sharing strategy"):
        multiprocessing.set_sharing_strategy("telepathy")
