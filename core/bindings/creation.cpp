// Tensors made from data that Python holds: tensor, as_tensor, from_numpy, Tensor(...), new_tensor.
#include "core/bindings/creation.h"

#include <atomic>

#include "core/bindings/arguments.h"
#include "core/bindings/default_device.h"
#include "core/bindings/dlpack.h"
#include "core/bindings/numpy_bridge.h"
#include "core/bindings/size_object.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/view.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

std::optional<DType> dtype_in(const Value& value) {
  return is_none(value) ? std::nullopt : std::optional(std::get<DType>(value));
}
std::optional<Device> device_in(const Value& value) {
  return is_none(value) ? std::nullopt : std::optional(std::get<Device>(value));
}
PyObject* object_in(const Value& value) {
  return static_cast<PythonObject&>(*std::get<Reference<Opaque>>(value)).object.get();
}

// `tensor` with this dtype on this device, without history.
Tensor moved(const Tensor& tensor, std::optional<DType> dtype, std::optional<Device> device) {
  if (dtype == tensor.dtype()) dtype.reset();
  if (device == tensor.device()) device.reset();
  return dtype || device ? to_copy(tensor, dtype, device) : tensor;
}

Tensor finished(Tensor tensor, bool requires_grad) {
  if (grad_mode.inference) tensor.body().inference = true;
  if (requires_grad) {
    check(is_differentiable(tensor.dtype()),
          "Only Tensors of floating point and complex dtype can require gradients");
    set_requires_grad(tensor, true);
  }
  return tensor;
}

// A copy of anything that can become a tensor.
Tensor copied(PyObject* data, std::optional<DType> dtype, std::optional<Device> device) {
  if (is_tensor(data)) {
    GradModeGuard no_grad(false);
    const Tensor& source = tensor_of(data);
    return to_copy(detach(source), dtype, device);
  }
  if (is_numpy_array(data)) {
    Tensor shared = tensor_from_array(data, false);
    return to_copy(shared, dtype, device ? *device : default_device());
  }
  return tensor_from_data(data, dtype, device ? *device : default_device());
}

Tensor as_tensor_of(PyObject* data, std::optional<DType> dtype, std::optional<Device> device) {
  if (is_tensor(data)) return moved(tensor_of(data), dtype, device);
  if (is_numpy_array(data)) return moved(tensor_from_array(data, true), dtype, device);
  return tensor_from_data(data, dtype, device ? *device : default_device());
}

PyObject* tensor(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("tensor", false,
                   {"tensor(object data, *, ScalarType? dtype=None, Device? device=None, "
                    "bool pin_memory=False, bool requires_grad=False) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    PyObject* data = object_in(parsed[0]);
    if (is_tensor(data))
      warn(
          "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
          "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).");
    check_not_pinned(std::get<bool>(parsed[3]));
    return wrap(finished(copied(data, dtype_in(parsed[1]), device_in(parsed[2])), std::get<bool>(parsed[4])));
  });
}

PyObject* as_tensor(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&]() -> PyObject* {
    static const Parser& parser =
        new_parser("as_tensor", false,
                   {"as_tensor(object data, ScalarType? dtype=None, Device? device=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    return wrap(as_tensor_of(object_in(parsed[0]), dtype_in(parsed[1]), device_in(parsed[2])));
  });
}

// The tensor on the memory of `data`; undefined where it is a number or a sequence.
Tensor aliased(PyObject* data, std::optional<DType> dtype) {
  if (is_tensor(data)) return tensor_of(data);
  if (is_numpy_array(data)) return tensor_from_array(data, true);
  if (PyCapsule_CheckExact(data)) return tensor_from_capsule(data);
  if (numpy_dtype_of(data)) return Tensor();
  if (PyObject_HasAttrString(data, "__dlpack__")) {
    Object capsule = Object::steal(PyObject_CallMethod(data, "__dlpack__", nullptr));
    return tensor_from_capsule(capsule.get());
  }
  if (PyObject_CheckBuffer(data))
    return tensor_from_buffer(data, dtype.value_or(default_dtype()), /*count=*/-1, /*offset=*/0);
  return Tensor();
}

void check_aliasable(const Tensor& tensor, std::optional<DType> dtype, std::optional<Device> device) {
  if (device && *device != tensor.device())
    fail(ErrorKind::value, "can't alias tensor from device '", name_of(tensor.device()), "' to '",
         name_of(*device), "'.");
  if (dtype && *dtype != tensor.dtype())
    fail(ErrorKind::value, "can't alias tensor with dtype '", scalar_type_name(tensor.dtype()),
         "' into dtype '", scalar_type_name(*dtype), "'.");
}

bool requires_grad_as(const Value& given, const Tensor& source) {
  if (!is_none(given)) return std::get<bool>(given);
  if (!source.requires_grad()) return false;
  static std::atomic<bool> warned = false;
  warn_once(warned,
            "torch.asarray: unspecified requires_grad now defaults to obj.requires_grad instead of False. "
            "Pass requires_grad=False explicitly to get the old behavior and silence this warning.");
  return true;
}

