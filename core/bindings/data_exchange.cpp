// Tensors from nested sequences and NumPy arrays; numbers, lists and NumPy arrays from tensors.
#include "core/bindings/data_exchange.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "core/bindings/tensor_object.h"
#include "core/kernels/copy.h"
#include "core/ops/creation.h"
#include "core/ops/view.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

constexpr int greatest_depth = 128;  // of nested sequences

// ---- The buffer protocol: what NumPy arrays and scalars speak ----

// The dtype of a buffer's elements, or nothing where Lampas has no such type.
std::optional<DType> dtype_of_format(const char* format, Py_ssize_t item) {
  if (!format) return DType::uint8;
  if (*format == '@' || *format == '=' || *format == '<' || *format == '|') ++format;
  bool complex = *format == 'Z';
  if (complex) ++format;
  if (*format == '\0' || format[1] != '\0') return std::nullopt;
  if (complex)
    return item == 8    ? std::optional(DType::complex64)
           : item == 16 ? std::optional(DType::complex128)
                        : std::nullopt;
  switch (*format) {
    case '?':
      return DType::bool_;
    case 'e':
      return DType::float16;
    case 'f':
      return DType::float32;
    case 'd':
      return DType::float64;
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
      return item == 1 ? DType::int8 : item == 2 ? DType::int16 : item == 4 ? DType::int32 : DType::int64;
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
      return item == 1 ? DType::uint8 : item == 2 ? DType::uint16 : item == 4 ? DType::uint32 : DType::uint64;
    default:
      return std::nullopt;
  }
}

class Buffer {
 public:
  explicit Buffer(PyObject* object) {
    check_status(PyObject_GetBuffer(object, &view_, PyBUF_FORMAT | PyBUF_STRIDES));
  }
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  const Py_buffer& view() const { return view_; }
  std::optional<DType> dtype() const { return dtype_of_format(view_.format, view_.itemsize); }

 private:
  Py_buffer view_;
};

std::string dtype_name_of_array(PyObject* array) {
  Object dtype = Object::steal(PyObject_GetAttrString(array, "dtype"));
  Object type = Object::steal(PyObject_GetAttrString(dtype.get(), "type"));
  Object name = Object::steal(PyObject_GetAttrString(type.get(), "__name__"));
  return text_of(name.get());
}

[[noreturn]] void refuse_array_type(PyObject* array) {
  raise(PyExc_TypeError, "can't convert np.ndarray of type numpy.", dtype_name_of_array(array),
        ". The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, "
        "int16, "
        "int8, uint64, uint32, uint16, uint8, and bool.");
}

// Whether an object is a NumPy scalar: it has a buffer and a dtype, and is no array.
bool is_numpy_scalar(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  return type->tp_as_buffer && type->tp_as_buffer->bf_getbuffer &&
         std::strncmp(type->tp_name, "numpy.", 6) == 0 && !is_numpy_array(object);
}

// ---- From Python data ----

struct Level {
  Shape sizes;
  std::optional<DType> dtype;
};

bool is_plain_number(PyObject* data) {
  return PyFloat_Check(data) || PyLong_Check(data) || PyBool_Check(data) || PyComplex_Check(data);
}

bool is_text(PyObject* data) {
  return PyUnicode_Check(data) || PyBytes_Check(data) || PyByteArray_Check(data);
}

bool is_nested(PyObject* data) {
  if (is_plain_number(data) || is_numpy_scalar(data)) return false;
  if (is_tensor(data)) return tensor_of(data).dim() > 0;
  return PySequence_Check(data) && !is_text(data) && !PyDict_Check(data);
}

DType promoted(std::optional<DType> before, DType now) { return before ? promote(*before, now) : now; }

