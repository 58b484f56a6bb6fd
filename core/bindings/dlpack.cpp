// DLPack in both directions: capsules that own a struct, whose deleter lets the memory go.
#include "core/bindings/dlpack.h"

#include <limits>
#include <memory>
#include <vector>

#include "core/bindings/arguments.h"
#include "core/bindings/conversion.h"
#include "core/bindings/tensor_object.h"

namespace lampas::python {
namespace {

// The structs of dlpack.h, version 1.0; other libraries read them, so the layout is fixed.
struct DLDevice {
  int32_t kind;
  int32_t index;
};
struct DLDataType {
  uint8_t code, bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t rank;
  DLDataType dtype;
  int64_t* sizes;
  int64_t* strides;  // in elements; null: contiguous
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;
  DLTensor tensor;
};
constexpr int32_t on_cpu = 1;
constexpr uint64_t flag_is_copied = 2;
enum Code : uint8_t {
  signed_integer = 0,
  unsigned_integer = 1,
  real = 2,
  brain_float = 4,
  complex = 5,
  boolean = 6
};

template <class Managed>
constexpr const char* capsule_name = "dltensor";
template <>
constexpr const char* capsule_name<DLManagedTensorVersioned> = "dltensor_versioned";
template <class Managed>
constexpr const char* used_name = "used_dltensor";
template <>
constexpr const char* used_name<DLManagedTensorVersioned> = "used_dltensor_versioned";

DLDataType dl_type(DType dtype) {
  Code code = dtype == DType::bool_      ? boolean
              : dtype == DType::bfloat16 ? brain_float
              : is_complex(dtype)        ? complex
              : is_floating(dtype)       ? real
              : is_signed(dtype)         ? signed_integer
                                         : unsigned_integer;
  return {code, static_cast<uint8_t>(item_size(dtype) * 8), 1};
}

DType dtype_of_dl(DLDataType type) {
  if (type.lanes != 1) raise(PyExc_BufferError, "ATen does not support lanes != 1");
  for (int i = 0; i < dtype_count; ++i) {
    DLDataType known = dl_type(static_cast<DType>(i));
    if (known.code == type.code && known.bits == type.bits) return static_cast<DType>(i);
  }
  raise(PyExc_BufferError, "Unsupported DLPack type: code ", static_cast<int>(type.code), ", ",
        static_cast<int>(type.bits), " bits");
}

// What an exported struct points into; it keeps the storage alive.
template <class Managed>
struct Exported {
  Tensor tensor;
  std::vector<int64_t> sizes, strides;
  Managed managed{};
};

template <class Managed>
void drop_capsule(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, capsule_name<Managed>)) return;  // used up: its new owner lets go
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, capsule_name<Managed>));
  if (managed->deleter) managed->deleter(managed);
}

template <class Managed>
Object new_capsule(const Tensor& tensor, uint64_t flags) {
  auto exported = std::make_unique<Exported<Managed>>();
  exported->tensor = alias(tensor);
  exported->sizes.assign(tensor.sizes().begin(), tensor.sizes().end());
  exported->strides.assign(tensor.strides().begin(), tensor.strides().end());
  Managed& managed = exported->managed;
  managed.context = exported.get();
  managed.deleter = [](Managed* self) { delete static_cast<Exported<Managed>*>(self->context); };
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    managed.major = 1;
    managed.minor = 0;
    managed.flags = flags;
  }
  managed.tensor = {tensor.data(),
                    {on_cpu, 0},
                    static_cast<int32_t>(tensor.dim()),
                    dl_type(tensor.dtype()),
                    exported->sizes.data(),
                    exported->strides.data(),
                    0};
  if (tensor.body().storage) tensor.body().storage->exported = true;
  Object capsule = Object::steal(PyCapsule_New(&managed, capsule_name<Managed>, drop_capsule<Managed>));
  exported.release();
  return capsule;
}

template <class Managed>
void release(void* context) {
  if (!Py_IsInitialized() || (interpreter_is_finalizing() && !PyGILState_Check())) return;
  WithLock lock;  // the deleter may be Python's
  ErrorAside error_aside;
  auto* managed = static_cast<Managed*>(context);
  if (managed->deleter) managed->deleter(managed);
}

