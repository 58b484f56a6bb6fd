// The small immutable types of the module: dtype, device, layout, memory_format.
#include "core/bindings/value_types.h"

#include <iterator>
#include <vector>

#include "core/bindings/conversion.h"
#include "core/bindings/default_device.h"
#include "core/ops/promotion.h"

namespace lampas::python {
namespace {

PyTypeObject* dtype_type = nullptr;
PyTypeObject* device_type = nullptr;
PyTypeObject* layout_type = nullptr;
PyTypeObject* memory_format_type = nullptr;

struct DTypeObject {
  PyObject_HEAD DType dtype;
};
struct DeviceObject {
  PyObject_HEAD Device device;
};
// A constant that is only a name: a layout or a memory format.
struct NamedConstant {
  PyObject_HEAD const char* name;
  uint8_t value;
};

PyObject* dtype_objects[dtype_count];
PyObject* cpu_object = nullptr;  // device('cpu'), which every plain tensor answers
PyObject* strided = nullptr;
constexpr const char* memory_format_names[] = {"contiguous_format", "preserve_format", "channels_last",
                                               "channels_last_3d"};
PyObject* memory_format_objects[std::size(memory_format_names)];

// ---- dtype

// Printed tensors carry this name, and they must read as PyTorch's.
PyObject* dtype_repr(PyObject* self) { return PyUnicode_FromFormat("torch.%s", name_of(dtype_of(self))); }

PyObject* dtype_reduce(PyObject* self, PyObject*) { return PyUnicode_FromString(name_of(dtype_of(self))); }

PyObject* get_is_floating_point(PyObject* self, void*) {
  return PyBool_FromLong(is_floating(dtype_of(self)));
}
PyObject* get_is_complex(PyObject* self, void*) { return PyBool_FromLong(is_complex(dtype_of(self))); }
PyObject* get_is_signed(PyObject* self, void*) { return PyBool_FromLong(is_signed(dtype_of(self))); }
PyObject* get_itemsize(PyObject* self, void*) { return PyLong_FromSize_t(item_size(dtype_of(self))); }
// For messages that are written in Python.
PyObject* get_scalar_type_name(PyObject* self, void*) {
  return PyUnicode_FromString(scalar_type_name(dtype_of(self)));
}
PyObject* get_compiler_name(PyObject* self, void*) {
  return PyUnicode_FromString(compiler_name(dtype_of(self)));
}

PyObject* dtype_to_real(PyObject* self, PyObject*) {
  return Py_NewRef(dtype_object(real_dtype(dtype_of(self))));
}
PyObject* dtype_to_complex(PyObject* self, PyObject*) {
  DType dtype = dtype_of(self);
  if (is_complex(dtype)) return Py_NewRef(self);
  if (dtype == DType::float64) return Py_NewRef(dtype_object(DType::complex128));
  if (dtype == DType::float32) return Py_NewRef(dtype_object(DType::complex64));
  return PyErr_Format(PyExc_RuntimeError, "Unknown Complex ScalarType for %s", scalar_type_name(dtype));
}

PyMethodDef dtype_methods[] = {
    {"__reduce__", dtype_reduce, METH_NOARGS, nullptr},
    {"to_real", dtype_to_real, METH_NOARGS, "Return the dtype of the real part."},
    {"to_complex", dtype_to_complex, METH_NOARGS, "Return the complex dtype of this precision."},
    {},
};
PyGetSetDef dtype_properties[] = {
    {"is_floating_point", get_is_floating_point, nullptr, "Whether it is a real floating point type.",
     nullptr},
    {"is_complex", get_is_complex, nullptr, "Whether it is a complex type.", nullptr},
    {"is_signed", get_is_signed, nullptr, "Whether it has negative values.", nullptr},
    {"itemsize", get_itemsize, nullptr, "The bytes of one element.", nullptr},
    {"_scalar_type_name", get_scalar_type_name, nullptr, "As PyTorch's messages have it: Float.", nullptr},
    {"_compiler_name", get_compiler_name, nullptr, "As a C++ compiler spells it: c10::Half.", nullptr},
    {},
};

void register_dtypes(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("The type of a tensor's elements, such as lampas.float32.")},
      {Py_tp_repr, slot_function(dtype_repr)},
      {Py_tp_methods, dtype_methods},
      {Py_tp_getset, dtype_properties},
      {}};
  PyType_Spec spec = {"lampas.dtype", sizeof(DTypeObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  dtype_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "dtype", type);
  type.release();
  for (int i = 0; i < dtype_count; ++i) {
    DType dtype = static_cast<DType>(i);
    Object made = Object::steal(dtype_type->tp_alloc(dtype_type, 0));
    reinterpret_cast<DTypeObject*>(made.get())->dtype = dtype;
    add_to_module(module, name_of(dtype), made);
    dtype_objects[i] = made.release();
  }
  struct Alias {
    const char* name;
    DType dtype;
  };
  constexpr Alias aliases[] = {{"float", DType::float32},    {"double", DType::float64},
                               {"half", DType::float16},     {"int", DType::int32},
                               {"long", DType::int64},       {"short", DType::int16},
                               {"cfloat", DType::complex64}, {"cdouble", DType::complex128}};
  for (const Alias& alias : aliases)
    add_to_module(module, alias.name, Object::borrow(dtype_object(alias.dtype)));
}

// ---- device

PyObject* device_repr(PyObject* self) {
  Device device = device_of(self);
  if (device.index < 0) return PyUnicode_FromFormat("device(type='%s')", name_of(device.kind));
  return PyUnicode_FromFormat("device(type='%s', index=%d)", name_of(device.kind), device.index);
}
PyObject* device_str(PyObject* self) { return PyUnicode_FromString(name_of(device_of(self)).c_str()); }

Py_hash_t device_hash(PyObject* self) {
  Device device = device_of(self);
  return static_cast<Py_hash_t>(device.kind) * 256 + device.index + 1;
}

PyObject* device_compare(PyObject* left, PyObject* right, int operation) {
  if (!is_device(left) || !is_device(right) || (operation != Py_EQ && operation != Py_NE))
    Py_RETURN_NOTIMPLEMENTED;
  return PyBool_FromLong((device_of(left) == device_of(right)) == (operation == Py_EQ));
}

Device device_from_parts(PyObject* type, PyObject* index) {
  std::string text = text_of(type);
  Device device = parse_device(text);
  if (!index || index == Py_None) return device;
  if (device.index >= 0)
    fail(ErrorKind::runtime,
         "type (string) must not include an index because index was passed explicitly: ", text);
  long value = PyLong_AsLong(index);
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  if (value < 0) fail(ErrorKind::runtime, "Device index must not be negative");
  if (value > 127) fail(ErrorKind::runtime, "Device index must be at most 127, but got ", value);
  device.index = static_cast<int8_t>(value);
  return device;
}

[[noreturn]] void bad_device_arguments(PyObject* arguments, PyObject* keywords) {
  std::string got;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments); ++i)
    got += (got.empty() ? "" : ", ") + type_name(PyTuple_GET_ITEM(arguments, i));
  PyObject *name = nullptr, *value = nullptr;
  for (Py_ssize_t i = 0; keywords && PyDict_Next(keywords, &i, &name, &value);)
    got += (got.empty() ? "" : ", ") + text_of(name) + "=" + type_name(value);
  raise(PyExc_TypeError, "device() received an invalid combination of arguments - got (", got,
        "), but expected one of:\n"
        " * (torch.device device)\n * (str type, int index = -1)\n");
}

