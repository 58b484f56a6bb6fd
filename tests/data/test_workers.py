"""Checks worker processes: what they leave behind, how they end, how batches travel."""

import collections
import gc
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
from multiprocessing import forkserver, resource_tracker

import numpy
import pytest
from data_sets_for_workers import Pictures, double

import lampas
from lampas.utils import data
from lampas.utils.data import worker_batches

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


def loader(dataset, num_workers=2, context="fork", **options):
    return data.DataLoader(dataset, num_workers=num_workers, multiprocessing_context=context, **options)


def children():
    """Return the ids of this process's children."""
    path = pathlib.Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return [int(each) for each in path.read_text().split()]


def is_running(pid):
    """Whether there is such a process that is not merely waiting to be reaped."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def open_descriptors():
    return len(os.listdir("/proc/self/fd"))


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module", autouse=True)
def tracker():
    """Start the process that Python itself starts with the first spawned one, and keeps."""
    resource_tracker.ensure_running()


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    before = set(children())
    yield
    gc.collect()
    assert set(children()) <= before


@pytest.fixture
def hurried(monkeypatch):
    """End workers by force sooner than usual."""
    monkeypatch.setattr(worker_batches, "_SECONDS_TO_END", 0.2)


class Slow(data.Dataset):
    """Numbers, of which those in `waits` take long."""

    def __init__(self, size, waits=()):
        self.size = size
        self.waits = waits

    def __getitem__(self, index):
        if index in self.waits:
            time.sleep(1000)  # longer than anyone waits for these tests
        return index

    def __len__(self):
        return self.size


@pytest.mark.parametrize("context", ["fork", "spawn", "forkserver"])
def test_every_way_to_start_workers(context):
    workers = loader(Pictures(6), context=context, batch_size=2, collate_fn=double)
    alone = data.DataLoader(Pictures(6), batch_size=2, collate_fn=double)
    for ours, theirs in zip(workers, alone, strict=True):
        assert [each.tolist() for each in ours] == [each.tolist() for each in theirs]
    if context == "forkserver":  # its server would stay
        forkserver._forkserver._stop()


@pytest.mark.parametrize("size", [1, 40, 300, 2000])
def test_batches_of_all_sizes_arrive_whole(size):
    dataset = Pictures(9, size)
    for ours, theirs in zip(
        loader(dataset, batch_size=2), data.DataLoader(dataset, batch_size=2), strict=True
    ):
        assert [(each.dtype, each.shape) for each in ours] == [(each.dtype, each.shape) for each in theirs]
        assert all(bool((our == their).all()) for our, their in zip(ours, theirs, strict=True))


def test_every_kind_of_value_arrives():
    point = collections.namedtuple("point", "x y")
    globals()["point"] = point  # where pickle looks for it
    parameter = lampas.nn.Parameter(lampas.rand(3))
    values = [
        lampas.rand(2, 3).t(),
        lampas.rand(0, 3),
        lampas.tensor(1.5, dtype=lampas.bfloat16),
        lampas.tensor([1 + 2j]),
        lampas.tensor([True, False]),
        lampas.rand(50_000, requires_grad=True),
        parameter,
        numpy.arange(40_000).reshape(2, -1),
        numpy.float32(2.5),
        "text" * 20_000,
        {"a": [1, 2.5, None, b"bytes"]},
    ]
    received = list(loader(values, batch_size=None, collate_fn=lambda value: value))
    for ours, theirs in zip(received, values, strict=True):
        assert type(ours) is type(theirs)
        if isinstance(theirs, lampas.Tensor):
            assert (ours.dtype, ours.shape, ours.requires_grad) == (
                theirs.dtype,
                theirs.shape,
                theirs.requires_grad,
            )
            assert ours.tolist() == theirs.tolist()
        elif isinstance(theirs, numpy.ndarray):
            assert ours.dtype == theirs.dtype and ours.tolist() == theirs.tolist() and ours.flags.writeable
        else:
            assert ours == theirs
    named = loader([point(1, 2)] * 2, batch_size=2)
    assert [type(batch) for batch in named] == [point]


def test_batches_that_are_kept_stay_as_they_were():
    """Shared memory is used again only when nothing is left of its batch."""
    dataset = Pictures(40, 100)
    kept = list(loader(dataset, batch_size=2))
    firsts = [pictures[0] for pictures, _ in loader(dataset, batch_size=2)]
    for i, (pictures, numbers) in enumerate(kept):
        assert numbers.tolist() == [2 * i, 2 * i + 1]
        assert pictures[:, 0, 0, 0].tolist() == [2 * i, 2 * i + 1]
        assert float(firsts[i].min()) == float(firsts[i].max()) == 2 * i


def test_batches_may_be_written():
    for pictures, _ in loader(Pictures(8, 100), batch_size=2):
        pictures += 100
        assert float(pictures.min()) >= 100
    assert [float(p.max()) for p, _ in loader(Pictures(4, 100), batch_size=1)] == [0, 1, 2, 3]


def test_descriptors_do_not_run_out():
    """Keeping all batches takes a bounded number of descriptors; letting them go gives them back."""
    before = open_descriptors()
    batches = iter(loader(Pictures(800, 80), 1, batch_size=1, prefetch_factor=4))
    kept = list(batches)
    assert open_descriptors() - before < 150
    assert [int(numbers) for _, numbers in kept] == list(range(800))
    del batches, kept
    gc.collect()
    assert open_descriptors() == before


def test_leaving_the_loop_ends_the_workers():
    before = open_descriptors(), children()
    for _ in loader(Slow(100), batch_size=1):
        assert len(children()) == len(before[1]) + 2
        break
    assert (open_descriptors(), children()) == before


def test_many_requests_do_not_block():
    """Indices and answers larger than what a socket holds, with more batches ahead than it holds."""
    dataset = data.TensorDataset(lampas.arange(60_000))
    (batch,) = next(iter(loader(dataset, batch_size=60_000)))
    assert batch.tolist() == list(range(60_000))
    batches = loader(["x" * 3000] * 2000, 1, batch_size=1, prefetch_factor=1000)
    assert sum(len(batch) for batch in batches) == 2000


def test_exception_carries_the_workers_traceback():
    def fail(index):
        raise ZeroDivisionError("by hand")

    class Failing(Slow):
        def __getitem__(self, index):
            return fail(index)

    with pytest.raises(ZeroDivisionError) as raised:
        next(iter(loader(Failing(3))))
    lines = str(raised.value).splitlines()
    assert lines[0] == "Caught ZeroDivisionError in DataLoader worker process 0."
    assert lines[1] == "Original Traceback (most recent call last):"
    assert any("in fail" in line for line in lines) and lines[-1] == "ZeroDivisionError: by hand"


def test_exception_of_an_unknown_class_is_a_runtime_error():
    class Unknown(Exception):
        pass

    class Failing(Slow):
        def __getitem__(self, index):
            raise Unknown("where from")

    with pytest.raises(RuntimeError, match="Caught Unknown in DataLoader worker process 0.\nOriginal"):
        next(iter(loader(Failing(3))))


def test_what_cannot_be_sent_is_an_error():
    with pytest.raises(Exception, match="Caught .* in DataLoader worker process 0.\nOriginal"):
        next(iter(loader(Slow(3), batch_size=None, collate_fn=lambda index: lambda: index)))
    weight = lampas.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="Cowardly refusing to serialize non-leaf tensor"):
        next(iter(loader(Slow(3), batch_size=None, collate_fn=lambda index: weight * index)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_worker_is_an_error_at_once(number, hurried):
    """Also while another worker is waited for."""
    before = set(children())
    batches = iter(loader(Slow(10, waits=(0, 3)), batch_size=1))
    victim = max(set(children()) - before)
    os.kill(victim, number)
    with pytest.raises(RuntimeError) as raised:
        next(batches)
    assert str(raised.value) == f"DataLoader worker (pid(s) {victim}) exited unexpectedly"
    name = signal.strsignal(number)
    assert str(raised.value.__cause__) == f"DataLoader worker (pid {victim}) is killed by signal: {name}. "
    with pytest.raises(StopIteration):
        next(batches)


def test_worker_that_exits_is_an_error():
    class Exiting(Slow):
        def __getitem__(self, index):
            os._exit(3)

    with pytest.raises(RuntimeError, match="exited unexpectedly") as raised:
        next(iter(loader(Exiting(3))))
    assert "exited unexpectedly with exit code 3. Details are lost" in str(raised.value.__cause__)


def test_nothing_made_ahead_is_refused():
    with pytest.raises(AssertionError, match="prefetch_factor must be greater than 0"):
        iter(loader(Slow(3), prefetch_factor=0))


def test_timeout(hurried):
    batches = iter(loader(Slow(10, waits=(1,)), batch_size=1, timeout=0.5))
    assert next(batches).tolist() == [0]
    with pytest.raises(RuntimeError, match="DataLoader timed out after 0.5 seconds"):
        next(batches)


def test_batches_out_of_order():
    class FirstIsSlow(Slow):
        def __getitem__(self, index):
            time.sleep(1 if index == 0 else 0)
            return index

    numbers = [int(batch) for batch in loader(FirstIsSlow(8), batch_size=1, in_order=False)]
    assert sorted(numbers) == list(range(8)) and numbers[0] != 0


def test_persistent_workers_stay_and_restart():
    class Tells(data.Dataset):
        def __getitem__(self, index):
            return index, os.getpid()

        def __len__(self):
            return 40

    batches = loader(Tells(), batch_size=2, persistent_workers=True, prefetch_factor=5)
    first = list(batches)
    for _ in batches:  # an abandoned pass
        break
    second = list(batches)
    assert [numbers.tolist() for numbers, _ in first] == [numbers.tolist() for numbers, _ in second]
    assert [pids.tolist() for _, pids in first] == [pids.tolist() for _, pids in second]
    assert len(children()) >= 2
    del batches


class Ends(data.IterableDataset):
    """Numbers, fewer from the first worker than from the others."""

    def __iter__(self):
        return iter(range(2 if data.get_worker_info().id == 0 else 30))


@pytest.mark.parametrize("in_order", [True, False])
def test_a_worker_that_has_nothing_left_may_die(in_order):
    """It is missed only when the next pass needs it; the pass after that has new workers."""
    batches = loader(Ends(), batch_size=None, persistent_workers=True, in_order=in_order)
    iterator, received = iter(batches), []
    worker = iterator._workers[0]
    while not worker.has_ended:
        received.append(next(iterator))
    first = worker.process.pid
    os.kill(first, signal.SIGKILL)
    received += list(iterator)
    assert sorted(received) == sorted([0, 1, *range(30)])
    with pytest.raises(RuntimeError, match=f"pid\\(s\\) {first}\\) exited unexpectedly"):
        list(batches)
    assert len(list(batches)) == 32


def test_keys_of_any_kind():
    words = {"resume": 1, "": 2, None: 3, -1: 4}
    batches = loader(words, batch_size=None, sampler=list(words), persistent_workers=True)
    assert list(batches) == list(batches) == [1, 2, 3, 4]


def test_no_memory_to_share_is_an_error_of_the_batch():
    def exhaust(worker_id):
        resource.setrlimit(resource.RLIMIT_NOFILE, (1, 1))

    batches = iter(loader(Pictures(4, 200), 1, batch_size=2, worker_init_fn=exhaust))
    with pytest.raises(OSError, match="Caught OSError in DataLoader worker process 0"):
        next(batches)


def test_iterators_do_not_disturb_each_other():
    dataset = data.TensorDataset(lampas.arange(8))
    pairs = zip(loader(dataset, batch_size=2), loader(dataset, 1, batch_size=2), strict=True)
    assert all(ours[0].tolist() == theirs[0].tolist() for ours, theirs in pairs)


def test_a_worker_may_drop_its_parents_iterators():
    """A copy of an iterator in a forked child must not end the parent's workers."""
    outer = iter(loader(Slow(40), batch_size=1, prefetch_factor=1))
    next(outer)

    class Drops(Slow):
        def __getitem__(self, index):
            nonlocal outer
            outer = None
            gc.collect()
            return index

    assert len(list(loader(Drops(4), batch_size=1))) == 4
    assert len(list(outer)) == 39


