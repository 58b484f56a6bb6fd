// Python objects to the values an op takes, and back.
#pragma once

#include "core/bindings/python.h"
#include "core/ops/signature.h"
#include "core/ops/value.h"

namespace lampas::python {

// A Python object that the core only hands through.
struct PythonObject final : Opaque {
  explicit PythonObject(Object object) : object(std::move(object)) {}
  ~PythonObject() override;
  Object object;
};

// Why an element of a list could not be read. PyTorch takes what begins with an int as a list of ints, and
// any list as one of tensors, so that such an argument fits, and its error comes when it is unpacked.
struct BadElement {
  Py_ssize_t position = -1;
  std::string reason;
  bool list_fits = false;
};

// Reads `object` as a parameter of this type. False where the type does not fit; throws where it does and
// the value does not (a number too large). None is the caller's matter.
// accepts_numbers: a number may stand for a tensor.
bool convert(const ParameterDeclaration& parameter, bool accepts_numbers, PyObject* object, Value& value,
             BadElement& bad);

// A Python or NumPy number, or a zero-dimensional tensor that needs no gradient; none for other types.
std::optional<Scalar> as_scalar(PyObject* object);
// Without tensors.
std::optional<Scalar> as_number(PyObject* object);
// An int, a NumPy integer, or a zero-dimensional tensor of integers. Throws where it needs over 64 bits.
std::optional<int64_t> as_integer(PyObject* object);
// An int[] argument: a tuple or list of ints; with `length`, also one int for all.
std::optional<Shape> as_shape(PyObject* object, int length, BadElement& bad);
std::optional<Shape> as_shape(PyObject* const* elements, Py_ssize_t count, BadElement& bad);

Object scalar_object(const Scalar& value);
// A new reference; lists of tensors become tuples. Tensors become objects of `result_class`, or plain ones.
PyObject* value_object(Value value, PyTypeObject* result_class = nullptr);
Object tensor_tuple(const TensorList& tensors, PyTypeObject* result_class = nullptr);

// The name of an object's type as messages say it: "str", "Tensor", "torch.dtype", "numpy.ndarray".
std::string type_name(PyObject* object);

}  // namespace lampas::python