PyObject* device_new(PyTypeObject*, PyObject* arguments, PyObject* keywords) {
  return guarded([&]() -> PyObject* {
    static const char* names[] = {"type", "index", nullptr};
    static const char* other_names[] = {"device", nullptr};
    PyObject *type = nullptr, *index = nullptr;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|O", const_cast<char**>(names), &type, &index)) {
      if (PyUnicode_Check(type)) return device_object(device_from_parts(type, index)).release();
    } else {
      PyErr_Clear();
      if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O", const_cast<char**>(other_names), &type)) {
        PyErr_Clear();
        bad_device_arguments(arguments, keywords);
      }
    }
    std::optional<Device> device = index ? std::nullopt : as_device(type);
    if (!device) bad_device_arguments(arguments, keywords);
    return device_object(*device).release();
  });
}

PyObject* get_device_type(PyObject* self, void*) {
  return PyUnicode_FromString(name_of(device_of(self).kind));
}
PyObject* get_device_index(PyObject* self, void*) {
  int index = device_of(self).index;
  if (index < 0) Py_RETURN_NONE;
  return PyLong_FromLong(index);
}

PyObject* device_reduce(PyObject* self, PyObject*) {
  Device device = device_of(self);
  if (device.index < 0) return Py_BuildValue("O(s)", Py_TYPE(self), name_of(device.kind));
  return Py_BuildValue("O(si)", Py_TYPE(self), name_of(device.kind), static_cast<int>(device.index));
}

// `with device:` makes it the default one meanwhile.
thread_local std::vector<Device> outer_defaults;

PyObject* device_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    outer_defaults.push_back(default_device());
    set_default_device(device_of(self));
    return Py_NewRef(self);
  });
}
PyObject* device_exit(PyObject*, PyObject*) {
  return guarded([&]() -> PyObject* {
    check(!outer_defaults.empty(), "the context of a device was left without having been entered");
    set_default_device(outer_defaults.back());
    outer_defaults.pop_back();
    Py_RETURN_NONE;
  });
}

PyMethodDef device_methods[] = {
    {"__reduce__", device_reduce, METH_NOARGS, nullptr},
    {"__enter__", device_enter, METH_NOARGS, "Make it the default device for this block."},
    {"__exit__", device_exit, METH_VARARGS, nullptr},
    {},
};
PyGetSetDef device_properties[] = {
    {"type", get_device_type, nullptr, "The kind of device, such as 'cpu'.", nullptr},
    {"index", get_device_index, nullptr, "Which device of that kind; None for the current one.", nullptr},
    {},
};

