// Tensors from Python data (numbers, nested sequences), and Python data from tensors.
#include "core/bindings/tensor_data.h"

#include <atomic>
#include <cmath>
#include <limits>

#include "core/bindings/conversion.h"
#include "core/bindings/numpy_bridge.h"
#include "core/bindings/tensor_object.h"
#include "core/kernels/copy.h"
#include "core/ops/indexing.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

constexpr size_t greatest_rank = 128;

bool is_nested(PyObject* data) { return PySequence_Check(data) && !is_tensor(data); }

// The lengths along the first elements; the others are compared when they are read.
Shape sizes_of(PyObject* data) {
  Shape sizes;
  Object current = Object::borrow(data);
  while (is_nested(current.get())) {
    Py_ssize_t length = PySequence_Size(current.get());
    if (length < 0) throw PythonError();
    sizes.push_back(length);
    if (sizes.size() > greatest_rank)
      fail(ErrorKind::value, "too many dimensions '", type_name(current.get()), "'");
    if (length == 0) break;
    current = Object::steal(PySequence_GetItem(current.get(), 0));
  }
  return sizes;
}

double real_element(PyObject* object) {
  if (PyFloat_Check(object)) return PyFloat_AS_DOUBLE(object);
  if (is_tensor(object)) {
    const Tensor& tensor = tensor_of(object);
    if (tensor.numel() != 1)
      fail(ErrorKind::value, "only one element tensors can be converted to Python scalars");
    return scalar_of(tensor).to<double>();
  }
  double value = PyFloat_AsDouble(object);
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  return value;
}

std::complex<double> complex_element(PyObject* object) {
  if (is_tensor(object)) return scalar_of(tensor_of(object)).to<std::complex<double>>();
  Py_complex value = PyComplex_AsCComplex(object);
  if (value.real == -1 && PyErr_Occurred()) throw PythonError();
  return {value.real, value.imag};
}

[[noreturn]] void fail_overflow(DType dtype) {
  fail(ErrorKind::runtime, "value cannot be converted to type ", name_of(dtype), " without overflow");
}

// Integers wrap where PyTorch lets them: negative ones into unsigned types.
template <class T>
T integer_element(PyObject* object) {
  using Limits = std::numeric_limits<T>;
  if (PyFloat_Check(object)) {
    double value = PyFloat_AS_DOUBLE(object);
    bool inside =
        value >= static_cast<double>(Limits::lowest()) && value <= static_cast<double>(Limits::max());
    if (!inside) fail_overflow(DTypeOf<T>::dtype);
    return static_cast<T>(value);
  }
  if (is_tensor(object) && tensor_of(object).numel() == 1) {
    Scalar value = scalar_of(tensor_of(object));
    if (value.kind() != Scalar::Kind::complex) return value.to<T>();
  }
  Object index = Object::steal(PyNumber_Index(object));
  int overflow = 0;
  long long value = PyLong_AsLongLongAndOverflow(index.get(), &overflow);
  if (overflow != 0) {
    if constexpr (std::is_same_v<T, uint64_t>) {
      unsigned long long bits = PyLong_AsUnsignedLongLong(index.get());
      if (!PyErr_Occurred()) return bits;
      PyErr_Clear();
    }
    fail(ErrorKind::value, "Overflow when unpacking long long");
  }
  if constexpr (sizeof(T) < sizeof(int64_t)) {
    constexpr int64_t greatest = static_cast<int64_t>(Limits::max());
    constexpr int64_t least = Limits::is_signed ? static_cast<int64_t>(Limits::lowest()) : -greatest;
    if (value > greatest || value < least) fail_overflow(DTypeOf<T>::dtype);
  }
  return static_cast<T>(value);
}

template <class T>
T element(PyObject* object) {
  if constexpr (std::is_same_v<T, bool>) {
    int truth = PyObject_IsTrue(object);
    if (truth < 0) throw PythonError();
    return truth != 0;
  } else if constexpr (is_complex(DTypeOf<T>::dtype)) {
    return T(complex_element(object));
  } else if constexpr (is_floating(DTypeOf<T>::dtype)) {
    double value = real_element(object);
    if constexpr (sizeof(T) < sizeof(float))
      return T(static_cast<float>(value));
    else
      return static_cast<T>(value);
  } else {
    return integer_element<T>(object);
  }
}

// Stores nested sequences in row-major order; `output` moves along.
template <class T>
void store(PyObject* data, const Shape& sizes, size_t dim, T*& output) {
  if (dim == sizes.size()) {
    *output++ = element<T>(data);
    return;
  }
  Object sequence = Object::steal(PySequence_Fast(data, "not a sequence"));
  Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence.get());
  if (count != sizes[dim])
    fail(ErrorKind::value, "expected sequence of length ", sizes[dim], " at dim ", dim, " (got ", count, ")");
  for (Py_ssize_t i = 0; i < count; ++i) {
    // An element's own conversion may run Python code that shortens the list.
    if (PySequence_Fast_GET_SIZE(sequence.get()) != count)
      fail(ErrorKind::runtime, "the sequence changed its length while it was read");
    Object item = Object::borrow(PySequence_Fast_GET_ITEM(sequence.get(), i));
    store(item.get(), sizes, dim + 1, output);
  }
}

