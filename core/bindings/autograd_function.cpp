// The context of an autograd.Function (`ctx`), its node, and `apply`, which runs forward and records.
#include "core/bindings/autograd_function.h"

#include <structmember.h>

#include <algorithm>

#include "core/bindings/autograd_hooks.h"
#include "core/bindings/autograd_node.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/seam.h"

namespace lampas::python {
namespace {

constexpr const char* view_reason =
    "This view was created inside a custom Function (or because an input was returned as-is) and the "
    "autograd "
    "logic to handle view+inplace would override the custom backward associated with the custom Function, "
    "leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of "
    "the "
    "custom Function.";

PyTypeObject* function_type = nullptr;

// The node object that forward and backward get as `ctx`. Its node owns it.
struct ContextObject {
  NodeObject base;
  PyObject* attributes;  // __dict__
  PyObject* to_save;     // what the mark_ and save_ methods were given
  PyObject* dirty;
  PyObject* non_differentiable;
  PyObject* saved_for_forward;
  PyObject* needs_input_grad;
  bool materialize_grads;
};

ContextObject* as_context(PyObject* self) { return reinterpret_cast<ContextObject*>(self); }

class PythonNode final : public Node {
 public:
  PythonNode(std::string name, Object context)
      : Node(""), name_(std::move(name)), context_(std::move(context)) {
    this->name = name_.c_str();
    as_context(context_.get())->base.node = this;
    object = context_.get();
    ++python_objects_in_graphs;
  }

  ~PythonNode() override {
    if (!Py_IsInitialized()) {  // the process is ending
      context_.release();
      return;
    }
    WithLock lock;
    --python_objects_in_graphs;
    ErrorAside error_aside;
    as_context(context_.get())->base.node = nullptr;
    object = nullptr;
    context_ = Object();
  }

  Gradients apply(const Gradients& grad, Wanted) override;
  std::string display_name() const override { return name_; }

  std::vector<bool> input_is_tensor;  // for each argument of forward

 private:
  std::string name_;
  Object context_;
};

// None or zeros for a gradient that did not arrive.
Object gradient_object(const Tensor& gradient, const OutputMetadata& metadata, bool is_tensor_output,
                       bool materialize) {
  if (gradient.defined() || !materialize || !is_tensor_output) return Object::steal(wrap(gradient));
  return Object::steal(wrap(zeros(metadata.sizes, metadata.dtype, metadata.device)));
}

Gradients PythonNode::apply(const Gradients& grad, Wanted) {
  WithLock lock;
  Object context = context_;
  bool materialize = as_context(context.get())->materialize_grads;
  Object arguments = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(grad.size())));
  for (size_t i = 0; i < grad.size(); ++i) {
    Object entry = gradient_object(grad[i], outputs[i], !outputs[i].absent, materialize);
    PyTuple_SET_ITEM(arguments.get(), static_cast<Py_ssize_t>(i), entry.release());
  }
  Object apply = Object::steal(PyObject_GetAttrString(context.get(), "apply"));
  Object result = Object::steal(PyObject_CallObject(apply.get(), arguments.get()));
  if (!PyTuple_Check(result.get())) result = Object::steal(PyTuple_Pack(1, result.get()));

  // More Nones than arguments do no harm.
  size_t count = static_cast<size_t>(PyTuple_GET_SIZE(result.get())), expected = input_is_tensor.size();
  bool only_nones = true;
  for (size_t i = expected; i < count; ++i)
    only_nones &= PyTuple_GET_ITEM(result.get(), static_cast<Py_ssize_t>(i)) == Py_None;
  bool all_none = count == 1 && PyTuple_GET_ITEM(result.get(), 0) == Py_None;
  if ((count < expected && !all_none) || (count > expected && !only_nones))
    raise(PyExc_RuntimeError, "function ", name_, " returned an incorrect number of gradients (expected ",
          expected, ", got ", count, ")");
  Gradients gradients;
  for (size_t i = 0; i < expected; ++i) {
    PyObject* entry = i < count ? PyTuple_GET_ITEM(result.get(), static_cast<Py_ssize_t>(i)) : Py_None;
    if (!input_is_tensor[i]) {
      if (entry != Py_None)
        raise(PyExc_RuntimeError, "function ", name_, " returned a gradient different than None at position ",
              i + 1, ", but the corresponding forward input was not a Variable");
      continue;
    }
    if (entry != Py_None && !is_tensor(entry))
      raise(PyExc_RuntimeError, "expected Variable or None (got ", Py_TYPE(entry)->tp_name, ")");
    gradients.push_back(entry == Py_None ? Tensor() : tensor_of(entry));
  }
  return gradients;
}