template <class Managed>
Tensor taken_over(PyObject* capsule) {
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, capsule_name<Managed>));
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>)
    if (managed->major > 1) raise(PyExc_BufferError, "Unsupported DLPack major version: ", managed->major);
  const DLTensor& given = managed->tensor;
  if (given.device.kind != on_cpu)
    raise(PyExc_BufferError, "Lampas takes DLPack tensors of the CPU only; this one is on a device of type ",
          given.device.kind);
  if (given.rank < 0) raise(PyExc_BufferError, "a DLPack tensor of ", given.rank, " dimensions");
  DType dtype = dtype_of_dl(given.dtype);
  Shape sizes, strides;
  for (int32_t dim = 0; dim < given.rank; ++dim) sizes.push_back(given.sizes[dim]);
  if (given.strides)
    for (int32_t dim = 0; dim < given.rank; ++dim) strides.push_back(given.strides[dim]);
  else
    strides = contiguous_strides(sizes);
  __int128 last = 0;
  for (int32_t dim = 0; dim < given.rank; ++dim) {
    if (sizes[dim] < 0) raise(PyExc_BufferError, "a DLPack tensor of a negative size");
    if (strides[dim] < 0 && sizes[dim] > 1)
      fail(ErrorKind::value, "tensors with negative strides are not supported; export a copy");
    last += static_cast<__int128>(sizes[dim] - 1) * strides[dim];
  }
  __int128 bytes = count_elements(sizes) == 0 ? 0 : (last + 1) * static_cast<__int128>(item_size(dtype));
  if (bytes > std::numeric_limits<int64_t>::max()) raise(PyExc_BufferError, "a DLPack tensor too large");
  for (int32_t dim = 0; dim < given.rank; ++dim)
    if (strides[dim] < 0) strides[dim] = 1;  // of one element at most: never followed
  void* data = given.data ? static_cast<char*>(given.data) + given.byte_offset : nullptr;
  check_status(PyCapsule_SetName(capsule, used_name<Managed>));
  StorageReference storage = adopt_memory(data, static_cast<int64_t>(bytes), release<Managed>, managed);
  storage->exported = true;
  return tensor_over(std::move(storage), dtype, sizes, strides, 0);
}

PyObject* from_capsule(PyObject*, PyObject* capsule) {
  return guarded([&] { return wrap(tensor_from_capsule(capsule)); });
}

// (tensor, versioned, whether it was copied for the receiver)
PyObject* to_capsule(PyObject*, PyObject* arguments) {
  return guarded([&] {
    PyObject* tensor = nullptr;
    int versioned = 0, is_copy = 0;
    if (!PyArg_ParseTuple(arguments, "Opp", &tensor, &versioned, &is_copy)) throw PythonError();
    if (!is_tensor(tensor)) raise(PyExc_TypeError, "expected Tensor (got ", type_name(tensor), ")");
    return capsule_from_tensor(tensor_of(tensor), versioned, is_copy).release();
  });
}

PyMethodDef functions[] = {
    {"_from_dlpack", from_capsule, METH_O, "Make a tensor on the memory in a DLPack capsule."},
    {"_to_dlpack", to_capsule, METH_VARARGS, "Make a DLPack capsule on the memory of a tensor."},
    {},
};

}  // namespace

Tensor tensor_from_capsule(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, capsule_name<DLManagedTensorVersioned>))
    return taken_over<DLManagedTensorVersioned>(capsule);
  if (!PyCapsule_IsValid(capsule, capsule_name<DLManagedTensor>))
    fail(ErrorKind::runtime,
         "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so "
         "you might have already constructed a tensor from it once.");
  return taken_over<DLManagedTensor>(capsule);
}

Object capsule_from_tensor(const Tensor& tensor, bool versioned, bool is_copy) {
  if (tensor.is_wrapped() || tensor.device().kind != DeviceKind::cpu)
    raise(PyExc_BufferError, "Cannot pack tensors on ", lampas::name_of(tensor.device()));
  if (versioned) return new_capsule<DLManagedTensorVersioned>(tensor, is_copy ? flag_is_copied : 0);
  return new_capsule<DLManagedTensor>(tensor, 0);
}

void register_dlpack(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
