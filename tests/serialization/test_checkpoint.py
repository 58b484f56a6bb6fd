"""save and load: PyTorch's bytes in both directions, places, maps, file objects, atomic replacement."""

import collections
import io
import os
import pathlib
import pickle
import zipfile

import pytest
from checkpoint_contents import Comparison, contents

import lampas
from lampas import nn

RECORDED = pathlib.Path(__file__).parents[1] / "recorded" / "checkpoint.pt"


def saved(value, **options):
    file = io.BytesIO()
    lampas.save(value, file, **options)
    file.seek(0)
    return file


def test_what_pytorch_wrote_is_read():
    Comparison().check(contents(lampas), lampas.load(RECORDED))


def test_what_was_saved_is_read(tmp_path):
    lampas.save(contents(lampas), tmp_path / "here.pt")
    Comparison().check(contents(lampas), lampas.load(tmp_path / "here.pt"))


def test_files_equal_pytorchs_byte_for_byte(tmp_path):
    path = tmp_path / "checkpoint.pt"
    lampas.save(contents(lampas), path)
    ours, theirs = zipfile.ZipFile(path), zipfile.ZipFile(RECORDED)
    for mine, other in zip(ours.infolist(), theirs.infolist(), strict=True):
        if mine.filename.endswith("serialization_id"):  # a hash of PyTorch's own
            assert mine.file_size == other.file_size
            continue
        for question in ("filename", "header_offset", "CRC", "flag_bits", "extra", "file_size"):
            assert getattr(mine, question) == getattr(other, question), mine.filename
        assert ours.read(mine) == theirs.read(other), mine.filename
    assert path.stat().st_size == RECORDED.stat().st_size


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_pickle(protocol):
    Comparison().check(contents(lampas), lampas.load(saved(contents(lampas), pickle_protocol=protocol)))


def test_storages_are_aligned_and_shared():
    base = lampas.arange(100.0)
    file = saved([base, base[10:20], nn.Parameter(base)])
    with zipfile.ZipFile(file) as archive:
        storages = [record for record in archive.infolist() if "/data/" in record.filename]
        assert len(storages) == 1 and archive.testzip() is None
    file.seek(0)
    whole, part, parameter = lampas.load(file)
    whole[15] = -1
    assert part[5] == -1 and parameter[15] == -1
    assert whole.data_ptr() % 64 == 0


def test_a_view_carries_its_whole_storage():
    tensor = lampas.load(saved(lampas.arange(100.0)[10:20]))
    assert tensor.storage_offset() == 10 and tensor.untyped_storage().nbytes() == 400


def test_one_memory_as_two_types_is_refused():
    base = lampas.arange(4)
    with pytest.raises(RuntimeError, match="view the same data as different types"):
        lampas.save([base, base.view(lampas.float64)], io.BytesIO())