bool contains(PyObject* tuple, PyObject* object) {
  if (!tuple) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); ++i)
    if (PyTuple_GET_ITEM(tuple, i) == object) return true;
  return false;
}

// Replaces an output's history by the node. Gives the object to return in its place.
Object record_output(const Reference<Node>& node, ContextObject* context, PyObject* output, uint32_t index,
                     bool is_input, bool is_dirty) {
  const Tensor& tensor = tensor_of(output);
  bool tracked = node && is_differentiable(tensor.dtype()) && !contains(context->non_differentiable, output);
  if (is_dirty) {
    if (node && tensor.requires_grad() && !grad_fn(tensor))
      raise(PyExc_RuntimeError,
            view_base(tensor).defined()
                ? "a view of a leaf Variable that requires grad is being used in an in-place operation."
                : "a leaf Variable that requires grad has been used in an in-place operation.");
    tensor.bump_version();
    if (node) node->add_output(tensor);
    if (tracked) rebase_history(tensor, node, index);
    return Object::borrow(output);
  }
  Tensor result = tensor;
  if (is_input) {
    result = alias(tensor);
    if (tracked) set_view_base(result, tensor, view_reason);
  } else if (grad_fn(tensor)) {  // forward recorded something under enable_grad: that is not its history
    Tensor detached = alias(tensor);
    result = detached;
  } else if (AutogradState* state = autograd_state(tensor); state && state->base.defined()) {
    state->forbidden_reason = view_reason;
  }
  if (node) node->add_output(result);
  if (tracked) {
    AutogradState& state = make_autograd_state(result);
    state.node = node;
    state.output_index = index;
    if (state.base.defined()) state.view_version = state.base.version();
    result.body().requires_grad = true;
  }
  return result.same_as(tensor) ? Object::borrow(output) : Object::steal(wrap(result));
}

void save_tensors(Node& node, ContextObject* context, PyObject* arguments,
                  const std::vector<Object>& raw_outputs, const std::vector<Object>& outputs) {
  if (!context->to_save) return;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(context->to_save); ++i) {
    PyObject* entry = PyTuple_GET_ITEM(context->to_save, i);
    if (entry == Py_None) {
      node.save(nullptr, Tensor());
      continue;
    }
    int32_t output_index = -1;
    for (size_t j = 0; j < raw_outputs.size(); ++j)
      if (raw_outputs[j].get() == entry && (outputs[j].get() == entry || !contains(arguments, entry)))
        output_index = static_cast<int32_t>(j);
    bool is_output = output_index >= 0 && is_differentiable(tensor_of(entry).dtype()) &&
                     !contains(context->non_differentiable, entry);
    node.save(nullptr, tensor_of(entry), is_output ? output_index : -1);
  }
  Py_CLEAR(context->to_save);
}

// Calls forward (and setup_context where the class has one) without recording.
Object run_forward(PyObject* cls, PyObject* context, PyObject* arguments) {
  GradModeGuard off(false);
  Object forward = Object::steal(PyObject_GetAttrString(cls, "forward"));
  Object separate = Object::steal(PyObject_GetAttrString(cls, "_has_setup_context"));
  if (separate.get() == Py_True) {
    Object output = Object::steal(PyObject_CallObject(forward.get(), arguments));
    Object setup = Object::steal(PyObject_GetAttrString(cls, "setup_context"));
    Object::steal(PyObject_CallFunctionObjArgs(setup.get(), context, arguments, output.get(), nullptr));
    return output;
  }
  Py_ssize_t count = PyTuple_GET_SIZE(arguments);
  Object with_context = Object::steal(PyTuple_New(count + 1));
  PyTuple_SET_ITEM(with_context.get(), 0, Py_NewRef(context));
  for (Py_ssize_t i = 0; i < count; ++i)
    PyTuple_SET_ITEM(with_context.get(), i + 1, Py_NewRef(PyTuple_GET_ITEM(arguments, i)));
  return Object::steal(PyObject_CallObject(forward.get(), with_context.get()));
}

