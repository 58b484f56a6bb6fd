// What Tensor.untyped_storage() returns: the block of memory that tensors share.
#include "core/bindings/tensor_storage.h"

#include <cstring>
#include <unordered_map>

#include "core/bindings/arguments.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/value_types.h"
#include "core/kernels/copy.h"
#include "core/tensor/mapped_memory.h"

namespace lampas::python {
namespace {

PyTypeObject* storage_type = nullptr;

struct StorageObject {
  PyObject_HEAD StorageReference storage;
};

Storage& storage_in(PyObject* self) { return *reinterpret_cast<StorageObject*>(self)->storage; }

// One object for one storage while it lives: pickle and deepcopy see by it which tensors share memory.
std::unordered_map<Storage*, PyObject*>& live_objects() {
  static auto& objects = *new std::unordered_map<Storage*, PyObject*>;
  return objects;
}

Object object_for(const StorageReference& storage) {
  PyObject*& known = live_objects()[storage.get()];
  if (known) return Object::borrow(known);
  Object made = Object::steal(storage_type->tp_alloc(storage_type, 0));
  new (&reinterpret_cast<StorageObject*>(made.get())->storage) StorageReference(storage);
  known = made.get();
  return made;
}

void storage_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  live_objects().erase(&storage_in(self));
  reinterpret_cast<StorageObject*>(self)->storage.~Reference();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* data_ptr(PyObject* self, PyObject*) { return PyLong_FromVoidPtr(storage_in(self).data); }
PyObject* nbytes(PyObject* self, PyObject*) { return PyLong_FromLongLong(storage_in(self).bytes); }
Py_ssize_t length(PyObject* self) { return storage_in(self).bytes; }
PyObject* get_device(PyObject* self, void*) {
  return guarded([&] { return device_object(storage_in(self).device).release(); });
}

// Two objects for one storage are equal.
PyObject* compare(PyObject* left, PyObject* right, int operation) {
  if (Py_TYPE(right) != storage_type || (operation != Py_EQ && operation != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong((&storage_in(left) == &storage_in(right)) == (operation == Py_EQ));
}
Py_hash_t hash(PyObject* self) {
  return static_cast<Py_hash_t>(reinterpret_cast<uintptr_t>(&storage_in(self)) >> 6);
}

PyObject* repr(PyObject* self) {
  return guarded([&] {
    const Storage& storage = storage_in(self);
    return new_text(text("[torch.storage.UntypedStorage(device=", lampas::name_of(storage.device),
                         ") of size ", storage.bytes, "]"))
        .release();
  });
}

Tensor bytes_of(const StorageReference& storage) {
  return tensor_over(storage, DType::uint8, {storage->bytes}, {1}, 0);
}
const StorageReference& reference_in(PyObject* self) {
  return reinterpret_cast<StorageObject*>(self)->storage;
}

PyObject* tobytes(PyObject* self, PyObject*) {
  return guarded([&] {
    Tensor host = on_host(bytes_of(reference_in(self)));
    return PyBytes_FromStringAndSize(host.data<char>(), host.numel());
  });
}

PyObject* clone_storage(PyObject* self, PyObject*) {
  return guarded([&] {
    const Storage& storage = storage_in(self);
    StorageReference copy = make_storage(storage.bytes, storage.device);
    if (storage.bytes > 0) kernels::copy(storage.device, bytes_of(reference_in(self)), bytes_of(copy));
    return object_for(copy).release();
  });
}

// A storage of a device from bytes; None stands for memory without content, as on meta.
PyObject* from_bytes(PyObject*, PyObject* const* values, Py_ssize_t count) {
  return guarded([&] {
    Device device;
    if (count != 3 || !(PyBytes_Check(values[0]) || values[0] == Py_None) || !PyLong_Check(values[1]) ||
        !is_device(values[2]))
      raise(PyExc_TypeError, "_from_bytes() takes bytes or None, a size and a device");
    device = device_of(values[2]);
    long long bytes = PyLong_AsLongLong(values[1]);
    if (PyErr_Occurred()) throw PythonError();
    bool fits = values[0] == Py_None || PyBytes_GET_SIZE(values[0]) == bytes;
    if (bytes < 0 || !fits) fail(ErrorKind::value, "_from_bytes(): the size is not that of the bytes");
    StorageReference storage = make_storage(bytes, device);
    if (values[0] != Py_None && bytes > 0) {
      check(device.kind == DeviceKind::cpu, "_from_bytes() fills memory of the CPU only");
      std::memcpy(storage->data, PyBytes_AS_STRING(values[0]), static_cast<size_t>(bytes));
    }
    return object_for(storage).release();
  });
}

// Answers function(memoryview), which may keep nothing of the view: it is released then.
PyObject* with_memory(PyObject* self, PyObject* function) {
  return guarded([&] {
    Storage& storage = storage_in(self);
    check(storage.device.kind == DeviceKind::cpu, "only memory of the CPU can be read and written");
    static char nothing;
    char* data = storage.bytes > 0 ? static_cast<char*>(storage.data) : &nothing;
    Object view = Object::steal(PyMemoryView_FromMemory(data, storage.bytes, PyBUF_WRITE));
    Object result = Object::steal(PyObject_CallOneArg(function, view.get()));
    Object::steal(PyObject_CallMethod(view.get(), "release", nullptr));
    return result.release();
  });
}

PyObject* resize_storage(PyObject* self, PyObject* size) {
  return guarded([&]() -> PyObject* {
    long long bytes = PyLong_AsLongLong(size);
    if (PyErr_Occurred()) throw PythonError();
    if (bytes < 0) fail(ErrorKind::value, "a storage cannot have ", bytes, " bytes");
    resize(storage_in(self), bytes);
    return Py_NewRef(self);
  });
}

PyObject* share_storage(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    share_memory(storage_in(self));
    return Py_NewRef(self);
  });
}
PyObject* is_shared(PyObject* self, PyObject*) {
  return PyBool_FromLong(storage_in(self).kind == StorageKind::shared_memory);
}
PyObject* descriptor(PyObject* self, PyObject*) { return PyLong_FromLong(descriptor_of(storage_in(self))); }

// (descriptor, bytes, offset, shared, whether it is memory for processes to share and no file)
PyObject* from_descriptor(PyObject*, PyObject* arguments) {
  return guarded([&] {
    int descriptor = 0, shared = 0, is_memory = 0;
    long long bytes = 0, offset = 0;
    if (!PyArg_ParseTuple(arguments, "iLLpp", &descriptor, &bytes, &offset, &shared, &is_memory))
      throw PythonError();
    StorageKind kind = is_memory ? StorageKind::shared_memory : StorageKind::mapped;
    return object_for(map_file(descriptor, bytes, offset, shared, kind)).release();
  });
}

PyMethodDef methods[] = {
    {"_with_memory", with_memory, METH_O, "Call a function with a view of the bytes, valid meanwhile."},
    {"resize_", resize_storage, METH_O, "Give it another size in bytes, keeping the content that fits."},
    {"share_memory_", share_storage, METH_NOARGS,
     "Move it, for all tensors that look into it, where other processes can share it."},
    {"is_shared", is_shared, METH_NOARGS, "Return whether processes share it."},
    {"_descriptor", descriptor, METH_NOARGS, "Return the file descriptor of its memory; -1 without one."},
    {"_from_descriptor", from_descriptor, METH_VARARGS | METH_STATIC, "Map a part of an open file."},
    {"tobytes", tobytes, METH_NOARGS, "Return a copy of the content."},
    {"clone", clone_storage, METH_NOARGS, "Return another storage of the same content."},
    {"_from_bytes", method_function(from_bytes), METH_FASTCALL | METH_STATIC,
     "Make a storage from its content."},
    {"data_ptr", data_ptr, METH_NOARGS, "Return the address of the first byte."},
    {"nbytes", nbytes, METH_NOARGS, "Return the size in bytes."},
    {"size", nbytes, METH_NOARGS, "Return the size in bytes."},
    {},
};
PyGetSetDef properties[] = {{"device", get_device, nullptr, "Where the memory is.", nullptr}, {}};

}  // namespace

Object storage_object(const Tensor& tensor) {
  check(static_cast<bool>(tensor.body().storage),
        "a tensor that stands for others while a transform is active has no storage of its own");
  return object_for(tensor.body().storage);
}

namespace {

// What pickle and deepcopy make a tensor from.
PyObject* tensor_over_storage(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser("_tensor_over", false,
                                             {"_tensor_over(object storage, ScalarType dtype, int "
                                              "storage_offset, int[] size, int[] stride) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    PyObject* storage = static_cast<PythonObject&>(*std::get<Reference<Opaque>>(parsed[0])).object.get();
    if (Py_TYPE(storage) != storage_type) raise(PyExc_TypeError, "_tensor_over() needs an UntypedStorage");
    return wrap(tensor_over(reference_in(storage), std::get<DType>(parsed[1]), std::get<Shape>(parsed[3]),
                            std::get<Shape>(parsed[4]), std::get<int64_t>(parsed[2])));
  });
}

PyMethodDef functions[] = {
    {"_tensor_over", method_function(tensor_over_storage), METH_FASTCALL | METH_KEYWORDS,
     "Make a tensor of these sizes and strides over a storage."},
    {},
};

}  // namespace

void register_storage_type(PyObject* module) {
  check_status(PyModule_AddFunctions(module, functions));
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("The bytes in which one or several tensors have their elements.")},
      {Py_tp_dealloc, slot_function(storage_dealloc)},
      {Py_tp_repr, slot_function(repr)},
      {Py_tp_richcompare, slot_function(compare)},
      {Py_tp_hash, slot_function(hash)},
      {Py_sq_length, slot_function(length)},
      {Py_tp_methods, methods},
      {Py_tp_getset, properties},
      {}};
  PyType_Spec spec = {"lampas.UntypedStorage", sizeof(StorageObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  storage_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "UntypedStorage", type);
  type.release();
}

}  // namespace lampas::python
