// Memory shared with NumPy through the buffer protocol: no NumPy header, no import before it is needed.
#include "core/bindings/numpy_bridge.h"

#include <atomic>
#include <cstring>

#include "core/bindings/conversion.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

constexpr const char* supported_types =
    "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
    "uint8, and bool.";

// numpy.ndarray once NumPy has been imported, by whomever; null before.
PyTypeObject* array_type() {
  static PyTypeObject* type = nullptr;
  if (type) return type;
  PyObject* modules = PyImport_GetModuleDict();
  PyObject* numpy = PyDict_GetItemString(modules, "numpy");
  PyObject* found = numpy ? PyObject_GetAttrString(numpy, "ndarray") : nullptr;
  if (!found) PyErr_Clear();  // a half-imported NumPy has no array type yet
  if (found && PyType_Check(found)) type = reinterpret_cast<PyTypeObject*>(found);
  return type;
}

// The code letters of the struct module, with a Z for complex numbers.
std::optional<DType> dtype_of_format(const char* format, Py_ssize_t item_bytes) {
  if (*format == '@' || *format == '=' || *format == '<') ++format;
  if (std::strcmp(format, "Zf") == 0) return DType::complex64;
  if (std::strcmp(format, "Zd") == 0) return DType::complex128;
  if (std::strlen(format) != 1) return std::nullopt;
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
      return item_bytes == 1   ? DType::int8
             : item_bytes == 2 ? DType::int16
             : item_bytes == 4 ? DType::int32
                               : DType::int64;
    case 'B':
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
      return item_bytes == 1   ? DType::uint8
             : item_bytes == 2 ? DType::uint16
             : item_bytes == 4 ? DType::uint32
                               : DType::uint64;
    default:
      return std::nullopt;
  }
}

const char* format_of(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return "B";
    case DType::int8:
      return "b";
    case DType::int16:
      return "h";
    case DType::uint16:
      return "H";
    case DType::int32:
      return "i";
    case DType::uint32:
      return "I";
    case DType::int64:
      return "l";
    case DType::uint64:
      return "L";
    case DType::float16:
      return "e";
    case DType::float32:
      return "f";
    case DType::float64:
      return "d";
    case DType::complex64:
      return "Zf";
    case DType::complex128:
      return "Zd";
    case DType::bool_:
      return "?";
    default:
      raise(PyExc_TypeError, "Got unsupported ScalarType ", scalar_type_name(dtype));
  }
}

[[noreturn]] void fail_unsupported(PyObject* array) {
  Object dtype = Object::steal(PyObject_GetAttrString(array, "dtype"));
  Object type = Object::steal(PyObject_GetAttrString(dtype.get(), "type"));
  raise(PyExc_TypeError, "can't convert np.ndarray of type ",
        reinterpret_cast<PyTypeObject*>(type.get())->tp_name,
        ". The only supported types are: ", supported_types);
}

// Holds the array's memory for a storage.
struct BorrowedBuffer {
  Py_buffer view{};
  ~BorrowedBuffer() {
    if (view.obj) PyBuffer_Release(&view);
  }
};

void release_buffer(void* context) {
  if (!Py_IsInitialized() || (interpreter_is_finalizing() && !PyGILState_Check())) return;
  WithLock lock;
  ErrorAside error_aside;
  delete static_cast<BorrowedBuffer*>(context);
}

// What NumPy asks for the memory of a tensor; it keeps the tensor's storage alive.
struct MemoryObject {
  PyObject_HEAD Tensor tensor;
};
PyTypeObject* memory_type = nullptr;

struct Layout {  // a buffer's shape and strides, in bytes
  std::vector<Py_ssize_t> sizes, strides;
};

int fill_buffer(PyObject* self, Py_buffer* view, int) {
  return guarded_status([&] {
    const Tensor& tensor = reinterpret_cast<MemoryObject*>(self)->tensor;
    auto item = static_cast<Py_ssize_t>(item_size(tensor.dtype()));
    auto* layout = new Layout;
    for (int64_t dim = 0; dim < tensor.dim(); ++dim) {
      layout->sizes.push_back(tensor.sizes()[dim]);
      Py_ssize_t stride;  // of a dim in which no step is taken it may be any number
      if (__builtin_mul_overflow(tensor.strides()[dim], item, &stride)) stride = item;
      layout->strides.push_back(stride);
    }
    *view = {};
    view->buf = tensor.data();
    static char nothing;  // NumPy wants an address even for no elements
    if (!view->buf) view->buf = &nothing;
    view->obj = Py_NewRef(self);
    view->len = tensor.numel() * item;
    view->itemsize = item;
    view->ndim = static_cast<int>(tensor.dim());
    view->format = const_cast<char*>(format_of(tensor.dtype()));
    view->shape = layout->sizes.data();
    view->strides = layout->strides.data();
    view->internal = layout;
  });
}
void drop_buffer(PyObject*, Py_buffer* view) { delete static_cast<Layout*>(view->internal); }

void memory_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<MemoryObject*>(self)->tensor.~Tensor();
  type->tp_free(self);
  Py_DECREF(type);
}

}  // namespace

bool is_numpy_array(PyObject* object) {
  PyTypeObject* type = array_type();
  return type && PyType_IsSubtype(Py_TYPE(object), type);
}

