"""Ctrl-C and exceptions in the middle of long work: KeyboardInterrupt soon, then the process works."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import lampas


def interrupt_after(seconds):
    """Send this process SIGINT from another thread."""
    timer = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def repeat_until_interrupted(action, limit=20.0):
    """Repeat an action until KeyboardInterrupt; fail when it does not come within `limit` seconds."""
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        while time.monotonic() - begin < limit:
            action()


def test_interrupt_in_a_parallel_region():
    left, right = lampas.ones(1200, 1200), lampas.ones(1200, 1200)
    timer = interrupt_after(0.2)
    repeat_until_interrupted(lambda: left @ right)
    timer.join()
    assert (left @ right)[0, 0].item() == 1200


def test_interrupt_stops_one_long_region():
    """The signal is answered between the chunks of one op, not only between ops."""
    code = """
import lampas, os, signal, threading, time
tensor = lampas.ones(30_000_000)
begin = time.monotonic(); tensor.erf(); once = time.monotonic() - begin
big = tensor.view(1, -1).expand(max(2, int(4 / once)), -1)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
begin = time.monotonic()
try:
    big.sum()
    print("finished", time.monotonic() - begin)
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - begin)
assert lampas.ones(3).sum().item() == 3
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert finished.returncode == 0, finished.stderr
    word, seconds = finished.stdout.split()
    assert word == "interrupted" or float(seconds) < 1.0, finished.stdout


def test_interrupt_in_backward():
    weight = lampas.ones(300, 300, requires_grad=True)

    def step():
        result = weight
        for _ in range(30):
            result = (result @ weight) * 0.003
        result.sum().backward()
        weight.grad = None

    timer = interrupt_after(0.3)
    repeat_until_interrupted(step)
    timer.join()
    step()


def test_exception_in_the_caller_of_a_region():
    """Memory runs out in the middle of an op that has begun; another op works."""
    wide = lampas.ones(1).expand(1 << 44)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="allocate"):
            wide + wide
    with pytest.raises(IndexError):
        lampas.ones(1000, 1000)[lampas.full((100_000,), 1000)]
    with pytest.raises(IndexError):
        lampas.ones(1000, 1000).index_select(0, lampas.full((100_000,), 1000))


def test_threads_raise_their_own_errors():
    results = []

    def work(number):
        for _ in range(50):
            try:
                lampas.ones(1000, 100) @ lampas.ones(number, 100)
            except RuntimeError as error:
                results.append((number, str(error)))

    threads = [threading.Thread(target=work, args=(number,)) for number in (7, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == 100
    assert all(f"and {number}x100)" in message for number, message in results)


def test_exit_in_the_middle_of_work_does_not_hang():
    code = """
import lampas, threading, time, sys
def work():
    while True:
        lampas.ones(1_000_000).exp().sum()
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.3)
sys.exit(3)
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert finished.returncode == 3, finished.stderr
