"""Objects to save, each made alike with Lampas and with PyTorch, and their comparison bit for bit."""

import collections

DTYPES = (
    "uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128 bool bfloat16 uint16 uint32 "
    "uint64"
).split()


def _views(framework):
    base = framework.arange(24.0).view(2, 3, 4)
    return {
        "whole": base,
        "transposed": base.transpose(0, 2),
        "part": base[1, 1:, ::2],
        "expanded": base[0, 0, :1].expand(1000, 1000),
        "one": base[1, 2, 3],
        "empty": base[:, :0],
    }


def _attributes(framework):
    tensor = framework.ones(3)
    tensor.note = ["seen", {"times": 2}]
    parameter = framework.nn.Parameter(framework.full((2,), 0.5), requires_grad=False)
    parameter.group = "slow"
    return [
        tensor,
        parameter,
        framework.nn.Parameter(framework.zeros(1)),
        framework.ones(2, requires_grad=True),
    ]


def _network(framework):
    nn = framework.nn
    network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    for number, parameter in enumerate(network.parameters()):
        values = framework.arange(parameter.numel(), dtype=framework.float32) / 8 - number
        parameter.data.copy_(values.view(parameter.shape))
    return network


def _training(framework):
    network = _network(framework)
    optimizer = framework.optim.SGD(network.parameters(), lr=0.5, momentum=0.5)
    network(framework.ones(1, 3)).sum().backward()
    optimizer.step()
    return {"epoch": 3, "model": network.state_dict(), "optimizer": optimizer.state_dict()}


def _containers(framework):
    shared = [framework.ones(1)]
    nested = {"list": [1, [2, (3,)]], "again": shared, "and again": shared}
    nested["itself"] = nested
    return nested


def contents(framework):
    """Return a dict of named objects made with `framework`: lampas or torch."""
    device, size = framework.device, framework.Size
    return {
        "dtypes": {name: framework.tensor([1, 0, 3]).to(getattr(framework, name)) for name in DTYPES},
        "floats": framework.tensor([0.1, -0.0, float("inf"), float("nan"), 1e-45]),
        "views": _views(framework),
        "attributes": _attributes(framework),
        "training": _training(framework),
        "containers": _containers(framework),
        "empty": [framework.zeros(0), framework.zeros(0, 3, dtype=framework.int64)],
        "meta": framework.ones(2, 3, device="meta"),
        "small": [framework.float16, device("cpu"), device("cuda", 1), size([2, 3]), framework.strided],
        "numbers": [True, None, 1, -1, 300, 10**30, -(2**31), 1.5, float("inf"), 1 + 2j],
        "text": ["", "đèn", "a" * 300, b"\x00\xff", bytearray(b"ab"), "\ud800"],
        "sets": [set(), {1}, {(1, "a")}],
        # PyTorch refuses the first two with weights_only and gives the last one a dtype.
        "ours": [frozenset((2,)), b"", framework.arange(3, dtype=framework.uint8).untyped_storage()],
        "dicts": [collections.OrderedDict(a=1), collections.Counter("aab"), {(1, 2): 3, None: 4}],
        "long": [list(range(2500)), {number: str(number) for number in range(1100)}, tuple(range(5))],
        "storages": [framework.arange(3).storage()],
    }


class Comparison:
    """Compares two objects of one framework or of two; which storages are shared must agree too."""

    def __init__(self):
        self._pairs = {}
        self._storages = {}

    def check(self, left, right, path="object"):
        """Raise AssertionError where they differ."""
        name = type(left).__name__
        assert name == type(right).__name__, path
        if id(left) in self._pairs:
            assert self._pairs[id(left)][1] is right, f"{path} is another object"
            return
        if hasattr(left, "untyped_storage"):
            self._pairs[id(left)] = (left, right)
            self._check_tensor(left, right, path)
        elif name == "TypedStorage":
            assert str(left.dtype) == str(right.dtype) and left.tolist() == right.tolist(), path
        elif name == "UntypedStorage":
            self._check_storage(left, right, path)
        elif isinstance(left, dict):
            self._pairs[id(left)] = (left, right)
            assert list(left) == list(right), path
            for key in left:
                self.check(left[key], right[key], f"{path}[{key!r}]")
            self.check(
                vars(left) if hasattr(left, "__dict__") else None, getattr(right, "__dict__", None), path
            )
        elif isinstance(left, (list, tuple)):
            assert len(left) == len(right), path
            if isinstance(left, list):
                self._pairs[id(left)] = (left, right)
            for position, (one, other) in enumerate(zip(left, right, strict=True)):
                self.check(one, other, f"{path}[{position}]")
        else:
            assert repr(left) == repr(right), path

    def _check_tensor(self, left, right, path):
        for question in ("dtype", "shape", "device", "requires_grad"):
            assert str(getattr(left, question)) == str(getattr(right, question)), f"{path}.{question}"
        assert left.stride() == right.stride() and left.storage_offset() == right.storage_offset(), path
        self.check(dict(vars(left)), dict(vars(right)), f"vars({path})")
        if left.device.type != "meta":
            self._check_storage(left.untyped_storage(), right.untyped_storage(), path)

    def _check_storage(self, left, right, path):
        assert bytes(left) == bytes(right), f"the bytes of {path}"
        if left.nbytes() > 0:
            known = self._storages.setdefault(left.data_ptr(), right.data_ptr())
            assert known == right.data_ptr(), f"what {path} shares memory with"
