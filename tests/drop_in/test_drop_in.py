"""Checks the drop-in: torch and torchvision stand for Lampas, in this process and its workers."""

import contextlib
import importlib
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
import types

import pytest

import lampas
from lampas import drop_in, nn


@pytest.fixture(autouse=True)
def without_pytorch(monkeypatch):
    """Let the process forget real PyTorch, which another test may have imported."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def torch(without_pytorch):
    """The module torch of the drop-in."""
    with drop_in.enable():
        yield importlib.import_module("torch")


def test_names_are_those_of_lampas(torch):
    functional = importlib.import_module("torch.nn.functional")
    data = importlib.import_module("torch.utils.data")
    transforms = importlib.import_module("torchvision.transforms")
    assert torch.Tensor is lampas.Tensor
    assert torch.nn.Linear is nn.Linear
    assert torch.nn.functional is functional and functional.relu is nn.functional.relu
    assert torch.utils.data is data and data.DataLoader is lampas.utils.data.DataLoader
    assert transforms.ToTensor is lampas.vision.transforms.ToTensor
    assert torch.autograd.Variable is lampas.autograd.Variable
    assert (torch.__name__, functional.__name__) == ("torch", "torch.nn.functional")


def test_inner_names_that_programs_use(torch):
    names = {}
    exec(
        "from torch.nn.modules.utils import _pair, _ntuple\n"
        "from torch.nn.modules.batchnorm import _BatchNorm\n"
        "from torch.nn.modules.instancenorm import _InstanceNorm, InstanceNorm2d\n"
        "from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd\n"
        "from torch.nn.modules.loss import _Loss, _WeightedLoss\n"
        "from torch.nn.init import _calculate_fan_in_and_fan_out\n"
        "from torch.optim.lr_scheduler import _LRScheduler\n"
        "from torch.optim.adamw import AdamW\n"
        "from torch.utils.data._utils.collate import default_collate\n",
        names,
    )
    assert names["_pair"](3) == (3, 3) and names["_ntuple"](3)([1, 2, 3]) == (1, 2, 3)
    assert isinstance(nn.BatchNorm2d(1), names["_BatchNorm"])
    assert names["InstanceNorm2d"] is nn.InstanceNorm2d
    assert isinstance(nn.InstanceNorm1d(1), names["_InstanceNorm"])
    assert isinstance(nn.Conv1d(1, 1, 1), names["_ConvNd"])
    assert isinstance(nn.ConvTranspose1d(1, 1, 1), names["_ConvTransposeNd"])
    assert isinstance(nn.MSELoss(), names["_Loss"]) and isinstance(nn.BCELoss(), names["_WeightedLoss"])
    assert names["_calculate_fan_in_and_fan_out"](torch.ones(4, 3, 2)) == (6, 8)
    assert names["_LRScheduler"] is lampas.optim.lr_scheduler.LRScheduler
    assert names["AdamW"] is lampas.optim.AdamW
    assert torch.utils.data._utils.collate.default_collate is names["default_collate"]
    assert "_BatchNorm" not in dir(torch.nn.modules.batchnorm)
    with pytest.raises(AttributeError):
        torch.nn.modules.batchnorm._check_dims  # noqa: B018


def test_star_imports(torch):
    names = {}
    exec("from torch import *\nfrom torch.nn import *", names)
    assert names["zeros"] is lampas.zeros and names["Linear"] is nn.Linear
    assert "train" not in names and "_core" not in names


def test_submodules_need_no_import_of_their_own(torch):
    assert torch.utils.data.DataLoader is lampas.utils.data.DataLoader
    assert isinstance(torch.nn.init, types.ModuleType)


def test_classes_call_themselves_by_pytorch_s_names(torch):
    assert repr(type(torch.ones(2))) == "<class 'torch.Tensor'>"
    assert repr(torch.utils.data.DataLoader) == "<class 'torch.utils.data.dataloader.DataLoader'>"

    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

    same = Same.apply(torch.ones(1, requires_grad=True))
    assert repr(same.grad_fn).startswith("<torch.autograd.function.SameBackward object at")
    assert repr(type(torch.nn.Linear(2, 3).weight)) == "<class 'torch.nn.parameter.Parameter'>"
    drop_in.disable()
    assert repr(type(lampas.ones(2))) == "<class 'lampas.Tensor'>"
    assert repr(nn.Parameter) == "<class 'lampas.nn.parameter.Parameter'>"


def test_versions(torch):
    assert torch.__version__.startswith("2.13.0+lampas")
    assert torch.__version__ >= (1, 8) and torch.__version__ > "2.9" and not torch.__version__ >= "2.14"
    assert torch.version.cuda is None
    assert importlib.import_module("torch.torch_version").TorchVersion("1.13.1") < torch.__version__
    assert importlib.import_module("torchvision").__version__.startswith("0.28.0+lampas")


def test_find_spec(torch):
    assert importlib.util.find_spec("torch").name == "torch"
    assert importlib.util.find_spec("torchvision.transforms.functional") is not None
    assert importlib.util.find_spec("torch.zeroes") is None
    assert importlib.util.find_spec("torchaudio") is None


def test_disable_ends_it():
    had_torch = importlib.util.find_spec("torch")
    with drop_in.enable():
        with drop_in.enable():  # a second call changes nothing, nor does its end
            pass
        assert drop_in.is_enabled()
        module = importlib.import_module("torch")
    assert not drop_in.is_enabled()
    assert "torch" not in sys.modules
    assert importlib.util.find_spec("torch") == had_torch
    assert module.ones is lampas.ones  # what was imported keeps working


def test_what_lampas_alone_has_is_not_in_torch(torch):
    for name in ("train", "plots", "vision", "drop_in", "_core"):
        assert not hasattr(torch, name)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("torch.train")


def test_a_misspelt_name_tells_the_nearest(torch):
    with pytest.raises(AttributeError) as raised:
        torch.zeroes  # noqa: B018
    assert str(raised.value) == "module 'torch' has no attribute 'zeroes' (did you mean torch.zeros?)"
    with pytest.raises(ImportError, match="cannot import name 'zeroes' from 'torch'"):
        exec("from torch import zeroes")
    with pytest.raises(ModuleNotFoundError, match="No module named 'torch.zeroes'"):
        importlib.import_module("torch.zeroes")


def test_of_unlisted_names_nothing_is_claimed(torch):
    for module, name, reason in (
        (torch, "nothing_of_the_kind", "PyTorch has no such name either"),
        (torch, "_dynamo", "not in Lampas"),
        (torch.autograd.graph, "saved_tensors_hooks", "not in Lampas"),
    ):
        with pytest.raises(AttributeError) as raised:
            getattr(module, name)
        assert str(raised.value) == f"module {module.__name__!r} has no attribute {name!r} ({reason})"


UNSUPPORTED = "PyTorch's torch.set_vital is not supported in Lampas yet: see docs/differences.md"


@pytest.fixture
def known_but_missing(monkeypatch):
    """Let PyTorch have names that Lampas will never have."""
    from lampas.drop_in import missing_names

    names = dict(missing_names.pytorch_names())
    names["torch"] = names["torch"] | {"set_vital", "vital"}
    names["torch.vital"] = {"signs"}
    monkeypatch.setattr(missing_names, "pytorch_names", lambda: names)


def test_a_missing_name_of_pytorch_fails_when_used(known_but_missing, torch):
    names = {}
    exec("from torch import set_vital, zeros", names)
    assert not hasattr(torch, "set_vital")
    uses = [
        lambda value: value(3),
        lambda value: isinstance(3, value),
        lambda value: types.new_class("Mine", (value,)),
        lambda value: list(value),
        lambda value: value["key"],
        lambda value: contextlib.ExitStack().enter_context(value),
    ]
    for use in uses:
        with pytest.raises(NotImplementedError) as raised:
            use(names["set_vital"])
        assert str(raised.value) == UNSUPPORTED
    with pytest.raises(AttributeError) as raised:
        torch.set_vital  # noqa: B018
    assert str(raised.value) == f"module 'torch' has no attribute 'set_vital' ({UNSUPPORTED})"


def test_a_missing_module_of_pytorch_fails_when_used(known_but_missing, torch):
    names = {}
    exec("import torch.vital.signs as signs\nfrom torch.vital import measure", names)
    assert not hasattr(torch, "vital")
    with pytest.raises(
        NotImplementedError, match="torch.vital.measure: PyTorch's torch.vital is not supported"
    ):
        names["measure"]()
    with pytest.raises(AttributeError, match="torch.vital.signs.pulse: .*PyTorch's torch.vital is not"):
        names["signs"].pulse  # noqa: B018


def test_what_is_set_on_a_module_is_set_in_lampas(torch, monkeypatch):
    monkeypatch.setattr(torch.nn.functional, "relu", lambda input, inplace=False: input - 1)
    assert nn.ReLU()(lampas.zeros(1)).item() == -1.0
    monkeypatch.undo()
    assert nn.ReLU()(lampas.zeros(1)).item() == 0.0
    assert torch.nn.functional.relu(lampas.zeros(1)).item() == 0.0


def test_pickling(torch):
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    copied = pickle.loads(pickle.dumps(network))
    assert copied[0].weight.equal(network[0].weight)
    assert pickle.loads(pickle.dumps(torch.float64)) is lampas.float64


def test_pytorch_in_the_way(monkeypatch):
    real = types.ModuleType("torch")
    real.__file__ = "/somewhere/torch/__init__.py"
    monkeypatch.setitem(sys.modules, "torch", real)
    with pytest.raises(RuntimeError, match="torch is imported already, from /somewhere/torch/__init__.py"):
        drop_in.enable()
    assert not drop_in.is_enabled()


def run(*arguments, **options):
    sources = str(pathlib.Path(lampas.__file__).parents[1])  # wherever the process starts
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([sources, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, **options)


@pytest.fixture
def script(tmp_path):
    """A function that writes a script and returns its path."""

    def write(source, name="program.py"):
        path = tmp_path / name
        path.write_text(source)
        return str(path)

    return write


SURROUNDINGS = """
import os, sys
import torch
if __name__ == "__main__":
    print(sys.argv[1:], __name__, __file__ == os.path.abspath(sys.argv[0]), __spec__, sys.path[0])
    print(sys.modules["__main__"].__dict__ is globals(), torch.tensor([1.5, 2]))