std::optional<DType> numpy_dtype_of(PyObject* object) {
  bool is_array = is_numpy_array(object);
  if (!is_array && std::strncmp(Py_TYPE(object)->tp_name, "numpy.", 6) != 0) return std::nullopt;
  BorrowedBuffer buffer;
  if (PyObject_GetBuffer(object, &buffer.view, PyBUF_RECORDS_RO) < 0) {
    PyErr_Clear();
    if (is_array) fail_unsupported(object);
    return std::nullopt;
  }
  std::optional<DType> dtype = dtype_of_format(buffer.view.format, buffer.view.itemsize);
  if (!dtype && is_array) fail_unsupported(object);
  return dtype;
}

Tensor tensor_from_array(PyObject* array, bool warn_if_read_only) {
  if (!is_numpy_array(array)) raise(PyExc_TypeError, "expected np.ndarray (got ", type_name(array), ")");
  auto buffer = std::make_unique<BorrowedBuffer>();
  Py_buffer& view = buffer->view;
  if (PyObject_GetBuffer(array, &view, PyBUF_RECORDS_RO) < 0) {
    PyErr_Clear();
    fail_unsupported(array);
  }
  if (*view.format == '>' || *view.format == '!')
    fail(ErrorKind::value,
         "given numpy array has byte order different from the native byte order. Conversion between byte "
         "orders is currently not supported.");
  std::optional<DType> dtype = dtype_of_format(view.format, view.itemsize);
  if (!dtype) fail_unsupported(array);

  Shape sizes, strides;
  int64_t last = 0;  // the element that lies furthest from the first
  for (int dim = 0; dim < view.ndim; ++dim) {
    sizes.push_back(view.shape[dim]);
    if (view.strides[dim] < 0)
      fail(ErrorKind::value,
           "At least one stride in the given numpy array is negative, and tensors with negative strides are "
           "not currently supported. (You can probably work around this by making a copy of your array  with "
           "array.copy().) ");
    if (view.strides[dim] % view.itemsize != 0)
      fail(ErrorKind::value,
           "given numpy array strides not a multiple of the element byte size. Copy the numpy array to "
           "reallocate the memory.");
    strides.push_back(view.strides[dim] / view.itemsize);
    last += (sizes.back() - 1) * strides.back();
  }
  static std::atomic<bool> warned_of_read_only = false;
  if (view.readonly && warn_if_read_only)
    warn_once(
        warned_of_read_only,
        "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This "
        "means "
        "writing to this tensor will result in undefined behavior. You may want to copy the array to protect "
        "its data or make it writable before converting it to a tensor. This type of warning will be "
        "suppressed for the rest of this program.");
  int64_t bytes = count_elements(sizes) == 0 ? 0 : (last + 1) * view.itemsize;
  void* data = view.buf;
  auto storage = adopt_memory(data, bytes, release_buffer, buffer.release());
  storage->exported = true;
  return tensor_over(std::move(storage), *dtype, sizes, strides, 0);
}

Tensor tensor_from_buffer(PyObject* object, DType dtype, int64_t count, int64_t offset) {
  auto buffer = std::make_unique<BorrowedBuffer>();
  Py_buffer& view = buffer->view;
  if (PyObject_GetBuffer(object, &view, PyBUF_WRITABLE) < 0) {
    PyErr_Clear();
    if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) {
      PyErr_Clear();
      fail(ErrorKind::value, "object does not implement Python buffer protocol.");
    }
    static std::atomic<bool> warned = false;
    warn_once(
        warned,
        "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you "
        "can write to the underlying (supposedly non-writable) buffer using the tensor. You may want to copy "
        "the buffer to protect its data or make it writable before converting it to a tensor. This type of "
        "warning will be suppressed for the rest of this program.");
  }
  int64_t length = view.len, item = static_cast<int64_t>(item_size(dtype));
  if (length <= 0 || count == 0)
    fail(ErrorKind::value, "both buffer length (", length, ") and count (", count, ") must not be 0");
  if (offset < 0 || offset >= length)
    fail(ErrorKind::value, "offset (", offset,
         " bytes) must be non-negative and no greater than buffer length (", length, " bytes) minus 1");
  int64_t rest = length - offset;
  if (count > 0 && count > rest / item)
    fail(ErrorKind::value, "requested buffer length (", count, " * ", item, " bytes) after offset (", offset,
         " bytes) must not be greater than actual buffer length (", length, " bytes)");
  if (count < 0 && rest % item != 0)
    fail(ErrorKind::value, "buffer length (", rest, " bytes) after offset (", offset,
         " bytes) must be a multiple of element size (", item, ")");
  int64_t elements = count < 0 ? rest / item : count;
  void* data = static_cast<char*>(view.buf) + offset;
  StorageReference storage = adopt_memory(data, elements * item, release_buffer, buffer.release());
  storage->exported = true;
  return tensor_over(std::move(storage), dtype, {elements}, {1}, 0);
}

Object array_from_tensor(const Tensor& tensor) {
  format_of(tensor.dtype());
  Object memory = Object::steal(memory_type->tp_alloc(memory_type, 0));
  new (&reinterpret_cast<MemoryObject*>(memory.get())->tensor) Tensor(alias(tensor));
  if (tensor.body().storage) tensor.body().storage->exported = true;
  Object as_array = import_attribute("numpy", "asarray");
  return Object::steal(PyObject_CallOneArg(as_array.get(), memory.get()));
}

void register_numpy_bridge(PyObject*) {
  PyType_Slot slots[] = {{Py_bf_getbuffer, slot_function(fill_buffer)},
                         {Py_bf_releasebuffer, slot_function(drop_buffer)},
                         {Py_tp_dealloc, slot_function(memory_dealloc)},
                         {}};
  PyType_Spec spec = {"lampas._core._Memory", sizeof(MemoryObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  memory_type = reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&spec)).release());
}

}  // namespace lampas::python
