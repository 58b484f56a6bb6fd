// Settings that hold for the process or the thread: the default dtype and device; and rules about dtypes.
#include "core/bindings/settings.h"

#ifdef __x86_64__
#include <xmmintrin.h>
#endif

#include "core/bindings/arguments.h"
#include "core/bindings/conversion.h"
#include "core/bindings/default_device.h"
#include "core/bindings/value_types.h"
#include "core/ops/promotion.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

PyObject* get_default_dtype(PyObject*, PyObject*) { return Py_NewRef(dtype_object(default_dtype())); }

PyObject* set_default_dtype(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    if (!is_dtype(value))
      raise(PyExc_TypeError,
            "invalid dtype object: only floating-point types are supported as the default type");
    if (!is_floating(dtype_of(value)))
      raise(PyExc_TypeError, "only floating-point types are supported as the default type");
    lampas::set_default_dtype(dtype_of(value));
    Py_RETURN_NONE;
  });
}

PyObject* get_default_device(PyObject*, PyObject*) {
  return guarded([] { return device_object(default_device()).release(); });
}

PyObject* set_default_device_function(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    std::optional<Device> device = value == Py_None ? Device{} : as_device(value);
    if (!device)
      raise(PyExc_TypeError, "set_default_device(): argument 'device' must be torch.device, not ",
            type_name(value));
    set_default_device(*device);
    Py_RETURN_NONE;
  });
}

PyObject* promote_types(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(
        "promote_types", false, {"promote_types(ScalarType type1, ScalarType type2) -> ScalarType"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    return Py_NewRef(dtype_object(promote(std::get<DType>(parsed[0]), std::get<DType>(parsed[1]))));
  });
}

PyObject* can_cast_function(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("can_cast", false, {"can_cast(ScalarType from_, ScalarType to) -> bool"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    return PyBool_FromLong(can_cast(std::get<DType>(parsed[0]), std::get<DType>(parsed[1])));
  });
}

PyObject* result_type_function(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("result_type", false, {"result_type(Tensor tensor, Tensor other) -> ScalarType"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    return Py_NewRef(dtype_object(result_type({std::get<Tensor>(parsed[0]), std::get<Tensor>(parsed[1])})));
  });
}

PyObject* set_warn_always_function(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    if (!PyBool_Check(value))
      raise(PyExc_RuntimeError, "setWarnOnlyOnce expects a bool, but got ", type_name(value));
    set_warn_always(value == Py_True);
    Py_RETURN_NONE;
  });
}
PyObject* is_warn_always_enabled(PyObject*, PyObject*) { return PyBool_FromLong(warns_always()); }

// In the calling thread, as in PyTorch.
PyObject* set_flush_denormal(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    if (!PyBool_Check(value))
      raise(PyExc_TypeError, "flush_denormal expects a bool, but got ", type_name(value));
#ifdef __x86_64__
    constexpr unsigned flush_results = 0x8000, flush_operands = 0x0040;  // bits of the MXCSR register
    unsigned others = _mm_getcsr() & ~(flush_results | flush_operands);
    _mm_setcsr(value == Py_True ? others | flush_results | flush_operands : others);
    Py_RETURN_TRUE;
#else
    Py_RETURN_FALSE;
#endif
  });
}

PyMethodDef functions[] = {
    {"get_default_dtype", get_default_dtype, METH_NOARGS,
     "Return the dtype of tensors made from Python floats.\n\n    >>> lampas.get_default_dtype()\n    "
     "torch.float32\n"},
    {"set_default_dtype", set_default_dtype, METH_O,
     "Set the dtype of tensors made from Python floats.\n\nRaises TypeError for other than real floating "
     "point types."},
    {"get_default_device", get_default_device, METH_NOARGS,
     "Return the device of tensors whose maker names none."},
    {"set_default_device", set_default_device_function, METH_O,
     "Set the device of tensors whose maker names none, for this thread; None is the CPU."},
    {"promote_types", method_function(promote_types), METH_FASTCALL | METH_KEYWORDS,
     "Return the dtype in which two dtypes meet.\n\n    >>> lampas.promote_types(lampas.int32, "
     "lampas.float32)\n"
     "    torch.float32\n"},
    {"can_cast", method_function(can_cast_function), METH_FASTCALL | METH_KEYWORDS,
     "Return whether a result of the first dtype may be written into a tensor of the second.\n\n"
     "    >>> lampas.can_cast(lampas.float32, lampas.int32)\n    False\n"},
    {"result_type", method_function(result_type_function), METH_FASTCALL | METH_KEYWORDS,
     "Return the dtype of an operation on two tensors or numbers.\n\n"
     "    >>> lampas.result_type(lampas.tensor([1]), 1.5)\n    torch.float32\n"},
    {"set_flush_denormal", set_flush_denormal, METH_O,
     "Set whether numbers below the smallest normal one count as zero, and return whether the CPU can."},
    {"set_warn_always", set_warn_always_function, METH_O,
     "Set whether warnings that come once in a process come every time."},
    {"is_warn_always_enabled", is_warn_always_enabled, METH_NOARGS,
     "Return whether warnings that come once in a process come every time."},
    {},
};

}  // namespace

void register_settings(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
