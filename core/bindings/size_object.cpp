// lampas.Size: the tuple of ints that `tensor.shape` gives.
#include "core/bindings/size_object.h"

namespace lampas::python {
namespace {

PyTypeObject* size_type = nullptr;

PyObject* empty_size(Py_ssize_t length) { return PyTuple_Type.tp_alloc(size_type, length); }

// A tuple operation's result, as a Size. Takes over `tuple`.
PyObject* as_size(PyObject* tuple) {
  if (!tuple || !PyTuple_Check(tuple)) return tuple;
  Py_ssize_t length = PyTuple_GET_SIZE(tuple);
  PyObject* size = empty_size(length);
  for (Py_ssize_t i = 0; size && i < length; ++i)
    PyTuple_SET_ITEM(size, i, Py_NewRef(PyTuple_GET_ITEM(tuple, i)));
  Py_DECREF(tuple);
  return size;
}

PyObject* size_make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  PyObject* made = PyTuple_Type.tp_new(type, arguments, keywords);
  if (!made) return nullptr;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(made); ++i) {
    PyObject* item = PyTuple_GET_ITEM(made, i);
    if (PyLong_Check(item)) continue;
    PyObject* number = PyIndex_Check(item) ? PyNumber_Index(item) : nullptr;
    if (!number) {
      PyErr_Format(PyExc_TypeError, "torch.Size() takes an iterable of 'int' (item %zd is '%s')", i,
                   Py_TYPE(item)->tp_name);
      Py_DECREF(made);
      return nullptr;
    }
    PyTuple_SET_ITEM(made, i, number);
    Py_DECREF(item);
  }
  return made;
}

PyObject* size_repr(PyObject* self) {
  return guarded([&] {
    std::string text = "torch.Size([";
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) {
      Object item = Object::steal(PyObject_Repr(PyTuple_GET_ITEM(self, i)));
      text += (i ? ", " : "") + text_of(item.get());
    }
    return new_text(text + "])").release();
  });
}

PyObject* size_concatenate(PyObject* left, PyObject* right) {
  return as_size(PyTuple_Type.tp_as_sequence->sq_concat(left, right));
}
// `tuple + Size`: the number protocol lets the right operand speak.
PyObject* size_add(PyObject* left, PyObject* right) {
  if (!PyTuple_Check(left) || !PyTuple_Check(right)) Py_RETURN_NOTIMPLEMENTED;
  return size_concatenate(left, right);
}
PyObject* size_repeat(PyObject* self, Py_ssize_t times) {
  return as_size(PyTuple_Type.tp_as_sequence->sq_repeat(self, times));
}
PyObject* size_subscript(PyObject* self, PyObject* key) {
  PyObject* result = PyTuple_Type.tp_as_mapping->mp_subscript(self, key);
  return PySlice_Check(key) ? as_size(result) : result;
}

PyObject* size_numel(PyObject* self, PyObject*) {
  return guarded([&] {
    Object product = Object::steal(PyLong_FromLong(1));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i)
      product = Object::steal(PyNumber_Multiply(product.get(), PyTuple_GET_ITEM(self, i)));
    return product.release();
  });
}

PyObject* size_reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    Object plain = Object::steal(PySequence_List(self));
    return Object::steal(Py_BuildValue("O(O)", Py_TYPE(self), plain.get())).release();
  });
}

PyMethodDef size_methods[] = {
    {"numel", size_numel, METH_NOARGS, "Return the number of elements of a tensor of this size."},
    {"__reduce__", size_reduce, METH_NOARGS, nullptr},
    {},
};

}  // namespace

PyTypeObject* size_object_type() { return size_type; }

PyObject* new_size(const Shape& sizes) {
  PyObject* size = empty_size(static_cast<Py_ssize_t>(sizes.size()));
  if (!size) throw PythonError();
  for (size_t i = 0; i < sizes.size(); ++i) {
    PyObject* number = PyLong_FromLongLong(sizes[i]);
    if (!number) {
      Py_DECREF(size);
      throw PythonError();
    }
    PyTuple_SET_ITEM(size, static_cast<Py_ssize_t>(i), number);
  }
  return size;
}

Object new_tuple_of_ints(const Shape& values) {
  Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(values.size())));
  for (size_t i = 0; i < values.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i),
                     Object::steal(PyLong_FromLongLong(values[i])).release());
  return tuple;
}

void register_size(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>("The sizes of a tensor: a tuple of ints.")},
                         {Py_tp_new, slot_function(size_make)},
                         {Py_tp_repr, slot_function(size_repr)},
                         {Py_sq_concat, slot_function(size_concatenate)},
                         {Py_sq_repeat, slot_function(size_repeat)},
                         {Py_nb_add, slot_function(size_add)},
                         {Py_mp_subscript, slot_function(size_subscript)},
                         {Py_tp_methods, size_methods},
                         {}};
  PyType_Spec spec = {"lampas.Size", 0, 0, Py_TPFLAGS_DEFAULT, slots};
  Object type = Object::steal(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(&PyTuple_Type)));
  size_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "Size", type);
  type.release();
}

}  // namespace lampas::python
