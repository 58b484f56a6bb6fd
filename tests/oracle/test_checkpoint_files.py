"""What Lampas saves PyTorch loads with weights_only, and the other way round, bit for bit."""

import io
import pickle

import pytest
import torch
from checkpoint_contents import Comparison, contents

import lampas

NAMES = [name for name in contents(lampas) if name != "ours"]
pytestmark = pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")


def through(value, save, load, **options):
    file = io.BytesIO()
    save(value, file)
    file.seek(0)
    return load(file, **options)


@pytest.mark.parametrize("name", NAMES)
def test_ours_in_pytorch(name):
    loaded = through(contents(lampas)[name], lampas.save, torch.load, weights_only=True)
    Comparison().check(contents(torch)[name], loaded)


@pytest.mark.parametrize("name", NAMES)
def test_pytorchs_in_ours(name):
    loaded = through(contents(torch)[name], torch.save, lampas.load)
    Comparison().check(contents(lampas)[name], loaded)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta"])
def test_a_training_goes_on_in_the_other_framework(optimizer):
    def build(framework, network_state=None, optimizer_state=None):
        network = framework.nn.Linear(3, 2).double()
        made = getattr(framework.optim, optimizer)(network.parameters(), lr=0.1)
        if network_state:
            network.load_state_dict(network_state)
            made.load_state_dict(optimizer_state)
        return network, made

    def step(framework, network, made):
        made.zero_grad()
        network(framework.ones(4, 3).double()).square().sum().backward()
        made.step()

    theirs = build(torch)
    step(torch, *theirs)
    states = [part.state_dict() for part in theirs]
    ours = build(lampas, *through(states, torch.save, lampas.load))
    step(lampas, *ours)
    again = build(torch, *through([part.state_dict() for part in ours], lampas.save, torch.load))
    step(torch, *theirs)
    step(torch, *theirs)
    step(torch, *again)
    for mine, other in zip(again[0].parameters(), theirs[0].parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-12)


def test_whole_modules_of_pytorch():
    nn = torch.nn
    layers = [
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2, 3),
    ]
    theirs = nn.Sequential(*layers).eval()
    ours = through(theirs, torch.save, lampas.load, weights_only=False)
    input = torch.randn(2, 1, 4, 4)
    result = ours(lampas.from_numpy(input.numpy()))
    torch.testing.assert_close(torch.from_dlpack(result.detach()), theirs(input).detach())
    assert repr(ours) == repr(theirs) and list(ours.state_dict()) == list(theirs.state_dict())


def test_lazy_conjugates_are_resolved():
    tensor = torch.tensor([1 + 2j, 3 - 1j])
    assert through(tensor.conj(), torch.save, lampas.load).tolist() == [1 - 2j, 3 + 1j]
    assert through(tensor.conj().imag, torch.save, lampas.load).tolist() == [-2.0, 1.0]


@pytest.mark.parametrize("place", ["cuda", "cuda:0", "xla", "nonsense"])
def test_missing_places(place):
    raised = []
    for framework in (torch, lampas):
        with pytest.raises(RuntimeError) as caught:
            through(framework.ones(1), framework.save, framework.load, map_location=place)
        raised.append(str(caught.value))
    if place.startswith("cuda"):
        assert raised[0] == raised[1]


@pytest.mark.parametrize("content", [b"", b"PK\3\4"])
def test_broken_files_raise_the_same_type(content):
    types = []
    for framework in (torch, lampas):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            framework.load(io.BytesIO(content))
        types.append(caught.type)
    assert types[0] is types[1]


def test_refused_globals_are_named_alike():
    file = io.BytesIO()
    torch.save({"range": range(3), "path": pickle.Pickler}, file)
    messages = []
    for framework in (torch, lampas):
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError) as caught:
            framework.load(file)
        messages.append(str(caught.value))
    wanted = "Unsupported global: GLOBAL range was not an allowed global by default. Please use `torch.serial"
    assert wanted in messages[0] and wanted in messages[1]
