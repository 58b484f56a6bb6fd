// Python objects to the values an op takes, and back.
#include "core/bindings/conversion.h"

#include <cstring>

#include "core/bindings/generator_object.h"
#include "core/bindings/size_object.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/value_types.h"

namespace lampas::python {
namespace {

bool is_numpy_scalar(PyObject* object) {
  // NumPy need not be imported to see that an object is none of its numbers.
  const char* name = Py_TYPE(object)->tp_name;
  return std::strncmp(name, "numpy.", 6) == 0 && std::strcmp(name, "numpy.ndarray") != 0;
}

Scalar scalar_of_integer(PyObject* number) {
  int overflow = 0;
  long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
  if (overflow == 0) {
    if (value == -1 && PyErr_Occurred()) throw PythonError();
    return Scalar(static_cast<int64_t>(value));
  }
  // Up to 64 bits without a sign are taken, as a real number; OverflowError beyond them, as in PyTorch.
  unsigned long long bits = PyLong_AsUnsignedLongLong(number);
  if (PyErr_Occurred()) throw PythonError();
  return Scalar(static_cast<double>(bits));
}

std::optional<Scalar> numpy_number(PyObject* object) {
  if (!is_numpy_scalar(object)) return std::nullopt;
  if (PyIndex_Check(object)) {
    PyObject* index = PyNumber_Index(object);
    if (index) return scalar_of_integer(Object::steal(index).get());
    PyErr_Clear();
  }
  if (std::strcmp(Py_TYPE(object)->tp_name, "numpy.bool_") == 0 ||
      std::strcmp(Py_TYPE(object)->tp_name, "numpy.bool") == 0)
    return Scalar(PyObject_IsTrue(object) == 1);
  if (std::strncmp(Py_TYPE(object)->tp_name, "numpy.complex", 13) == 0) {
    Py_complex value = PyComplex_AsCComplex(object);
    if (PyErr_Occurred()) throw PythonError();
    return Scalar(std::complex<double>(value.real, value.imag));
  }
  if (std::strncmp(Py_TYPE(object)->tp_name, "numpy.float", 11) != 0) return std::nullopt;
  double value = PyFloat_AsDouble(object);
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  return Scalar(value);
}

bool is_plain_number_tensor(PyObject* object) {
  if (!is_tensor(object)) return false;
  const Tensor& tensor = tensor_of(object);
  return tensor.dim() == 0 && !tensor.requires_grad();
}

int64_t integer_of(PyObject* number) {
  long long value = PyLong_AsLongLong(number);
  if (value == -1 && PyErr_Occurred()) {
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) throw PythonError();
    PyErr_Clear();
    fail(ErrorKind::value, "Overflow when unpacking long long");
  }
  return value;
}

std::optional<double> as_real(PyObject* object) {
  if (PyFloat_Check(object)) return PyFloat_AS_DOUBLE(object);
  std::optional<Scalar> scalar;
  if (PyLong_Check(object)) {
    double value = PyLong_AsDouble(object);
    if (value == -1 && PyErr_Occurred()) throw PythonError();
    return value;
  }
  scalar = as_scalar(object);
  if (!scalar || scalar->kind() == Scalar::Kind::complex) return std::nullopt;
  return scalar->to<double>();
}

std::optional<bool> as_boolean(PyObject* object) {
  if (PyBool_Check(object)) return object == Py_True;
  if (!is_numpy_scalar(object)) return std::nullopt;
  std::optional<Scalar> scalar = numpy_number(object);
  if (!scalar || scalar->kind() != Scalar::Kind::boolean) return std::nullopt;
  return scalar->to<bool>();
}

template <class T>
bool take(std::optional<T> converted, Value& value) {
  if (!converted) return false;
  value = std::move(*converted);
  return true;
}

bool convert_tensor_list(PyObject* object, bool optional_elements, Value& value, BadElement& bad) {
  if (!PyTuple_Check(object) && !PyList_Check(object)) return false;
  Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
  TensorList tensors;
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(object, i);
    if (!is_tensor(item) && !(optional_elements && item == Py_None)) {
      bad = {i, type_name(item), true};
      return false;
    }
    tensors.push_back(item == Py_None ? Tensor() : tensor_of(item));
  }
  value = std::move(tensors);
  return true;
}

