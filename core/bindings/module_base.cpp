// The base type of nn.Module. Its methods stand in nn/modules; what they cost in every layer is saved here:
// in Python, reading a parameter costs an AttributeError made and dropped, and a call a second Python frame.
#include "core/bindings/module_base.h"

namespace lampas::python {
namespace {

// Interned names; the tables in the order of the search.
PyObject *table_names[3], *name_of_hooks, *name_of_forward, *name_of_hooked_call, *name_of_error_note;
bool global_hooks_used = false;

// Ordinary lookup; null without an error where there is no such attribute.
PyObject* ordinary_attribute(PyObject* self, PyObject* name) {
#if PY_VERSION_HEX < 0x030e0000
  return _PyObject_GenericGetAttrWithDict(self, name, nullptr, /*suppress=*/1);
#else
  PyObject* found = PyObject_GenericGetAttr(self, name);
  if (!found && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
  return found;
#endif
}

// Finds registered parameters, submodules and buffers where ordinary lookup finds nothing.
PyObject* module_attribute(PyObject* self, PyObject* name) {
  PyObject* found = ordinary_attribute(self, name);
  if (found || PyErr_Occurred()) return found;
  for (PyObject* table_name : table_names) {
    PyObject* table = ordinary_attribute(self, table_name);
    if (!table) {
      if (PyErr_Occurred()) return nullptr;
      continue;  // before Module.__init__() there is none
    }
    if (PyDict_Check(table)) found = Py_XNewRef(PyDict_GetItemWithError(table, name));
    Py_DECREF(table);
    if (found || PyErr_Occurred()) return found;
  }
  PyErr_Format(PyExc_AttributeError, "'%.200s' object has no attribute '%U'", Py_TYPE(self)->tp_name, name);
  return nullptr;
}

// Whether a hook may have to run: the module has a table of hooks, or a global hook was ever registered.
bool may_have_hooks(PyObject* self) {
  if (global_hooks_used) return true;
  Object hooks = Object::steal(PyObject_GetAttr(self, name_of_hooks));
  return hooks.get() != Py_None;
}

// Lets the module add its note to the error that is set.
void note_error(PyObject* self, PyObject* args, PyObject* kwargs) {
  if (!PyErr_ExceptionMatches(PyExc_Exception)) return;  // Ctrl-C and the like pass untouched
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback) PyException_SetTraceback(value, traceback);
  PyObject* noted =
      PyObject_CallMethodObjArgs(self, name_of_error_note, value, args, kwargs ? kwargs : Py_None, nullptr);
  if (!noted) PyErr_Clear();
  Py_XDECREF(noted);
  PyErr_Restore(type, value, traceback);
}

// __call__: forward, with hooks around it where there are any.
PyObject* module_call(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject* result = guarded([&]() -> PyObject* {
    if (may_have_hooks(self))
      return PyObject_CallMethodObjArgs(self, name_of_hooked_call, args, kwargs ? kwargs : Py_None, nullptr);
    Object forward = Object::steal(PyObject_GetAttr(self, name_of_forward));
    return PyObject_Call(forward.get(), args, kwargs);
  });
  if (!result) note_error(self, args, kwargs);
  return result;
}

PyObject* use_global_module_hooks(PyObject*, PyObject*) {
  global_hooks_used = true;
  Py_RETURN_NONE;
}
PyMethodDef functions[] = {
    {"_use_global_module_hooks", use_global_module_hooks, METH_NOARGS,
     "From now on, let every call of a module look for global hooks."},
    {},
};

PyObject* interned(const char* name) { return Object::steal(PyUnicode_InternFromString(name)).release(); }

}  // namespace

void register_module_base(PyObject* module) {
  const char* names[] = {"_parameters", "_modules", "_buffers"};
  for (int i = 0; i < 3; ++i) table_names[i] = interned(names[i]);
  name_of_hooks = interned("_hooks");
  name_of_forward = interned("forward");
  name_of_hooked_call = interned("_call_with_hooks");
  name_of_error_note = interned("_note_error");
  PyType_Slot slots[] = {
      {Py_tp_doc,
       const_cast<char*>("The base of nn.Module: finds registered parameters and calls `forward`.")},
      {Py_tp_getattro, slot_function(module_attribute)},
      {Py_tp_call, slot_function(module_call)},
      {}};
  PyType_Spec spec = {"lampas._core.ModuleBase", sizeof(PyObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  add_to_module(module, "ModuleBase", Object::steal(PyType_FromSpec(&spec)));
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace lampas::python
