// Calling Python hooks from the engine, and their removable handles.
#include "core/bindings/autograd_hooks.h"

#include <algorithm>

#include "core/bindings/tensor_object.h"
#include "core/ops/history.h"

namespace lampas::python {

long python_objects_in_graphs = 0;

namespace {

struct HandleObject {
  PyObject_HEAD Reference<Hook> hook;
  unsigned long long identity;
};
PyTypeObject* handle_type = nullptr;

HandleObject* as_handle(PyObject* self) { return reinterpret_cast<HandleObject*>(self); }

std::string name_of_callable(PyObject* callable) {
  PyObject* name = PyObject_GetAttrString(callable, "__name__");
  if (name && PyUnicode_Check(name)) return text_of(Object::steal(name).get());
  PyErr_Clear();
  Py_XDECREF(name);
  return "<unknown>";
}

std::string tensor_type_name(const Tensor& tensor) {
  return text("torch.", scalar_type_name(tensor.dtype()), "Tensor");
}

// The tensor that a hook returned in place of `before`.
Tensor checked_result(PyObject* callable, PyObject* result, const Tensor& before) {
  if (!is_tensor(result))
    raise(PyExc_TypeError, "expected Variable, but hook returned '", Py_TYPE(result)->tp_name, "'");
  const Tensor& after = tensor_of(result);
  if (!before.defined()) return after;
  if (after.dtype() != before.dtype())
    raise(PyExc_RuntimeError, "hook '", name_of_callable(callable), "' has changed the type of value (was ",
          tensor_type_name(before), " got ", tensor_type_name(after), ")");
  if (after.device() != before.device())
    raise(PyExc_RuntimeError, "hook '", name_of_callable(callable), "' has changed the device of value");
  if (after.sizes() != before.sizes())
    raise(PyExc_RuntimeError, "hook '", name_of_callable(callable), "' has changed the size of value");
  return after;
}

// Puts the tensors of the tuple that a node's hook returned in place of `gradients`.
void take_results(PyObject* callable, PyObject* result, Gradients& gradients) {
  if (!PyTuple_Check(result) && gradients.size() == 1 && is_tensor(result)) {
    gradients[0] = checked_result(callable, result, gradients[0]);
    return;
  }
  if (!PyTuple_Check(result))
    raise(PyExc_TypeError, "expected tuple, but hook returned '", Py_TYPE(result)->tp_name, "'");
  if (PyTuple_GET_SIZE(result) != static_cast<Py_ssize_t>(gradients.size()))
    raise(PyExc_RuntimeError, "hook '", name_of_callable(callable),
          "' has returned an incorrect number of values (got ", PyTuple_GET_SIZE(result), ", but expected ",
          gradients.size(), ")");
  for (size_t i = 0; i < gradients.size(); ++i) {
    PyObject* entry = PyTuple_GET_ITEM(result, static_cast<Py_ssize_t>(i));
    if (entry != Py_None && !gradients[i].defined())
      raise(PyExc_RuntimeError, "can't replace a None gradient with a non-None value");
    gradients[i] = entry == Py_None ? Tensor() : checked_result(callable, entry, gradients[i]);
  }
}

Object make_handle(Reference<Hook> hook) {
  static unsigned long long next_identity = 0;
  Object made = Object::steal(handle_type->tp_alloc(handle_type, 0));
  new (&as_handle(made.get())->hook) Reference<Hook>(std::move(hook));
  as_handle(made.get())->identity = next_identity++;
  return made;
}

void handle_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  as_handle(self)->hook.~Reference<Hook>();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* handle_remove(PyObject* self, PyObject*) {
  static_cast<PythonHook&>(*as_handle(self)->hook).remove();
  Py_RETURN_NONE;
}

PyObject* handle_enter(PyObject* self, PyObject*) { return Py_NewRef(self); }
PyObject* handle_exit(PyObject* self, PyObject*) { return handle_remove(self, nullptr); }

PyObject* handle_identity(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(as_handle(self)->identity);
}

PyMethodDef handle_methods[] = {
    {"remove", handle_remove, METH_NOARGS, "Take the hook away."},
    {"__enter__", handle_enter, METH_NOARGS, nullptr},
    {"__exit__", handle_exit, METH_VARARGS, nullptr},
    {},
};
PyGetSetDef handle_properties[] = {{"id", handle_identity, nullptr, "The hook's number.", nullptr}, {}};

// Hooks that were removed leave their place when the next one comes.
template <class List, class HookOf>
void drop_removed(List& hooks, HookOf hook_of) {
  auto removed = [&](const auto& entry) {
    auto* hook = dynamic_cast<PythonHook*>(hook_of(entry).get());
    return hook && hook->removed();
  };
  hooks.erase(std::remove_if(hooks.begin(), hooks.end(), removed), hooks.end());
}

Reference<Hook> make_hook(HookKind kind, PyObject* callable) {
  return Reference<Hook>::adopt(new PythonHook(kind, Object::borrow(callable)));
}

}  // namespace

PythonHook::PythonHook(HookKind kind, Object callable) : kind_(kind), callable_(std::move(callable)) {
  ++python_objects_in_graphs;
}

PythonHook::~PythonHook() {
  if (!Py_IsInitialized()) {  // the process is ending
    callable_.release();
    return;
  }
  WithLock lock;
  --python_objects_in_graphs;
  ErrorAside error_aside;
  callable_ = Object();
}

void PythonHook::remove() noexcept { callable_ = Object(); }

void PythonHook::operator()(Gradients& grad_inputs, Gradients& grad_outputs) {
  WithLock lock;
  if (!callable_) return;
  Object callable = callable_;  // the hook may remove itself
  if (kind_ == HookKind::gradient || kind_ == HookKind::accumulated) {
    Object argument = Object::steal(wrap(grad_outputs[0]));
    Object result = Object::steal(PyObject_CallOneArg(callable.get(), argument.get()));
    if (result.get() == Py_None) return;
    if (kind_ == HookKind::accumulated)
      raise(PyExc_RuntimeError, "Tensor post accumulate grad hooks should return None.");
    grad_outputs[0] = checked_result(callable.get(), result.get(), grad_outputs[0]);
    return;
  }
  Object outputs = gradients_tuple(grad_outputs);
  if (kind_ == HookKind::before_node) {
    Object result = Object::steal(PyObject_CallOneArg(callable.get(), outputs.get()));
    if (result.get() != Py_None) take_results(callable.get(), result.get(), grad_outputs);
    return;
  }
  Object inputs = gradients_tuple(grad_inputs);
  Object result =
      Object::steal(PyObject_CallFunctionObjArgs(callable.get(), inputs.get(), outputs.get(), nullptr));
  if (result.get() != Py_None) take_results(callable.get(), result.get(), grad_inputs);
}

Object gradients_tuple(const Gradients& gradients) {
  Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(gradients.size())));
  for (size_t i = 0; i < gradients.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), wrap(gradients[i]));
  return tuple;
}