// One element of a list of ints; `reason` says what is wrong with others.
std::optional<int64_t> shape_element(PyObject* item, std::string& reason) {
  if (PyLong_Check(item)) {
    int overflow = 0;
    long long value = PyLong_AsLongLongAndOverflow(item, &overflow);
    if (!overflow) return value;
    reason = "Overflow when unpacking long long";
    return std::nullopt;
  }
  std::optional<int64_t> value = PyFloat_Check(item) ? std::nullopt : as_integer(item);
  if (!value) reason = "type must be tuple of ints,but got " + type_name(item);
  return value;
}

}  // namespace

PythonObject::~PythonObject() {
  WithLock lock;
  object = Object();
}

std::optional<Scalar> as_number(PyObject* object) {
  if (PyFloat_Check(object)) return Scalar(PyFloat_AS_DOUBLE(object));
  if (PyBool_Check(object)) return Scalar(object == Py_True);
  if (PyLong_Check(object)) return scalar_of_integer(object);
  if (PyComplex_Check(object))
    return Scalar(std::complex<double>(PyComplex_RealAsDouble(object), PyComplex_ImagAsDouble(object)));
  return numpy_number(object);
}

std::optional<Scalar> as_scalar(PyObject* object) {
  if (is_plain_number_tensor(object)) return scalar_of(tensor_of(object));
  return as_number(object);
}

std::optional<int64_t> as_integer(PyObject* object) {
  if (PyBool_Check(object)) return std::nullopt;
  if (PyLong_Check(object)) return integer_of(object);
  if (is_tensor(object)) {
    const Tensor& tensor = tensor_of(object);
    if (!is_plain_number_tensor(object) || !is_integral(tensor.dtype(), false)) return std::nullopt;
    return scalar_of(tensor).to<int64_t>();
  }
  if (!PyIndex_Check(object)) return std::nullopt;
  PyObject* index = PyNumber_Index(object);
  if (!index) {
    PyErr_Clear();
    return std::nullopt;
  }
  return integer_of(Object::steal(index).get());
}

std::optional<Shape> as_shape(PyObject* const* elements, Py_ssize_t count, BadElement& bad) {
  Shape shape;
  for (Py_ssize_t i = 0; i < count; ++i) {
    bool is_flag = i == 0 && PyBool_Check(elements[0]);
    std::optional<int64_t> element = is_flag ? std::nullopt : shape_element(elements[i], bad.reason);
    if (!element) {
      bad.position = i;
      bad.list_fits = i > 0 || (PyLong_Check(elements[0]) && !is_flag);
      return std::nullopt;
    }
    shape.push_back(*element);
  }
  return shape;
}

std::optional<Shape> as_shape(PyObject* object, int length, BadElement& bad) {
  if (PyTuple_Check(object) || PyList_Check(object)) {
    // A tuple of its own: an element's __index__ may change the list.
    Object items = Object::steal(PySequence_Tuple(object));
    return as_shape(PySequence_Fast_ITEMS(items.get()), PyTuple_GET_SIZE(items.get()), bad);
  }
  if (length == 0) return std::nullopt;
  std::optional<int64_t> number = as_integer(object);
  if (!number) return std::nullopt;
  return Shape(static_cast<size_t>(length), *number);
}