void register_devices(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_doc,
       const_cast<char*>("Where a tensor lies: \"cpu\", or \"meta\", which keeps shapes and no elements.")},
      {Py_tp_new, slot_function(device_new)},
      {Py_tp_repr, slot_function(device_repr)},
      {Py_tp_str, slot_function(device_str)},
      {Py_tp_hash, slot_function(device_hash)},
      {Py_tp_richcompare, slot_function(device_compare)},
      {Py_tp_methods, device_methods},
      {Py_tp_getset, device_properties},
      {}};
  PyType_Spec spec = {"lampas.device", sizeof(DeviceObject), 0, Py_TPFLAGS_DEFAULT, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  device_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "device", type);
  type.release();
  cpu_object = device_object(Device{}).release();
}

// ---- layout and memory_format

PyObject* constant_repr(PyObject* self) {
  return PyUnicode_FromFormat("torch.%s", reinterpret_cast<NamedConstant*>(self)->name);
}
PyObject* constant_reduce(PyObject* self, PyObject*) {
  return PyUnicode_FromString(reinterpret_cast<NamedConstant*>(self)->name);
}
PyMethodDef constant_methods[] = {{"__reduce__", constant_reduce, METH_NOARGS, nullptr}, {}};

PyTypeObject* constant_type(PyObject* module, const char* full_name, const char* name, const char* doc) {
  PyType_Slot slots[] = {{Py_tp_doc, const_cast<char*>(doc)},
                         {Py_tp_repr, slot_function(constant_repr)},
                         {Py_tp_methods, constant_methods},
                         {}};
  PyType_Spec spec = {full_name, sizeof(NamedConstant), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  add_to_module(module, name, type);
  return reinterpret_cast<PyTypeObject*>(type.release());
}

PyObject* add_constant(PyObject* module, PyTypeObject* type, const char* name, uint8_t value) {
  Object made = Object::steal(type->tp_alloc(type, 0));
  reinterpret_cast<NamedConstant*>(made.get())->name = name;
  reinterpret_cast<NamedConstant*>(made.get())->value = value;
  add_to_module(module, name, made);
  return made.release();
}

}  // namespace

PyObject* dtype_object(DType dtype) { return dtype_objects[static_cast<int>(dtype)]; }
bool is_dtype(PyObject* object) { return Py_TYPE(object) == dtype_type; }
DType dtype_of(PyObject* object) { return reinterpret_cast<DTypeObject*>(object)->dtype; }

std::optional<DType> as_dtype(PyObject* object) {
  if (is_dtype(object)) return dtype_of(object);
  auto* type = reinterpret_cast<PyTypeObject*>(object);
  if (type == &PyFloat_Type) return DType::float64;
  if (type == &PyLong_Type) return DType::int64;
  if (type == &PyBool_Type) return DType::bool_;
  if (type == &PyComplex_Type) return DType::complex128;
  return std::nullopt;
}

Object device_object(Device device) {
  if (device == Device{} && cpu_object) return Object::borrow(cpu_object);
  Object made = Object::steal(device_type->tp_alloc(device_type, 0));
  reinterpret_cast<DeviceObject*>(made.get())->device = device;
  return made;
}
bool is_device(PyObject* object) { return Py_TYPE(object) == device_type; }
Device device_of(PyObject* object) { return reinterpret_cast<DeviceObject*>(object)->device; }

std::optional<Device> as_device(PyObject* object) {
  if (is_device(object)) return device_of(object);
  if (PyUnicode_Check(object)) return parse_device(text_of(object));
  if (PyLong_Check(object) && !PyBool_Check(object)) {
    check(PyLong_AsLongLong(object) >= 0, "Device index must not be negative");
    fail(ErrorKind::runtime, "Cannot access accelerator device when none is available.");
  }
  return std::nullopt;
}

PyObject* layout_object() { return strided; }
bool is_layout(PyObject* object) { return Py_TYPE(object) == layout_type; }
PyObject* memory_format_object(MemoryFormat format) {
  return memory_format_objects[static_cast<int>(format)];
}
bool is_memory_format(PyObject* object) { return Py_TYPE(object) == memory_format_type; }
MemoryFormat memory_format_of(PyObject* object) {
  return static_cast<MemoryFormat>(reinterpret_cast<NamedConstant*>(object)->value);
}

void register_value_types(PyObject* module) {
  register_dtypes(module);
  register_devices(module);
  layout_type =
      constant_type(module, "lampas.layout", "layout", "How elements lie in memory: lampas.strided.");
  strided = add_constant(module, layout_type, "strided", 0);
  memory_format_type = constant_type(module, "lampas.memory_format", "memory_format",
                                     "An order of dims in memory, such as lampas.channels_last.");
  for (size_t i = 0; i < std::size(memory_format_names); ++i)
    memory_format_objects[i] =
        add_constant(module, memory_format_type, memory_format_names[i], static_cast<uint8_t>(i));
}

}  // namespace lampas::python