Object add_hook(std::vector<Reference<Hook>>& hooks, HookKind kind, PyObject* callable) {
  drop_removed(hooks, [](const Reference<Hook>& hook) { return hook; });
  hooks.push_back(make_hook(kind, callable));
  return make_handle(hooks.back());
}

Object add_output_hook(std::vector<NodeHooks::OnTensor>& hooks, uint32_t output_index, PyObject* callable) {
  drop_removed(hooks, [](const NodeHooks::OnTensor& entry) { return entry.hook; });
  hooks.push_back({output_index, make_hook(HookKind::gradient, callable)});
  return make_handle(hooks.back().hook);
}

Object register_tensor_hook(const Tensor& tensor, PyObject* callable) {
  if (!tensor.requires_grad())
    raise(PyExc_RuntimeError, "cannot register a hook on a tensor that doesn't require gradient");
  if (Reference<Node> node = grad_fn(tensor))
    return add_output_hook(node->make_hooks().tensor_hooks, autograd_state(tensor)->output_index, callable);
  return add_hook(make_autograd_state(tensor).leaf_hooks, HookKind::gradient, callable);
}

Object register_accumulated_hook(const Tensor& tensor, PyObject* callable) {
  if (!tensor.requires_grad())
    raise(PyExc_RuntimeError, "cannot register a hook on a tensor that doesn't require gradient");
  if (grad_fn(tensor))
    raise(PyExc_RuntimeError, "post accumulate grad hooks cannot be registered on non-leaf tensors");
  return add_hook(make_autograd_state(tensor).accumulated_hooks, HookKind::accumulated, callable);
}

void retain_grad(const Tensor& tensor) {
  if (!tensor.requires_grad())
    raise(PyExc_RuntimeError, "can't retain_grad on Tensor that has requires_grad=False");
  Reference<Node> node = grad_fn(tensor);
  if (!node) return;
  AutogradState& state = make_autograd_state(tensor);
  if (state.retains_grad) return;
  state.retains_grad = true;
  node->make_hooks().retained.emplace_back(state.output_index, tensor.body_pointer());
}

void register_autograd_hooks(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_dealloc, slot_function(handle_dealloc)},
      {Py_tp_methods, handle_methods},
      {Py_tp_getset, handle_properties},
      {Py_tp_doc, const_cast<char*>("What register_hook returns: `remove()` takes the hook away.")},
      {},
  };
  PyType_Spec spec = {"lampas.utils.hooks.RemovableHandle", sizeof(HandleObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  handle_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "RemovableHandle", type);
  type.release();  // `handle_type` keeps it
}

}  // namespace lampas::python