PyObject* asarray(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&]() -> PyObject* {
    static const Parser& parser =
        new_parser("asarray", false,
                   {"asarray(object obj, *, ScalarType? dtype=None, Device? device=None, bool? copy=None, "
                    "bool? requires_grad=None) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    PyObject* data = object_in(parsed[0]);
    std::optional<DType> dtype = dtype_in(parsed[1]);
    std::optional<Device> device = device_in(parsed[2]);
    bool must_copy = !is_none(parsed[3]) && std::get<bool>(parsed[3]);
    bool must_alias = !is_none(parsed[3]) && !must_copy;
    Tensor source = aliased(data, dtype);
    if (!source.defined()) {
      if (must_alias) fail(ErrorKind::value, "can't alias arbitrary sequence into a tensor.");
      bool requires_grad = !is_none(parsed[4]) && std::get<bool>(parsed[4]);
      return wrap(finished(copied(data, dtype, device), requires_grad));
    }
    if (must_alias) check_aliasable(source, dtype, device);
    bool requires_grad = requires_grad_as(parsed[4], source);
    Tensor result = must_copy ? to_copy(source, dtype, device) : moved(source, dtype, device);
    if (result.requires_grad() && !requires_grad) result = detach(result);
    return wrap(requires_grad && !result.requires_grad() ? finished(result, true) : result);
  });
}

PyObject* frombuffer(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("frombuffer", false,
                   {"frombuffer(object buffer, *, ScalarType dtype, int count=-1, int offset=0, "
                    "bool requires_grad=False) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    Tensor shared = tensor_from_buffer(object_in(parsed[0]), std::get<DType>(parsed[1]),
                                       std::get<int64_t>(parsed[2]), std::get<int64_t>(parsed[3]));
    return wrap(finished(shared, std::get<bool>(parsed[4])));
  });
}

PyObject* from_numpy(PyObject*, PyObject* array) {
  return guarded([&] { return wrap(tensor_from_array(array, true)); });
}

// The old constructor: sizes, or data as the default dtype, or another tensor.
Tensor constructed(const Arguments& arguments) {
  static const Parser& parser =
      new_parser("new", false,
                 {"new(*, Device? device=None) -> Tensor", "new(Tensor other) -> Tensor",
                  "new(int[] size, *, Device? device=None) -> Tensor",
                  "new(object data, *, Device? device=None) -> Tensor"});
  // A list of numbers is data, though a list of ints could be sizes.
  bool is_data = arguments.positional == 1 &&
                 (PyList_Check(arguments.values[0]) || PyTuple_Check(arguments.values[0])) &&
                 Py_TYPE(arguments.values[0]) != size_object_type();
  Values parsed;
  size_t form;
  if (is_data) {
    form = 3;
    parser.overloads()[3].parse(arguments, parsed, true);
  } else {
    form = parser.parse(arguments, parsed);
  }
  if (form == 1) return alias(std::get<Tensor>(parsed[0]));
  std::optional<Device> given = device_in(parsed.back());
  Device device = given ? *given : default_device();
  if (form == 0) return new_tensor({0}, default_dtype(), device);
  if (form == 2) return new_tensor(std::get<Shape>(parsed[0]), default_dtype(), device);
  PyObject* data = object_in(parsed[0]);
  if (is_numpy_array(data)) return copied(data, default_dtype(), device);
  if (PyUnicode_Check(data)) raise(PyExc_TypeError, "new(): invalid data type 'str'");
  if (!PySequence_Check(data))
    raise(PyExc_TypeError, "new(): data must be a sequence (got ", type_name(data), ")");
  return tensor_from_data(data, default_dtype(), device);
}

constexpr int with_names = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef functions[] = {
    {"tensor", method_function(tensor), with_names,
     R"(Copy data into a new tensor.

    Args:
        data: a number, nested sequences of numbers, a NumPy array or a tensor.
        dtype (dtype, optional): the element type; by default the one that fits the data.
        device (device, optional): where it shall live; by default the CPU.
        requires_grad (bool): whether gradients are recorded for it.

    Raises ValueError where the sequences of one dimension differ in length.

    >>> lampas.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
)"},
    {"as_tensor", method_function(as_tensor), with_names,
     R"(Return data as a tensor, sharing memory where it can.

    Args:
        data: a tensor, a NumPy array, a number or nested sequences of numbers.
        dtype (dtype, optional): the element type; by default that of the data.
        device (device, optional): where it shall live; by default where the data is.

    >>> lampas.as_tensor([1., 2.])
    tensor([1., 2.])
)"},
    {"asarray", method_function(asarray), with_names,
     R"(Return an object as a tensor, sharing memory unless `copy` is True.

    >>> lampas.asarray([1, 2])
    tensor([1, 2])
)"},
    {"frombuffer", method_function(frombuffer), with_names,
     R"(Return a tensor of one dimension on the memory of an object such as bytearray or array.array.

    Args:
        buffer: an object with Python's buffer protocol.
        dtype (dtype): what its bytes hold.
        count (int): how many elements; all by default.
        offset (int): the bytes to skip before the first.
        requires_grad (bool): whether gradients are recorded for it.

    Raises ValueError where the buffer does not hold that many elements.

    >>> lampas.frombuffer(bytearray(b"abc"), dtype=lampas.uint8)
    tensor([97, 98, 99], dtype=torch.uint8)
)"},
    {"from_numpy", from_numpy, METH_O,
     R"(Return a tensor on the memory of a NumPy array.

    Raises TypeError for arrays of other things than numbers and ValueError for negative strides.

    >>> import numpy
    >>> lampas.from_numpy(numpy.ones(2))
    tensor([1., 1.], dtype=torch.float64)
)"},
    {},
};

}  // namespace

PyObject* new_tensor_object(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    TupleArguments call(arguments, keywords);
    return wrap_as(type, constructed(call.arguments()));
  });
}

PyObject* new_tensor_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("new_tensor", true,
                   {"new_tensor(Tensor self, object data, *, ScalarType? dtype=None, Device? device=None, "
                    "bool requires_grad=False) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    const Tensor& like = tensor_of(self);
    Tensor result = copied(object_in(parsed[0]), dtype_in(parsed[1]).value_or(like.dtype()),
                           device_in(parsed[2]).value_or(like.device()));
    return wrap(finished(result, std::get<bool>(parsed[3])));
  });
}

void register_creation(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
