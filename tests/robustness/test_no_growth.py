"""Work that is repeated leaves nothing behind: no bytes in use, no tensors, no cycles of Python objects."""

import gc
import io
import pickle

import pytest

import lampas
from lampas import nn
from lampas.autograd import Function
from lampas.optim.lr_scheduler import StepLR
from lampas.utils.data import DataLoader, TensorDataset
from robustness.conftest import memory_in_use


def objects_of_cycles(action):
    """Return what only the garbage collector could free after an action, by type."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        action()
        gc.collect()
        return sorted({f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage})
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def assert_leaves_nothing(action, times):
    """Repeat an action: memory stays what it was after the first times, and no cycle is made."""
    for _ in range(3):
        action()
    before = memory_in_use()
    objects = sum(isinstance(each, lampas.Tensor) for each in gc.get_objects())
    for _ in range(times):
        action()
    assert memory_in_use() == before
    assert sum(isinstance(each, lampas.Tensor) for each in gc.get_objects()) == objects
    assert objects_of_cycles(action) == []


def network():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(36, 10),
    )


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_training_steps(optimizer):
    model = network()
    steps = getattr(lampas.optim, optimizer)(model.parameters(), lr=0.01)
    inputs, targets = lampas.randn(4, 1, 8, 8), lampas.tensor([1, 2, 3, 4])

    def step():
        steps.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        steps.step()
        return loss.item()

    assert_leaves_nothing(step, 1000 if optimizer == "SGD" else 100)


class Trouble(Exception):
    pass


def raise_trouble(*arguments):
    raise Trouble


class FailsForward(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        raise Trouble

    @staticmethod
    def backward(ctx, grad):
        return grad


class FailsBackward(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return input * 2

    @staticmethod
    def backward(ctx, grad):
        raise Trouble


class FailingModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(5, 5)

    def forward(self, input):
        self.inner(input)
        raise Trouble


def failing_tensor_hook(weight):
    middle = weight.exp()
    middle.register_hook(raise_trouble)
    middle.sum().backward()


def failing_node_hook(weight):
    result = weight.exp()
    result.grad_fn.register_prehook(raise_trouble)
    (result * 2).sum().backward()


def failing_module_hook(weight):
    layer = nn.Linear(5, 5)
    layer.register_forward_hook(raise_trouble)
    layer(weight)


def failing_transform(weight):
    lampas.func.vmap(lampas.func.grad(raise_trouble))(weight.detach())


def failing_index(weight):
    weight[lampas.tensor([0, 99])].sum().backward()


def failing_op(weight):
    (weight.exp() @ lampas.ones(7)).sum()


def failing_mutation(weight):
    square = weight * 1
    result = (square * square).sum()
    square.zero_()
    result.backward()


@pytest.mark.parametrize(
    "fail",
    [
        failing_op,
        failing_index,
        failing_mutation,
        failing_tensor_hook,
        failing_node_hook,
        failing_module_hook,
        failing_transform,
        FailsForward.apply,
        lambda weight: FailsBackward.apply(weight).sum().backward(),
        lambda weight: FailingModule()(weight),
        lambda weight: lampas.tensor([[1.0, 2.0], [raise_trouble]]),
        lambda weight: weight.add_(1),
        lambda weight: lampas.load(io.BytesIO(b"no file")),
        lambda weight: lampas.ones(1 << 50),
    ],
)
def test_a_thousand_failures(fail):
    weight = lampas.ones(5, 5, requires_grad=True)

    def call():
        with pytest.raises((Trouble, RuntimeError, IndexError, TypeError, pickle.UnpicklingError)) as caught:
            fail(weight)
        del caught  # its traceback holds this frame
        weight.grad = None

    assert_leaves_nothing(call, 1000)


@pytest.mark.parametrize("workers", [0, 2])
def test_epochs_of_a_loader(workers):
    data = TensorDataset(lampas.randn(40, 3), lampas.arange(40))
    loader = DataLoader(data, batch_size=8, shuffle=True, num_workers=workers)

    def epoch():
        for inputs, _ in loader:
            inputs.sum()

    assert_leaves_nothing(epoch, 100 if workers == 0 else 3)


def test_epochs_that_are_left_early():
    loader = DataLoader(TensorDataset(lampas.randn(40, 3)), batch_size=8)

    def epoch():
        for _ in loader:
            break

    assert_leaves_nothing(epoch, 100)


def test_saving_and_loading():
    model = network()
    optimizer = lampas.optim.Adam(model.parameters())

    def trip():
        file = io.BytesIO()
        lampas.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
        file.seek(0)
        read = lampas.load(file)
        model.load_state_dict(read["model"])
        optimizer.load_state_dict(read["optimizer"])

    assert_leaves_nothing(trip, 100)


def test_modules_come_and_go():
    def make():
        model = network()
        handle = model[0].register_forward_hook(lambda module, inputs, output: None)
        model(lampas.ones(2, 1, 8, 8)).sum().backward()
        handle.remove()

    assert_leaves_nothing(make, 200)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.LSTM(4, 4)(lampas.ones(3, 2, 4))[0].sum().backward(),
        lambda: nn.TransformerEncoderLayer(8, 2, 16)(lampas.ones(3, 2, 8)).sum().backward(),
        lambda: StepLR(lampas.optim.SGD(nn.Linear(2, 2).parameters(), 0.1), 3),
        lambda: lampas.func.hessian(lambda x: (x**3).sum())(lampas.ones(3)),
        lambda: lampas.ones(3).numpy()[0],
        lambda: lampas.from_numpy(lampas.ones(3).numpy()),
        lambda: repr(lampas.ones(300, 300)),
    ],
)
def test_other_work(make):
    assert_leaves_nothing(make, 50)