DType dtype_of_number(PyObject* data) {
  if (PyBool_Check(data)) return DType::bool_;
  if (is_numpy_scalar(data)) {
    std::optional<DType> dtype = Buffer(data).dtype();
    if (!dtype) raise(PyExc_TypeError, "can't convert a NumPy scalar of type ", Py_TYPE(data)->tp_name);
    return *dtype;
  }
  if (PyFloat_Check(data)) return Scalar(0.0).dtype();
  if (PyLong_Check(data)) return DType::int64;
  if (PyComplex_Check(data)) return Scalar(std::complex<double>()).dtype();
  if (is_tensor(data)) return tensor_of(data).dtype();
  if (is_text(data)) raise(PyExc_TypeError, "new(): invalid data type '", Py_TYPE(data)->tp_name, "'");
  if (PyIndex_Check(data)) return DType::int64;
  raise(PyExc_RuntimeError, "Could not infer dtype of ", Py_TYPE(data)->tp_name);
}

void infer_dtype(PyObject* data, std::optional<DType>& dtype, int depth) {
  if (is_tensor(data) || is_numpy_array(data) || !is_nested(data)) {
    DType found =
        is_numpy_array(data) ? Buffer(data).dtype().value_or(DType::float64) : dtype_of_number(data);
    dtype = promoted(dtype, found);
    return;
  }
  if (depth > greatest_depth) raise(PyExc_ValueError, "too many dimensions '", Py_TYPE(data)->tp_name, "'");
  Object fast = Object::steal(PySequence_Fast(data, "not a sequence"));
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast.get()); ++i)
    infer_dtype(PySequence_Fast_GET_ITEM(fast.get(), i), dtype, depth + 1);
}

// The shape, from the first element of each level.
Shape infer_sizes(PyObject* data) {
  Shape sizes;
  Object current = Object::borrow(data);
  while (is_nested(current.get())) {
    Py_ssize_t length = PySequence_Size(current.get());
    check_status(static_cast<int>(length < 0 ? -1 : 0));
    sizes.push_back(length);
    if (sizes.size() > greatest_depth)
      raise(PyExc_ValueError, "too many dimensions '", Py_TYPE(current.get())->tp_name, "'");
    if (length == 0) break;
    current = Object::steal(PySequence_GetItem(current.get(), 0));
  }
  return sizes;
}

template <class Integer>
Integer to_integer(PyObject* data, DType dtype) {
  if (PyFloat_Check(data)) {
    double value = PyFloat_AS_DOUBLE(data);
    bool fits =
        value > static_cast<double>(std::numeric_limits<Integer>::min()) - 1 &&
        value < static_cast<double>(std::numeric_limits<Integer>::max()) + (sizeof(Integer) < 8 ? 1 : 0);
    if (!fits)
      raise(PyExc_RuntimeError, "value cannot be converted to type ", name_of(dtype), " without overflow");
    return static_cast<Integer>(value);
  }
  Object number = Object::steal(PyNumber_Index(data));
  if constexpr (std::is_same_v<Integer, uint64_t>) {
    unsigned long long value = PyLong_AsUnsignedLongLong(number.get());
    if (!PyErr_Occurred()) return value;
    PyErr_Clear();
  }
  int overflow = 0;
  long long value = PyLong_AsLongLongAndOverflow(number.get(), &overflow);
  if (overflow) raise(PyExc_ValueError, "Overflow when unpacking long long");
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  // A negative number wraps into an unsigned type, as in PyTorch; anything else must fit.
  bool wraps = std::is_unsigned_v<Integer> && value < 0;
  if (!wraps && static_cast<long long>(static_cast<Integer>(value)) != value)
    raise(PyExc_RuntimeError, "value cannot be converted to type ", name_of(dtype), " without overflow");
  return static_cast<Integer>(value);
}

std::complex<double> to_complex(PyObject* data) {
  Py_complex value = PyComplex_AsCComplex(data);
  if (value.real == -1 && PyErr_Occurred()) throw PythonError();
  return {value.real, value.imag};
}

double to_real(PyObject* data) {
  if (PyFloat_CheckExact(data)) return PyFloat_AS_DOUBLE(data);
  double value = PyFloat_AsDouble(data);
  if (value == -1 && PyErr_Occurred()) throw PythonError();
  return value;
}

