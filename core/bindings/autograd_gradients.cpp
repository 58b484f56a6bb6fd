// Gradients as functions: what autograd.grad and lampas.func call, also under transforms.
#include "core/bindings/autograd_engine.h"
#include "core/bindings/conversion.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/transform_arguments.h"
#include "core/transforms/gradient.h"

#include <algorithm>

namespace lampas::python {
namespace {

bool any_wrapped(const TensorList& tensors) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const Tensor& tensor) { return tensor.defined() && tensor.is_wrapped(); });
}

const Tensor& checked_tensor(PyObject* object) {
  if (!is_tensor(object)) raise(PyExc_TypeError, "expected a Tensor, not ", Py_TYPE(object)->tp_name);
  return tensor_of(object);
}

// _gradients(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused)
PyObject* gradients(PyObject*, PyObject* arguments) {
  PyObject *output_objects, *input_objects, *grad_objects;
  int retain_graph, create_graph, allow_unused;
  if (!PyArg_ParseTuple(arguments, "OOOppp", &output_objects, &input_objects, &grad_objects, &retain_graph,
                        &create_graph, &allow_unused))
    return nullptr;
  return guarded([&] {
    TensorList outputs = tensors_of(output_objects), inputs = tensors_of(input_objects);
    TensorList grads = tensors_of(grad_objects);
    if (!any_wrapped(outputs) && !any_wrapped(inputs))
      return tensor_tuple(run_backward(outputs, grads, inputs,
                                       {.retain_graph = retain_graph != 0,
                                        .create_graph = create_graph != 0,
                                        .allow_unused = allow_unused != 0,
                                        .accumulate = false}))
          .release();
    TensorList results = transforms::gradient(
        outputs, inputs, grads, {.retain_graph = retain_graph != 0, .create_graph = create_graph != 0});
    for (size_t i = 0; i < results.size(); ++i)
      check(results[i].defined() || allow_unused, "The differentiated Tensor at index ", i,
            " appears to not have been used in the graph. Set allow_unused=True if this is the desired "
            "behavior.");
    return tensor_tuple(results).release();
  });
}

PyObject* differentiable(PyObject*, PyObject* object) {
  return guarded([&] { return wrap(transforms::differentiable(checked_tensor(object))); });
}

PyObject* detached(PyObject*, PyObject* object) {
  return guarded([&] { return wrap(transforms::detached(checked_tensor(object))); });
}

// _depends_on_others(outputs, inputs)
PyObject* depends_on_others(PyObject*, PyObject* arguments) {
  PyObject *outputs, *inputs;
  if (!PyArg_ParseTuple(arguments, "OO", &outputs, &inputs)) return nullptr;
  return guarded([&] {
    return PyBool_FromLong(transforms::depends_on_others(tensors_of(outputs), tensors_of(inputs)));
  });
}

// Whether one of the objects is a tensor that stands for others under a transform.
PyObject* any_object_wrapped(PyObject*, PyObject* objects) {
  return guarded([&] {
    Object sequence = Object::steal(PySequence_Fast(objects, "expected a sequence"));
    bool found = false;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.get()); ++i) {
      PyObject* entry = PySequence_Fast_GET_ITEM(sequence.get(), i);
      found |= is_tensor(entry) && tensor_of(entry).is_wrapped();
    }
    return PyBool_FromLong(found);
  });
}

PyObject* any_level_active(PyObject*, PyObject*) {
  return guarded([] { return PyBool_FromLong(active_transform && !transforms::active_levels().empty()); });
}

PyMethodDef functions[] = {
    {"_gradients", gradients, METH_VARARGS, nullptr},
    {"_differentiable", differentiable, METH_O, nullptr},
    {"_detached", detached, METH_O, nullptr},
    {"_depends_on_others", depends_on_others, METH_VARARGS, nullptr},
    {"_any_wrapped", any_object_wrapped, METH_O, nullptr},
    {"_any_level_active", any_level_active, METH_NOARGS, nullptr},
    {},
};

}  // namespace

void register_gradients(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
