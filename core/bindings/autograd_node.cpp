// Node objects: their types, properties and hooks, and how the collector of cycles follows graphs.
#include "core/bindings/autograd_node.h"

#include <structmember.h>

#include <string_view>
#include <unordered_map>

#include "core/bindings/autograd_hooks.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/history.h"

namespace lampas::python {

PyTypeObject* node_type = nullptr;

namespace {

constexpr std::string_view saved_prefix = "_saved_";
// How far one tensor's history is followed when cycles are looked for. What is beyond counts as reachable.
constexpr size_t greatest_traversal = 1000;

NodeObject* as_object(PyObject* self) { return reinterpret_cast<NodeObject*>(self); }

// Python's view of a node beside the object, which may die earlier than the node.
struct NodeMetadata final : TensorExtension {
  ~NodeMetadata() override {
    if (!Py_IsInitialized()) {
      metadata.release();
      return;
    }
    WithLock lock;
    metadata = Object();
  }
  Object metadata;
};

void node_dealloc(PyObject* self) {
  NodeObject* object = as_object(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (object->weak_references) PyObject_ClearWeakRefs(self);
  if (Node* node = object->node; node && object->owns_node) {
    object->node = nullptr;
    node->object = nullptr;
    Reference<Node>::adopt(node);
  }
  type->tp_free(self);
  Py_DECREF(type);
}

int visit_hook(const Reference<Hook>& hook, visitproc visit, void* arg) {
  auto* python_hook = dynamic_cast<PythonHook*>(hook.get());
  if (python_hook && python_hook->references.value() == 1) Py_VISIT(python_hook->callable());
  return 0;
}

int visit_hooks(const std::vector<Reference<Hook>>& hooks, visitproc visit, void* arg) {
  for (const Reference<Hook>& hook : hooks)
    if (int stop = visit_hook(hook, visit, arg)) return stop;
  return 0;
}

// Visits the Python objects that the nodes below `root` own, root included: whoever calls is its only owner.
int visit_graph(Node* root, visitproc visit, void* arg) {
  SmallVector<Node*, 8> waiting{root};
  for (size_t visited = 0; !waiting.empty() && visited < greatest_traversal; ++visited) {
    Node* node = waiting.back();
    waiting.pop_back();
    if (auto* object = as_object(static_cast<PyObject*>(node->object)); object && !object->owns_node)
      if (int stop = visit(static_cast<PyObject*>(node->object), arg)) return stop;
    if (node->hooks) {
      for (const NodeHooks::OnTensor& entry : node->hooks->tensor_hooks)
        if (int stop = visit_hook(entry.hook, visit, arg)) return stop;
      if (int stop = visit_hooks(node->hooks->before, visit, arg)) return stop;
      if (int stop = visit_hooks(node->hooks->after, visit, arg)) return stop;
    }
    if (auto* accumulator = dynamic_cast<AccumulateGrad*>(node)) {
      const Tensor& leaf = accumulator->leaf();
      AutogradState* state = autograd_state(leaf);
      if (leaf.body().references.value() == 1 && state) {
        if (int stop = visit_hooks(state->leaf_hooks, visit, arg)) return stop;
        if (int stop = visit_hooks(state->accumulated_hooks, visit, arg)) return stop;
      }
    }
    for (const Edge& edge : node->next)
      if (edge.node && edge.node->references.value() == 1) waiting.push_back(edge.node.get());
  }
  return 0;
}

int node_traverse(PyObject* self, visitproc visit, void* arg) {
  NodeObject* object = as_object(self);
  Py_VISIT(Py_TYPE(self));
  if (!object->node || !object->owns_node || python_objects_in_graphs == 0) return 0;
  return object->node->references.value() == 1 ? visit_graph(object->node, visit, arg) : 0;
}

PyObject* node_name(PyObject* self, PyObject*) {
  return guarded([&] {
    Node& node = node_of(self);
    std::string name = node.display_name();
    bool is_own = name == "AccumulateGrad" || name == "CopySlices" || name == "CopyBackwards";
    return new_text(is_own ? "torch::autograd::" + name : name).release();
  });
}

PyObject* node_next_functions(PyObject* self, void*) {
  return guarded([&] {
    Node& node = node_of(self);
    Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(node.next.size())));
    for (size_t i = 0; i < node.next.size(); ++i) {
      Object next = Object::steal(wrap_node(node.next[i].node));
      Object pair =
          Object::steal(Py_BuildValue("(OI)", next.get(), node.next[i].node ? node.next[i].index : 0));
      PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), pair.release());
    }
    return tuple.release();
  });
}