template <class T>
T to_element(PyObject* data, DType dtype) {
  if (is_tensor(data)) return number_of(tensor_of(data)).to<T>();
  if constexpr (std::is_same_v<T, bool>) {
    int truth = PyObject_IsTrue(data);
    check_status(truth);
    return truth != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return to_integer<T>(data, dtype);
  } else if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) {
    return T(to_complex(data));
  } else {
    return T(static_cast<std::conditional_t<sizeof(T) == 8, double, float>>(to_real(data)));
  }
}

// Writes the numbers of `data`, whose shape must be sizes[dim:], and moves `output` behind them.
template <class T>
void store(PyObject* data, const Shape& sizes, size_t dim, DType dtype, T*& output) {
  if (dim == sizes.size()) {
    *output++ = to_element<T>(data, dtype);
    return;
  }
  if (!PySequence_Check(data) || is_text(data)) raise(PyExc_TypeError, "not a sequence");
  Object fast = Object::steal(PySequence_Fast(data, "not a sequence"));
  Py_ssize_t length = PySequence_Fast_GET_SIZE(fast.get());
  if (length != sizes[dim])
    raise(PyExc_ValueError, "expected sequence of length ", sizes[dim], " at dim ", dim, " (got ", length,
          ")");
  for (Py_ssize_t i = 0; i < length; ++i) {
    // A number's __index__ may run Python that changes the list.
    if (i >= PySequence_Fast_GET_SIZE(fast.get()))
      raise(PyExc_RuntimeError, "sequence changed while it was read");
    Object element = Object::borrow(PySequence_Fast_GET_ITEM(fast.get(), i));
    store(element.get(), sizes, dim + 1, dtype, output);
  }
}

// ---- NumPy arrays on a tensor's memory ----

// What a NumPy array made from a tensor keeps alive: an object with the tensor's memory as its buffer.
struct MemoryObject {
  PyObject_HEAD Tensor tensor;
};
PyTypeObject* memory_type = nullptr;

void memory_dealloc(PyObject* self) {
  reinterpret_cast<MemoryObject*>(self)->tensor.~Tensor();
  PyTypeObject* type = Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

int memory_get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const Storage& storage = *reinterpret_cast<MemoryObject*>(self)->tensor.body().storage;
  return PyBuffer_FillInfo(view, self, storage.data, storage.bytes, 0, flags);
}

Object memory_object(const Tensor& tensor) {
  auto* self = PyObject_New(MemoryObject, memory_type);
  if (!self) throw PythonError();
  new (&self->tensor) Tensor(tensor);
  return Object::steal(reinterpret_cast<PyObject*>(self));
}

const char* numpy_dtype_name(DType dtype) {
  if (dtype == DType::bfloat16) raise(PyExc_TypeError, "Got unsupported ScalarType BFloat16");
  return name_of(dtype);
}

PyObject* numpy_module() {
  static PyObject* module = nullptr;
  if (!module) module = PyImport_ImportModule("numpy");
  if (!module) throw PythonError();
  return module;
}

Tensor readable(const Tensor& tensor) {
  if (tensor.is_wrapped())
    fail(ErrorKind::runtime,
         "It looks like you're reading a value out of a tensor inside a transform (vmap, jvp). The values "
         "are not "
         "known there: return the tensor from the function and read it outside.");
  if (tensor.device().kind == DeviceKind::cpu) return tensor;
  Tensor copy = new_tensor(tensor.sizes(), tensor.dtype());
  kernels::copy_across(tensor, copy);
  return copy;
}