"""


def test_a_script_runs_as_with_python(script, tmp_path):
    path = script(SURROUNDINGS)
    done = run("-m", "lampas", path, "--lr", "0.1", "train")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"['--lr', '0.1', 'train'] __main__ True None {tmp_path}",
        "True tensor([1.5000, 2.0000])",
    ]


FAILING = """
def outer():
    import torch
    torch.ones(2) @ torch.ones(3)

outer()
"""


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(7)",
        "raise SystemExit('stopped')",
        "raise ValueError('mine')",
        "def f(:",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('second')",
        "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
        "import atexit; atexit.register(print, 'at exit'); print('end')",
    ],
)
def test_exit_codes_and_tracebacks_are_python_s(script, source):
    path = script(source)
    ours, theirs = run("-m", "lampas", path), run(path)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def test_an_error_of_lampas_has_the_script_at_its_head(script):
    done = run("-m", "lampas", script(FAILING))
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[0].startswith("Traceback") and 'program.py", line 6, in <module>' in lines[1]
    assert "RuntimeError: inconsistent tensor size" in done.stderr


def test_a_script_that_is_not_there(tmp_path):
    done = run("-m", "lampas", str(tmp_path / "missing.py"))
    assert done.returncode == 2
    assert done.stderr == f"lampas: can't open '{tmp_path / 'missing.py'}': no such file\n"


def test_a_module_runs(script, tmp_path):
    script("import sys, torch\nprint(__name__, sys.argv[1:], torch.__name__)", name="tool_of_mine.py")
    done = run("-m", "lampas", "-m", "tool_of_mine", "x", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "__main__ ['x'] torch\n")


def test_code_runs_as_with_python(tmp_path):
    code = "import sys, torch\nprint(__name__, sys.argv, torch.ones(1))"
    done = run("-m", "lampas", "-c", code, "x", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "__main__ ['-c', 'x'] tensor([1.])\n"
    ours, theirs = run("-m", "lampas", "-c", "import os\n1 / 0"), run("-c", "import os\n1 / 0")
    assert (ours.returncode, ours.stderr) == (theirs.returncode, theirs.stderr)
    assert run("-m", "lampas", "-c").stderr == "lampas: -c needs the code of a program\n"


def test_a_misspelt_import_tells_the_nearest(script):
    done = run("-m", "lampas", script("from torch.nn import Liner"))
    assert done.stderr.splitlines()[-1] == "did you mean torch.nn.Linear?"


def test_programs_for_many_processes_go_on_with_one(script):
    source = "import torch.distributed as dist\nprint(dist.is_available() and dist.is_initialized())"
    assert run("-m", "lampas", script(source)).stdout == "False\n"


def test_commands_still_are_commands(tmp_path):
    (tmp_path / "info").write_text("print('not this')")
    done = run("-m", "lampas", "info", cwd=tmp_path)
    assert done.returncode == 0 and "not this" not in done.stdout and "lampas" in done.stdout.lower()
    assert "no such file" in run("-m", "lampas", "train.py", cwd=tmp_path).stderr


WORKERS = """
import multiprocessing
import sys
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)

def work(net):
    import torch
    return f"{torch.__name__} {type(net).__name__} {tuple(net.fc.weight.shape)}"

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(1) as pool:
        print(pool.apply(work, (Net(),)))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_have_it_too(script, method):
    done = run("-m", "lampas", script(WORKERS), method)
    assert (done.stdout, done.stderr) == ("torch Net (1, 2)\n", "")


def test_other_processes_do_not_have_it(script):
    source = (
        "import subprocess, sys, torch\nprint(subprocess.call([sys.executable, '-c', 'import torch.ones']))"
    )
    assert run("-m", "lampas", script(source)).stdout == "1\n"