void check_dirty_are_outputs(ContextObject* context, const std::vector<Object>& outputs) {
  if (!context->dirty) return;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(context->dirty); ++i) {
    PyObject* dirty = PyTuple_GET_ITEM(context->dirty, i);
    if (!is_tensor(dirty))
      raise(PyExc_RuntimeError, "mark_dirty can only accept variables, but argument ", i, " is of type ",
            Py_TYPE(dirty)->tp_name);
    bool returned = std::any_of(outputs.begin(), outputs.end(),
                                [&](const Object& output) { return output.get() == dirty; });
    if (!returned)
      raise(PyExc_RuntimeError,
            "Some elements marked as dirty during the forward method were not returned as output. The inputs "
            "that are modified inplace must all be outputs of the Function.");
  }
}

void check_tensors(PyObject* tuple, bool none_allowed, PyObject* error, const char* complaint) {
  for (Py_ssize_t i = 0; tuple && i < PyTuple_GET_SIZE(tuple); ++i) {
    PyObject* entry = PyTuple_GET_ITEM(tuple, i);
    if (is_tensor(entry) || (none_allowed && entry == Py_None)) continue;
    raise(error, complaint, i, " is of type ", Py_TYPE(entry)->tp_name);
  }
}

// _FunctionBase.apply(cls, *arguments)
PyObject* function_apply(PyObject* cls, PyObject* arguments) {
  return guarded([&]() -> PyObject* {
    Object context_class = Object::steal(PyObject_GetAttrString(cls, "_backward_cls"));
    Object context_object = Object::steal(PyObject_CallNoArgs(context_class.get()));
    ContextObject* context = as_context(context_object.get());

    Py_ssize_t argument_count = PyTuple_GET_SIZE(arguments);
    Object needs = Object::steal(PyTuple_New(argument_count));
    bool tracked = false;
    SmallVector<Edge, 2> next;
    std::vector<bool> input_is_tensor;
    for (Py_ssize_t i = 0; i < argument_count; ++i) {
      PyObject* argument = PyTuple_GET_ITEM(arguments, i);
      bool is_input = is_tensor(argument), needed = is_input && tensor_of(argument).requires_grad();
      input_is_tensor.push_back(is_input);
      PyTuple_SET_ITEM(needs.get(), i, Py_NewRef(needed ? Py_True : Py_False));
      tracked |= needed;
      // The edge is taken before forward may change the tensor.
      if (is_input) next.push_back(grad_mode.enabled && needed ? gradient_edge(tensor_of(argument)) : Edge());
    }
    tracked &= grad_mode.enabled;
    context->needs_input_grad = needs.release();

    Object output = run_forward(cls, context_object.get(), arguments);
    bool is_tuple = PyTuple_Check(output.get());
    std::vector<Object> raw_outputs, outputs;
    if (is_tuple)
      for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(output.get()); ++i)
        raw_outputs.push_back(Object::borrow(PyTuple_GET_ITEM(output.get(), i)));
    else
      raw_outputs.push_back(output);
    check_tensors(context->to_save, true, PyExc_TypeError,
                  "save_for_backward can only save variables, but argument ");
    check_tensors(context->non_differentiable, false, PyExc_RuntimeError,
                  "mark_non_differentiable only accepts variable arguments, but argument ");
    check_dirty_are_outputs(context, raw_outputs);

    Reference<Node> node;
    if (tracked) {
      auto made = Reference<PythonNode>::adopt(
          new PythonNode(Py_TYPE(context_object.get())->tp_name, context_object));
      made->next = std::move(next);
      made->input_is_tensor = std::move(input_is_tensor);
      node = Reference<Node>::adopt(made.release());
    }
    for (size_t i = 0; i < raw_outputs.size(); ++i) {
      PyObject* raw = raw_outputs[i].get();
      if (!is_tensor(raw)) {
        if (node) node->outputs.emplace_back().absent = true;
        outputs.push_back(raw_outputs[i]);
        continue;
      }
      outputs.push_back(record_output(node, context, raw, static_cast<uint32_t>(i), contains(arguments, raw),
                                      contains(context->dirty, raw)));
    }
    if (node) save_tensors(*node, context, arguments, raw_outputs, outputs);
    Py_CLEAR(context->to_save);
    Py_CLEAR(context->dirty);
    Py_CLEAR(context->non_differentiable);
    if (!is_tuple) return outputs[0].release();
    Object result = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(outputs.size())));
    for (size_t i = 0; i < outputs.size(); ++i)
      PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(i), outputs[i].release());
    return result.release();
  });
}

PyObject* context_new(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self) as_context(self)->materialize_grads = true;
  return self;
}

