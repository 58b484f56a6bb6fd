// Methods that give the same values in another dtype, on another device, in another arrangement, or as an
// array: to, float, cpu, contiguous, clone, copy_, numpy.
#include "core/bindings/arguments.h"
#include "core/bindings/memory_format.h"
#include "core/bindings/named_op.h"
#include "core/bindings/numpy_bridge.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_methods.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/to_arguments.h"
#include "core/bindings/value_types.h"
#include "core/ops/creation.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas::python {
namespace {

// `self` where nothing has to change.
PyObject* converted(PyObject* self, const ToArguments& wanted) {
  const Tensor& tensor = tensor_of(self);
  bool other_dtype = wanted.dtype && *wanted.dtype != tensor.dtype();
  bool other_device = wanted.device && *wanted.device != tensor.device() &&
                      !(wanted.device->kind == tensor.device().kind && wanted.device->index <= 0 &&
                        tensor.device().index <= 0);
  Tensor result = tensor;
  if (other_dtype || other_device || wanted.copy)
    result = to_copy(tensor, other_dtype ? wanted.dtype : std::nullopt,
                     other_device ? wanted.device : std::nullopt);
  result = in_format(result, wanted.format);
  return result.same_as(tensor) ? Py_NewRef(self) : wrap_like(self, std::move(result));
}

PyObject* to(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] { return converted(self, parse_to_arguments({values, count, names})); });
}

template <DType dtype>
PyObject* as_type(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    ToArguments wanted;
    wanted.dtype = dtype;
    if (count > 0 || names) {
      static const std::string name = dtype == DType::float32   ? "float"
                                      : dtype == DType::float64 ? "double"
                                      : dtype == DType::float16 ? "half"
                                                                : name_of(dtype);
      static const Parser& parser =
          new_parser(name.c_str(), true, {"to(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"});
      Values parsed;
      parser.parse({values, count, names}, parsed);
      wanted.format = format_in(parsed[0], MemoryFormat::preserve);
    }
    return converted(self, wanted);
  });
}

PyObject* type_as(PyObject* self, PyObject* other) {
  return guarded([&] {
    if (!is_tensor(other))
      raise(PyExc_TypeError, "type_as(): argument 'other' (position 1) must be Tensor, not ",
            type_name(other));
    ToArguments wanted;
    wanted.dtype = tensor_of(other).dtype();
    wanted.device = tensor_of(other).device();
    return converted(self, wanted);
  });
}

PyObject* cpu(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("cpu", true, {"cpu(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    ToArguments wanted;
    wanted.device = Device{};
    wanted.format = format_in(parsed[0], MemoryFormat::preserve);
    return converted(self, wanted);
  });
}

// cuda(), xpu() and ipu(): to the device of that kind, which may be named more exactly.
template <DeviceKind kind>
PyObject* to_accelerator(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(name_of(kind), true,
                                             {"to(Tensor self, Device? device=None, bool non_blocking=False, "
                                              "*, MemoryFormat? memory_format=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    ToArguments wanted;
    wanted.device = is_none(parsed[0]) ? Device{kind} : std::get<Device>(parsed[0]);
    check(wanted.device->kind == kind, "Invalid device, must be ", name_of(kind), " device");
    return converted(self, wanted);
  });
}

PyObject* pin_memory(PyObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_RuntimeError, "Cannot access accelerator device when none is available.");
  return nullptr;
}

PyObject* contiguous_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(
        "contiguous", true, {"contiguous(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    MemoryFormat format = format_in(parsed[0], MemoryFormat::contiguous);
    check(format != MemoryFormat::preserve,
          "preserve memory format is unsupported by the contiguous operator");
    const Tensor& tensor = tensor_of(self);
    return lies_in(tensor, format) ? Py_NewRef(self) : wrap_like(self, in_format(tensor, format));
  });
}

PyObject* clone_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("clone", true, {"clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    MemoryFormat format = format_in(parsed[0], MemoryFormat::preserve);
    const Tensor& tensor = tensor_of(self);
    // Another order needs a copy anyway.
    return wrap_like(self, lies_in(tensor, format) ? clone(tensor) : in_format(tensor, format));
  });
}

PyObject* copy_in_place(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("copy_", true, {"copy(Tensor self, Tensor other, bool non_blocking=False) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    copy_(tensor_of(self), std::get<Tensor>(parsed[0]));
    return Py_NewRef(self);
  });
}

// ---- NumPy

