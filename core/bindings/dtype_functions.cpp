// The default dtype, promotion and casting rules, as Python functions.
#include "core/bindings/dtype_functions.h"

#include "core/bindings/tensor_object.h"
#include "core/bindings/value_types.h"
#include "core/ops/promotion.h"

namespace lampas::python {
namespace {

DType dtype_argument(PyObject* object, const char* function, int position) {
  if (!is_dtype(object))
    raise(PyExc_TypeError, function, "(): argument (position ", position, ") must be torch.dtype, not ",
          Py_TYPE(object)->tp_name);
  return dtype_of(object);
}

void check_count(const char* function, Py_ssize_t given, Py_ssize_t wanted) {
  if (given != wanted)
    raise(PyExc_TypeError, function, "() takes ", wanted, " positional arguments but ", given, " were given");
}

PyObject* get_default_dtype(PyObject*, PyObject*) { return Py_NewRef(dtype_object(default_dtype())); }

PyObject* set_default_dtype_function(PyObject*, PyObject* object) {
  return guarded([&]() -> PyObject* {
    if (!is_dtype(object))
      raise(PyExc_TypeError,
            "invalid dtype object: only floating-point types are supported as the default type");
    DType dtype = dtype_of(object);
    if (!is_floating(dtype))
      raise(PyExc_TypeError, "only floating-point types are supported as the default type");
    set_default_dtype(dtype);
    Py_RETURN_NONE;
  });
}

PyObject* promote_types(PyObject*, PyObject* const* arguments, Py_ssize_t count) {
  return guarded([&] {
    check_count("promote_types", count, 2);
    DType first = dtype_argument(arguments[0], "promote_types", 1);
    return Py_NewRef(dtype_object(promote(first, dtype_argument(arguments[1], "promote_types", 2))));
  });
}

PyObject* can_cast_function(PyObject*, PyObject* const* arguments, Py_ssize_t count) {
  return guarded([&] {
    check_count("can_cast", count, 2);
    DType from = dtype_argument(arguments[0], "can_cast", 1);
    return PyBool_FromLong(can_cast(from, dtype_argument(arguments[1], "can_cast", 2)));
  });
}

Tensor tensor_or_number(PyObject* object, int position) {
  if (is_tensor(object)) return tensor_of(object);
  Tensor number;
  if (PyBool_Check(object))
    number = number_tensor(Scalar(object == Py_True));
  else if (PyLong_Check(object))
    number = number_tensor(Scalar(int64_t{0}));  // only the kind of number matters
  else if (PyFloat_Check(object))
    number = number_tensor(Scalar(0.0));
  else if (PyComplex_Check(object))
    number = number_tensor(Scalar(std::complex<double>()));
  else
    raise(PyExc_TypeError, "result_type(): argument (position ", position, ") must be Tensor or Number, not ",
          Py_TYPE(object)->tp_name);
  return number;
}

PyObject* result_type_function(PyObject*, PyObject* const* arguments, Py_ssize_t count) {
  return guarded([&] {
    check_count("result_type", count, 2);
    Tensor first = tensor_or_number(arguments[0], 1);
    return Py_NewRef(dtype_object(result_type({first, tensor_or_number(arguments[1], 2)})));
  });
}

PyMethodDef functions[] = {
    {"get_default_dtype", get_default_dtype, METH_NOARGS,
     "Return the dtype of tensors made from Python floats.\n\n>>> lampas.get_default_dtype()\ntorch.float32"},
    {"set_default_dtype", set_default_dtype_function, METH_O,
     "Set the dtype of tensors made from Python floats: a floating one."},
    {"promote_types", method_function(promote_types), METH_FASTCALL,
     "Return the dtype in which two dtypes meet.\n\n>>> lampas.promote_types(lampas.int32, lampas.float16)\n"
     "torch.float16"},
    {"can_cast", method_function(can_cast_function), METH_FASTCALL,
     "Return whether results of one dtype may be written into another.\n\n"
     ">>> lampas.can_cast(lampas.float32, lampas.int64)\nFalse"},
    {"result_type", method_function(result_type_function), METH_FASTCALL,
     "Return the dtype of an operation on two tensors or numbers.\n\n"
     ">>> lampas.result_type(lampas.tensor([1]), 1.5)\ntorch.float32"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

void register_dtype_functions(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