PyObject* node_metadata(PyObject* self, void*) {
  return guarded([&] { return Py_NewRef(metadata_of(node_of(self))); });
}

PyObject* node_sequence(PyObject* self, PyObject*) {
  return guarded([&] { return PyLong_FromUnsignedLongLong(node_of(self).sequence); });
}

PyObject* node_variable(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    if (auto* accumulator = dynamic_cast<AccumulateGrad*>(&node_of(self))) return wrap(accumulator->leaf());
    raise(PyExc_AttributeError, "'", Py_TYPE(self)->tp_name, "' object has no attribute 'variable'");
  });
}

PyObject* node_requires_grad(PyObject*, void*) { Py_RETURN_TRUE; }

PyObject* node_register_hook(PyObject* self, PyObject* callable) {
  return guarded(
      [&] { return add_hook(node_of(self).make_hooks().after, HookKind::after_node, callable).release(); });
}

PyObject* node_register_prehook(PyObject* self, PyObject* callable) {
  return guarded(
      [&] { return add_hook(node_of(self).make_hooks().before, HookKind::before_node, callable).release(); });
}

// `_saved_NAME` reads what the derivative kept; everything else is found the usual way.
PyObject* node_getattro(PyObject* self, PyObject* name) {
  Py_ssize_t length = 0;
  const char* letters = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &length) : nullptr;
  NodeObject* object = as_object(self);
  if (letters && object->node &&
      std::string_view(letters, static_cast<size_t>(length)).starts_with(saved_prefix)) {
    std::string_view wanted(letters + saved_prefix.size(), static_cast<size_t>(length) - saved_prefix.size());
    const auto& saved = object->node->all_saved();
    for (size_t slot = 0; slot < saved.size(); ++slot)
      if (saved[slot].name && wanted == saved[slot].name)
        return guarded([&] { return wrap(object->node->saved(slot)); });
  }
  return PyObject_GenericGetAttr(self, name);
}

PyObject* node_dir(PyObject* self, PyObject*) {
  return guarded([&] {
    Object base =
        Object::steal(PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyBaseObject_Type), "__dir__"));
    Object listed = Object::steal(PyObject_CallOneArg(base.get(), self));
    Object names = Object::steal(PySequence_List(listed.get()));
    if (Node* node = as_object(self)->node)
      for (const SavedTensor& saved : node->all_saved())
        if (saved.name)
          check_status(PyList_Append(names.get(), new_text(std::string(saved_prefix) + saved.name).get()));
    return names.release();
  });
}

PyMethodDef node_methods[] = {
    {"name", node_name, METH_NOARGS, "Return the name of the recorded op's derivative."},
    {"register_hook", node_register_hook, METH_O,
     "Call `hook(grad_inputs, grad_outputs)` after the node ran; what it returns replaces grad_inputs."},
    {"register_prehook", node_register_prehook, METH_O,
     "Call `hook(grad_outputs)` before the node runs; what it returns replaces grad_outputs."},
    {"_sequence_nr", node_sequence, METH_NOARGS, "Return the node's number; later nodes run first."},
    {"__dir__", node_dir, METH_NOARGS, nullptr},
    {},
};

PyGetSetDef node_properties[] = {
    {"next_functions", node_next_functions, nullptr,
     "Where the gradients go: pairs of a node (or None) and the index of its output.", nullptr},
    {"metadata", node_metadata, nullptr, "A dict for whatever belongs to the node.", nullptr},
    {"requires_grad", node_requires_grad, nullptr, "True.", nullptr},
    {},
};

