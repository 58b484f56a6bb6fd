"""Files that are damaged or made to do harm: a clear exception, nothing run, no crash, no memory taken."""

import collections
import io
import os
import pickle
import pickletools
import random
import re
import struct
import zipfile

import pytest

import lampas

# What `load` may raise for a file that is not whole.
CLEAR = (pickle.UnpicklingError, RuntimeError, ValueError, EOFError)


def archive_of(pickled, records=()):
    """Return a .pt file with this pickle and these other records."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        for name, content in dict(records).items():
            archive.writestr(f"archive/{name}", content)
    file.seek(0)
    return file


def saved(value):
    file = io.BytesIO()
    lampas.save(value, file)
    return file.getvalue()


class Runs:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.mark.parametrize("weights_only", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    "function",
    [os.system, exec, eval, open, getattr, __import__, lampas.save, lampas.load],
    ids=lambda function: function.__name__,
)
def test_functions_are_named_and_not_run(tmp_path, function, protocol, weights_only):
    victim = tmp_path / "victim"
    hostile = Runs(function, f"touch {victim}" if function is os.system else str(victim))
    with pytest.raises(pickle.UnpicklingError) as caught:
        lampas.load(archive_of(pickle.dumps(hostile, protocol)), weights_only=weights_only)
    name = function.__name__
    assert re.search(rf"GLOBAL (\w+\.)*{name} was not an allowed global", str(caught.value))
    assert not victim.exists()


def opcodes(*parts):
    return b"\x80\x02" + b"".join(parts) + b"."


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x04tQ"


def tensor_of(offset, size, stride, storage=STORAGE):
    """Return a pickle of a tensor over a storage of four floats, from opcodes for its numbers."""
    return opcodes(TENSOR, b"(", storage, offset, size, stride, b"\x89)tR")


FOUR = {"data/0": bytes(16)}
LARGE = b"\x8a\x08" + struct.pack("<q", 2**62)
NEGATIVE = b"J" + struct.pack("<i", -3)


def test_the_pieces_make_a_tensor():
    assert lampas.load(archive_of(tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85"), FOUR)).tolist() == [0] * 4


@pytest.mark.parametrize(
    "pickled",
    [
        tensor_of(b"K\x01", b"K\x04\x85", b"K\x01\x85"),
        tensor_of(b"K\x00", b"K\x05\x85", b"K\x01\x85"),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x02\x85"),
        tensor_of(LARGE, b"K\x00\x85", b"K\x01\x85"),
        tensor_of(LARGE, b"K\x01\x85", LARGE + b"\x85"),
        tensor_of(b"K\x00", LARGE + LARGE + b"\x86", b"K\x00K\x00\x86"),
        tensor_of(b"K\x00", LARGE + LARGE + b"\x86", LARGE + LARGE + b"\x86"),
        tensor_of(b"K\x00", NEGATIVE + b"\x85", b"K\x01\x85"),
        tensor_of(b"K\x00", b"K\x02\x85", NEGATIVE + b"\x85"),
        tensor_of(NEGATIVE, b"K\x02\x85", b"K\x01\x85"),
        tensor_of(b"K\x00", b"K\x02\x85", b"K\x01K\x01\x86"),
        tensor_of(b"K\x00", text("ab"), text("ab")),
        tensor_of(b"K\x00", b"(" + b"K\x01" * 70 + b"t", b"(" + b"K\x01" * 70 + b"t"),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", b"N"),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(b"K\x04", b"K\x05")),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(b"K\x04", NEGATIVE)),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(b"K\x04", LARGE)),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(text("0"), text("../0"))),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(text("0"), b"]")),
        tensor_of(b"K\x00", b"K\x04\x85", b"K\x01\x85", STORAGE.replace(b"FloatStorage", b"Tensor")),
        opcodes(b"K\x01Q"),
        opcodes(b"NQ"),
        opcodes(TENSOR, b")R"),
        opcodes(TENSOR, b"NR"),
        opcodes(b"ctorch\nSize\n", LARGE, b"\x85R"),
        opcodes(b"ctorch\ndevice\n", text("nothing"), b"\x85R"),
        opcodes(b"cbuiltins\nbytearray\n", LARGE, b"\x85R"),
        opcodes(b"c_codecs\nencode\n", text("a"), text("zlib"), b"\x86R"),
        opcodes(b"cbuiltins\nset\n", b"]]a\x85R"),
        opcodes(b"ccollections\nCounter\n", text("ab"), b"\x85R"),
        opcodes(
            b"ctorch._utils\n_rebuild_meta_tensor_no_storage\n(ctorch\nfloat32\n",
            LARGE,
            b"\x85K\x01\x85\x89tR",
        ),
        opcodes(b"ctorch._utils\n_rebuild_parameter\n(K\x01K\x01NtR"),
        opcodes(b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch\nSize\nctorch\nTensor\n)NtR"),
    ],
    ids=lambda pickled: str(pickled[50:]),
)
def test_tensors_that_cannot_be(pickled):
    with pytest.raises(CLEAR):
        lampas.load(archive_of(pickled, FOUR))


@pytest.mark.parametrize(
    "pickled",
    [
        b"",
        b"\x80",
        b".",
        b"N",
        b"\x80\x09N.",
        opcodes(b"(N"),
        opcodes(b"NN"),
        opcodes(b"t"),
        opcodes(b"0"),
        opcodes(b"h\x05"),
        opcodes(b"K\x01K\x02s"),
        opcodes(b"}]K\x02s"),
        opcodes(b"}(]K\x02K\x03u"),
        opcodes(b"}(]K\x02u"),
        opcodes(b"K\x01K\x02a"),
        opcodes(b"ctorch\nTensor\n}b"),
        opcodes(b"ctorch\nSize\n}b"),
        opcodes(b"ctorch\nTensor\n)\x81"),
        opcodes(b"ccollections\nOrderedDict\n)\x81K\x01b"),
        opcodes(b"X\xff\xff\xff\xffab"),
        opcodes(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab"),
        opcodes(b"r\xff\xff\xff\xff"),
        opcodes(b"X\x01\x00\x00\x00\xff"),
        opcodes(b"c\xff\n\xff\n"),
        opcodes(b"cnothing"),
        opcodes(b"\x93"),
        opcodes(b"I12\n"),
        opcodes(b"P1\n"),
    ],
    ids=str,
)
def test_pickles_that_make_no_sense(pickled):
    with pytest.raises(pickle.UnpicklingError):
        lampas.load(archive_of(pickled))


def test_nested_keys_neither_crash_nor_hang():
    for deeper in (b"\x85", b"2\x86"):  # (x,) and (x, x), a hundred thousand and a thousand times
        levels = 100_000 if deeper == b"\x85" else 1000
        for use in (b"}", b"\x8f("):
            key = b"N" + deeper * levels
            pickled = opcodes(use, key, b"Ns" if use == b"}" else b"\x90")
            with pytest.raises(pickle.UnpicklingError, match="nested too deeply"):
                lampas.load(archive_of(pickled))


def test_deep_nesting_is_read():
    deep = lampas.load(archive_of(opcodes(b"N" + b"\x85" * 200_000)))
    for _ in range(200_000):
        (deep,) = deep
    assert deep is None


def test_state_of_a_module_is_a_dict_of_names():
    module = b"clampas.nn.modules.linear\nLinear\n)\x81"
    for state in (b"K\x01", b"}K\x01Ns", b"]"):
        with pytest.raises(pickle.UnpicklingError):
            lampas.load(archive_of(opcodes(module, state, b"b")), weights_only=False)


def test_attributes_reached_through_a_class_are_not_modules():
    for path in (
        b"lampas.nn.modules.linear\nLinear.forward\n",
        b"lampas.nn\nmodules.linear.Linear.__init__\n",
    ):
        with pytest.raises(pickle.UnpicklingError, match="not an allowed global"):
            lampas.load(archive_of(opcodes(b"c" + path)), weights_only=False)


# ---- archives


def test_files_that_are_no_archives(tmp_path):
    with pytest.raises(EOFError, match="Ran out of input"):
        lampas.load(io.BytesIO())
    for content in (b"PK", b"hello", pickle.dumps([1]), b"\x00" * 100):
        with pytest.raises(pickle.UnpicklingError, match="no zip archive"):
            lampas.load(io.BytesIO(content))
    with pytest.raises(RuntimeError, match="failed finding central directory"):
        lampas.load(io.BytesIO(b"PK\3\4" + b"\x00" * 100))


def test_every_truncation():
    content = saved({"a": lampas.arange(3)})
    for length in range(len(content)):
        with pytest.raises(CLEAR):
            lampas.load(io.BytesIO(content[:length]))


def test_a_changed_byte_of_a_storage_is_noticed():
    content = bytearray(saved(lampas.arange(1000)))
    place = content.index(struct.pack("<3q", 500, 501, 502))
    content[place] ^= 1
    with pytest.raises(RuntimeError, match="record data/0 is damaged"):
        lampas.load(io.BytesIO(content))


def test_compressed_records_are_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(list(range(100)), 2))
    file.seek(0)
    with pytest.raises(RuntimeError, match="compressed or encrypted"):
        lampas.load(file)


def test_archives_without_what_they_need():
    for names in ((), ("data.pkl",), ("archive/other",)):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, b"N.")
        file.seek(0)
        with pytest.raises((RuntimeError, pickle.UnpicklingError)):
            lampas.load(file)


def test_unknown_byte_orders():
    with pytest.raises(ValueError, match="Unknown endianness type: middle"):
        lampas.load(archive_of(opcodes(b"N"), {"byteorder": "middle"}))


def test_records_that_share_bytes_are_refused():
    """Many entries over one record would need much more memory than the file has bytes."""
    content = saved([lampas.zeros(1000), lampas.zeros(1000)])
    first = content.rindex(b"PK\1\2", 0, content.rindex(b"archive/data/0"))
    second = content.rindex(b"PK\1\2", 0, content.rindex(b"archive/data/1"))
    bent = bytearray(content)
    for start in (first, second):  # both as large as the file
        bent[start + 20 : start + 28] = struct.pack("<2L", len(content) - 5000, len(content) - 5000)
        bent[start + 42 : start + 46] = struct.pack("<L", 0)
    with pytest.raises(RuntimeError, match="overlap"):
        lampas.load(io.BytesIO(bent))


# ---- random damage


def mutated(content, generator):
    """Change a few bytes, or cut out, double or exchange a part."""
    bent = bytearray(content)
    for _ in range(generator.choice([1, 1, 2, 5, 20])):
        place = generator.randrange(len(bent))
        length = generator.choice([1, 2, 4, 8, 30])
        kind = generator.randrange(5)
        if kind == 0:
            bent[place] ^= 1 << generator.randrange(8)
        elif kind == 1:
            bent[place : place + length] = generator.choice([b"\xff", b"\x00", b"\x7f"]) * length
        elif kind == 2:
            del bent[place : place + length]
        elif kind == 3:
            bent[place:place] = bent[place : place + length]
        else:
            other = generator.randrange(len(bent))
            bent[place : place + length] = bent[other : other + length]
    return bytes(bent)


def checkpoint():
    base = lampas.arange(12.0).view(3, 4)
    network = lampas.nn.Linear(3, 2)
    return {
        "model": network.state_dict(),
        "views": [base, base.T, base[1:, ::2], lampas.nn.Parameter(base)],
        "others": [
            lampas.ones(2, dtype=lampas.uint16),
            lampas.tensor([1 + 2j]),
            lampas.ones(2, device="meta"),
        ],
        "rest": [1, 2.5, "text", None, True, {1, 2}, lampas.Size([1]), collections.Counter("ab")],
    }


def test_mutated_archives():
    """Most break the archive; where something is returned, it can be looked at."""
    content = saved(checkpoint())
    generator = random.Random(1)
    outcomes = collections.Counter(outcome_of(mutated(content, generator)) for _ in range(500))
    assert outcomes["loaded"] > 10 and outcomes["RuntimeError"] > 10


def test_mutated_pickles():
    """The archive is whole and its checksums right, so that the damage reaches the unpickler."""
    with zipfile.ZipFile(io.BytesIO(saved(checkpoint()))) as source:
        records = {name.partition("/")[2]: source.read(name) for name in source.namelist()}
    pickled = records.pop("data.pkl")
    generator = random.Random(2)
    outcomes = collections.Counter()
    for _ in range(1500):
        outcomes[outcome_of(archive_of(mutated(pickled, generator), records).getvalue())] += 1
    assert outcomes["loaded"] > 10 and outcomes["UnpicklingError"] > 100


def test_random_opcodes():
    generator = random.Random(3)
    codes = [opcode.code.encode("latin1") for opcode in pickletools.opcodes]
    pieces = [
        TENSOR,
        STORAGE,
        text("a"),
        b"K\x03",
        b")",
        b"}",
        b"(",
        b"t",
        b"R",
        b"b",
        b"\x81",
        b"ctorch\nSize\n",
    ]
    for _ in range(3000):
        parts = [generator.choice(codes + pieces * 3) for _ in range(generator.randrange(1, 30))]
        outcome_of(archive_of(opcodes(*parts), FOUR).getvalue())


def outcome_of(content):
    try:
        value = lampas.load(io.BytesIO(content), weights_only=False)
    except CLEAR as error:
        return type(error).__name__
    _touch(value, 0)
    return "loaded"


def _touch(value, depth):
    """Read all memory that tensors of a loaded object show."""
    if isinstance(value, lampas.Tensor):
        if value.numel() < 10_000 and not value.is_meta:
            value.tolist()
    elif isinstance(value, dict) and depth < 5:
        for each in value.values():
            _touch(each, depth + 1)
    elif isinstance(value, (list, tuple)) and depth < 5:
        for each in value:
            _touch(each, depth + 1)
