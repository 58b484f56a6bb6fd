"""Some hundred fuzzed calls: each ends in a result or an exception. `make fuzz` makes 20,000."""

import os
import signal

import pytest
from ops.cases import CASES

from robustness import fuzzing


@pytest.mark.parametrize("start", [0, 10_000])
def test_calls_end_well(start):
    outcomes, wrong = fuzzing.fuzz(len(CASES), with_pytorch=False, start=start)
    assert not wrong, "\n".join(f"{what}\n    {call}" for call, what in wrong)
    assert outcomes["returned"] >= sum(outcomes.values()) / 2


def test_programs_end_well():
    outcomes, wrong = fuzzing.fuzz(300, with_pytorch=False, drawn=fuzzing.Programs)
    assert not wrong, "\n".join(what for _, what in wrong)
    assert outcomes["returned"] == 300


def test_the_same_numbers_give_the_same_calls():
    for number in (3, 500):
        drawn = [repr(fuzzing.Calls(1, False).draw(number)) for _ in range(2)]
        assert drawn[0] == drawn[1] != repr(fuzzing.Calls(2, False).draw(number))


@pytest.mark.parametrize(
    ("harm", "ending"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "crash: SIGKILL"),
        (lambda: signal.pause(), "hang"),
        (lambda: (_ for _ in ()).throw(SystemError("no exception set")), "broken: SystemError"),
    ],
)
def test_harm_is_noticed(monkeypatch, harm, ending):
    monkeypatch.setattr(fuzzing, "SECONDS_PER_CALL", 1)
    made = fuzzing.Call.run
    harmed = repr(fuzzing.Calls(0, False).draw(2))
    monkeypatch.setattr(
        fuzzing.Call, "run", lambda call, framework: harm() if repr(call) == harmed else made(call, framework)
    )
    outcomes, wrong = fuzzing.fuzz(5, with_pytorch=False)
    assert [what.startswith(f"call 2: {ending}") for _, what in wrong] == [True]
    assert sum(outcomes.values()) == 5
