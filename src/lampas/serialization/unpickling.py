"""The reader of pickles in .pt files: a machine of its own that calls only functions of a fixed list.

The opcodes are those of Python's pickletools; ones that Python's pickle no longer writes for protocol 2 and
later are unknown here. Nothing is imported, and nothing the file says is called, but for `names.CALLABLE`
and what the user has added by `add_safe_globals`.
"""

import pickle
import struct
import sys
from collections import Counter, OrderedDict

import lampas
from lampas.nn.parameter import Parameter
from lampas.serialization import names
from lampas.serialization.names import DamagedFile, check_hashable, expect

_STOP = pickle.STOP[0]
_DICTIONARIES = (dict, OrderedDict, Counter)
# What opcodes raise on operands they cannot use; each means that the pickle makes no sense.
_DAMAGE = (DamagedFile, LookupError, TypeError, ValueError, AttributeError, OverflowError, struct.error)
_OPCODES = {}  # byte to method


def _opcode(code):
    def register(method):
        _OPCODES[code[0]] = method
        return method

    return register


class CheckpointUnpickler:
    """Reads one object.

    Args:
        content (bytes): the pickle.
        persistent_load: called with what stands for a storage; its errors pass unchanged.
        weights_only (bool): with False, instances of Module classes that the program has imported are read.
        safe (dict): names that the user allows, with their values.
        encoding (str): that of byte strings which Python 2 wrote.

    Raises pickle.UnpicklingError.
    """

    def __init__(self, content, persistent_load, weights_only=True, safe=None, encoding="utf-8"):
        self._content = content
        self._position = 0
        self._persistent_load = persistent_load
        self._weights_only = weights_only
        self._safe = safe or {}
        self._encoding = encoding
        self._stack = []
        self._marked = []  # stacks below each mark
        self._memo = {}
        self._outside = False  # in a function whose errors are not about the file

    def load(self):
        """Return the object."""
        try:
            return self._run()
        except _DAMAGE as error:
            if self._outside:
                raise
            reason = str(error) if isinstance(error, DamagedFile) else f"{type(error).__name__}: {error}"
            raise pickle.UnpicklingError(
                f"Weights only load failed. The pickle in the file is damaged ({reason})."
            ) from error

    def _run(self):
        while True:
            code = self._read(1)[0]
            if code == _STOP:
                expect(len(self._stack) == 1 and not self._marked, "it ends in the middle of an object")
                return self._stack.pop()
            method = _OPCODES.get(code)
            if method is None:
                raise DamagedFile(f"unknown opcode {code}")
            method(self)

    def _read(self, count):
        end = self._position + count
        expect(end <= len(self._content), "it ends early")
        part = self._content[self._position : end]
        self._position = end
        return part

    def _number(self, form):
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def _line(self):
        end = self._content.index(b"\n", self._position)
        line = self._content[self._position : end].decode()
        self._position = end + 1
        return line

    def _push(self, value):
        self._stack.append(value)

    def _items(self):
        """Return what was pushed since the last mark."""
        items = self._stack
        self._stack = self._marked.pop()
        return items

    # ---- numbers, text, bytes

    @_opcode(pickle.PROTO)
    def _protocol(self):
        expect(self._read(1)[0] <= 5, "written with a later protocol of pickle")

    @_opcode(pickle.FRAME)
    def _frame(self):
        self._read(8)

    @_opcode(pickle.NONE)
    def _none(self):
        self._push(None)

    @_opcode(pickle.NEWTRUE)
    def _true(self):
        self._push(True)

    @_opcode(pickle.NEWFALSE)
    def _false(self):
        self._push(False)

    @_opcode(pickle.BININT)
    def _integer(self):
        self._push(self._number("<i"))

    @_opcode(pickle.BININT1)
    def _byte(self):
        self._push(self._read(1)[0])

    @_opcode(pickle.BININT2)
    def _two_bytes(self):
        self._push(self._number("<H"))

    @_opcode(pickle.LONG1)
    def _long(self):
        self._push(int.from_bytes(self._read(self._read(1)[0]), "little", signed=True))

    @_opcode(pickle.LONG4)
    def _longer(self):
        self._push(int.from_bytes(self._read(self._number("<I")), "little", signed=True))

    @_opcode(pickle.BINFLOAT)
    def _float(self):
        self._push(self._number(">d"))

    @_opcode(pickle.BINUNICODE)
    def _text(self):
        self._push(str(self._read(self._number("<I")), "utf-8", "surrogatepass"))

    @_opcode(pickle.SHORT_BINUNICODE)
    def _short_text(self):
        self._push(str(self._read(self._read(1)[0]), "utf-8", "surrogatepass"))

    @_opcode(pickle.BINUNICODE8)
    def _long_text(self):
        self._push(str(self._read(self._number("<Q")), "utf-8", "surrogatepass"))

    @_opcode(pickle.SHORT_BINSTRING)
    def _short_byte_string(self):
        self._push_byte_string(self._read(self._read(1)[0]))

    @_opcode(pickle.BINSTRING)
    def _byte_string(self):
        self._push_byte_string(self._read(self._number("<I")))

    def _push_byte_string(self, content):
        self._push(content if self._encoding == "bytes" else content.decode(self._encoding))

    @_opcode(pickle.SHORT_BINBYTES)
    def _short_bytes(self):
        self._push(self._read(self._read(1)[0]))

    @_opcode(pickle.BINBYTES)
    def _bytes(self):
        self._push(self._read(self._number("<I")))

    @_opcode(pickle.BINBYTES8)
    def _long_bytes(self):
        self._push(self._read(self._number("<Q")))

    @_opcode(pickle.BYTEARRAY8)
    def _byte_array(self):
        self._push(bytearray(self._read(self._number("<Q"))))

    # ---- the stack and the memo

    @_opcode(pickle.MARK)
    def _mark(self):
        self._marked.append(self._stack)
        self._stack = []

    @_opcode(pickle.POP)
    def _drop(self):
        self._stack.pop() if self._stack else self._items()

    @_opcode(pickle.POP_MARK)
    def _drop_items(self):
        self._items()

    @_opcode(pickle.DUP)
    def _duplicate(self):
        self._push(self._stack[-1])

    @_opcode(pickle.MEMOIZE)
    def _memoize(self):
        self._memo[len(self._memo)] = self._stack[-1]

    @_opcode(pickle.BINPUT)
    def _put(self):
        self._memo[self._read(1)[0]] = self._stack[-1]

    @_opcode(pickle.LONG_BINPUT)
    def _put_far(self):
        self._memo[self._number("<I")] = self._stack[-1]

    @_opcode(pickle.BINGET)
    def _get(self):
        self._push(self._memo[self._read(1)[0]])

    @_opcode(pickle.LONG_BINGET)
    def _get_far(self):
        self._push(self._memo[self._number("<I")])

    # ---- containers

    @_opcode(pickle.EMPTY_TUPLE)
    def _empty_tuple(self):
        self._push(())

    @_opcode(pickle.TUPLE1)
    def _tuple_of_one(self):
        self._stack[-1:] = [(self._stack[-1],)]

    @_opcode(pickle.TUPLE2)
    def _tuple_of_two(self):
        self._stack[-2:] = [(self._stack[-2], self._stack[-1])]

    @_opcode(pickle.TUPLE3)
    def _tuple_of_three(self):
        self._stack[-3:] = [(self._stack[-3], self._stack[-2], self._stack[-1])]

    @_opcode(pickle.TUPLE)
    def _tuple(self):
        self._push(tuple(self._items()))

    @_opcode(pickle.EMPTY_LIST)
    def _empty_list(self):
        self._push([])

    @_opcode(pickle.APPEND)
    def _append(self):
        item = self._stack.pop()
        self._target(list).append(item)

    @_opcode(pickle.APPENDS)
    def _extend(self):
        items = self._items()
        self._target(list).extend(items)

    @_opcode(pickle.EMPTY_DICT)
    def _empty_dict(self):
        self._push({})

    @_opcode(pickle.SETITEM)
    def _set_item(self):
        value = self._stack.pop()
        self._store([self._stack.pop(), value])

    @_opcode(pickle.SETITEMS)
    def _set_items(self):
        self._store(self._items())

    def _store(self, items):
        expect(len(items) % 2 == 0, "a key without a value")
        target = self._target(*_DICTIONARIES)
        for key, value in zip(items[::2], items[1::2], strict=True):
            check_hashable(key)
            target[key] = value

    @_opcode(pickle.EMPTY_SET)
    def _empty_set(self):
        self._push(set())

    @_opcode(pickle.ADDITEMS)
    def _add_items(self):
        items = self._items()
        for item in items:
            check_hashable(item)
        self._target(set).update(items)

    @_opcode(pickle.FROZENSET)
    def _frozen_set(self):
        items = self._items()
        for item in items:
            check_hashable(item)
        self._push(frozenset(items))

    def _target(self, *types):
        target = self._stack[-1]
        expect(type(target) in types, f"items for a {type(target).__name__}")
        return target

    # ---- globals and what is made by them

    @_opcode(pickle.GLOBAL)
    def _global(self):
        module, name = self._line(), self._line()
        self._push(self._find(module, name))

    @_opcode(pickle.STACK_GLOBAL)
    def _global_from_stack(self):
        name, module = self._stack.pop(), self._stack.pop()
        expect(type(name) is str and type(module) is str, "a global without a name")
        self._push(self._find(module, name))

    def _find(self, module, name):
        path = names.present_name(module, name)
        if path in self._safe:
            return self._safe[path]
        if path in names.VALUES:
            return names.VALUES[path]
        if not self._weights_only:
            module_class = _imported_module_class(module, name)
            if module_class is not None:
                return module_class
        raise pickle.UnpicklingError(_refusal(path, self._weights_only))

    @_opcode(pickle.REDUCE)
    def _reduce(self):
        arguments, function = self._stack.pop(), self._stack.pop()
        expect(isinstance(arguments, tuple), "a call without arguments")
        self._push(self._call(function, arguments))

    def _call(self, function, arguments):
        if any(function is each for each in names.CALLABLE.values()):
            return function(*arguments)
        if any(function is each for each in self._safe.values()):
            return self._run_outside(function, *arguments)
        name = getattr(function, "__qualname__", type(function).__name__)
        raise pickle.UnpicklingError(f"Trying to call reduce for unrecognized function {name}")

    @_opcode(pickle.NEWOBJ)
    def _new_object(self):
        arguments, kind = self._stack.pop(), self._stack.pop()
        expect(isinstance(arguments, tuple), "an object without arguments")
        if kind is Parameter:
            expect(len(arguments) == 1, "a parameter of no tensor or of several")
            return self._push(names._rebuild_parameter(arguments[0], True, None))
        if kind is OrderedDict or kind is Counter:
            return self._push(self._call(names.VALUES[f"collections.{kind.__name__}"], arguments))
        if any(kind is each for each in self._safe.values()) and isinstance(kind, type):
            return self._push(self._run_outside(kind.__new__, kind, *arguments))
        if not self._weights_only and _is_module_class(kind):
            expect(arguments == (), "a module made with arguments")
            return self._push(object.__new__(kind))
        raise pickle.UnpicklingError(
            "Can only create new object for nn.Parameter or classes allowlisted via `add_safe_globals` but "
            f"got {kind}"
        )

    @_opcode(pickle.BUILD)
    def _build(self):
        state = self._stack.pop()
        target = self._stack[-1]
        kind = type(target)
        if kind is OrderedDict or (not self._weights_only and _is_module_class(kind)):
            expect(isinstance(state, dict) and all(type(key) is str for key in state), "an object's state")
            vars(target).update(state if kind is OrderedDict else _without_empty_tables(state))
        elif any(kind is each for each in self._safe.values()):
            self._run_outside(_set_state, target, state)
        else:
            raise pickle.UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, "
                f"but got {kind}"
            )

    @_opcode(pickle.BINPERSID)
    def _storage(self):
        identifier = self._stack.pop()
        expect(type(identifier) is tuple and len(identifier) == 5, "a storage without a description")
        self._push(self._run_outside(self._persistent_load, identifier))

    def _run_outside(self, function, *arguments):
        self._outside = True
        result = function(*arguments)
        self._outside = False
        return result