DType infer_nested(PyObject* data, size_t depth) {
  if (PyFloat_CheckExact(data)) return default_dtype();
  if (PyBool_Check(data)) return DType::bool_;
  if (PyLong_Check(data)) return DType::int64;
  if (PyComplex_CheckExact(data))
    return default_dtype() == DType::float64 ? DType::complex128 : DType::complex64;
  if (is_tensor(data)) return tensor_of(data).dtype();
  if (std::optional<DType> dtype = numpy_dtype_of(data)) return *dtype;
  if (PyFloat_Check(data)) return default_dtype();
  if (PyComplex_Check(data)) return default_dtype() == DType::float64 ? DType::complex128 : DType::complex64;
  if (PyUnicode_Check(data)) raise(PyExc_TypeError, "new(): invalid data type '", type_name(data), "'");
  if (!PySequence_Check(data)) fail(ErrorKind::runtime, "Could not infer dtype of ", type_name(data));
  if (depth > greatest_rank) fail(ErrorKind::value, "too many dimensions '", type_name(data), "'");
  Object sequence = Object::steal(PySequence_Fast(data, "not a sequence"));
  Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence.get());
  if (count == 0) return default_dtype();
  std::optional<DType> result;
  for (Py_ssize_t i = 0; i < count && i < PySequence_Fast_GET_SIZE(sequence.get()); ++i) {
    Object item = Object::borrow(PySequence_Fast_GET_ITEM(sequence.get(), i));
    DType dtype = infer_nested(item.get(), depth + 1);
    result = result ? promote(*result, dtype) : dtype;
    if (result == DType::complex128) break;
  }
  return *result;
}

template <class T>
Object number_object(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return Object::borrow(value ? Py_True : Py_False);
  else if constexpr (std::is_same_v<T, uint64_t>)
    return Object::steal(PyLong_FromUnsignedLongLong(value));
  else if constexpr (std::is_integral_v<T>)
    return Object::steal(PyLong_FromLongLong(value));
  else if constexpr (is_complex(DTypeOf<T>::dtype))
    return Object::steal(PyComplex_FromDoubles(value.real(), value.imag()));
  else
    return Object::steal(PyFloat_FromDouble(static_cast<double>(value)));
}

template <class T>
Object list_of(const Shape& sizes, size_t dim, const T*& input) {
  if constexpr (std::is_same_v<T, bool>) {  // memory that was never filled may hold other bytes than 0 and 1
    if (dim == sizes.size()) return number_object(*reinterpret_cast<const unsigned char*>(input++) != 0);
  } else {
    if (dim == sizes.size()) return number_object(*input++);
  }
  Object list = Object::steal(PyList_New(sizes[dim]));
  for (int64_t i = 0; i < sizes[dim]; ++i)
    PyList_SET_ITEM(list.get(), i, list_of(sizes, dim + 1, input).release());
  return list;
}

void check_readable(const Tensor& tensor, const char* function) {
  if (tensor.is_wrapped())
    fail(ErrorKind::runtime, function,
         " needs the values of a tensor, which stands for several while a transform is active");
}

}  // namespace

Tensor on_host(const Tensor& tensor) {
  check_readable(tensor, "reading a tensor");
  if (tensor.device().kind == DeviceKind::cpu && tensor.is_contiguous()) return tensor;
  if (tensor.device().kind == DeviceKind::meta)
    fail(ErrorKind::not_implemented, "Cannot copy out of meta tensor; no data!");
  Tensor host = new_tensor(tensor.sizes(), tensor.dtype());
  if (tensor.device().kind == DeviceKind::cpu)
    kernels::copy(Device{}, tensor, host);
  else
    kernels::copy_across(tensor, host);
  return host;
}

Scalar scalar_of(const Tensor& tensor) {
  if (tensor.numel() != 1)
    fail(ErrorKind::runtime, "a Tensor with ", tensor.numel(), " elements cannot be converted to Scalar");
  if (tensor.device().kind == DeviceKind::meta)
    fail(ErrorKind::runtime, "Tensor.item() cannot be called on meta tensors");
  if (tensor.is_wrapped()) return item(tensor);
  return read_scalar(on_host(tensor));
}

Object number_of(const Tensor& tensor) {
  if (tensor.dtype() != DType::uint64) return scalar_object(scalar_of(tensor));
  return Object::steal(PyLong_FromUnsignedLongLong(static_cast<uint64_t>(scalar_of(tensor).to<int64_t>())));
}

Object nested_list(const Tensor& tensor) {
  Tensor host = on_host(tensor);
  return visit(host.dtype(), [&]<class T>() {
    const T* input = host.data<T>();
    return list_of(host.sizes(), 0, input);
  });
}

DType infer_dtype(PyObject* data) { return infer_nested(data, 0); }

Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype, Device device) {
  if (PyUnicode_Check(data)) raise(PyExc_TypeError, "new(): invalid data type '", type_name(data), "'");
  if (PyList_Check(data) && PyList_GET_SIZE(data) > 0 && is_numpy_array(PyList_GET_ITEM(data, 0))) {
    static std::atomic<bool> warned = false;
    warn_once(warned,
              "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting "
              "the list to a single numpy.ndarray with numpy.array() before converting to a tensor.");
  }
  Shape sizes = sizes_of(data);
  Tensor host = new_tensor(sizes, dtype ? *dtype : infer_dtype(data));
  if (host.numel() > 0 || sizes.size() > 1)
    visit(host.dtype(), [&]<class T>() {
      T* output = host.data<T>();
      store(data, sizes, 0, output);
    });
  if (device.kind == DeviceKind::cpu) return host;
  Tensor moved = new_tensor(sizes, host.dtype(), device);
  kernels::copy_across(host, moved);
  return moved;
}

}  // namespace lampas::python