def test_seeds_of_numpy_python_and_lampas():
    class Draws(Slow):
        def __getitem__(self, index):
            return float(numpy.random.rand()), random.random(), float(lampas.rand(()))

    def draws():
        lampas.manual_seed(3)
        return [[each.tolist() for each in batch] for batch in loader(Draws(6), batch_size=1)]

    first, again = draws(), draws()
    assert first == again
    assert len({numbers[0][0] for numbers in first}) == 6


def run_script(tmp_path, body):
    """Start a Python process with a loader over `Slow`; return it once it has printed its first line."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, signal, sys, time
            from lampas.utils.data import DataLoader, Dataset
            class Numbers(Dataset):
                def __getitem__(self, index):
                    time.sleep(0.05)
                    return index
                def __len__(self):
                    return 100_000
            loader = DataLoader(Numbers(), num_workers=2, multiprocessing_context="fork")
            """
        )
        + textwrap.dedent(body)
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [sys.executable, "-u", str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    pids = [int(each) for each in process.stdout.readline().split()]
    assert len(pids) == 2
    return process, pids


ITERATE = """
    for i, batch in enumerate(loader):
        if i == 3:
            print(*open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split())
"""


@pytest.mark.parametrize("to_group", [True, False])
def test_interrupt_leaves_no_orphan(tmp_path, to_group):
    """Ctrl-C in a terminal reaches all processes, an interrupt from elsewhere only the first."""
    process, pids = run_script(tmp_path, ITERATE)
    if to_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")
    wait_until(lambda: not any(map(is_running, pids)))


def test_killed_main_process_leaves_no_orphan(tmp_path):
    process, pids = run_script(tmp_path, ITERATE)
    process.kill()
    process.communicate(timeout=30)
    wait_until(lambda: not any(map(is_running, pids)))


def test_iterator_alive_at_exit(tmp_path):
    """A script that ends with an iterator in a global ends at once and silently."""
    process, pids = run_script(tmp_path, ITERATE + "            break\n")
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")
    wait_until(lambda: not any(map(is_running, pids)))
    body = "batches = iter(loader); next(batches)\n"
    body += 'print(*open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split())\n'
    process, pids = run_script(tmp_path, body)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")
    wait_until(lambda: not any(map(is_running, pids)))
