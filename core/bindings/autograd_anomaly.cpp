// Anomaly mode: nodes remember the Python stack of the call that recorded them, and a failing one shows it.
#include "core/bindings/autograd_anomaly.h"

#include "core/bindings/autograd_node.h"
#include "core/engine/backward.h"

namespace lampas::python {
namespace {

constexpr const char* stack_key = "traceback_";  // PyTorch's name for it in Node.metadata

void remember_stack(Node& node) {
  WithLock lock;
  ErrorAside error_aside;
  Object format = import_attribute("traceback", "format_stack");
  Object lines = Object::steal(PyObject_CallNoArgs(format.get()));
  check_status(PyDict_SetItemString(metadata_of(node), stack_key, lines.get()));
}

void warn_of_failure(const Node& node) {
  if (!grad_mode.anomaly) return;
  WithLock lock;
  std::string message = text("Error detected in ", node.display_name(), ". ");
  PyObject* metadata = node.hooks && node.hooks->metadata ? metadata_of(const_cast<Node&>(node)) : nullptr;
  if (PyObject* lines = metadata ? PyDict_GetItemString(metadata, stack_key) : nullptr) {
    message += "Traceback of forward call that caused the error:\n";
    Object empty = new_text("");
    message += text_of(Object::steal(PyUnicode_Join(empty.get(), lines)).get());
  } else {
    message +=
        "No forward pass information available. Enable detect anomaly during forward pass for more "
        "information.";
  }
  check_status(PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1));
}

// _set_anomaly_mode(enabled, check_nan)
PyObject* set_anomaly_mode(PyObject*, PyObject* arguments) {
  int enabled, check_nan;
  if (!PyArg_ParseTuple(arguments, "pp", &enabled, &check_nan)) return nullptr;
  grad_mode.anomaly = enabled != 0;
  grad_mode.check_nan = check_nan != 0;
  Py_RETURN_NONE;
}

PyObject* anomaly_mode(PyObject*, PyObject*) {
  return Py_BuildValue("(OO)", grad_mode.anomaly ? Py_True : Py_False,
                       grad_mode.check_nan ? Py_True : Py_False);
}

PyMethodDef functions[] = {
    {"_set_anomaly_mode", set_anomaly_mode, METH_VARARGS, nullptr},
    {"_anomaly_mode", anomaly_mode, METH_NOARGS, nullptr},
    {},
};

}  // namespace

void register_anomaly_mode(PyObject* module) {
  set_on_node_made(remember_stack);
  set_on_failure(warn_of_failure);
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace lampas::python