bool convert(const ParameterDeclaration& parameter, bool accepts_numbers, PyObject* object, Value& value,
             BadElement& bad) {
  switch (parameter.type) {
    case ParameterType::tensor:
      if (is_tensor(object)) {
        value = tensor_of(object);
        return true;
      }
      if (accepts_numbers)
        if (std::optional<Scalar> number = as_number(object)) {
          value = number_tensor(*number);
          return true;
        }
      return false;
    case ParameterType::tensor_list:
      return convert_tensor_list(object, parameter.optional_elements, value, bad);
    case ParameterType::scalar:
      return take(as_scalar(object), value);
    case ParameterType::integer:
      return take(as_integer(object), value);
    case ParameterType::real:
      return take(as_real(object), value);
    case ParameterType::boolean:
      return take(as_boolean(object), value);
    case ParameterType::dtype:
      return take(as_dtype(object), value);
    case ParameterType::device:
      return take(as_device(object), value);
    case ParameterType::text:
      if (!PyUnicode_Check(object)) return false;
      value = text_of(object);
      return true;
    case ParameterType::generator:
      if (!is_generator(object)) return false;
      value = generator_argument(object);
      return true;
    case ParameterType::layout:
      if (!is_layout(object)) return false;
      value = Value();
      return true;
    case ParameterType::memory_format:
      if (!is_memory_format(object)) return false;
      value = static_cast<int64_t>(memory_format_of(object));
      return true;
    case ParameterType::object:
      value = Reference<Opaque>::adopt(new PythonObject(Object::borrow(object)));
      return true;
    case ParameterType::shape:
      return take(as_shape(object, parameter.length, bad), value);
  }
  return false;
}

Object scalar_object(const Scalar& value) {
  switch (value.kind()) {
    case Scalar::Kind::boolean:
      return Object::borrow(value.to<bool>() ? Py_True : Py_False);
    case Scalar::Kind::integer:
      return Object::steal(PyLong_FromLongLong(value.to<int64_t>()));
    case Scalar::Kind::real:
      return Object::steal(PyFloat_FromDouble(value.to<double>()));
    default: {
      auto complex = value.to<std::complex<double>>();
      return Object::steal(PyComplex_FromDoubles(complex.real(), complex.imag()));
    }
  }
}

Object tensor_tuple(const TensorList& tensors, PyTypeObject* result_class) {
  Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), wrap_in(result_class, tensors[i]));
  return tuple;
}

PyObject* value_object(Value value, PyTypeObject* result_class) {
  struct Visitor {
    PyTypeObject* result_class;
    PyObject* operator()(std::monostate) const { Py_RETURN_NONE; }
    PyObject* operator()(Tensor& tensor) const { return wrap_in(result_class, std::move(tensor)); }
    PyObject* operator()(const TensorList& tensors) const {
      return tensor_tuple(tensors, result_class).release();
    }
    PyObject* operator()(const Scalar& scalar) const { return scalar_object(scalar).release(); }
    PyObject* operator()(int64_t number) const {
      return Object::steal(PyLong_FromLongLong(number)).release();
    }
    PyObject* operator()(double number) const { return Object::steal(PyFloat_FromDouble(number)).release(); }
    PyObject* operator()(bool truth) const { return PyBool_FromLong(truth); }
    PyObject* operator()(const Shape& shape) const { return new_size(shape); }
    PyObject* operator()(DType dtype) const { return Py_NewRef(dtype_object(dtype)); }
    PyObject* operator()(Device device) const { return device_object(device).release(); }
    PyObject* operator()(const std::string& text) const { return new_text(text).release(); }
    PyObject* operator()(const Reference<Opaque>& opaque) const {
      auto* python = dynamic_cast<PythonObject*>(opaque.get());
      if (!python) raise(PyExc_TypeError, "an object of the core that has no Python form");
      return Py_NewRef(python->object.get());
    }
  };
  return std::visit(Visitor{result_class}, value);
}

std::string type_name(PyObject* object) {
  std::string name = Py_TYPE(object)->tp_name;
  if (name.starts_with("lampas.")) return "torch." + name.substr(7);
  return name;
}

}  // namespace lampas::python
