// The small immutable types of the module: dtype, device, layout, memory_format.
#pragma once

#include <optional>

#include "core/bindings/python.h"
#include "core/tensor/device.h"
#include "core/tensor/dtype.h"

namespace lampas::python {

// One object for each dtype, so that `tensor.dtype is lampas.float32`.
PyObject* dtype_object(DType dtype);  // borrowed
bool is_dtype(PyObject* object);
DType dtype_of(PyObject* object);
// Of a dtype, or of the Python types float, int, bool and complex; none for anything else.
std::optional<DType> as_dtype(PyObject* object);

Object device_object(Device device);
bool is_device(PyObject* object);
Device device_of(PyObject* object);
// Of a device, a string, or an index of an accelerator; none for other types. Throws for bad strings.
std::optional<Device> as_device(PyObject* object);

// Arrangements of memory that PyTorch names. Lampas has strided tensors only.
enum class MemoryFormat : uint8_t { contiguous, preserve, channels_last, channels_last_3d };
PyObject* layout_object();  // lampas.strided, borrowed
bool is_layout(PyObject* object);
PyObject* memory_format_object(MemoryFormat format);  // borrowed
bool is_memory_format(PyObject* object);
MemoryFormat memory_format_of(PyObject* object);

void register_value_types(PyObject* module);

}  // namespace lampas::python