def test_models_and_optimizers_go_on_from_a_file(tmp_path):
    def build():
        network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
        return network, lampas.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    def step(network, optimizer):
        optimizer.zero_grad()
        network(lampas.ones(2, 4)).sum().backward()
        optimizer.step()

    network, optimizer = build()
    step(network, optimizer)
    lampas.save({"model": network.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "last.pt")
    again, other_optimizer = build()
    state = lampas.load(tmp_path / "last.pt")
    again.load_state_dict(state["model"])
    other_optimizer.load_state_dict(state["optimizer"])
    for _ in range(3):
        step(network, optimizer)
        step(again, other_optimizer)
    for mine, other in zip(network.parameters(), again.parameters(), strict=True):
        assert mine.tolist() == other.tolist()


# ---- where storages go


@pytest.mark.parametrize(
    "place",
    [None, "cpu", lampas.device("cpu"), {"cpu": "cpu"}, {"cuda:0": "meta"}, lambda storage, name: None],
)
def test_places_on_the_cpu(place):
    assert lampas.load(saved(lampas.ones(2)), map_location=place).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("place", ["meta", lampas.device("meta"), {"cpu": "meta"}])
def test_places_without_memory(place):
    tensor = lampas.load(saved(lampas.ones(2, 3)), place)
    assert tensor.is_meta and tensor.shape == (2, 3)


def test_a_function_decides_for_each_storage():
    asked = []

    def place(storage, location):
        asked.append((storage.nbytes(), location))
        return storage.clone() if storage.nbytes() == 8 else None

    first, second, third = lampas.load(saved([lampas.ones(2), lampas.ones(3), lampas.ones(1)]), place)
    assert asked == [(8, "cpu"), (12, "cpu"), (4, "cpu")]
    assert first.tolist() == [1, 1] and second.numel() == 3 and third.item() == 1


def test_errors_of_the_function_pass_unchanged():
    def fail(storage, location):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        lampas.load(saved(lampas.ones(1)), fail)
    with pytest.raises(TypeError, match="must return a storage"):
        lampas.load(saved(lampas.ones(1)), lambda storage, location: 3)
    with pytest.raises(TypeError, match="of the same size"):
        lampas.load(saved(lampas.ones(9)), lambda storage, location: lampas.ones(1).untyped_storage())


def test_missing_devices_are_named():
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device"):
        lampas.load(saved(lampas.ones(1)), "cuda:0")
    with pytest.raises(RuntimeError, match="tagged with xla"):
        lampas.load(saved(lampas.ones(1)), "xla")


def test_mapped_files(tmp_path):
    path = tmp_path / "mapped.pt"
    lampas.save({"weight": lampas.arange(1000.0), "empty": lampas.zeros(0)}, path)
    before = path.read_bytes()
    state = lampas.load(path, mmap=True)
    assert state["weight"].tolist() == list(range(1000)) and state["empty"].numel() == 0
    state["weight"].add_(1)  # a private copy: the file stays
    assert state["weight"][5].item() == 6 and path.read_bytes() == before
    with pytest.raises(ValueError, match="f must be a file path"):
        lampas.load(saved(1), mmap=True)


# ---- files


def test_file_objects(tmp_path):
    with open(tmp_path / "file.pt", "wb") as file:
        lampas.save(lampas.ones(2), file)
    with open(tmp_path / "file.pt", "rb") as file:
        assert lampas.load(file).tolist() == [1, 1]
    behind_other_bytes = io.BytesIO(b"prefix" + saved([3]).getvalue())
    behind_other_bytes.seek(6)
    assert lampas.load(behind_other_bytes) == [3]


class OnlyWrites:
    """A stream that can do nothing else, as a socket or a compressing pipe."""

    def __init__(self):
        self.parts = []

    def write(self, content):
        self.parts.append(bytes(content))


class ReadsLittle(io.RawIOBase):
    """A file that gives at most seven bytes at a time."""

    def __init__(self, content):
        self.file = io.BytesIO(content)

    def readinto(self, view):
        return self.file.readinto(view[:7])

    def read(self, count=-1):
        return self.file.read(count)

    def seek(self, offset, whence=0):
        return self.file.seek(offset, whence)

    def tell(self):
        return self.file.tell()


def test_streams_that_can_little():
    stream = OnlyWrites()
    lampas.save({"a": lampas.arange(50)}, stream)
    loaded = lampas.load(ReadsLittle(b"".join(stream.parts)))
    assert loaded["a"].tolist() == list(range(50))


def test_what_is_no_file():
    with pytest.raises(AttributeError, match="expected 'f' to be string, path, or a file-like object"):
        lampas.save(1, 3)
    with pytest.raises(AttributeError, match="You can only torch.load from a file that is seekable"):
        lampas.load(3)
    with pytest.raises(FileNotFoundError):
        lampas.load("no such file.pt")
    with pytest.raises(ValueError, match="closed file"):
        file = io.BytesIO()
        file.close()
        lampas.load(file)


def test_folders(tmp_path):
    with pytest.raises(RuntimeError, match="Parent directory .* does not exist"):
        lampas.save(1, tmp_path / "missing" / "file.pt")
    with pytest.raises(RuntimeError, match="cannot be opened"):
        lampas.save(1, tmp_path)
    with pytest.raises(IsADirectoryError):
        lampas.load(tmp_path)


def test_names_of_files(tmp_path):
    for name in ("a.b.pt", "plain", "ảnh.pt", ".hidden"):
        lampas.save([name], tmp_path / name)
        assert lampas.load(tmp_path / name) == [name]
    lampas.save([1], str(tmp_path / "text.pt"))


# ---- a save that fails leaves the file that was there


class Unpicklable:
    """Refuses to be saved."""

    def __reduce_ex__(self, protocol):
        raise RuntimeError("not me")


def test_an_object_that_cannot_be_saved(tmp_path):
    path = tmp_path / "kept.pt"
    lampas.save([1], path)
    with pytest.raises(RuntimeError, match="not me"):
        lampas.save([lampas.ones(2), Unpicklable()], path)
    assert lampas.load(path) == [1] and os.listdir(tmp_path) == ["kept.pt"]


@pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_failure_at_each_step(tmp_path, monkeypatch, call, error):
    path = tmp_path / "kept.pt"
    lampas.save([1], path)

    def fail(*arguments):
        raise error

    monkeypatch.setattr(os, call, fail)
    expected = RuntimeError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        lampas.save([2], path)
    monkeypatch.undo()
    assert lampas.load(path) == [1] and os.listdir(tmp_path) == ["kept.pt"]


def test_links_and_permissions_are_kept(tmp_path):
    target, link = tmp_path / "target.pt", tmp_path / "link.pt"
    lampas.save([1], target)
    usual = tmp_path / "usual"
    usual.touch()
    assert target.stat().st_mode == usual.stat().st_mode
    target.chmod(0o640)
    link.symlink_to(target)
    lampas.save([2], link)
    assert link.is_symlink() and lampas.load(target) == [2] and target.stat().st_mode & 0o777 == 0o640


def test_devices_are_written_directly():
    lampas.save([1], "/dev/null")
    assert not pathlib.Path("/dev/null").is_file()


# ---- what may be in a file


def test_whole_modules_of_known_classes():
    file = saved(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    with pytest.raises(pickle.UnpicklingError, match="lampas.nn.modules.container.Sequential"):
        lampas.load(file)
    file.seek(0)
    network = lampas.load(file, weights_only=False)
    assert network(lampas.ones(1, 2)).shape == (1, 3)


def test_whole_modules_by_pytorchs_names():
    """PyTorch's files, and those of programs under the drop-in, name layers as torch.nn does."""
    file = saved(nn.Sequential(nn.Linear(2, 3), nn.ReLU()).eval())
    renamed = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(renamed, "w") as target:
        for record in source.infolist():
            target.writestr(record.filename, source.read(record).replace(b"clampas.nn.", b"ctorch.nn."))
    renamed.seek(0)
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL torch.nn.modules.container.Sequential"):
        lampas.load(renamed)
    renamed.seek(0)
    network = lampas.load(renamed, weights_only=False)
    assert type(network) is nn.Sequential and not network.training
    assert network(lampas.ones(1, 2)).shape == (1, 3)


def test_whole_modules_whose_hooks_are_gone():
    network = nn.Sequential(nn.Linear(2, 3))
    kept = network[0].register_forward_hook(print)
    network.register_full_backward_hook(print).remove()
    with pytest.raises(pickle.UnpicklingError):
        lampas.load(saved(network), weights_only=False)
    kept.remove()
    loaded = lampas.load(saved(network), weights_only=False)
    assert lampas.equal(loaded[0].weight, network[0].weight)
    calls = []
    loaded.register_forward_hook(lambda module, inputs, output: calls.append(output.shape))
    loaded(lampas.ones(1, 2))
    assert calls == [(1, 3)] and pickle.loads(pickle.dumps(network))(lampas.ones(1, 2)).shape == (1, 3)


class Point:
    """A class that a file may hold only once it is allowed."""

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


def test_classes_that_the_user_allows():
    file = saved({"point": Point(3)})
    for weights_only in (True, False):
        file.seek(0)
        with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL \S*Point was not an allowed global"):
            lampas.load(file, weights_only=weights_only)
    file.seek(0)
    with lampas.serialization.safe_globals([Point]):
        assert lampas.serialization.get_safe_globals() == [Point]
        assert lampas.load(file) == {"point": Point(3)}
    assert lampas.serialization.get_safe_globals() == []
    lampas.serialization.add_safe_globals([(Point, f"{__name__}.Point")])
    file.seek(0)
    assert lampas.load(file) == {"point": Point(3)}
    lampas.serialization.clear_safe_globals()
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError):
        lampas.load(file)


def test_attributes_of_ordered_dicts():
    state = collections.OrderedDict(a=lampas.ones(1))
    state._metadata = {"": {"version": 1}}
    assert lampas.load(saved(state))._metadata == {"": {"version": 1}}


def test_big_endian_files():
    values = {"a": lampas.arange(5, dtype=lampas.float64), "b": lampas.tensor([1 + 2j, 3j])}
    source = zipfile.ZipFile(saved(values))
    swapped = io.BytesIO()
    with zipfile.ZipFile(swapped, "w") as target:
        for record in source.infolist():
            content = source.read(record)
            if record.filename.endswith("byteorder"):
                content = b"big"
            if "/data/" in record.filename:
                width = 8 if record.filename.endswith("0") else 4
                content = b"".join(content[i : i + width][::-1] for i in range(0, len(content), width))
            target.writestr(record.filename, content)
    swapped.seek(0)
    loaded = lampas.load(swapped)
    assert loaded["a"].tolist() == [0, 1, 2, 3, 4] and loaded["b"].tolist() == [1 + 2j, 3j]