int context_traverse(PyObject* self, visitproc visit, void* arg) {
  ContextObject* context = as_context(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(context->attributes);
  Py_VISIT(context->to_save);
  Py_VISIT(context->dirty);
  Py_VISIT(context->non_differentiable);
  Py_VISIT(context->saved_for_forward);
  return 0;
}

int context_clear(PyObject* self) {
  ContextObject* context = as_context(self);
  Py_CLEAR(context->attributes);
  Py_CLEAR(context->to_save);
  Py_CLEAR(context->dirty);
  Py_CLEAR(context->non_differentiable);
  Py_CLEAR(context->saved_for_forward);
  Py_CLEAR(context->needs_input_grad);
  return 0;
}

void context_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (as_context(self)->base.weak_references) PyObject_ClearWeakRefs(self);
  context_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* saved_tensors(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    Node* node = as_context(self)->base.node;
    if (!node) {  // still in forward, or not recorded
      PyObject* to_save = as_context(self)->to_save;
      return to_save ? Py_NewRef(to_save) : PyTuple_New(0);
    }
    if (node->released()) Node::fail_second_backward();
    size_t count = node->all_saved().size();
    Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(count)));
    for (size_t slot = 0; slot < count; ++slot)
      PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(slot), wrap(node->saved(slot)));
    return tuple.release();
  });
}

template <PyObject* ContextObject::*member>
PyObject* get_member(PyObject* self, void*) {
  PyObject* value = as_context(self)->*member;
  return Py_NewRef(value ? value : Py_None);
}
template <PyObject* ContextObject::*member>
int set_member(PyObject* self, PyObject* value, void*) {
  PyObject*& slot = as_context(self)->*member;
  PyObject* before = slot;
  slot = value && value != Py_None ? Py_NewRef(value) : nullptr;
  Py_XDECREF(before);
  return 0;
}
// A member that must be a tuple.
template <PyObject* ContextObject::*member>
int set_tuple(PyObject* self, PyObject* value, void* closure) {
  if (value && value != Py_None && !PyTuple_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s must be a tuple", static_cast<const char*>(closure));
    return -1;
  }
  return set_member<member>(self, value, nullptr);
}

PyObject* get_materialize(PyObject* self, void*) {
  return PyBool_FromLong(as_context(self)->materialize_grads);
}
int set_materialize(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    int truth = value ? PyObject_IsTrue(value) : 1;
    check_status(truth);
    as_context(self)->materialize_grads = truth != 0;
  });
}

char to_save_name[] = "to_save", dirty_name[] = "dirty_tensors",
     non_differentiable_name[] = "non_differentiable";

PyGetSetDef context_properties[] = {
    {"saved_tensors", saved_tensors, nullptr, "What save_for_backward kept.", nullptr},
    {"to_save", get_member<&ContextObject::to_save>, set_tuple<&ContextObject::to_save>, nullptr,
     to_save_name},
    {"dirty_tensors", get_member<&ContextObject::dirty>, set_tuple<&ContextObject::dirty>, nullptr,
     dirty_name},
    {"non_differentiable", get_member<&ContextObject::non_differentiable>,
     set_tuple<&ContextObject::non_differentiable>, nullptr, non_differentiable_name},
    {"saved_for_forward", get_member<&ContextObject::saved_for_forward>,
     set_member<&ContextObject::saved_for_forward>, nullptr, nullptr},
    {"needs_input_grad", get_member<&ContextObject::needs_input_grad>,
     set_member<&ContextObject::needs_input_grad>,
     "For each argument of forward, whether it needs a gradient.", nullptr},
    {"materialize_grads", get_materialize, set_materialize, nullptr, nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {},
};

PyMethodDef context_methods[] = {
    {"apply", method_function(function_apply), METH_VARARGS | METH_CLASS,
     "Run forward and record backward as its derivative."},
    {},
};

PyMemberDef context_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(ContextObject, attributes), READONLY, nullptr},
    {},
};

}  // namespace

void register_autograd_function(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_new, slot_function(context_new)},
      {Py_tp_dealloc, slot_function(context_dealloc)},
      {Py_tp_traverse, slot_function(context_traverse)},
      {Py_tp_clear, slot_function(context_clear)},
      {Py_tp_methods, context_methods},
      {Py_tp_getset, context_properties},
      {Py_tp_members, context_members},
      {},
  };
  PyType_Spec spec = {"lampas._core._FunctionBase", sizeof(ContextObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  Object type = Object::steal(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(node_type)));
  function_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "_FunctionBase", type);
  type.release();  // `function_type` keeps it
}

}  // namespace lampas::python
