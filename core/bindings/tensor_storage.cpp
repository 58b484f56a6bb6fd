// What Tensor.untyped_storage() returns: the block of memory that tensors share.
#include "core/bindings/tensor_storage.h"

#include "core/bindings/value_types.h"

namespace lampas::python {
namespace {

PyTypeObject* storage_type = nullptr;

struct StorageObject {
  PyObject_HEAD StorageReference storage;
};

Storage& storage_in(PyObject* self) { return *reinterpret_cast<StorageObject*>(self)->storage; }

void storage_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
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

PyMethodDef methods[] = {
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
  Object made = Object::steal(storage_type->tp_alloc(storage_type, 0));
  new (&reinterpret_cast<StorageObject*>(made.get())->storage) StorageReference(tensor.body().storage);
  return made;
}

void register_storage_type(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_dealloc, slot_function(storage_dealloc)},
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