Object number_object(const Scalar& value) {
  switch (value.kind()) {
    case Scalar::Kind::boolean:
      return Object::steal(PyBool_FromLong(value.to<bool>()));
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

template <class T>
Object element_object(const T* element) {
  if constexpr (std::is_same_v<T, bool>)
    return Object::steal(PyBool_FromLong(*element));
  else if constexpr (std::is_same_v<T, uint64_t>)
    return Object::steal(PyLong_FromUnsignedLongLong(*element));
  else if constexpr (std::is_integral_v<T>)
    return Object::steal(PyLong_FromLongLong(*element));
  else if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>)
    return Object::steal(PyComplex_FromDoubles(element->real(), element->imag()));
  else
    return Object::steal(PyFloat_FromDouble(static_cast<double>(*element)));
}

template <class T>
Object nested_list(const T* data, const Tensor& tensor, size_t dim) {
  if (dim == tensor.sizes().size()) return element_object(data);
  int64_t size = tensor.sizes()[dim], stride = tensor.strides()[dim];
  Object list = Object::steal(PyList_New(size));
  for (int64_t i = 0; i < size; ++i)
    PyList_SET_ITEM(list.get(), i, nested_list(data + i * stride, tensor, dim + 1).release());
  return list;
}

void release_array(void* context) {
  auto* view = static_cast<Py_buffer*>(context);
  if (Py_IsInitialized() && !interpreter_is_finalizing()) {
    WithLock lock;
    ErrorAside aside;
    PyBuffer_Release(view);
  }
  delete view;
}

}  // namespace

bool is_numpy_array(PyObject* object) {
  // An array can only exist once NumPy is imported; subclasses of ndarray count.
  static PyTypeObject* array_type = nullptr;
  if (!array_type) {
    if (std::strncmp(Py_TYPE(object)->tp_name, "numpy.", 6) != 0 &&
        !PyObject_HasAttrString(object, "__array_interface__"))
      return false;
    PyObject* modules = PyImport_GetModuleDict();
    PyObject* numpy = PyDict_GetItemString(modules, "numpy");
    if (!numpy) return false;
    PyObject* type = PyObject_GetAttrString(numpy, "ndarray");
    if (!type) {
      PyErr_Clear();
      return false;
    }
    array_type = reinterpret_cast<PyTypeObject*>(type);
  }
  return PyObject_TypeCheck(object, array_type);
}

Tensor tensor_from_data(PyObject* data, std::optional<DType> dtype) {
  if (is_tensor(data)) {
    warn(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
        "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).");
    Tensor source = detach(tensor_of(data));
    return dtype && *dtype != source.dtype() ? cast(source, *dtype) : clone(source);
  }
  if (is_numpy_array(data)) {
    Object array = Object::steal(PyObject_CallMethod(data, "copy", nullptr));
    return cast(tensor_from_numpy(array.get()), dtype.value_or(tensor_from_numpy(array.get()).dtype()));
  }
  if (is_text(data)) raise(PyExc_TypeError, "new(): invalid data type '", Py_TYPE(data)->tp_name, "'");
  Shape sizes = infer_sizes(data);
  std::optional<DType> inferred = dtype;
  if (!inferred) infer_dtype(data, inferred, 0);
  Tensor result = new_tensor(sizes, inferred.value_or(default_dtype()));
  visit(result.dtype(), [&]<class T>() {
    T* output = result.data<T>();
    if (result.numel() > 0 || sizes.size() > 1) store(data, sizes, 0, result.dtype(), output);
  });
  return result;
}