Object as_array(const Tensor& tensor, bool force) {
  check(!tensor.is_wrapped(),
        "numpy() needs the values of a tensor, which stands for several while a transform "
        "is active");
  if (force) return array_from_tensor(on_host(detach(tensor)));
  if (tensor.requires_grad())
    fail(ErrorKind::runtime,
         "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
  if (tensor.device().kind != DeviceKind::cpu)
    fail(ErrorKind::type, "can't convert ", lampas::name_of(tensor.device()),
         " device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.");
  return array_from_tensor(tensor);
}

PyObject* numpy(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("numpy", true, {"numpy(Tensor self, *, bool force=False) -> object"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    return as_array(tensor_of(self), std::get<bool>(parsed[0])).release();
  });
}

PyObject* to_array_protocol(PyObject* self, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    static const char* names[] = {"dtype", "copy", nullptr};
    PyObject *dtype = Py_None, *copy = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|OO", const_cast<char**>(names), &dtype, &copy))
      throw PythonError();
    Object array = as_array(tensor_of(self), false);
    if (dtype != Py_None) {
      Object converted = Object::steal(PyObject_CallMethod(array.get(), "__array__", "O", dtype));
      if (copy == Py_False && converted.get() != array.get())
        fail(ErrorKind::value, "Unable to avoid copy while creating an array as requested.");
      array = std::move(converted);
    }
    if (copy == Py_True) array = Object::steal(PyObject_CallMethod(array.get(), "copy", nullptr));
    return array.release();
  });
}

// NumPy hands back what its functions computed from a tensor.
PyObject* wrap_array_protocol(PyObject*, PyObject* arguments) {
  return guarded([&] {
    if (PyTuple_GET_SIZE(arguments) == 0) raise(PyExc_TypeError, "__array_wrap__ needs an array");
    PyObject* array = PyTuple_GET_ITEM(arguments, 0);
    Object as_array = import_attribute("numpy", "asarray");
    Object plain = Object::steal(PyObject_CallOneArg(as_array.get(), array));
    return wrap(tensor_from_array(plain.get(), true));
  });
}

constexpr int with_names = METH_FASTCALL | METH_KEYWORDS;

template <DType dtype>
PyMethodDef type_method(const char* name, const char* documentation) {
  return {name, method_function(as_type<dtype>), with_names, documentation};
}

}  // namespace

void add_conversion_methods(std::vector<PyMethodDef>& methods) {
  auto add = [&](std::initializer_list<PyMethodDef> more) { methods.insert(methods.end(), more); };
  add({{"to", method_function(to), with_names,
        "Return the tensor in another dtype, on another device, or both; itself where nothing changes."},
       type_method<DType::float32>("float", "Return it as float32."),
       type_method<DType::float64>("double", "Return it as float64."),
       type_method<DType::float16>("half", "Return it as float16."),
       type_method<DType::bfloat16>("bfloat16", "Return it as bfloat16."),
       type_method<DType::uint8>("byte", "Return it as uint8."),
       type_method<DType::int8>("char", "Return it as int8."),
       type_method<DType::int16>("short", "Return it as int16."),
       type_method<DType::int32>("int", "Return it as int32."),
       type_method<DType::int64>("long", "Return it as int64."),
       type_method<DType::bool_>("bool", "Return it as bool."),
       type_method<DType::complex64>("cfloat", "Return it as complex64."),
       type_method<DType::complex128>("cdouble", "Return it as complex128.")});
  add({{"type_as", type_as, METH_O, "Return it in the dtype and on the device of another tensor."},
       {"cpu", method_function(cpu), with_names, "Return it on the CPU."},
       {"cuda", method_function(to_accelerator<DeviceKind::cuda>), with_names,
        "Raise: this build has no CUDA."},
       {"xpu", method_function(to_accelerator<DeviceKind::xpu>), with_names, "Raise: this build has no XPU."},
       {"ipu", method_function(to_accelerator<DeviceKind::ipu>), with_names, "Raise: this build has no IPU."},
       {"pin_memory", method_function(pin_memory), METH_VARARGS | METH_KEYWORDS,
        "Raise: memory is pinned for a GPU, and this build has none."},
       {"contiguous", method_function(contiguous_method), with_names,
        "Return it with its elements in order in memory; itself where they are."},
       {"clone", method_function(clone_method), with_names, "Copy it; gradients flow through the copy."},
       {"copy_", method_function(copy_in_place), with_names,
        "Overwrite it with another tensor, which broadcasts and is converted, and return it."},
       {"numpy", method_function(numpy), with_names, "Return a NumPy array on the same memory."},
       {"__array__", method_function(to_array_protocol), METH_VARARGS | METH_KEYWORDS, nullptr},
       {"__array_wrap__", wrap_array_protocol, METH_VARARGS, nullptr}});
}

}  // namespace lampas::python