def _set_state(target, state):
    """Do what pickle does with the state of an object of a class that the user allows."""
    if hasattr(target, "__setstate__"):
        target.__setstate__(state)
        return
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    vars(target).update(state or {})
    for name, value in (slots or {}).items():
        setattr(target, name, value)


def _is_module_class(kind):
    return isinstance(kind, type) and issubclass(kind, lampas.nn.Module)


def _without_empty_tables(state):
    """Leave out what PyTorch's modules carry and Lampas' do not: empty tables of hooks."""
    return {name: value for name, value in state.items() if not _is_empty_table(name, value)}


def _is_empty_table(name, value):
    if not name.startswith("_") or name in ("_parameters", "_buffers", "_modules"):
        return False
    return value is None or (isinstance(value, dict) and not value)


def _imported_module_class(module, name):
    """Return the class of that name if it is one of modules and the program has it already; else None.

    PyTorch's layers, and those of programs under the drop-in, stand for Lampas' layers of the same place.
    """
    own = "lampas" + module.removeprefix("torch") if module.partition(".")[0] == "torch" else module
    found = sys.modules.get(own)
    for part in name.split("."):
        found = vars(found).get(part) if found is not None and hasattr(found, "__dict__") else None
    return found if _is_module_class(found) else None


def _refusal(path, weights_only):
    short = path.removeprefix("builtins.")
    allow = (
        f"Unsupported global: GLOBAL {short} was not an allowed global by default. Please use "
        f"`torch.serialization.add_safe_globals([{short}])` or the "
        f"`torch.serialization.safe_globals([{short}])` context manager to allowlist this global if you "
        "trust this class/function."
    )
    if weights_only:
        return f"Weights only load failed. {allow}"
    return (
        f"{allow} Lampas runs nothing that a file names, also with weights_only=False: of whole modules it "
        "loads those whose class the program has imported. Save `model.state_dict()` instead of the model."
    )
