// What the process runs on, as Python asks for it: instruction set, threads, memory, the registry of ops.
#include "core/bindings/process_state.h"

#include "core/kernels/cpu/instruction_set.h"
#include "core/ops/op.h"
#include "core/parallel/thread_pool.h"
#include "core/tensor/allocator.h"

namespace lampas::python {
namespace {

PyObject* get_instruction_set(PyObject*, PyObject*) {
  return PyUnicode_FromString(name_of(instruction_set()));
}

PyObject* get_num_threads(PyObject*, PyObject*) { return PyLong_FromLong(thread_count()); }

PyObject* set_num_threads(PyObject*, PyObject* value) {
  return guarded([&]() -> PyObject* {
    if (!PyLong_Check(value) || PyBool_Check(value))
      raise(PyExc_TypeError, "set_num_threads expects an int, but got ", Py_TYPE(value)->tp_name);
    long count = PyLong_AsLong(value);
    if (PyErr_Occurred()) throw PythonError();
    check(count > 0 && count <= 4096, "set_num_threads expects a positive integer");
    set_thread_count(static_cast<int>(count));
    Py_RETURN_NONE;
  });
}

PyObject* memory_statistics(PyObject*, PyObject*) {
  AllocatorStatistics now = allocator_statistics();
  return Py_BuildValue("{s:L,s:L,s:L}", "bytes_in_use", static_cast<long long>(now.bytes_in_use),
                       "bytes_cached", static_cast<long long>(now.bytes_cached), "peak_bytes_in_use",
                       static_cast<long long>(now.peak_bytes_in_use));
}

PyObject* give_back_cache(PyObject*, PyObject*) {
  empty_cache();
  Py_RETURN_NONE;
}

PyObject* reset_peak(PyObject*, PyObject*) {
  reset_peak_bytes_in_use();
  Py_RETURN_NONE;
}

PyObject* registry(PyObject*, PyObject*) {
  return guarded([] {
    Object result = Object::steal(PyDict_New());
    for (const OpBase* op : all_ops()) {
      const Signature& signature = op->signature();
      std::string name =
          signature.overload.empty() ? signature.name : signature.name + "." + signature.overload;
      Object text = Object::steal(PyUnicode_FromString(signature.text.c_str()));
      if (PyDict_SetItemString(result.get(), name.c_str(), text.get()) < 0) throw PythonError();
    }
    return result.release();
  });
}

PyMethodDef functions[] = {
    {"instruction_set", get_instruction_set, METH_NOARGS,
     "Name the set of vector kernels in use: 'baseline', 'avx2' or 'avx512'."},
    {"get_num_threads", get_num_threads, METH_NOARGS, "Return how many threads share a large op."},
    {"set_num_threads", set_num_threads, METH_O,
     "Let `num` threads share a large op, from the next one on.\n\n"
     "Raises RuntimeError below 1, TypeError for anything but an int."},
    {"memory_statistics", memory_statistics, METH_NOARGS,
     "Return the bytes in use, those kept for reuse, and the peak in use, as a dict."},
    {"empty_cache", give_back_cache, METH_NOARGS, "Return the memory kept for reuse to the system."},
    {"reset_peak_memory", reset_peak, METH_NOARGS, "Let the peak of `memory_statistics` begin anew."},
    {"ops", registry, METH_NOARGS, "Return {name: signature} of every op, overloads as 'max.dim'."},
    {}};

}  // namespace

void register_process_state(PyObject* module) {
  std::string problem = instruction_set_problem();
  if (!problem.empty()) raise(PyExc_ImportError, problem);
  if (PyModule_AddFunctions(module, functions) < 0) throw PythonError();
}

}  // namespace lampas::python