Tensor tensor_from_numpy(PyObject* array) {
  if (!is_numpy_array(array))
    raise(PyExc_TypeError, "expected np.ndarray (got ", Py_TYPE(array)->tp_name, ")");
  auto view = std::make_unique<Py_buffer>();
  if (PyObject_GetBuffer(array, view.get(), PyBUF_FORMAT | PyBUF_STRIDES) < 0) {
    PyErr_Clear();  // a dtype that buffers cannot express
    refuse_array_type(array);
  }
  std::unique_ptr<Py_buffer, void (*)(Py_buffer*)> held(view.release(), [](Py_buffer* buffer) {
    PyBuffer_Release(buffer);
    delete buffer;
  });
  const char* format = held->format ? held->format : "B";
  if ((*format == '>' || *format == '!') && held->itemsize > 1)
    raise(PyExc_ValueError,
          "given numpy array has byte order different from the native byte order. Conversion between byte "
          "orders is "
          "currently not supported.");
  std::optional<DType> dtype = dtype_of_format(format, held->itemsize);
  if (!dtype) refuse_array_type(array);
  Shape sizes, strides;
  int64_t last = 0;
  bool empty = false;
  for (int dim = 0; dim < held->ndim; ++dim) {
    if (held->strides[dim] < 0)
      raise(PyExc_ValueError,
            "At least one stride in the given numpy array is negative, and tensors with negative strides are "
            "not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) ");
    if (held->strides[dim] % held->itemsize != 0)
      raise(PyExc_ValueError,
            "given numpy array strides not a multiple of the element byte size. Copy array to reallocate the "
            "memory.");
    sizes.push_back(held->shape[dim]);
    strides.push_back(held->strides[dim] / held->itemsize);
    last += (sizes.back() - 1) * strides.back();
    empty |= sizes.back() == 0;
  }
  if (held->readonly)
    warn(
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This "
        "means "
        "writing to this tensor will result in undefined behavior. You may want to copy the array to protect "
        "its "
        "data or make it writable before converting it to a tensor. This type of warning will be suppressed "
        "for the "
        "rest of this program.");
  int64_t bytes = empty ? 0 : (last + 1) * held->itemsize;
  void* memory = held->buf;
  StorageReference storage = adopt_memory(memory, bytes, release_array, held.release());
  return tensor_over(std::move(storage), *dtype, sizes, strides, 0);
}

Scalar number_of(const Tensor& tensor) {
  if (tensor.numel() != 1)
    fail(ErrorKind::runtime, "a Tensor with ", tensor.numel(), " elements cannot be converted to Scalar");
  if (tensor.device().kind == DeviceKind::meta)
    fail(ErrorKind::runtime, "Tensor.item() cannot be called on meta tensors");
  return read_scalar(readable(tensor));
}

Object item_of(const Tensor& tensor) {
  if (tensor.dtype() == DType::uint64 && tensor.numel() == 1 && tensor.device().kind != DeviceKind::meta)
    return element_object(readable(tensor).data<uint64_t>());
  return number_object(number_of(tensor));
}

Object list_of(const Tensor& tensor) {
  Tensor source = readable(tensor);
  return visit(source.dtype(), [&]<class T>() { return nested_list(source.data<T>(), source, 0); });
}

Object numpy_of(const Tensor& tensor, bool force) {
  if (!force) {
    if (tensor.device().kind != DeviceKind::cpu)
      raise(PyExc_TypeError, "can't convert ", name_of(tensor.device()),
            " device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.");
    if (tensor.requires_grad())
      fail(ErrorKind::runtime,
           "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
  }
  const char* name = numpy_dtype_name(tensor.dtype());
  Tensor source = readable(tensor);
  int64_t item = static_cast<int64_t>(item_size(source.dtype()));
  source.body().storage->exported = true;
  Object shape = Object::steal(PyTuple_New(source.dim())), strides = Object::steal(PyTuple_New(source.dim()));
  for (int64_t dim = 0; dim < source.dim(); ++dim) {
    PyTuple_SET_ITEM(shape.get(), dim, PyLong_FromLongLong(source.sizes()[dim]));
    PyTuple_SET_ITEM(strides.get(), dim, PyLong_FromLongLong(source.strides()[dim] * item));
  }
  if (source.numel() == 0)
    return Object::steal(PyObject_CallMethod(numpy_module(), "empty", "Os", shape.get(), name));
  Object memory = memory_object(source);
  return Object::steal(PyObject_CallMethod(numpy_module(), "ndarray", "OsOLO", shape.get(), name,
                                           memory.get(), static_cast<long long>(source.offset() * item),
                                           strides.get()));
}

void register_data_exchange(PyObject*) {
  static PyType_Slot slots[] = {{Py_tp_dealloc, slot_function(memory_dealloc)},
                                {Py_bf_getbuffer, slot_function(memory_get_buffer)},
                                {0, nullptr}};
  static PyType_Spec spec = {"lampas._core.TensorMemory", sizeof(MemoryObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  memory_type = reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&spec)).release());
}

}  // namespace lampas::python
