// Backward from Python: Tensor.backward, what autograd.grad and autograd.backward call, and grad mode.
#include "core/bindings/autograd_engine.h"

#include "core/bindings/autograd_anomaly.h"
#include "core/bindings/autograd_function.h"
#include "core/bindings/autograd_hooks.h"
#include "core/bindings/autograd_node.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/transform_arguments.h"
#include "core/engine/backward.h"
#include "core/ops/history.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

constexpr const char* create_graph_warning =
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
    "gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to "
    "avoid this. If you have to use this function, make sure to reset the .grad fields of your parameters to "
    "None after use to break the cycle and avoid the leak.";

bool truth_of(PyObject* object) {
  int truth = PyObject_IsTrue(object);
  if (truth < 0) throw PythonError();
  return truth != 0;
}

// A tensor or None.
Tensor optional_tensor(PyObject* object, const char* what) {
  if (object == Py_None) return Tensor();
  if (!is_tensor(object))
    raise(PyExc_TypeError, what, " can be either Tensor or None, but got ", Py_TYPE(object)->tp_name);
  return tensor_of(object);
}

TensorList tensor_sequence(PyObject* object) {
  if (is_tensor(object)) return {tensor_of(object)};
  return tensors_of(object);
}

void refuse_wrapped(std::span<const Tensor> tensors) {
  for (const Tensor& tensor : tensors)
    check(!tensor.defined() || !tensor.is_wrapped(),
          "backward() called inside a functorch transform. This is not supported, please use functorch.grad "
          "or functorch.vjp instead or call backward() outside of functorch transforms.");
}

void warn_of_cycle() {
  static bool warned = false;
  if (std::exchange(warned, true)) return;
  check_status(PyErr_WarnEx(PyExc_UserWarning, create_graph_warning, 1));
}

// backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)
PyObject* tensor_backward(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  return guarded([&]() -> PyObject* {
    static const char* const parameters[] = {"gradient", "retain_graph", "create_graph", "inputs"};
    PyObject* values[4] = {Py_None, Py_None, Py_False, Py_None};
    if (count > 4)
      raise(PyExc_TypeError, "Tensor.backward() takes from 1 to 5 positional arguments but ", count + 1,
            " were given");
    for (Py_ssize_t i = 0; i < count; ++i) values[i] = arguments[i];
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); ++i) {
      PyObject* name = PyTuple_GET_ITEM(names, i);
      int position = -1;
      for (int j = 0; j < 4; ++j)
        if (PyUnicode_CompareWithASCIIString(name, parameters[j]) == 0) position = j;
      if (position < 0)
        raise(PyExc_TypeError, "Tensor.backward() got an unexpected keyword argument '", text_of(name), "'");
      if (position < count)
        raise(PyExc_TypeError, "Tensor.backward() got multiple values for argument '", text_of(name), "'");
      values[position] = arguments[count + i];
    }
    BackwardOptions options;
    options.create_graph = truth_of(values[2]);
    options.retain_graph = values[1] == Py_None ? options.create_graph : truth_of(values[1]);
    TensorList inputs;
    if (values[3] != Py_None) {
      inputs = tensor_sequence(values[3]);
      check(!inputs.empty(), "`inputs` argument to `backward()` cannot be empty.");
    }
    if (options.create_graph) warn_of_cycle();
    std::span<const Tensor> root(&tensor_of(self), 1);
    refuse_wrapped(root);
    Tensor gradient = optional_tensor(values[0], "gradients");
    run_backward(root, {&gradient, 1}, inputs, options);
    Py_RETURN_NONE;
  });
}

// _run_backward(outputs, grad_outputs, inputs, retain_graph, create_graph)
PyObject* engine_run_backward(PyObject*, PyObject* arguments) {
  PyObject *outputs, *grad_outputs, *inputs;
  int retain_graph, create_graph;
  if (!PyArg_ParseTuple(arguments, "OOOpp", &outputs, &grad_outputs, &inputs, &retain_graph, &create_graph))
    return nullptr;
  return guarded([&]() -> PyObject* {
    BackwardOptions options{.retain_graph = retain_graph != 0, .create_graph = create_graph != 0};
    if (options.create_graph) warn_of_cycle();
    TensorList roots = tensor_sequence(outputs);
    refuse_wrapped(roots);
    run_backward(roots, tensor_sequence(grad_outputs), tensor_sequence(inputs), options);
    Py_RETURN_NONE;
  });
}