PyGetSetDef accumulator_properties[] = {
    {"variable", node_variable, nullptr, "The leaf whose gradient is accumulated here.", nullptr},
    {},
};

PyGetSetDef no_properties[] = {{}};

PyMemberDef node_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(NodeObject, weak_references), READONLY, nullptr},
    {},
};

// One type for each name, so that `type(tensor.grad_fn).__name__` tells the op.
PyTypeObject* type_of_node(const Node& node) {
  static auto* types = new std::unordered_map<std::string, PyTypeObject*>;
  std::string name = node.display_name();
  auto found = types->find(name);
  if (found != types->end()) return found->second;
  PyType_Slot slots[] = {
      {Py_tp_dealloc, slot_function(node_dealloc)},
      {Py_tp_traverse, slot_function(node_traverse)},
      {Py_tp_getset, name == "AccumulateGrad" ? accumulator_properties : no_properties},
      {},
  };
  std::string full_name = "builtins." + name;  // PyTorch's nodes show no module
  PyType_Spec spec = {full_name.c_str(), sizeof(NodeObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  Object type = Object::steal(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(node_type)));
  auto* made = reinterpret_cast<PyTypeObject*>(type.release());
  made->tp_name = PyUnicode_AsUTF8(reinterpret_cast<PyHeapTypeObject*>(made)->ht_name);
  types->emplace(std::move(name), made);
  return made;
}

}  // namespace

PyObject* wrap_node(const Reference<Node>& node) {
  if (!node) Py_RETURN_NONE;
  if (node->object) return Py_NewRef(static_cast<PyObject*>(node->object));
  PyTypeObject* type = type_of_node(*node);
  Object made = Object::steal(type->tp_alloc(type, 0));
  NodeObject* object = as_object(made.get());
  object->node = Reference<Node>(node).release();
  object->owns_node = true;
  node->object = object;
  return made.release();
}

PyObject* metadata_of(Node& node) {
  NodeHooks& hooks = node.make_hooks();
  if (!hooks.metadata) {
    auto made = std::make_unique<NodeMetadata>();
    made->metadata = Object::steal(PyDict_New());
    hooks.metadata = std::move(made);
  }
  return static_cast<NodeMetadata&>(*hooks.metadata).metadata.get();
}

Node& node_of(PyObject* object) {
  Node* node = as_object(object)->node;
  if (!node)
    raise(PyExc_RuntimeError, "the graph that this '", Py_TYPE(object)->tp_name,
          "' belonged to has been freed");
  return *node;
}

int traverse_graph(const Tensor& tensor, visitproc visit, void* arg) {
  AutogradState* state = autograd_state(tensor);
  if (!state || python_objects_in_graphs == 0) return 0;
  if (int stop = visit_hooks(state->leaf_hooks, visit, arg)) return stop;
  if (int stop = visit_hooks(state->accumulated_hooks, visit, arg)) return stop;
  if (!state->node || state->node->references.value() != 1) return 0;
  return visit_graph(state->node.get(), visit, arg);
}

void clear_graph(const Tensor& tensor) {
  AutogradState* state = autograd_state(tensor);
  // The collector may find the object dead while the core goes on using the tensor.
  if (!state || tensor.body().references.value() != 1) return;
  auto leaf_hooks = std::move(state->leaf_hooks);
  auto accumulated_hooks = std::move(state->accumulated_hooks);
  Reference<Node> node = std::move(state->node);
}

void register_autograd_node(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_dealloc, slot_function(node_dealloc)},
      {Py_tp_traverse, slot_function(node_traverse)},
      {Py_tp_getattro, slot_function(node_getattro)},
      {Py_tp_methods, node_methods},
      {Py_tp_getset, node_properties},
      {Py_tp_members, node_members},
      {Py_tp_doc, const_cast<char*>("A recorded op: where gradients pass on their way back.")},
      {},
  };
  PyType_Spec spec = {
      "lampas.autograd.graph.Node", sizeof(NodeObject), 0,
      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
      slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  node_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "Node", type);
  type.release();  // `node_type` keeps it
  graph_collector = {traverse_graph, clear_graph};
}

}  // namespace lampas::python
