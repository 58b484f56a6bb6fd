// The arguments of Tensor.to and Module.to: a device, a dtype, or another tensor to be like.
#include "core/bindings/to_arguments.h"

#include "core/bindings/tensor_object.h"

namespace lampas::python {
namespace {

PyObject* parse_to(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    ToArguments parsed = parse_to_arguments({values, count, names});
    Object device = parsed.device ? device_object(*parsed.device) : Object::borrow(Py_None);
    PyObject* dtype = parsed.dtype ? dtype_object(*parsed.dtype) : Py_None;
    bool keeps_format = parsed.format == MemoryFormat::preserve;
    PyObject* format = keeps_format ? Py_None : memory_format_object(parsed.format);
    return Object::steal(
               Py_BuildValue("OOOO", device.get(), dtype, parsed.non_blocking ? Py_True : Py_False, format))
        .release();
  });
}

PyMethodDef functions[] = {
    {"_parse_to", method_function(parse_to), METH_FASTCALL | METH_KEYWORDS,
     "Read the arguments of `to`: (device or None, dtype or None, non_blocking, memory_format or None)."},
    {},
};

}  // namespace

ToArguments parse_to_arguments(const Arguments& arguments) {
  static const Parser& parser =
      new_parser("to", true,
                 {"to(Tensor self, Device? device=None, ScalarType? dtype=None, bool non_blocking=False, "
                  "bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor",
                  "to(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, *, "
                  "MemoryFormat? memory_format=None) -> Tensor",
                  "to(Tensor self, Tensor tensor, bool non_blocking=False, bool copy=False, *, "
                  "MemoryFormat? memory_format=None) -> Tensor"});
  Values values;
  size_t form = parser.parse(arguments, values);
  ToArguments result;
  size_t flags = 1;
  if (form == 0) {
    if (!is_none(values[0])) result.device = std::get<Device>(values[0]);
    if (!is_none(values[1])) result.dtype = std::get<DType>(values[1]);
    flags = 2;
  } else if (form == 1) {
    result.dtype = std::get<DType>(values[0]);
  } else {
    result.device = std::get<Tensor>(values[0]).device();
    result.dtype = std::get<Tensor>(values[0]).dtype();
  }
  result.non_blocking = std::get<bool>(values[flags]);
  result.copy = std::get<bool>(values[flags + 1]);
  if (!is_none(values[flags + 2]))
    result.format = static_cast<MemoryFormat>(std::get<int64_t>(values[flags + 2]));
  return result;
}

void register_to_arguments(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