PyObject* tensor_register_hook(PyObject* self, PyObject* hook) {
  return guarded([&] { return register_tensor_hook(tensor_of(self), hook).release(); });
}

PyObject* tensor_register_accumulated_hook(PyObject* self, PyObject* hook) {
  return guarded([&] { return register_accumulated_hook(tensor_of(self), hook).release(); });
}

PyObject* tensor_retain_grad(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    retain_grad(tensor_of(self));
    Py_RETURN_NONE;
  });
}

PyObject* tensor_retains_grad(PyObject* self, void*) {
  AutogradState* state = autograd_state(tensor_of(self));
  return PyBool_FromLong(state && state->retains_grad);
}

PyObject* tensor_grad_fn(PyObject* self, void*) {
  return guarded([&] { return wrap_node(grad_fn(tensor_of(self))); });
}

PyObject* tensor_output_nr(PyObject* self, void*) {
  return guarded([&] {
    grad_fn(tensor_of(self));
    AutogradState* state = autograd_state(tensor_of(self));
    return PyLong_FromUnsignedLong(state ? state->output_index : 0);
  });
}

PyObject* is_grad_enabled(PyObject*, PyObject*) { return PyBool_FromLong(grad_mode.enabled); }
PyObject* is_inference_mode_enabled(PyObject*, PyObject*) { return PyBool_FromLong(grad_mode.inference); }

PyObject* set_grad_enabled(PyObject*, PyObject* enabled) {
  return guarded([&]() -> PyObject* {
    if (!PyBool_Check(enabled))
      raise(PyExc_TypeError, "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not ",
            Py_TYPE(enabled)->tp_name);
    grad_mode.enabled = enabled == Py_True;
    Py_RETURN_NONE;
  });
}

PyObject* set_inference_mode(PyObject*, PyObject* enabled) {
  return guarded([&]() -> PyObject* {
    grad_mode.inference = truth_of(enabled);
    Py_RETURN_NONE;
  });
}

PyMethodDef tensor_methods[] = {
    {"backward", method_function(tensor_backward), METH_FASTCALL | METH_KEYWORDS,
     "backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)\n\n"
     "Send `gradient` (1 for a one-element tensor) back to the leaves and add what arrives to their "
     "`.grad`."},
    {"register_hook", tensor_register_hook, METH_O,
     "Call `hook(grad)` whenever this tensor's gradient is computed; a tensor it returns replaces it."},
    {"register_post_accumulate_grad_hook", tensor_register_accumulated_hook, METH_O,
     "Call `hook(tensor)` after this leaf's `.grad` was added to."},
    {"retain_grad", tensor_retain_grad, METH_NOARGS,
     "Keep this tensor's gradient in `.grad` although it is no leaf."},
};

PyGetSetDef tensor_properties[] = {
    {"grad_fn", tensor_grad_fn, nullptr, "The recorded op that made this tensor; None for a leaf.", nullptr},
    {"retains_grad", tensor_retains_grad, nullptr,
     "Whether `retain_grad` was called on this tensor, no leaf.", nullptr},
    {"output_nr", tensor_output_nr, nullptr, "Which output of `grad_fn` this tensor is.", nullptr},
};

PyMethodDef functions[] = {
    {"_run_backward", engine_run_backward, METH_VARARGS, nullptr},
    {"is_grad_enabled", is_grad_enabled, METH_NOARGS, "Return whether ops are recorded for differentiation."},
    {"_set_grad_enabled", set_grad_enabled, METH_O, nullptr},
    {"is_inference_mode_enabled", is_inference_mode_enabled, METH_NOARGS,
     "Return whether inference mode is on."},
    {"_set_inference_mode", set_inference_mode, METH_O, nullptr},
    {},
};

}  // namespace

void register_autograd(PyObject* module) {
  register_autograd_node(module);
  register_autograd_hooks(module);
  register_autograd_function(module);
  register_anomaly_mode(module);
  register_gradients(module);
  check_status(PyModule_AddFunctions(module, functions));
  auto* type = reinterpret_cast<PyObject*>(tensor_type);
  for (PyMethodDef& method : tensor_methods) {
    Object descriptor = Object::steal(PyDescr_NewMethod(tensor_type, &method));
    check_status(PyObject_SetAttrString(type, method.ml_name, descriptor.get()));
  }
  for (PyGetSetDef& property : tensor_properties) {
    Object descriptor = Object::steal(PyDescr_NewGetSet(tensor_type, &property));
    check_status(PyObject_SetAttrString(type, property.name, descriptor.get()));
  }
}

}  // namespace lampas::python
